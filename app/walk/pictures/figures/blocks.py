"""Blocks as boxes and arrows from top to bottom; dense blocks as a row of maps joined by arcs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from app.counting.rows import Row, shape_text
from app.show.canvas import BLUE, INK, ORANGE, new_figure
from app.show.drawings.layout import Layout, place_boxes

if TYPE_CHECKING:
    from app.walk.pictures.blocks import Block

WIDTH, HEIGHT, PITCH = 2.3, 0.62, 1.0
"""Of a box, and from level to level, in inches."""
LINE_LANE, GAP = 0.55, 0.25
BESIDE, BETWEEN = 0.15, 0.12
"""Beside a block, and from one to the next."""
WEIGHTED, OTHER = "#d6e8f5", "#f4f4f4"
ARROW = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}


def draw_blocks(blocks: "Sequence[Block]") -> Figure:
    """Return each block in a panel of its own, side by side."""
    layouts = [place_boxes(_graph(block)) for block in blocks]
    sizes = [_dense_size(b) if b.dense else _size(layout) for b, layout in zip(blocks, layouts, strict=True)]
    width = sum(w + 2 * BESIDE + BETWEEN for w, _ in sizes)
    scale = min(1.0, 11 / width)
    figure = new_figure(max(width * scale, 3.2), (max(h for _, h in sizes) + 0.2) * scale + 0.5)
    ratios = [w + 2 * BESIDE for w, _ in sizes]
    panels = figure.subplots(1, len(blocks), squeeze=False, width_ratios=ratios)[0]
    for axes, block, layout, (wide, high) in zip(panels, blocks, layouts, sizes, strict=True):
        if block.dense:
            _draw_dense(axes, block, scale)
        else:
            _draw_boxes(axes, block, layout, scale)
        axes.set(xlim=(-BESIDE, wide + BESIDE), ylim=(high + 0.1, -0.1), aspect="equal", anchor="N")
        axes.set_axis_off()
        axes.set_title(f"{block.name}\n{block.rule}", fontsize=10 * max(scale, 0.8), color=INK)
    return figure


def _graph(block: "Block") -> dict[str, tuple[str, ...]]:
    """Return what each box reads; what comes out has a box of its own where it has a name, as what enters has."""
    sheet = block.sheet
    graph = {row.name: tuple(row.inputs) for row in sheet.rows}
    return {**graph, block.result: tuple(sheet.outputs)} if block.result else graph


def _lanes(layout: Layout) -> dict[int, tuple[float, float]]:
    """Return (middle, width) of each lane: wide where boxes lie in it, narrow for lines alone."""
    with_boxes = set(layout.lanes.values())
    places, left = {}, 0.0
    for lane in range(1 + max([*with_boxes, *layout.passes.values()])):
        wide = WIDTH + GAP if lane in with_boxes else LINE_LANE
        places[lane] = (left + wide / 2, wide)
        left += wide
    return places


def _size(layout: Layout) -> tuple[float, float]:
    lanes = _lanes(layout)
    return sum(wide for _, wide in lanes.values()), PITCH * (1 + max(layout.levels.values()))


def _draw_boxes(axes: Axes, block: "Block", layout: Layout, scale: float) -> None:
    lanes, sheet = _lanes(layout), block.sheet
    graph = _graph(block)
    middles = {
        name: (lanes[layout.lanes[name]][0], PITCH * layout.levels[name] + PITCH / 2) for name in graph
    }
    sums = {row.name for row in sheet.rows if row.kind == "Add"}
    for name, sources in graph.items():
        for source in sources:
            _draw_arrow(axes, layout, lanes, middles, source, name, name in sums)
    if block.result:
        shape = shape_text(sheet.row(sheet.outputs[0]).output_shape)
        _box(axes, *middles[block.result], WIDTH, block.result, shape, False, scale)
    begins = _beginning([row.name for row in sheet.rows])
    for row in sheet.rows:
        x, y = middles[row.name]
        if row.name in sums:
            axes.add_patch(Circle((x, y), 0.2, facecolor="white", edgecolor=ORANGE, linewidth=1.8, zorder=3))
            axes.text(
                x,
                y,
                "+",
                ha="center",
                va="center",
                fontsize=15 * scale,
                color=ORANGE,
                weight="bold",
                zorder=4,
            )
        else:
            _box(axes, x, y, WIDTH, row.name.removeprefix(begins), _detail(row), bool(row.weights), scale)


def _box(
    axes: Axes, x: float, y: float, width: float, name: str, detail: str, is_weighted: bool, scale: float
) -> None:
    corner = (x - width / 2, y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.08"
    tone = WEIGHTED if is_weighted else OTHER
    axes.add_patch(
        FancyBboxPatch(
            corner,
            width,
            HEIGHT,
            boxstyle=style,
            facecolor=tone,
            edgecolor=BLUE if is_weighted else "#888888",
            zorder=3,
        )
    )
    axes.text(
        x, y - 0.12, name, ha="center", va="center", fontsize=9 * scale, weight="bold", color=INK, zorder=4
    )
    axes.text(x, y + 0.14, detail, ha="center", va="center", fontsize=8 * scale, color="#444444", zorder=4)


def _detail(row: Row) -> str:
    """Return the filters of a convolution, or else what comes out."""
    words = [word for word in row.settings.split(", ") if word not in ("same", "valid", "no bias", "relu")]
    return ", ".join(words) if row.weights else shape_text(row.output_shape)


def _beginning(names: Sequence[str]) -> str:
    """Return what all names but the first, the input's, begin with: `inception_3a_`."""
    first, last = min(names[1:]), max(names[1:])
    common = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[: first[:common].rfind("_") + 1]


