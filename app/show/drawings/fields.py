"""How the receptive field grows over the layers, on the image's actual size."""

from collections.abc import Sequence

from app.counting.axes import Axis
from app.counting.fields import Field
from app.counting.rows import Row, Sheet, shape_text
from app.show.document import Drawing
from app.show.drawings.unseen import unseen_rectangles
from app.show.svg import Picture, text_width

SIDE = 300
"""Pixels of the picture that the longer side of the image takes."""
MOST_RINGS = 12
LABELS = SIDE + 20 + 4 * MOST_RINGS
FIRST_LABEL, LABEL_LINE = 16, 22
"""Pixels from the top to the first label, and from label to label."""


def draw_fields(sheet: Sheet) -> list[Drawing]:
    """Return, for each input image, what the middle cell of each map sees, and what none sees."""
    names = list(dict.fromkeys(name for row in sheet.rows for name in row.fields))
    drawings = []
    for name in names:
        grown = _growing(sheet.rows, name)
        last = next((row.fields[name] for row in reversed(sheet.rows) if name in row.fields), None)
        if grown and last is not None and len(last.axes) == 2:
            drawings.append(_draw(sheet, name, grown, last))
    return drawings


def _growing(rows: Sequence[Row], name: str) -> list[tuple[str, Field]]:
    """Return the rows at which the field becomes larger, up to a dozen of them, evenly chosen."""
    grown: list[tuple[str, Field]] = []
    for row in rows:
        field = row.fields.get(name)
        if field is None or field.whole or not all(axis.windows for axis in field.axes):
            continue
        if row.inputs and (not grown or _sizes(field) != _sizes(grown[-1][1])):
            grown.append((row.name, field))
    if len(grown) <= MOST_RINGS:
        return grown
    step = (len(grown) - 1) / (MOST_RINGS - 1)
    return [grown[round(i * step)] for i in range(MOST_RINGS)]


def _sizes(field: Field) -> tuple[int, ...]:
    return tuple(axis.size for axis in field.axes)


def _draw(sheet: Sheet, name: str, grown: Sequence[tuple[str, Field]], last: Field) -> Drawing:
    height, width = (axis.pixels for axis in last.axes)
    scale = SIDE / max(height, width)
    picture = Picture(f"{sheet.name}: receptive fields on {name}")
    picture.rectangle(1, 1, width * scale, height * scale, "plain", 0)
    _hatch_unseen(picture, _output_fields(sheet, name), scale)
    right = 0.0
    turns = _turns([1 + _middle(field.axes[0])[0] * scale for _, field in reversed(grown)])
    for i, (layer, field) in enumerate(reversed(grown)):  # the largest on top: no lines cross
        top, bottom = _middle(field.axes[0])
        left, end = _middle(field.axes[1])
        picture.rectangle(
            1 + left * scale, 1 + top * scale, (end - left) * scale, (bottom - top) * scale, "ring", 0
        )
        y = FIRST_LABEL + i * LABEL_LINE
        corner = (1 + end * scale, 1 + top * scale)
        picture.path([corner, (turns[i], corner[1]), (turns[i], y - 4), (LABELS - 4, y - 4)])
        size = shape_text(_sizes(field))
        picture.text(LABELS, y, f"{layer} · {size}")
        right = max(right, text_width(f"{layer} · {size}"))
    caption = (
        f"What the middle cell of each map sees of {name}, {height}×{width} pixels; hatched: pixels that "
        "no output sees. Where a field is larger than the image, the part on the image is drawn."
    )
    tall = max(height * scale + 2, FIRST_LABEL + len(grown) * LABEL_LINE)
    return Drawing(picture.finish(LABELS + right + 4, tall), caption)


def _turns(corners: Sequence[float]) -> list[float]:
    """Return where the line from each corner turns towards its label: so that no two of them cross.

    Lines that go down turn the later the higher they are, lines that go up the earlier.
    """
    falls = [FIRST_LABEL + i * LABEL_LINE - 4 > y for i, y in enumerate(corners)]
    return [SIDE + 8 + 4 * (len(corners) - i if fall else i) for i, fall in enumerate(falls)]


def _output_fields(sheet: Sheet, name: str) -> list[Field]:
    """Return what the network's outputs see of an image; nothing where that is not known of each."""
    outputs = [sheet.row(output) for output in sheet.outputs]
    known = [output.fields[name] for output in outputs if name in output.fields]
    return known if len(known) == len(outputs) else []


def _middle(axis: Axis) -> tuple[float, float]:
    """Return the first and the last edge of what the middle cell sees, in pixels."""
    window = axis.windows[len(axis.windows) // 2] or (0, -1)
    return window[0], window[1] + 1


def _hatch_unseen(picture: Picture, fields: Sequence[Field], scale: float) -> None:
    for top, bottom, left, right in unseen_rectangles(fields) if fields else ():
        picture.hatch(1 + left * scale, 1 + top * scale, (right - left) * scale, (bottom - top) * scale)
