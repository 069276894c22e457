"""Tables for the terminal."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from app.counting.fields import Field
from app.counting.rows import shape_text

WIDE = 200
"""Columns when the output goes to a file or a pipe, where nothing should be folded."""


def make_console(stderr: bool = False) -> Console:
    """Return a console on the terminal, or a wide one where there is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


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


def field_text(field: Field | None) -> str:
    """Return a receptive field: `18×18`, or `5–6×5–6` where it alternates from cell to cell.

    Behind dense layers it is `all` of the image, or how much of it.
    """
    if field is None:
        return "–"
    if not field.whole:
        return "×".join("–".join(f"{n:,}" for n in _ends(axis.sizes)) for axis in field.axes)
    seen = shape_text(field.window_sizes())
    image = shape_text([axis.pixels for axis in field.axes])
    return "all" if seen == image else f"{seen} of {image}"


def _ends(sizes: Sequence[int]) -> Sequence[int]:
    return sizes if len(sizes) < 2 else (sizes[0], sizes[-1])
