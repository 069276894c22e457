"""How much padding keeps a size, what Keras' `same` adds, and how a symmetric padding compares."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from app.calculate.borders import find_border
from app.calculate.chains import follow
from app.calculate.dimensions import group_alike
from app.calculate.geometry import ReversibleWindow
from app.calculate.reports.answers import (
    Answer,
    answers_table,
    count_text,
    legend,
    settings_data,
    settings_text,
)
from app.calculate.reports.border import range_text
from app.calculate.reports.receptive_field import number_text
from app.counting.count import Count
from app.show.document import Block, Document, Paragraph, Table

MOST_REMAINDERS = 16
"""Strides up to which every remainder of the size has its line."""


def padding_report(shape: Sequence[int] | None, windows: Sequence[ReversibleWindow]) -> Document:
    """Return the report on padding for `windows`, one an axis, on an input of `shape` if given."""
    sizes = shape or (None,) * len(windows)
    blocks: list[Block] = []
    data = []
    for axis, (size, window) in group_alike(list(zip(sizes, windows, strict=False))):
        answers = [_keeping(window), *([] if size is None else [_same_total(window, size)])]
        blocks.append(answers_table(f"padding along {axis}, both sides together", answers))
        blocks.append(legend(answers))
        blocks.append(Paragraph(_sides_note(window)))
        facts: dict[str, Any] = {"axis": axis, "answers": [answer.data() for answer in answers]}
        if window.stride > 1:
            by_remainder = _same_by_remainder(window)
            blocks.append(_remainder_table(window, by_remainder))
            facts["same_by_remainder"] = by_remainder
        if size is not None:
            compared = _compare(window, size)
            blocks.append(_comparison_table(axis, size, compared))
            blocks.append(Paragraph(_shift_note(window, size, len(windows))))
            facts.update(size=size, modes=compared)
        data.append(facts)
    settings = settings_text(windows).rpartition(", padding")[0]
    title = f"padding for a kernel of {settings}"
    settings_of = {k: v for k, v in settings_data(windows).items() if k != "padding"}
    return Document(title, tuple(blocks), {"kind": "padding", **settings_of, "axes": data})


def _keeping(window: ReversibleWindow) -> Answer:
    span = window.span_text(f"{window.kernel:,}", f"{window.dilation:,}")
    count = Count(window.span - 1, f"{span} − 1")
    name = "to keep the size (stride 1)"
    return Answer(name, f"{window.span_text('k', 'd')} − 1", count)


def _same_total(window: ReversibleWindow, size: int) -> Answer:
    """Return what `same` adds: max((⌈n/s⌉ − 1)·s + w − n, 0)."""
    n, s, k, d = f"{size:,}", f"{window.stride:,}", f"{window.kernel:,}", f"{window.dilation:,}"
    return Answer(
        f"same, on {n} cells",
        f"max((⌈n/s⌉ − 1)·s + {window.span_text('k', 'd')} − n, 0)",
        Count(
            sum(_same(window).sides(size)), f"max((⌈{n}/{s}⌉ − 1)·{s} + {window.span_text(k, d)} − {n}, 0)"
        ),
    )


def _same(window: ReversibleWindow) -> ReversibleWindow:
    return ReversibleWindow(window.kernel, window.stride, "same", window.dilation)


def _symmetric(window: ReversibleWindow) -> ReversibleWindow:
    """Return the window with the padding that PyTorch and Caffe networks use: ⌊w/2⌋ on both sides."""
    half = window.span // 2
    return ReversibleWindow(window.kernel, window.stride, (half, half), window.dilation)


def _sides_note(window: ReversibleWindow) -> str:
    total = window.span - 1
    if total % 2 == 0:
        return f"With stride 1, {total // 2} before and {total // 2} after keep the size: symmetric."
    low, high = total // 2, total - total // 2
    return (
        f"With stride 1, {low} before and {high} after keep the size: Keras puts the odd cell after. "
        f"No symmetric padding does: {low} on each side loses a cell, {high} gains one."
    )


def _same_by_remainder(window: ReversibleWindow) -> list[list[int]]:
    """Return what `same` adds before and after for each remainder of the size mod the stride."""
    remainders = range(min(window.stride, MOST_REMAINDERS))
    sizes = [window.stride + remainder for remainder in remainders]
    return [list(_same(window).sides(size)) for size in sizes]


def _remainder_table(window: ReversibleWindow, by_remainder: Sequence[Sequence[int]]) -> Table:
    rows = []
    for remainder, (before, after) in enumerate(by_remainder):
        total = f"max({window.span:,} − {remainder or window.stride:,}, 0) = {before + after:,}"
        rows.append((f"{remainder}", total, f"{before:,}", f"{after:,}"))
    columns = (f"size mod {window.stride:,}", "same adds", "before", "after")
    return Table(columns, tuple(rows), "same depends on the size", numbers=(0, 2, 3))


def _compare(window: ReversibleWindow, size: int) -> list[dict[str, Any]]:
    """Return every mode of padding on `size` cells; None for a size that is not there."""
    modes = {
        "valid": ReversibleWindow(window.kernel, window.stride, "valid", window.dilation),
        "same (Keras)": _same(window),
        "symmetric ⌊w/2⌋": _symmetric(window),
        "full": ReversibleWindow(window.kernel, window.stride, "full", window.dilation),
    }
    return [_mode(name, mode, size) for name, mode in modes.items()]


def _mode(name: str, window: ReversibleWindow, size: int) -> dict[str, Any]:
    before, after = window.sides(size)
    try:
        output = window.output_size(size)
    except ValueError:
        return {"mode": name, "before": before, "after": after, "output": None}
    start = follow([window], size)[0].start
    dropped = find_border(size, window).dropped
    return {
        "mode": name,
        "before": before,
        "after": after,
        "output": int(output),
        "working": output.working,
        "first_centre": float(start or 0),
        "dropped": range_text(dropped) if dropped else "none",
    }


def _comparison_table(axis: str, size: int, compared: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for mode in compared:
        sides = (mode["mode"], f"{mode['before']:,}", f"{mode['after']:,}")
        if mode["output"] is None:
            rows.append((*sides, "does not fit", "–", "–"))
            continue
        centre = number_text(Fraction(mode["first_centre"]))
        line = f"{mode['working']} = {mode['output']:,}"
        rows.append((*sides, line, centre, mode["dropped"]))
    columns = ("padding", "before", "after", "output", "first centre", "dropped at the end")
    return Table(columns, tuple(rows), f"{axis}: {size:,} cells", numbers=(1, 2))


def _shift_note(window: ReversibleWindow, size: int, rank: int) -> str:
    same, symmetric = _same(window).sides(size), _symmetric(window).sides(size)
    if same == symmetric:
        return "Here same and the symmetric padding are one and the same."
    shift = symmetric[0] - same[0]
    moved = f"Its windows lie {count_text(shift, 'cell')} further on"
    if not shift:
        moved = "Its windows lie at the same places"
    return (
        f"Here same pads {same[0]:,} + {same[1]:,} where the symmetric padding of PyTorch and Caffe has "
        f"{symmetric[0]:,} + {symmetric[1]:,}. {moved}. Weights trained with that need "
        f"ZeroPadding{rank}D({symmetric[0]}), then padding='valid'."
    )
