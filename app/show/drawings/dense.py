"""Dense blocks: the maps side by side, and an arc for each direct connection."""

import math

from app.counting.dense_blocks import DenseBlock, find_dense_blocks
from app.counting.rows import Sheet
from app.show.document import Drawing
from app.show.svg import Picture, text_width

MOST_LAYERS = 12
"""A longer block is not drawn; its connections are counted all the same."""
BOX_HEIGHT = 36
RISE = 26
"""Pixels that an arc rises for each box that it passes."""
STEPS = 48
"""Straight pieces of an arc."""
SIDE, SPREAD = 0.42, 0.36
"""Arcs leave in the right part of a box's edge and arrive in the left; in widths of the box."""


def draw_dense_blocks(sheet: Sheet) -> list[Drawing]:
    """Return a picture of each dense block: L layers are joined by L(L + 1)/2 arcs."""
    return [
        Drawing(
            _draw(sheet, block),
            f"{sheet.name}: each of {len(block.layers)} layers reads what came in at {block.source} and "
            f"the maps of all layers before it, {block.connections.sum_line()} direct connections.",
        )
        for block in find_dense_blocks(sheet)
        if len(block.layers) <= MOST_LAYERS
    ]


def _draw(sheet: Sheet, block: DenseBlock) -> str:
    names = (block.source, *block.layers)
    details = {name: f"{sheet.row(name).output_shape[-1]:,} maps" for name in names}
    width = max(text_width(text) * 1.08 for pair in details.items() for text in pair) + 18
    centres = {name: 1 + i * (width + 16) + width / 2 for i, name in enumerate(names)}
    top = RISE * len(block.layers) + 8
    picture = Picture(f"The direct connections of {sheet.name} behind {block.source}")
    for start, end in block.links:
        ends = _ends(names.index(start), names.index(end), len(block.layers))
        x1, x2 = centres[start] + ends[0] * width, centres[end] + ends[1] * width
        rise = RISE * (names.index(end) - names.index(start))
        picture.path(_arc(x1, x2, top, rise), with_head=True)
    for name in names:
        style = "plain" if name == block.source else "box"
        picture.rectangle(centres[name] - width / 2, top, width, BOX_HEIGHT, style)
        picture.text(centres[name], top + 15, name, "ink bold", "middle")
        picture.text(centres[name], top + 29, details[name], "quiet", "middle")
    return picture.finish(centres[names[-1]] + width / 2 + 2, top + BOX_HEIGHT + 2)


def _ends(start: int, end: int, layers: int) -> tuple[float, float]:
    """Return where an arc leaves and arrives, in widths of a box from its middle: no two cross there."""
    passed = end - start - 1
    return SIDE - passed * SPREAD / (layers - start), passed * SPREAD / end - SIDE


def _arc(x1: float, x2: float, base: float, rise: float) -> list[tuple[float, float]]:
    """Return half an ellipse from left to right over a base line."""
    angles = [math.pi * i / STEPS for i in range(STEPS + 1)]
    middle, radius = (x1 + x2) / 2, (x2 - x1) / 2
    return [(middle - radius * math.cos(a), base - rise * math.sin(a)) for a in angles]
