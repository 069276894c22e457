"""A network as a figure: laid out as rows, shortened until its letters are large enough, and painted."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from app.counting.rows import Sheet, shape_text
from app.show.canvas import new_figure, own_place, slide_size
from app.show.drawings.arrange import Arranger
from app.show.drawings.boxes import NARROW_LINE, SHORT_LINES, SMALL, WIDEST_LINE, Boxes, text_width
from app.show.drawings.flow import Flow, Label, Network, Point
from app.show.drawings.layout import place_boxes
from app.show.drawings.palette import ACCENT, FRAME, INK, QUIET
from app.show.drawings.repeats import ALIKE, PACKED, SAME, STAGES, WHOLE, Frame, shorten, split_parts
from app.show.drawings.steps import Step, list_steps
from app.show.drawings.u_shape import u_layout
from app.show.drawings.volumes import Volumes
from app.show.paper import PAPER
from app.untrusted.text import visible

STYLES: dict[str, type[Boxes] | type[Volumes]] = {"boxes": Boxes, "volumes": Volumes}
PAGE = (7.4, 10.0)
"""Inches of a page of A4 within its margins."""
LEGIBLE, LEAST = 0.78, 0.42
"""How small the letters may become, of 6.5 to 8 points, before more is left out, and before blocks become boxes."""
LARGEST, LARGEST_ON_SLIDE = 1.0, 1.5
FEWER_ROWS = 0.985
"""What letters may lose in size for each row that is saved."""
EMPTY = 0.4
"""What they may lose so that the rows fill the width."""
NAMED, LABELLED = 26, 26
"""Steps up to which each shows its layer's name, and each arrow its size."""
ATTEMPTS = (
    *((WHOLE, True), (SAME, True), (ALIKE, True), (WHOLE, False), (SAME, False), (ALIKE, False)),
    *((PACKED, True), (STAGES, True)),
)
"""What is left out, and whether each box says all, in the order in which it is tried until the letters are legible."""
RELUCTANT = ((ALIKE, False), (PACKED, True), (STAGES, True))
MOST = 160
"""Steps that are laid out at all; a longer network is shortened first."""
TITLE, MARGIN = 0.38, 0.12
"""Inches that the title takes, and what the canvas leaves free at the sides."""


@dataclass(frozen=True)
class Drawn:
    """A network laid out, at the scale at which it fits."""

    flow: Flow
    steps: Sequence[Step]
    form: Boxes | Volumes
    scale: float
    how: int

    @property
    def has_repeats(self) -> bool:
        """Whether something is drawn once that is done several times."""
        return bool(self.flow.frames) or any(step.times > 1 for step in self.steps)

    @property
    def is_packed(self) -> bool:
        """Whether boxes stand for blocks."""
        return self.how >= PACKED


def draw_network(sheet: Sheet, style: str = "boxes", title: str = "") -> Figure:
    """Return a network as a figure, from left to right, row by row.

    Args:
        sheet: the network, counted.
        style: `boxes`, or `volumes`: slabs whose sides follow height, width and channels.
        title: stands above it.

    Raises:
        ValueError: there is no such style.
    """
    if style not in STYLES:
        raise ValueError(f"a network is drawn as {' or '.join(STYLES)}, not as {style!r}")
    asked = PAPER.get().title
    title = visible(title if asked is None else asked)
    return paint_network(fit_network(sheet, style, room_for(title)), title)


def paint_network(drawn: Drawn, title: str = "") -> Figure:
    """Return a figure of a network that is laid out."""
    flow, scale = drawn.flow, drawn.scale
    above = TITLE if title else 0.0
    figure = new_figure(flow.width * scale + MARGIN, flow.height * scale + MARGIN + above, title)
    axes = figure.subplots()
    if own_place() is not None or PAPER.get().is_slide:
        wide, high = _inches(figure)
        scale = min((wide - MARGIN) / flow.width, (high - MARGIN - above) / flow.height)
    paint(axes, drawn, scale)
    return figure


def room_for(title: str = "") -> tuple[float, float]:
    """Return the inches that a drawing may take below its title."""
    paper, above = PAPER.get(), TITLE * bool(title)
    place = own_place()
    if place is not None:
        box = place.get_window_extent()
        figure = place.get_figure(root=True)
        assert figure is not None
        return box.width / figure.dpi, box.height / figure.dpi
    if paper.is_slide:
        wide, high = slide_size(0)
        return wide - MARGIN, high - MARGIN - above
    wide = paper.width or PAGE[0]
    return wide - MARGIN, PAGE[1] / PAGE[0] * max(wide, PAGE[0]) - MARGIN - above


def _inches(figure: Figure | SubFigure) -> tuple[float, float]:
    root = figure.get_figure(root=True) or figure
    return figure.bbox.width / root.dpi, figure.bbox.height / root.dpi


