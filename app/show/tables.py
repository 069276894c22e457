"""Tables for the terminal."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from app.counting.fields import Field
from app.counting.rows import Row, Sheet
from models import Network

WIDE = 200
"""Columns when the output goes to a file or a pipe, where nothing should be folded."""


def make_console(stderr: bool = False) -> Console:
    """Return a console on the terminal, or a wide one where there is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "",
                numbers: Sequence[int] = ()) -> Table:  # fmt: skip
    """Return a table; the columns listed in `numbers` are aligned to the right."""
    table = Table(
        title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold"
    )
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as people write it: 26×26×32."""
    return "×".join(f"{n:,}" for n in shape)


def field_text(field: Field | None) -> str:
    """Return a receptive field: `18×18`; `all` of the image, or how much of it, behind dense layers."""
    if field is None:
        return "–"
    seen = shape_text(field.window_sizes())
    image = shape_text([axis.pixels for axis in field.axes])
    if not field.whole:
        return seen
    return "all" if seen == image else f"{seen} of {image}"


def sheet_table(sheet: Sheet) -> Table:
    """Return the count of a network, row by row, with totals."""
    rows = [_row_cells(row) for row in sheet.rows]
    table = plain_table(
        ("layer", "kind", "output", "parameters", "working", "MACs", "sees"),
        rows, title=sheet.name, numbers=(3, 5),
    )  # fmt: skip
    table.add_section()
    split = f"{sheet.trainable:,} trainable + {sheet.non_trainable:,} not trained"
    working = split if sheet.non_trainable else " + ".join(
        f"{row.trainable:,}" for row in sheet.rows if row.trainable)  # fmt: skip
    macs = f"{sheet.multiply_accumulates:,}"
    table.add_row("total", "", "", f"{sheet.parameters:,}", working, macs, "", style="bold")
    return table


def _row_cells(row: Row) -> tuple[str, ...]:
    working = f"shared with {row.shared_with}" if row.shared_with else row.trainable.working
    if row.non_trainable:
        kept = f"{row.non_trainable.working} not trained"
        working = f"{working} + {kept}" if working else kept
    if row.parameters and not row.shared_with:
        working = f"{working} = {row.parameters:,}"
    return (
        row.name, row.kind, shape_text(row.output_shape), f"{row.parameters:,}", working,
        f"{row.multiply_accumulates:,}" if row.multiply_accumulates else "", field_text(row.field),
    )  # fmt: skip


def published_table(network: Network, sheet: Sheet) -> Table | None:
    """Return published figures beside ours; None where nothing was published."""
    rows = []
    for published in network.published:
        ours = published_quantity(published.quantity, sheet)
        verdict = "equal" if ours == published.value else f"differs by {ours - published.value:+,}"
        rows.append(
            (published.quantity, f"{published.value:,}", f"{ours:,}", verdict, published.source)
        )
    columns = ("quantity", "published", "ours", "", "source")
    return plain_table(columns, rows, numbers=(1, 2)) if rows else None


def published_quantity(quantity: str, sheet: Sheet) -> int:
    """Return our figure for a published quantity: `parameters`, or `LAYER parameters`."""
    layer, _, what = quantity.rpartition(" ")
    if what != "parameters":
        raise ValueError(f"no figure of ours for the published quantity {quantity!r}")
    return sheet.row(layer).parameters if layer else sheet.parameters


def catalogue_table(networks: Iterable[Network]) -> Table:
    """Return the networks of the catalogue."""
    rows = [
        (n.name, shape_text(n.input_shape), str(len(n.outputs) or "–"), n.source) for n in networks
    ]
    return plain_table(("name", "input", "classes", "source"), rows, numbers=(2,))
