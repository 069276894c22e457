"""Reports: the options that every one has, and how it is printed or written."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.commands.outputs import OutputFile, shown
from app.files.atomic import write_bytes
from app.show.document import Document
from app.show.tables import WIDE, output_terminal, text_width
from app.show.writers import ENDINGS, FORMATS, WRITERS, document_bytes, write_document

ELSEWHERE = "a wider terminal or --output report.html has them"
"""Where the columns of a report are that a terminal has no room for."""


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format, --output, --width and --ascii, which arrive under the names of `deliver`'s arguments."""
    options = (
        click.option(
            "--format",
            "format_",
            type=click.Choice(FORMATS),
            default=None,
            help="How the report is written (default: text, or after --output's ending).",
        ),
        click.option(
            "--output", type=OutputFile(), help="Write the report into this file instead of the terminal."
        ),
        click.option(
            "--width",
            type=click.IntRange(min=20),
            default=None,
            help="Columns that text may take (default: the terminal's).",
        ),
        click.option("--ascii", "ascii_only", is_flag=True, help="Only ASCII signs: 3x3, 5*5."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def choose_format(format_: str | None, output: Path | None) -> str:
    """Return the format asked for: by name, or by the ending of the output file; else text.

    Raises:
        ValueError: the ending is none of a report's.
    """
    if format_ or output is None:
        return format_ or "text"
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(
            f"a report cannot be written as {output.name}; use an ending of "
            f"{', '.join(ENDINGS)}, or say --format"
        )
    return ENDINGS[ending]


def deliver(
    document: Document,
    format_: str | None = None,
    output: Path | None = None,
    width: int | None = None,
    ascii_only: bool = False,
    paper: str | None = None,
) -> None:
    """Print the report, or write it into a file and say so.

    Where the terminal cannot write a sign of it, all of it is written in ASCII.

    Raises:
        ValueError: the report is a PDF and no file is named, or it cannot be written.
    """
    chosen = choose_format(format_, output)
    if output is not None:
        write_bytes(output, document_bytes(document, chosen, width or WIDE, ascii_only, paper))
        click.echo(f"Report: {shown(output)}")
        return
    if WRITERS[chosen].is_binary:
        raise ValueError(
            f"a terminal cannot show a {chosen.upper()}; name a file with --output report.{chosen}"
        )
    terminal = output_terminal(ELSEWHERE)
    width = text_width() if width is None else width
    written = write_document(document, chosen, width, ascii_only, terminal)
    if not _can_be_printed(written):
        written = write_document(document, chosen, width, True, terminal)
    click.echo(written, nl=False)


def _can_be_printed(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
