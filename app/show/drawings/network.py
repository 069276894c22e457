"""A network as boxes and arrows, with names, kinds and shapes; a very long one as its stages."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from app.counting.rows import Row, Sheet, shape_text
from app.show.document import Drawing
from app.show.drawings.layout import place_boxes
from app.show.drawings.places import BOX_HEIGHT, Places
from app.show.svg import Picture, text_width

MOST_BOXES = 400
"""A longer network is drawn as its stages."""
MOST_STAGES = 60


@dataclass(frozen=True)
class Box:
    """One box: two lines of text and the boxes it reads."""

    name: str
    detail: str
    inputs: tuple[str, ...]
    is_weighted: bool


def draw_network(sheet: Sheet) -> Drawing:
    """Return the network from its inputs down, shortcuts and branches included."""
    if len(sheet.rows) > MOST_BOXES:
        boxes = _stages(sheet)
        caption = f"{sheet.name}, {len(sheet.rows):,} layers, as {len(boxes)} stages."
    else:
        known = {row.name for row in sheet.rows}
        boxes = [_row_box(row, known) for row in sheet.rows]
        caption = (
            f"{sheet.name}: what each layer makes, from top to bottom, column by column. Blue boxes "
            "store parameters."
        )
    return Drawing(draw_boxes(boxes, f"The network {sheet.name}"), caption)


def draw_boxes(boxes: Sequence[Box], label: str) -> str:
    """Return boxes and the arrows between them as SVG."""
    layout = place_boxes({box.name: box.inputs for box in boxes})
    widths = {b.name: max(text_width(b.name) * 1.08, text_width(b.detail)) + 18 for b in boxes}
    places = Places(widths, layout)
    picture = Picture(label)
    for box in boxes:
        for source in dict.fromkeys(box.inputs):
            picture.path(places.route(source, box.name), with_head=True)
    for box in boxes:
        x, y = places.top(box.name)
        width = widths[box.name]
        style = "box" if box.is_weighted else "plain"
        picture.rectangle(x - width / 2, y, width, BOX_HEIGHT, style)
        picture.text(x, y + 15, box.name, "ink bold", "middle")
        picture.text(x, y + 29, box.detail, "quiet", "middle")
    return picture.finish(places.width, places.height)


def _row_box(row: Row, known: set[str]) -> Box:
    detail = f"{row.kind} · {shape_text(row.output_shape)}"
    inputs = tuple(name for name in row.inputs if name in known and name != row.name)
    return Box(row.name, detail, inputs, bool(row.parameters or row.shared_with))


def _stages(sheet: Sheet) -> list[Box]:
    """Return stretches of layers whose maps have one size as boxes, one below the other."""
    stages = [list(rows) for _, rows in itertools.groupby(sheet.rows, lambda row: row.output_shape[:-1])]
    if len(stages) > MOST_STAGES:
        size = -(-len(sheet.rows) // MOST_STAGES)
        stages = [list(sheet.rows[i : i + size]) for i in range(0, len(sheet.rows), size)]
    boxes: list[Box] = []
    for rows in stages:
        parameters = sum(row.parameters for row in rows)
        name = rows[0].name if len(rows) == 1 else f"{rows[0].name} … {rows[-1].name}"
        detail = f"{len(rows):,} layers · {parameters:,} parameters · {shape_text(rows[-1].output_shape)}"
        before = (boxes[-1].name,) if boxes else ()
        boxes.append(Box(name, detail, before, parameters > 0))
    return boxes
