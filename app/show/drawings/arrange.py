"""Where steps, lines and sizes of a network are drawn: left to right in rows, in inches from the upper left corner.

A row ends only where everything comes from one step, and never inside of a frame. Lines are horizontal and vertical,
and run between boxes: across in the gaps behind levels, along in lanes that hold no box.
"""

import itertools
from collections.abc import Mapping, Sequence

from app.show.drawings.flow import (
    BAR_END,
    CLIMB,
    EDGE,
    FRAME_PAD,
    LANE_GAP,
    ROW_GAP,
    Flow,
    Gap,
    Network,
    Place,
    Point,
)
from app.show.drawings.grid import LIKE, WIDENED, Grid, beginnings, make_grid
from app.show.drawings.repeats import Frame


class Arranger:
    """Lays a network out in rows; what does not depend on the rows is worked out once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.level = network.layout.levels
        self.lane = network.layout.lanes
        self.depth = max(self.level.values()) + 1
        self._at: list[list[str]] = [[] for _ in range(self.depth)]
        for name in network.steps:
            self._at[self.level[name]].append(name)
        self._readers: dict[str, list[str]] = {name: [] for name in network.steps}
        for name, step in network.steps.items():
            for source in step.inputs:
                self._readers[source].append(name)
        self._taken = self._find_taken()
        self._spans = {name: self._span(name) for name, s in network.steps.items() if s.kind == "concat"}
        self._gaps = self._make_gaps()
        self._columns = [max(network.sizes[n].width for n in names) for names in self._at]
        self._gap_widths = [gap.width for gap in self._gaps]
        self._kinds = [tuple(sorted({network.steps[n].kind for n in names})) for names in self._at]
        steps = [gap + column for gap, column in zip([0.0, *self._gap_widths], self._columns, strict=False)]
        self._through = list(itertools.accumulate(steps))  # where a level ends if all is one row
        self._framed = [self._levels_of(frame) for frame in network.frames]
        self.cuts = self._find_cuts()
        self._heights: dict[range, tuple[dict[int, float], float]] = {}
        self._up: dict[range, dict[int, float]] = {}
        self._rows: Sequence[range] = ()
        self._by_level: list[list[tuple[int, str]]] = [[] for _ in range(self.depth)]
        for (level, lane), name in self._taken.items():
            self._by_level[level].append((lane, name))

    # -- what lies where -----------------------------------------------------------------------------------

    def _find_taken(self) -> dict[tuple[int, int], str]:
        taken = {(self.level[name], self.lane[name]): name for name in self.network.steps}
        for name, lane in self.network.layout.passes.items():
            last = max((self.level[reader] for reader in self._readers[name]), default=0)
            taken |= {(level, lane): name for level in range(self.level[name] + 1, last)}
        return taken

    def _from_lane(self, source: str, target: str) -> int:
        """Return the lane in which a line arrives in front of its target's level."""
        if self.level[target] <= self.level[source] + 1:
            return self.lane[source]
        return self.network.layout.passes[source]

    def _is_free(self, target: str, lane: int) -> bool:
        """Return whether nothing lies at the target's level between it and a lane, that lane included."""
        own = self.lane[target]
        between = range(min(own, lane), max(own, lane) + 1)
        return all(self._taken.get((self.level[target], n), target) == target for n in between)

    def _span(self, name: str) -> tuple[int, int]:
        """Return the lanes that a bar reaches over: those from which lines come, as far as nothing is there."""
        own = self.lane[name]
        lanes = [self._from_lane(source, name) for source in self.network.steps[name].inputs]
        inside = [n for n in lanes if self.level[name] and self._is_free(name, n)]
        return min([own, *inside]), max([own, *inside])

    def _way_in(self, source: str, target: str) -> str:
        """Return how a line reaches its target: straight, climbing, from a pass below or above, or by a turn."""
        lane, own = self._from_lane(source, target), self.lane[target]
        if self.level[source] == self.level[target]:
            return "climb"
        if lane == own:
            return "straight"
        if target in self._spans:
            low, high = self._spans[target]
            return "straight" if low <= lane <= high else "turn"
        passes = self.level[target] > self.level[source] + 1
        return "round" if passes and self._is_free(target, lane) else "turn"

    def _make_gaps(self) -> list[Gap]:
        gaps = [Gap() for _ in range(self.depth)]
        for name, readers in self._readers.items():
            gap = gaps[self.level[name]]
            ahead = [reader for reader in readers if self.level[reader] > self.level[name]]
            if name in self.network.labels and ahead:  # in a U the line across has room above it
                gap.stub = max(gap.stub, self.network.labels[name].width + 0.1)
            for reader in ahead:
                way, is_next = self._way_in(name, reader), self.level[reader] == self.level[name] + 1
                leaves = way == "turn" if is_next else self._from_lane(name, reader) != self.lane[name]
                if leaves and name not in gap.leaving:
                    gap.leaving.append(name)
                if not is_next and way == "turn":
                    gaps[self.level[reader] - 1].arriving.append((name, reader))
        for frame in self.network.frames:
            levels = self._levels_of(frame)
            if levels.start:
                gaps[levels.start - 1].begins_frame = True
            gaps[levels.stop - 1].ends_frame = True
        return gaps

    def _levels_of(self, frame: Frame) -> range:
        levels = [self.level[name] for name in frame.names]
        return range(min(levels), max(levels) + 1)

    # -- rows ----------------------------------------------------------------------------------------------

    def _find_cuts(self) -> list[int]:
        """Return the levels behind which a row may end."""
        furthest = {
            name: max((self.level[reader] for reader in readers), default=0)
            for name, readers in self._readers.items()
        }
        if self.network.is_u:
            return []
        cuts, reach = [], 0
        for level in range(self.depth - 1):
            ahead = [name for name in self._at[level] if furthest[name] > level]
            inside = any(levels.start <= level < levels.stop - 1 for levels in self._framed)
            if len(ahead) == 1 and reach <= level and not inside:
                cuts.append(level)
            reach = max([reach, *(furthest[name] for name in ahead)])
        return cuts

    def row_width(self, levels: range) -> float:
        """Return how wide a row of these levels is."""
        first = self._gap_widths[levels.start - 1] if levels.start else 0.0
        last = FRAME_PAD * self._gaps[levels[-1]].ends_frame
        return (
            2 * EDGE
            + first
            + self._through[levels[-1]]
            - self._through[levels.start]
            + self._columns[levels.start]
            + last
        )

    def _grid(self, rows: Sequence[range]) -> Grid | None:
        """Return the columns that rows which begin alike have in common; None where they take much room."""
        grid = make_grid(rows, self._kinds, self._columns, self._gap_widths)
        widest = max(map(self.row_width, rows))
        return grid if max(self._width_in(grid, levels) for levels in rows) <= WIDENED * widest else None

    def _width_in(self, grid: Grid, levels: range) -> float:
        """Return how wide a row of these levels is in a grid."""
        keys = beginnings(self._kinds, levels)
        inside = sum(grid.columns[key] for key in keys) + sum(grid.gaps[key] for key in keys[:-1])
        return (
            2 * EDGE
            + grid.begin * bool(levels.start)
            + inside
            + FRAME_PAD * self._gaps[levels[-1]].ends_frame
        )

    def row_widths(self, rows: Sequence[range]) -> list[float]:
        """Return how wide each of these rows is, in one grid where they have one."""
        grid = self._grid(rows)
        return [self.row_width(levels) if grid is None else self._width_in(grid, levels) for levels in rows]

    def fold(self, widest: float) -> list[range]:
        """Return rows that are no wider than `widest` where that can be."""
        rows, start = [], 0
        ends = [*self.cuts, self.depth - 1]
        while start < self.depth:
            fitting = [
                end for end in ends if end >= start and self.row_width(range(start, end + 1)) <= widest
            ]
            end = fitting[-1] if fitting else next(end for end in ends if end >= start)
            rows.append(range(start, end + 1))
            start = end + 1
        return rows

    def widths(self) -> list[float]:
        """Return the widths of rows that are worth trying."""
        ends, starts = [*self.cuts, self.depth - 1], [0, *(cut + 1 for cut in self.cuts)]
        found = {
            round(self.row_width(range(start, end + 1)), 3)
            for start in starts
            for end in ends
            if end >= start
        }
        ordered = sorted(found)
        step = max(1, len(ordered) // 60)
        return [*ordered[::step], ordered[-1]]

    # -- places --------------------------------------------------------------------------------------------

    def arrange(self, rows: Sequence[range]) -> Flow:
        """Return the network in these rows."""
        flow = Flow()
        self._rows = rows
        grid = self._grid(rows)
        top = 0.0
        heights: list[dict[int, float]] = []
        ends: list[Point] = []
        for levels in rows:
            within, height = self._lane_heights(levels)
            lines, bottom = {lane: top + y for lane, y in within.items()}, top + height
            heights.append(lines)
            right = self._place_row(flow, levels, lines, grid)
            flow.width = max(flow.width, right + EDGE)
            ends.append((right, bottom))
            top = bottom + ROW_GAP
        flow.height = top - ROW_GAP
        self._widen_bars(flow, rows, heights)
        for i, levels in enumerate(rows):
            self._route_row(flow, levels, heights[i], (ends[i - 1], rows[i - 1]) if i else None)
            self._frame_row(flow, levels, min(heights[i].values()) - 1e-6)
        return flow

    def _lane_heights(self, levels: range) -> tuple[dict[int, float], float]:
        """Return how far below the begin of a row the line of each lane is, and where the row ends."""
        if levels in self._heights:
            return self._heights[levels]
        up: dict[int, float] = {}
        down: dict[int, float] = {}
        for level in range(max(levels.start - 1, 0), levels.stop):
            for lane, name in self._by_level[level]:
                for n, above, below in self._needs(name, level, lane, level in levels):
                    up[n] = max(up.get(n, 0), above)
                    down[n] = max(down.get(n, 0), below)
        self._up[levels] = up
        gap = CLIMB if self.network.is_u else LANE_GAP
        framed = any(framed.start in levels for framed in self._framed)
        y = 0.2 if framed else 0.02
        found = {}
        for lane in sorted(up):
            found[lane] = y + up[lane]
            y = found[lane] + down[lane] + gap
        self._heights[levels] = found, y - gap + (0.1 if framed else 0.0)
        return self._heights[levels]

    def _needs(self, name: str, level: int, lane: int, is_in_row: bool) -> list[tuple[int, float, float]]:
        """Return lanes with the room that a step, or a line that passes by, takes above and below them."""
        if not is_in_row or self.level[name] != level:
            return [(lane, 0.03, 0.03)]
        size = self.network.sizes[name]
        low, high = self._spans.get(name, (lane, lane))
        return [(lane, size.up, size.down)] if low == high else [(low, BAR_END, 0.0), (high, 0.0, BAR_END)]

    def measure(self, rows: Sequence[range]) -> tuple[float, float]:
        """Return the width and the height of the network in these rows."""
        heights = [self._lane_heights(levels)[1] for levels in rows]
        return max(self.row_widths(rows)), sum(heights) + ROW_GAP * (len(rows) - 1)

    def _place_row(self, flow: Flow, levels: range, lines: Mapping[int, float], grid: Grid | None) -> float:
        """Place the steps of a row; return where it ends on the right."""
        x = EDGE
        if levels.start:
            gap = self._gaps[levels.start - 1]
            gap.left = EDGE + (grid.begin - gap.width if grid else 0.0)
            x = gap.left + gap.width
        for level, key in zip(levels, beginnings(self._kinds, levels), strict=True):
            column = grid.columns[key] if grid else self._columns[level]
            for name in self._at[level]:
                size, y = self.network.sizes[name], lines[self.lane[name]]
                body = size.width if size.body is None else size.body
                if grid and size.body is None and body >= LIKE * column:
                    body = column
                flow.places[name] = Place(x + column / 2, y, body, y - size.up, y + size.down)
            x += column
            if level != levels[-1]:
                self._gaps[level].left = x
                x += grid.gaps[key] if grid else self._gaps[level].width
        return x + FRAME_PAD * self._gaps[levels[-1]].ends_frame

    def _widen_bars(self, flow: Flow, rows: Sequence[range], heights: Sequence[Mapping[int, float]]) -> None:
        for name, (low, high) in self._spans.items():
            i = next(i for i, levels in enumerate(rows) if self.level[name] in levels)
            place, lines = flow.places[name], heights[i]
            if low < high:
                top, bottom = lines[low] - BAR_END, lines[high] + BAR_END
                flow.places[name] = Place(place.x, place.y, place.width, top, bottom)

    # -- lines ---------------------------------------------------------------------------------------------

    def _route_row(
        self, flow: Flow, levels: range, lines: Mapping[int, float], before: tuple[Point, range] | None
    ) -> None:
        """Draw the lines that end in a row, and the labels where they begin."""
        for level in levels:
            for target in self._at[level]:
                for source in self.network.steps[target].inputs:
                    start: list[Point] = []
                    if before is not None and self.level[source] not in levels:
                        start = self._turn_row(flow, source, lines, before[0])
                    flow.lines.append(self._route(flow, source, target, lines, start))
        sources = [
            n for level in levels for n in self._at[level] if level != levels[-1] or level + 1 == self.depth
        ]
        if before is not None:
            sources += [n for n in self._at[before[1][-1]] if self._readers[n]]
        for name in sources:
            self._label(flow, name, lines)

    def _turn_row(self, flow: Flow, source: str, lines: Mapping[int, float], end: Point) -> list[Point]:
        """Return the way from a step at the end of a row to the begin of the next one."""
        place, y = flow.places[source], lines[self.lane[source]]
        right, between = end[0] + EDGE / 2, end[1] + ROW_GAP * 0.4
        return [
            (place.right, place.y),
            (right, place.y),
            (right, between),
            (EDGE / 2, between),
            (EDGE / 2, y),
        ]

    def _route(
        self, flow: Flow, source: str, target: str, lines: Mapping[int, float], start: list[Point]
    ) -> list[Point]:
        here, there = flow.places[source], flow.places[target]
        way, lane = self._way_in(source, target), self._from_lane(source, target)
        if way == "climb":
            falls = there.y > here.y
            ends = (here.bottom, there.top) if falls else (here.top, there.bottom)
            return [(here.x, ends[0]), (here.x, ends[1])]
        own = lines[self.lane[source]]
        points = start or [(here.right, own)]
        if self.level[target] == self.level[source] + 1:
            if way == "straight":
                return [*points, (there.left, own)]
            x = self._gaps[self.level[source]].leaves(source)
            return [*points, (x, own), (x, there.y), (there.left, there.y)]
        along = self._along(source, target, lane, lines)
        if lane != self.lane[source]:
            x = self._gaps[self.level[source]].leaves(source)
            points = [*points, (x, own), (x, along)]
        if way == "straight":
            return [*points, (there.left, along)]
        if way == "round":
            side = there.bottom if along > there.y else there.top
            return [*points, (there.x, along), (there.x, side)]
        x = self._gaps[self.level[target] - 1].arrives(source, target)
        return [*points, (x, along), (x, there.y), (there.left, there.y)]

    def _along(self, source: str, target: str, lane: int, lines: Mapping[int, float]) -> float:
        """Return the height of a line that passes levels by: near the path that it leaves, also in a lane of boxes."""
        if lane in (self.lane[source], self.lane[target]):
            return lines[lane]
        levels = next(row for row in self._rows if self.level[target] in row)
        up = self._up[levels][lane]
        return lines[lane] - max(up - 0.03, 0.0)

    def _label(self, flow: Flow, name: str, lines: Mapping[int, float]) -> None:
        label = self.network.labels.get(name)
        if label is None or not self._readers[name]:
            return
        place, y = flow.places[name], lines[self.lane[name]]
        ahead = [reader for reader in self._readers[name] if self.level[reader] > self.level[name]]
        if ahead:
            flow.labels.append((self._gaps[self.level[name]].stub_left + 0.05, y - 0.04, label.text))
            return
        other = flow.places[self._readers[name][0]]
        middle = (place.bottom + other.top) / 2 if other.y > place.y else (place.top + other.bottom) / 2
        flow.labels.append((place.x + 0.06, middle + 0.035, label.text))

    def _frame_row(self, flow: Flow, levels: range, highest: float) -> None:
        for frame, framed in zip(self.network.frames, self._framed, strict=True):
            if framed.start not in levels:
                continue
            places = [flow.places[name] for name in frame.names]
            inside = {name: (p.left, p.right) for name, p in zip(frame.names, places, strict=True)}
            before = self._gaps[framed.start - 1].frame_left if framed.start else EDGE / 2
            right = max(right for _, right in inside.values()) + FRAME_PAD
            lines = [
                y
                for name in frame.names
                for path in self._lines_into(flow, name)
                for x, y in path
                if before < x < right and y >= highest
            ]
            top = min([p.top for p in places] + lines) - 0.1
            bottom = max([p.bottom for p in places] + lines) + 0.1
            flow.frames.append((before, top, right - before, bottom - top, frame.times))

    @staticmethod
    def _lines_into(flow: Flow, name: str) -> list[list[Point]]:
        place = flow.places[name]
        return [
            line
            for line in flow.lines
            if place.left - 1e-6 <= line[-1][0] <= place.right
            and place.top - 1e-6 <= line[-1][1] <= place.bottom + 1e-6
        ]