def _draw_arrow(
    axes: Axes,
    layout: Layout,
    lanes: Mapping[int, tuple[float, float]],
    middles: Mapping[str, tuple[float, float]],
    source: str,
    target: str,
    is_sum: bool,
) -> None:
    """Draw the line from one box to another: straight, or past the levels between them in its lane."""
    (x1, y1), (x2, y2) = middles[source], middles[target]
    end = 0.2 if is_sum else HEIGHT / 2
    if layout.levels[target] == layout.levels[source] + 1:
        points = [(x1, y1), (x2, y2 - end)]
        if x1 != x2:
            turn = y1 + PITCH / 2
            points = [(x1, y1), (x1, turn), (x2, turn), (x2, y2 - end)]
    else:
        passing, turn, last = lanes[layout.passes[source]][0], y1 + PITCH / 2, y2 - PITCH / 2
        points = [(x1, y1), (x1, turn), (passing, turn), (passing, last), (x2, last), (x2, y2 - end)]
        if is_sum:
            points = [
                (x1, y1),
                (x1, turn),
                (passing, turn),
                (passing, y2),
                (x2 + np.sign(passing - x2) * end, y2),
            ]
    xs, ys = zip(*points, strict=True)
    axes.plot(xs[:-1], ys[:-1], color=INK, linewidth=1.2, zorder=2, solid_joinstyle="round")
    axes.annotate("", points[-1], points[-2], arrowprops=ARROW, zorder=2)


BOX, ROOM, RISE = 0.95, 0.35, 0.5
"""Width of a map of a dense block, what is left between two, and how far an arc rises for each box that it spans."""


def _dense_size(block: "Block") -> tuple[float, float]:
    dense = block.dense
    assert dense is not None
    count = len(dense.layers)
    return (count + 1) * BOX + count * ROOM, RISE * count + HEIGHT + 0.35


def _draw_dense(axes: Axes, block: "Block", scale: float) -> None:
    """Draw the maps side by side, and an arc for each direct connection, in the colour of the map that it leaves."""
    dense, sheet = block.dense, block.sheet
    assert dense is not None
    names = (dense.source, *dense.layers)
    top = RISE * len(dense.layers)
    left = {name: i * (BOX + ROOM) for i, name in enumerate(names)}
    growth = sheet.row(dense.layers[0]).output_shape[-1]
    tones = [
        INK,
        BLUE,
        ORANGE,
        "#009e73",
        "#cc79a7",
        "#e69f00",
        "#56b4e9",
        "#888888",
        "#7a3b00",
        "#3b3b8f",
        "#005f46",
    ]
    for start, end in dense.links:
        i, j = names.index(start), names.index(end)
        x1 = left[start] + BOX * (0.95 - 0.4 * (j - i - 1) / len(dense.layers))
        x2 = left[end] + BOX * (0.05 + 0.4 * (j - i - 1) / max(j, 1))
        angles = np.linspace(0, np.pi, 60)
        xs = (x1 + x2) / 2 - (x2 - x1) / 2 * np.cos(angles)
        ys = top - (RISE * (j - i) - 0.12) * np.sin(angles)
        axes.plot(xs[:-3], ys[:-3], color=tones[i % len(tones)], linewidth=1.4, zorder=2)
        head = {**ARROW, "color": tones[i % len(tones)]}
        axes.annotate("", (xs[-1], ys[-1]), (xs[-4], ys[-4]), arrowprops=head, zorder=2)
    for i, name in enumerate(names):
        enters = sheet.row(dense.source).output_shape[-1]
        detail = f"{enters} maps" if i == 0 else f"+{growth} maps"
        shown = "input" if i == 0 else name.removesuffix("_conv")
        _box(axes, left[name] + BOX / 2, top + HEIGHT / 2, BOX, shown, detail, i > 0, scale)
        words = "" if i == 0 else f"reads {enters + (i - 1) * growth}"
        axes.text(
            left[name] + BOX / 2,
            top + HEIGHT + 0.2,
            words,
            ha="center",
            va="center",
            fontsize=8 * scale,
            color=INK,
        )
