"""The help of a command: an example and the usual options; with --help-all every option, and every word."""

import inspect
import shutil
import sys
from typing import TYPE_CHECKING

import click

from app.show.styles import BOLD, paint_for

if TYPE_CHECKING:
    from app.commands.door import Door

NARROWEST, WIDEST = 60, 100
"""Columns of a help text, however narrow or wide the terminal is."""
ALL = "convlab.help_all"
"""Under this name a command's context notes that --help-all was asked for."""


class Formatter(click.HelpFormatter):
    """Writes headings bold on a terminal that shows it."""

    def __init__(self) -> None:
        columns = shutil.get_terminal_size().columns
        super().__init__(width=min(max(columns, NARROWEST), WIDEST) - 2)
        self.paint = paint_for(sys.stdout)

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{self.paint(f'{heading}:', BOLD)}\n")


def help_text(command: "Door", ctx: click.Context) -> str:
    """Return the help of a command: usage, an example, what it does, its options, and below it others."""
    formatter, has_all = Formatter(), bool(ctx.meta.get(ALL)) or not command.usual
    command.format_usage(ctx, formatter)
    if command.example:
        formatter.write(f"\n  Try: {command.example}\n")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_words(command.help or "", has_all))
    _write_options(command, ctx, formatter, has_all)
    if isinstance(command, click.Group):
        command.format_commands(ctx, formatter)
    if has_all:
        command.format_epilog(ctx, formatter)
    return formatter.getvalue().rstrip("\n")


def _words(text: str, has_all: bool) -> str:
    """Return what a command does; without --help-all the first paragraph."""
    whole = inspect.cleandoc(text)
    return whole if has_all else whole.partition("\n\n")[0]


def _write_options(command: "Door", ctx: click.Context, formatter: Formatter, has_all: bool) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in _chosen(command, ctx, has_all):
        record = _record(parameter, ctx)
        if record is not None:
            title = getattr(parameter, "section", command.other_options) if has_all else "Usual options"
            sections.setdefault(title, []).append(record)
    for title, records in sections.items():
        with formatter.section(title):
            formatter.write_dl(records, col_max=26)


def _chosen(command: "Door", ctx: click.Context, has_all: bool) -> list[click.Parameter]:
    """Return the parameters that are told of, the usual ones in the order in which the command names them."""
    parameters = command.get_params(ctx)
    if has_all:
        return [each for each in parameters if command.usual or "--help-all" not in each.opts]
    by_name = {name: each for each in parameters for name in each.opts}
    return [by_name[name] for name in (*command.usual, "--help", "--help-all") if name in by_name]


def _record(parameter: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    """Return an option's names and words; what it takes is told by its kind, not by Python's name of that."""
    if isinstance(parameter, click.Option) and parameter.metavar is None and not parameter.is_flag:
        parameter.metavar = _metavar(parameter)
    record = parameter.get_help_record(ctx)
    return record if record and record[1] else None


def _metavar(option: click.Option) -> str | None:
    kind = option.type
    if isinstance(kind, (click.types.IntParamType, click.IntRange)):
        return "N"
    if isinstance(kind, (click.types.FloatParamType, click.FloatRange)):
        return "X"
    if isinstance(kind, click.Path):
        return "PATH"
    if isinstance(kind, click.types.StringParamType):
        return option.opts[0].rpartition("-")[2].upper()
    return None


def whole_words(command: click.Command) -> str:
    """Return the first paragraph of a command's help, as a list of commands has it."""
    return " ".join(inspect.cleandoc(command.help or "").partition("\n\n")[0].replace("\b", "").split())
