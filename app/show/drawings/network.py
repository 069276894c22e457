"""A network as boxes and arrows, with names, kinds and shapes; a very long one as its stages."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.counting.rows import Row, Sheet
from app.show.document import Drawing
from app.show.drawings.layout import Layout, lay_out
from app.show.drawings.svg import Picture, text_width
from app.show.tables import shape_text

MOST_BOXES = 400
"""A longer network is drawn as its stages."""
MOST_STAGES = 60
BOX_HEIGHT, PITCH, GAP, LINE_LANE = 36, 58, 18, 14


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
    layout = lay_out({box.name: box.inputs for box in boxes})
    places = _Places(boxes, layout)
    picture = Picture(label)
    for box in boxes:
        for source in dict.fromkeys(box.inputs):
            picture.path(places.route(source, box.name), with_head=True)
    for box in boxes:
        x, y = places.top(box.name)
        width = places.widths[box.name]
        style = "box" if box.is_weighted else "plain"
        picture.rectangle(x - width / 2, y, width, BOX_HEIGHT, style)
        picture.text(x, y + 15, box.name, "ink bold", "middle")
        picture.text(x, y + 29, box.detail, "quiet", "middle")
    return picture.finish(places.width, places.height)


class _Places:
    """Pixels for the levels and lanes of a layout."""

    def __init__(self, boxes: Sequence[Box], layout: Layout) -> None:
        self.layout = layout
        self.widths = {
            b.name: max(text_width(b.name) * 1.08, text_width(b.detail)) + 18 for b in boxes
        }
        self._column = {level: i for i, levels in enumerate(layout.columns) for level in levels}
        lane_widths = [self._lane_widths(levels) for levels in layout.columns]
        self._centres: list[Mapping[int, float]] = []
        self._gutters: list[float] = []
        left = 2 * GAP
        for widths in lane_widths:
            centres = {}
            self._gutters.append(left - GAP)
            for lane in sorted(widths):
                centres[lane] = left + widths[lane] / 2
                left += int(widths[lane]) + GAP
            self._centres.append(centres)
            left += 2 * GAP
        self.width = left - 2 * GAP
        self.height = max((len(levels) for levels in layout.columns), default=0) * PITCH + GAP

    def _lane_widths(self, levels: range) -> dict[int, float]:
        widths: dict[int, float] = {}
        for name, level in self.layout.levels.items():
            if level in levels:
                lane = self.layout.lanes[name]
                widths[lane] = max(widths.get(lane, 0), self.widths[name])
                if name in self.layout.passes:
                    widths.setdefault(self.layout.passes[name], LINE_LANE)
        return widths

    def _y(self, level: int) -> float:
        return (level - self.layout.columns[self._column[level]].start) * PITCH + GAP

    def top(self, name: str) -> tuple[float, float]:
        """Return the middle of a box's upper side."""
        level = self.layout.levels[name]
        return self._centres[self._column[level]][self.layout.lanes[name]], self._y(level)

    def route(self, source: str, target: str) -> list[tuple[float, float]]:
        """Return the points of the arrow from one box to another."""
        x, y = self.top(source)
        end_x, end_y = self.top(target)
        y += BOX_HEIGHT
        first, last = self.layout.levels[source], self.layout.levels[target]
        if self._column[first] != self._column[last]:
            gutter = self._gutters[self._column[last]]
            return [(x, y), (x, y + 9), (gutter, y + 9), (gutter, end_y - 11), (end_x, end_y - 11),
                    (end_x, end_y)]  # fmt: skip
        if last == first + 1:
            return [(x, y), (x, y + 6), (end_x, end_y - 10), (end_x, end_y)]
        lane = self._centres[self._column[first]][self.layout.passes[source]]
        return [(x, y), (x, y + 6), (lane, self._y(first + 1) - 8),
                (lane, self._y(last - 1) + BOX_HEIGHT + 6), (end_x, end_y - 10), (end_x, end_y)]  # fmt: skip


def _row_box(row: Row, known: set[str]) -> Box:
    detail = f"{row.kind} · {shape_text(row.output_shape)}"
    inputs = tuple(name for name in row.inputs if name in known and name != row.name)
    return Box(row.name, detail, inputs, bool(row.parameters or row.shared_with))


def _stages(sheet: Sheet) -> list[Box]:
    """Return stretches of layers whose maps have one size as boxes, one below the other."""
    stages = [
        list(rows) for _, rows in itertools.groupby(sheet.rows, lambda row: row.output_shape[:-1])
    ]
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