def fit_network(sheet: Sheet, style: str, room: tuple[float, float]) -> Drawn:
    """Return the network laid out in so much room, shortened no more than its letters ask for."""
    steps = list_steps(sheet)
    best: Drawn | None = None
    for how, is_full in ATTEMPTS:
        shown, frames = shorten(steps, how)
        if len(shown) > MOST and how < STAGES:
            continue
        drawn = _fit(shown, frames, style, room, how, is_full)
        shorter = best is not None and len(drawn.steps) < len(best.steps)
        if best is None or drawn.scale > best.scale * (0.97 if shorter else 1.02):
            best = drawn
        least = LEAST if (how, is_full) in RELUCTANT else LEGIBLE
        if best.scale >= least or ((how, is_full) == RELUCTANT[0] and u_layout(shown)):  # the U says most
            break
    assert best is not None
    return best


def _fit(
    steps: Sequence[Step],
    frames: Sequence[Frame],
    style: str,
    room: tuple[float, float],
    how: int,
    is_full: bool,
) -> Drawn:
    across = u_layout(steps)
    layout = across or place_boxes(_in_order(steps))
    labels = _labels(steps, frames, style, across.passes if across else (), is_full)
    has_names = is_full and how == WHOLE and len(steps) <= NAMED
    tried = []
    for widest in (WIDEST_LINE,) if is_full else SHORT_LINES if across else (NARROW_LINE,):
        form = (
            Volumes(steps, has_names, widest, across)
            if style == "volumes"
            else Boxes(steps, has_names, widest)
        )
        by_name = {step.name: step for step in steps}
        arranger = Arranger(Network(by_name, layout, form.size, labels, frames, across is not None))
        scale, rows = _best_rows(arranger, room)
        tried.append((scale, arranger, rows, form))
    scale, arranger, rows, form = max(tried, key=lambda each: each[0])
    return Drawn(arranger.arrange(rows), steps, form, scale, how)


def _best_rows(arranger: Arranger, room: tuple[float, float]) -> tuple[float, list[range]]:
    """Return the largest scale at which the network fits, and its rows; few rows that fill the width count too."""
    largest = LARGEST_ON_SLIDE if PAPER.get().is_slide else LARGEST
    found = []
    for limit in arranger.widths():
        rows = arranger.fold(limit)
        width, height = arranger.measure(rows)
        scale = min(room[0] / width, room[1] / height, largest)
        filled = scale * sum(arranger.row_widths(rows)) / len(rows) / room[0]
        worth = scale * FEWER_ROWS ** len(rows) * (1 - EMPTY + EMPTY * filled)
        found.append(((round(worth, 2), -height), scale, rows))
    _, scale, rows = max(found, key=lambda each: each[0])
    return scale, rows


