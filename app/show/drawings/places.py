"""From levels and lanes to pixels: columns side by side, in bands that are no wider than a screen."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.show.drawings.layout import Layout

BOX_HEIGHT, PITCH, GAP, LINE_LANE = 36, 58, 18, 14
WIDEST_BAND = 1200
"""Pixels: more columns than fit here go into a band below, so that print stays legible."""

Point = tuple[float, float]


@dataclass(frozen=True)
class ColumnPlace:
    """Where one column of levels is drawn."""

    first_level: int
    centres: Mapping[int, float]
    """The middle of each lane."""
    gutter: float
    """Where a line from another column comes in, left of all boxes."""
    top: float
    bottom: float
    """The end of the band, below the longest of its columns."""


class Places:
    """Pixels for the boxes of a layout and the arrows between them."""

    def __init__(self, widths: Mapping[str, float], layout: Layout) -> None:
        self._layout = layout
        self._index = {level: i for i, levels in enumerate(layout.columns) for level in levels}
        self._columns: list[ColumnPlace] = []
        self.width = self.height = 0.0
        lanes = self._measure_lanes(widths)
        top, start = 0.0, 0
        while start < len(lanes):
            end, used = start, 0.0
            while end < len(lanes) and (end == start or used + _total(lanes[end]) <= WIDEST_BAND):
                used += _total(lanes[end])
                end += 1
            longest = max(len(levels) for levels in layout.columns[start:end])
            bottom = top + longest * PITCH + 2 * GAP
            self._place_band(lanes, range(start, end), top, bottom)
            self.width, self.height = max(self.width, used), bottom
            top, start = bottom, end

    def _place_band(self, lanes: list[dict[int, float]], band: range, top: float, bottom: float) -> None:
        left = 0.0
        for i in band:
            centres, x = {}, left + 2 * GAP
            for lane, width in sorted(lanes[i].items()):
                centres[lane] = x + width / 2
                x += width + GAP
            first = self._layout.columns[i].start
            self._columns.append(ColumnPlace(first, centres, left + GAP, top, bottom))
            left += _total(lanes[i])

    def _measure_lanes(self, widths: Mapping[str, float]) -> list[dict[int, float]]:
        """Return the width of each lane in each column; a lane of lines alone is narrow."""
        lanes: list[dict[int, float]] = [{} for _ in self._layout.columns]
        for name, level in self._layout.levels.items():
            here, lane = lanes[self._index[level]], self._layout.lanes[name]
            here[lane] = max(here.get(lane, 0), widths[name])
            if name in self._layout.passes:
                here.setdefault(self._layout.passes[name], LINE_LANE)
        return lanes

    def _column(self, name: str) -> ColumnPlace:
        return self._columns[self._index[self._layout.levels[name]]]

    def _y(self, level: int) -> float:
        column = self._columns[self._index[level]]
        return column.top + (level - column.first_level) * PITCH + GAP

    def top(self, name: str) -> Point:
        """Return the middle of a box's upper side."""
        lane = self._layout.lanes[name]
        return self._column(name).centres[lane], self._y(self._layout.levels[name])

    def route(self, source: str, target: str) -> list[Point]:
        """Return the points of the arrow from one box to another."""
        (x, y), (end_x, end_y) = self.top(source), self.top(target)
        y += BOX_HEIGHT
        here, there = self._column(source), self._column(target)
        first, last = self._layout.levels[source], self._layout.levels[target]
        if here is not there:
            below = y + 9 if here.top == there.top else here.bottom - 4
            before = end_y - 11
            side = there.gutter
            return [(x, y), (x, below), (side, below), (side, before), (end_x, before), (end_x, end_y)]
        if last == first + 1:
            return [(x, y), (x, y + 6), (end_x, end_y - 10), (end_x, end_y)]
        lane = here.centres[self._layout.passes[source]]
        top, bottom = self._y(first + 1) - 8, self._y(last - 1) + BOX_HEIGHT + 6
        return [(x, y), (x, y + 6), (lane, top), (lane, bottom), (end_x, end_y - 10), (end_x, end_y)]


def _total(lanes: Mapping[int, float]) -> float:
    return sum(lanes.values()) + GAP * (len(lanes) + 2)
