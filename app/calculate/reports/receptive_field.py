"""Receptive fields of a chain of layers: how they grow, what a cell sees, what nothing sees."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from app.calculate.chains import Reach, each_reach, follow, read_pixels
from app.calculate.dimensions import group_alike
from app.calculate.geometry import ReversibleWindow
from app.calculate.notation import Link
from app.counting.axes import find_runs
from app.counting.rows import shape_text
from app.show.document import Block, Document, Paragraph, Table

LEGEND = (
    "r: receptive field in pixels; j: jump, the pixels between neighbouring cells; k: kernel; d: "
    "dilation; s: stride; p: padding before. First centre: c' = c + (d·(k − 1)/2 − p)·j, in pixels "
    "counted from 0."
)
MOST_RUNS = 8
"""Runs of pixels that are listed before the rest is only counted."""


def receptive_field_report(
    links: Sequence[Link], pixels: tuple[int, ...] | None, cell: tuple[int, ...] | None
) -> Document:
    """Return the report of a chain of layers.

    Args:
        links: the layers, first to last.
        pixels: the input's size along each axis, if known.
        cell: where the output cell to look at is; first, middle and last without it.
    """
    rank = len(links[0].windows)
    chains = [[link.windows[axis] for link in links] for axis in range(rank)]
    unknown = (None,) * rank
    axes = list(zip(chains, pixels or unknown, cell or unknown, strict=True))
    blocks: list[Block] = []
    data = []
    for name, (chain, size, chosen) in group_alike(axes):
        reaches = _follow_named(links, chain, size)
        blocks.append(_growth_table(name, links, reaches, size))
        data.append({"axis": name, "layers": _growth_data(links, reaches)})
        if size is not None:
            seen, more = _seen(name, chain, size, reaches[-1], chosen)
            blocks += more
            data[-1].update(seen)
    blocks.insert(1, Paragraph(LEGEND))
    fields = [int(follow(chain)[-1].field) for chain in chains]
    title = f"receptive field of {' '.join(link.text for link in links)}: {shape_text(fields)}"
    facts = {"kind": "receptive field", "receptive_field": fields, "input": pixels and list(pixels)}
    return Document(title, tuple(blocks), {**facts, "axes": data})


def _follow_named(links: Sequence[Link], chain: Sequence[ReversibleWindow], size: int | None) -> list[Reach]:
    """Follow the chain; where a kernel does not fit, say in which layer."""
    reaches: list[Reach] = []
    try:
        for reach in each_reach(chain, size):
            reaches.append(reach)
    except ValueError as error:
        raise ValueError(f"layer {len(reaches) + 1}, {links[len(reaches)].text}: {error}") from error
    return reaches


def _growth_table(axis: str, links: Sequence[Link], reaches: Sequence[Reach], size: int | None) -> Table:
    cells = [] if size is None else [f"{size:,}"]
    rows = [("input", *cells, "1", "1", "0")]
    for link, reach in zip(links, reaches, strict=True):
        cells = [] if reach.size is None else [reach.size.sum_line()]
        start = "depends on the size" if reach.start is None else number_text(reach.start)
        rows.append((link.text, *cells, reach.field.sum_line(), reach.jump.sum_line(), start))
    grown = ("receptive field r' = r + d·(k − 1)·j", "jump j' = s·j", "first centre")
    columns = ("layer", *(["cells"] if size else []), *grown)
    return Table(columns, tuple(rows), f"{axis}: {reaches[-1].field:,} pixels")


def _growth_data(links: Sequence[Link], reaches: Sequence[Reach]) -> list[dict[str, Any]]:
    return [
        {
            "layer": link.text,
            "receptive_field": int(reach.field),
            "working": reach.field.working,
            "jump": int(reach.jump),
            "first_centre": None if reach.start is None else float(reach.start),
            "cells": None if reach.size is None else int(reach.size),
        }
        for link, reach in zip(links, reaches, strict=True)
    ]


def _seen(
    axis: str, chain: Sequence[ReversibleWindow], pixels: int, last: Reach, chosen: int | None
) -> tuple[dict[str, Any], list[Block]]:
    """Return what single cells see of the pixels, and which pixels no cell sees."""
    outputs = int(last.size or 0)
    if chosen is not None and chosen >= outputs:
        raise ValueError(
            f"there is no cell {chosen:,} along the {axis}; the output has {outputs:,}, 0 to {outputs - 1:,}"
        )
    chosen_cells = sorted({0, outputs // 2, outputs - 1}) if chosen is None else [chosen]
    read = {cell: read_pixels(chain, pixels, {cell}) for cell in chosen_cells}
    unseen = set(range(pixels)) - read_pixels(chain, pixels, range(outputs))
    rows = [
        (
            f"{cell:,}",
            runs_text(seen),
            f"{len(seen):,}",
            "unknown" if last.start is None else number_text(last.start + cell * last.jump),
        )
        for cell, seen in read.items()
    ]
    columns = ("output cell", "depends on pixels", "how many", "centre of its field")
    table = Table(columns, tuple(rows), f"{axis}: what cells see of pixels 0 to {pixels - 1:,}")
    never = (
        f"Pixels that no cell sees along {axis}: {runs_text(unseen)} ({len(unseen):,} of {pixels:,})."
        if unseen
        else f"Every pixel along {axis} is seen."
    )
    data = {
        "cells": [{"cell": cell, "pixels": [*map(list, find_runs(seen))]} for cell, seen in read.items()],
        "never_seen": [*map(list, find_runs(unseen))],
    }
    return data, [table, Paragraph(never)]


def runs_text(numbers: Iterable[int]) -> str:
    """Return numbers as runs: `0–17`, `0, 2, 4`; `none`; a long list is cut short in words."""
    shown = [f"{a:,}" if a == b else f"{a:,}–{b:,}" for a, b in find_runs(numbers)]
    if len(shown) > MOST_RUNS:
        middle = f"and {len(shown) - MOST_RUNS:,} runs more up to"
        return f"{', '.join(shown[: MOST_RUNS - 1])} {middle} {shown[-1]}"
    return ", ".join(shown) or "none"


def number_text(number: Fraction) -> str:
    """Return a whole number or a half: `3`, `2.5`, with a real minus sign."""
    text = f"{abs(number.numerator) / number.denominator:,.1f}".removesuffix(".0")
    return f"−{text}" if number < 0 else text
