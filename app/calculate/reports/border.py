"""What the windows leave out at the border, as a table."""

from collections.abc import Sequence
from typing import Any

from app.calculate.borders import Border
from app.calculate.dimensions import group_alike
from app.calculate.geometry import ReversibleWindow
from app.show.document import Table


def border_table(
    shape: Sequence[int], windows: Sequence[ReversibleWindow], borders: Sequence[Border]
) -> Table:
    """Return what the windows read and leave out, in one line for axes that are alike.

    Columns that say nothing here are left out.
    """
    found = [_border_cells(*axis) for axis in zip(shape, windows, borders, strict=False)]
    rows = [(axes, *cells) for axes, cells in group_alike(found)]
    columns = (
        "counted from 0",
        "padding before + after",
        "cells read",
        "dropped at the end",
        "skipped between",
        "overhang",
        "windows on padding alone",
    )
    kept = [i for i in range(len(columns)) if i < 4 or any(row[i] != "none" for row in rows)]
    chosen = tuple(tuple(row[i] for i in kept) for row in rows)
    return Table(tuple(columns[i] for i in kept), chosen, "At the border")


def _border_cells(size: int, window: ReversibleWindow, border: Border) -> tuple[str, ...]:
    dropped = border.dropped
    counts = (border.skipped, border.overhang, border.blind)
    return (
        " + ".join(f"{cells:,}" for cells in window.sides(size)),
        f"{border.read:,} of {size:,}",
        f"{range_text(dropped)} ({len(dropped):,})" if dropped else "none",
        *(f"{count:,}" if count else "none" for count in counts),
    )


def border_data(size: int, window: ReversibleWindow, border: Border) -> dict[str, Any]:
    """Return what the windows read along one axis, for machines."""
    before, after = window.sides(size)
    return {
        "padding_before": before,
        "padding_after": after,
        "read": border.read,
        "dropped_first": border.dropped.start if border.dropped else None,
        "dropped": len(border.dropped),
        "skipped": border.skipped,
        "overhang": border.overhang,
        "windows_on_padding_alone": border.blind,
    }


def range_text(numbers: range) -> str:
    """Return consecutive numbers: `26–27`, or the only one."""
    first, last = f"{numbers[0]:,}", f"{numbers[-1]:,}"
    return first if len(numbers) == 1 else f"{first}–{last}"
