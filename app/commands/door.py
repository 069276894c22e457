"""What every command is: one clean line for an error, contradictions refused, `-h` as well as `--help`.

Exit codes: 0 fine, 1 a check failed, 2 wrong usage or bad input.
"""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from app.show.signs import ERROR_HANDLER


class CheckFailedError(Exception):
    """A check that a command made has failed; exit code 1."""


class Door(click.Command):
    """A command that says what is wrong in one line.

    Bad usage and what the rooms raise for bad input exit with 2, a failed check with 1. Set
    CONVLAB_DEBUG=1 to see the traceback instead.

    Args:
        contradictions: pairs of options that cannot both be followed; `--colour channels` is that
            option with that value.
    """

    def __init__(self, *args: Any, contradictions: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.contradictions = contradictions

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command and leave with its exit code."""
        kwargs["standalone_mode"] = False
        if sys.stdout is None or sys.stdout.closed:  # closed by the caller: nowhere to print
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=ERROR_HANDLER)  # a terminal without "·" shows "*"
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.Exit as finished:
            code = finished.exit_code
        except (KeyboardInterrupt, click.Abort):
            code = _report("interrupted", 130)
        except CheckFailedError as failure:
            code = _report(str(failure), 1)
        except click.ClickException as error:
            code = _report(error.format_message(), 2)
        except (ValueError, OSError, OverflowError) as error:
            if os.environ.get("CONVLAB_DEBUG"):
                raise
            code = _report(_describe(error), 2)
        except Exception as error:
            if not type(error).__module__.startswith("tensorflow") or os.environ.get("CONVLAB_DEBUG"):
                raise
            code = _report(f"TensorFlow cannot compute this: {str(error).splitlines()[0]}", 2)
        sys.exit(code or 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, once no two of its options contradict each other.

        Raises:
            ValueError: two of them do.
        """
        given = set()
        for parameter in self.get_params(ctx):
            if ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
                value = ctx.params.get(parameter.name or "")
                given |= {text for name in parameter.opts for text in (name, f"{name} {value}")}
        for one, other in self.contradictions:
            if one in given and other in given:
                raise ValueError(f"{one} and {other} contradict each other; give one of them")
        return super().invoke(ctx)


class DoorGroup(Door, click.Group):
    """A command that has others below it; alone it prints its help."""

    command_class = Door

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; an empty one asks for help."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _report(message: str, code: int) -> int:
    line = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in " ".join(message.split()))
    click.echo(f"Error: {line}", err=True)
    return code
