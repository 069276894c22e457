"""The network of a sheet as a drawing that gives no blank away: names and kinds, no shapes behind the input."""

from collections.abc import Sequence
from itertools import pairwise

from app.counting.rows import shape_text
from app.show.document import Drawing
from app.show.drawings.network import Box, draw_boxes
from app.show.svg import Picture, text_width
from app.worksheet.cases import LayerCase
from app.worksheet.worksheet import Worksheet

MOST_LAYERS = 32
"""A longer network is not drawn: it would fill pages."""
PAGE = 960
"""Pixels of a line of boxes; the page lies on its side."""
HEIGHT = 36
GAP = 22
LINE = 50


def draw_layers(worksheet: Worksheet) -> Drawing | None:
    """Return the layers as boxes and arrows; None for a network that is too long for a sheet.

    A chain is drawn in lines from left to right, which takes little of the page; branches from top to bottom.
    """
    if not worksheet.cases or len(worksheet.cases) > MOST_LAYERS:
        return None
    boxes = [
        Box(name, _detail(case), case.parents, is_weighted=False) for name, case in worksheet.cases.items()
    ]
    label = f"The network {worksheet.identity.network}"
    is_chain = all(box.inputs == (before.name,) for before, box in pairwise(boxes))
    return Drawing(draw_chain(boxes, label) if is_chain else draw_boxes(boxes, label), "")


def _detail(case: LayerCase) -> str:
    return case.row.kind if case.parents else shape_text(case.row.output_shape)


def draw_chain(boxes: Sequence[Box], label: str) -> str:
    """Return boxes in lines from left to right, an arrow in front of each but the first."""
    picture = Picture(label)
    x, y, widest = 1.0, 1.0, 0.0
    for i, box in enumerate(boxes):
        width = max(text_width(box.name) * 1.08, text_width(box.detail)) + 14
        if i and x + GAP + width > PAGE:
            x, y = 1.0, y + LINE
        if i:
            picture.path([(x + 3, y + HEIGHT / 2), (x + GAP - 4, y + HEIGHT / 2)])
            picture.text(x + GAP - 5, y + HEIGHT / 2 + 4, "›", "ink bold", "middle")
            x += GAP
        picture.rectangle(x, y, width, HEIGHT, "plain")
        picture.text(x + width / 2, y + 15, box.name, "ink bold", "middle")
        picture.text(x + width / 2, y + 29, box.detail, "quiet", "middle")
        x += width
        widest = max(widest, x)
    return picture.finish(widest + 2, y + HEIGHT + 2)