def _in_order(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Return what each step reads, so ordered that shortcuts come to lie beside the main path, not in it."""
    levels: dict[str, int] = {}
    kinds = {step.name: step.kind for step in steps}
    readers: dict[str, list[str]] = {step.name: [] for step in steps}
    for step in steps:
        levels[step.name] = max((levels[name] + 1 for name in step.inputs), default=0)
        for name in step.inputs:
            readers[name].append(step.name)

    def is_shortcut(name: str) -> bool:
        found = readers[name]
        return len(found) == 1 and kinds[found[0]] == "sign" and levels[found[0]] > levels[name] + 1

    order = sorted(range(len(steps)), key=lambda i: (levels[steps[i].name], is_shortcut(steps[i].name), i))
    return {steps[i].name: steps[i].inputs for i in order}


def _labels(
    steps: Sequence[Step], frames: Sequence[Frame], style: str, across: Collection[str], is_full: bool
) -> dict[str, Label]:
    """Return the sizes that are written at arrows: of few steps each, else behind blocks and at lines across."""
    if style == "volumes":  # there they stand below the slabs
        return {}
    hidden = {name for frame in frames for name in frame.names[:-1]}
    ends = {part[-1].name for part in split_parts(steps)}
    shown: dict[str, Label] = {}
    before = None
    for step in steps:
        is_new_end = step.name in ends and step.shape != before and not across
        wanted = is_new_end or (is_full and len(steps) <= LABELLED)
        if step.shape and (wanted or step.name in across) and step.name not in hidden:
            text = shape_text(step.shape)
            shown[step.name] = Label(text, 0.0 if step.name in across else text_width(text, SMALL))
        if step.name in ends:
            before = step.shape
    return shown


def paint(axes: Axes, drawn: Drawn, scale: float) -> None:
    """Paint a network into axes in which an inch of the layout is `scale` inches."""
    flow = drawn.flow
    axes.set(xlim=(0, flow.width), ylim=(flow.height + 0.02, -0.02), aspect="equal")
    axes.set_axis_off()
    for frame in flow.frames:
        _paint_frame(axes, *frame, scale)
    for line in _without_shared(flow.lines):
        _arrow(axes, line, scale)
    for x, y, text in flow.labels:
        axes.text(x, y, text, fontsize=SMALL * scale, color=QUIET, ha="left", va="baseline", zorder=5)
    for step in drawn.steps:
        drawn.form.paint(axes, step, flow.places[step.name], scale)


def _paint_frame(
    axes: Axes, left: float, top: float, width: float, height: float, times: int, scale: float
) -> None:
    """Paint the frame of what is done several times, with how often."""
    dashes: Any = (0, (4, 2.5))
    shape = FancyBboxPatch((left, top), width, height, boxstyle="round,pad=0,rounding_size=0.07", zorder=0)
    shape.set(facecolor=FRAME, edgecolor=ACCENT, linewidth=0.9 * scale, linestyle=dashes)
    axes.add_patch(shape)
    look: dict[str, Any] = {
        "fontsize": 9 * scale,
        "fontweight": "bold",
        "color": ACCENT,
        "ha": "right",
        "zorder": 6,
    }
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.2 * scale}
    axes.text(left + width - 0.06, top + 0.03, f"× {times}", va="center_baseline", bbox=behind, **look)


CORNER, TIP = 0.06, 0.08
"""Radius of a corner, and length of an arrow's head."""


def _arrow(axes: Axes, points: Sequence[Point], scale: float) -> None:
    """Draw a line with round corners and a head at its end."""
    (x0, y0), (x, y) = points[-2], points[-1]
    long = max(abs(x - x0), abs(y - y0)) or 1.0
    dx, dy = (x - x0) / long, (y - y0) / long
    ends = [*points[:-1], (x - dx * TIP * 0.7, y - dy * TIP * 0.7)]
    look = {"edgecolor": INK, "linewidth": 0.9 * scale, "capstyle": "butt", "zorder": 1}
    axes.add_patch(PathPatch(_rounded_path(ends), facecolor="none", **look))
    base = (x - dx * TIP, y - dy * TIP)
    wing = TIP * 0.42
    head = [(x, y), (base[0] - dy * wing, base[1] + dx * wing), (base[0] + dy * wing, base[1] - dx * wing)]
    axes.add_patch(Polygon(head, facecolor=INK, edgecolor="none", zorder=2))


def _without_shared(lines: Sequence[Sequence[Point]]) -> list[list[Point]]:
    """Return lines, each from where it leaves those before it: what is drawn twice would look bolder."""
    drawn: set[tuple[Point, Point]] = set()
    found = []
    for line in lines:
        left = [(round(x, 4), round(y, 4)) for x, y in line]
        while len(left) > 2 and (left[0], left[1]) in drawn:
            left = left[1:]
        start, turn = left[0], left[1]
        covered = [b for a, b in drawn if a == start and _same_way(a, b, turn)]
        drawn |= {(a, b) for a, b in itertools.pairwise(line)} | set(itertools.pairwise(left))
        if start != (round(line[0][0], 4), round(line[0][1], 4)) or covered:
            reached = max(covered, key=lambda b: abs(b[0] - start[0]) + abs(b[1] - start[1]), default=start)
            length = min(
                abs(reached[0] - start[0]) + abs(reached[1] - start[1]),
                abs(turn[0] - start[0]) + abs(turn[1] - start[1]),
            )
            way = ((turn[0] > start[0]) - (turn[0] < start[0]), (turn[1] > start[1]) - (turn[1] < start[1]))
            back = length - CORNER
            left[0] = (start[0] + way[0] * back, start[1] + way[1] * back)
        found.append(left)
    return found


def _same_way(a: Point, b: Point, c: Point) -> bool:
    """Return whether b and c lie in one direction from a, along or across."""
    return (a[1] == b[1] == c[1] and (b[0] > a[0]) == (c[0] > a[0])) or (
        a[0] == b[0] == c[0] and (b[1] > a[1]) == (c[1] > a[1])
    )


def _rounded_path(points: Sequence[Point]) -> Path:
    """Return a path through points whose corners are round."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        ways = [(before[0] - corner[0], before[1] - corner[1]), (after[0] - corner[0], after[1] - corner[1])]
        lengths = [max(abs(dx), abs(dy)) for dx, dy in ways]
        if min(lengths) < 1e-6:
            continue
        near = [
            (
                corner[0] + dx / length * min(CORNER, length / 2),
                corner[1] + dy / length * min(CORNER, length / 2),
            )
            for (dx, dy), length in zip(ways, lengths, strict=True)
        ]
        vertices += [near[0], corner, near[1]]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])
