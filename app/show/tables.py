"""Tables for the terminal."""

import io
import shutil
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from app.show import document

WIDE = 200
"""Columns when the output goes to a file or a pipe, where nothing should be folded."""


def text_width() -> int:
    """Return the columns of the terminal; of a file, a pipe or a notebook, where nothing is folded, `WIDE`."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE


class PipedConsole(Console):
    """A console whose reader may go: rich would then leave with 1, which here means that a check failed."""

    def on_broken_pipe(self) -> None:
        """Say so to whoever runs the command.

        Raises:
            BrokenPipeError: always.
        """
        raise BrokenPipeError


def make_console(stderr: bool = False) -> Console:
    """Return a console on the terminal, or a wide one where there is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return PipedConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


def plain_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "", numbers: Sequence[int] = ()
) -> Table:
    """Return a table; the columns listed in `numbers` are aligned to the right."""
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def as_printed(table: document.Table) -> Table:
    """Return a report's table as `Console.print` takes it."""
    return plain_table(table.columns, table.rows, table.title, table.numbers)


def printed(parts: Iterable[Table | str]) -> str:
    """Return what `make_console` prints of tables and lines, without colours."""
    stream = io.StringIO()
    console = Console(file=stream, width=text_width(), highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)
    return stream.getvalue().rstrip("\n")
