"""Receptive fields as coloured grids, as a tree along one axis, and as dots of dilated kernels."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.counting.rows import shape_text
from app.show.canvas import BLUE, INK, ORANGE, new_figure

if TYPE_CHECKING:
    from app.walk.pictures.chains import SeenMap
    from app.walk.pictures.fields import DotsDrawn, FieldsDrawn

WHITE, FIELD, BORDER, BORDER_READ = "#ffffff", "#f7c59a", "#e4e4e4", "#e2b68f"
MOST_LINES = 72
"""Cells along an axis up to which each has an outline."""
FINE = 24
"""Cells along an axis up to which outlines are dark."""


def draw_grids(drawn: "FieldsDrawn") -> Figure:
    """Return the maps from the input to the last one, cells of one size, what is read coloured."""
    maps = drawn.maps
    widths = [each.sizes[1] + sum(each.border[1]) for each in maps]
    heights = [each.sizes[0] + sum(each.border[0]) for each in maps]
    tallest, gap = max(heights), max(1.6, 0.16 * max(widths))
    total = sum(widths) + gap * (len(maps) - 1)
    width = min(11.0, max(4.5, 0.55 * total))
    title = f"What the marked cell behind {len(maps) - 1} layers depends on"
    figure = new_figure(width, max(2.2, width * (tallest / total) + 1.4), _one_or_more(title))
    axes = figure.subplots()
    left = 0.0
    for number, (each, wide, high) in enumerate(zip(maps, widths, heights, strict=True)):
        top = (tallest - high) / 2
        _draw_grid(axes, each, left, top, is_last=number == len(maps) - 1)
        axes.text(
            left + wide / 2,
            tallest + 0.03 * tallest,
            _caption(each),
            ha="center",
            va="top",
            fontsize=9,
            color=INK,
        )
        left += wide
        if number < len(maps) - 1:
            ends = (left + 0.14 * gap, tallest / 2), (left + 0.86 * gap, tallest / 2)
            axes.annotate("", ends[1], ends[0], arrowprops={"arrowstyle": "->", "color": INK})
            left += gap
    axes.set(xlim=(-0.2, total + 0.2), ylim=(tallest * 1.03 + 0.1, -0.3), aspect="equal")
    axes.set_axis_off()
    _explain(
        figure,
        any(any(map(any, each.border)) for each in maps),
        any(each.cells != each.inside for each in maps),
    )
    return figure


def _caption(each: "SeenMap") -> str:
    return f"{each.name}\n{shape_text(each.sizes)}"


def _draw_grid(axes: Axes, each: "SeenMap", left: float, top: float, is_last: bool) -> None:
    """Draw one map: an image of its colours, and lines around the cells."""
    (above, below), (before, after) = each.border
    rows, columns = each.sizes[0] + above + below, each.sizes[1] + before + after
    read = np.zeros((rows, columns), bool)
    read[np.ix_([r + above for r in sorted(each.cells[0])], [c + before for c in sorted(each.cells[1])])] = (
        True
    )
    inside = np.zeros_like(read)
    inside[above : rows - below, before : columns - after] = True
    tones = {(True, True): ORANGE if is_last else FIELD, (True, False): WHITE, (False, True): BORDER_READ}
    picture = np.empty((rows, columns, 3))
    for is_inside in (True, False):
        for is_read in (True, False):
            tone = tones.get((is_inside, is_read), BORDER)
            picture[(inside == is_inside) & (read == is_read)] = _rgb(tone)
    axes.imshow(picture, extent=(left, left + columns, top + rows, top), interpolation="nearest", zorder=1)
    if max(rows, columns) <= MOST_LINES:
        dark, width = ("#777777", 0.8) if max(rows, columns) <= FINE else ("#bbbbbb", 0.4)
        lines = [[(left + c, top), (left + c, top + rows)] for c in range(columns + 1)]
        lines += [[(left, top + r), (left + columns, top + r)] for r in range(rows + 1)]
        axes.add_collection(LineCollection(lines, colors=dark, linewidths=width, zorder=2))
    corner = (left + before, top + above)
    axes.add_patch(
        Rectangle(corner, each.sizes[1], each.sizes[0], fill=False, edgecolor=INK, linewidth=1.4, zorder=3)
    )
    if rows <= 12 and columns <= 12:
        for row, column in np.argwhere(~inside):
            axes.text(
                left + column + 0.5,
                top + row + 0.5,
                "0",
                ha="center",
                va="center",
                fontsize=8,
                color="#666666",
                zorder=4,
            )


def _rgb(tone: str) -> tuple[float, ...]:
    return tuple(int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _one_or_more(title: str) -> str:
    return title.replace(" 1 layers", " 1 layer")


def _explain(figure: Figure, has_border: bool = False, has_border_read: bool = False) -> None:
    parts = [(ORANGE, "the marked cell"), (FIELD, "what it depends on")]
    parts += [(BORDER_READ, "zeros of the border that are read for it")] if has_border_read else []
    parts += (
        [(BORDER, "other zeros of the border" if has_border_read else "zeros of the border")]
        if has_border
        else []
    )
    handles = [Rectangle((0, 0), 1, 1, facecolor=tone, edgecolor="#777777") for tone, _ in parts]
    words = [text for _, text in parts]
    figure.legend(handles, words, loc="outside lower center", ncols=len(parts), frameon=False, fontsize=9)


def draw_tree(drawn: "FieldsDrawn") -> Figure:
    """Return the maps along one axis as rows of cells, the input below, joined to the cells that they read."""
    fields = drawn.chain.fields()
    places = [
        [axis.centre(i) for i in range(len(axis.cells))] for axis in (field.axes[0] for field in fields)
    ]
    pixels = drawn.chain.pixels[0]
    title = f"What the marked cell behind {len(places) - 1} layers depends on"
    figure = new_figure(min(11.0, max(4.5, 0.5 * pixels)), 0.95 * len(places) + 1.2, _one_or_more(title))
    axes = figure.subplots()
    for level, lines in enumerate(drawn.lines()):
        size = drawn.maps[level].sizes[0]
        for is_read in (False, True):
            pieces = [
                [
                    (_at(places[level], at, fields[level].axes[0].jump), level),
                    (places[level + 1][o], level + 1),
                ]
                for at, o, belongs in lines
                if belongs == is_read and 0 <= at < size
            ]
            style = (
                {"colors": ORANGE, "linewidths": 1.6} if is_read else {"colors": "#cfcfcf", "linewidths": 0.8}
            )
            axes.add_collection(LineCollection(pieces, zorder=1 + is_read, **style))
    for level, each in enumerate(drawn.maps):
        is_last = level == len(drawn.maps) - 1
        for i, x in enumerate(places[level]):
            is_read = i in each.inside[0]
            tone = (ORANGE if is_last else FIELD) if is_read else WHITE
            axes.plot(
                x, level, "o", markersize=11, color=tone, markeredgecolor=INK, markeredgewidth=0.9, zorder=4
            )
        words = f"{each.name}, {each.sizes[0]} cells"
        axes.text(-0.9, level, words, ha="right", va="center", fontsize=9, color=INK)
    axes.set(xlim=(-0.8, pixels - 0.2), ylim=(-0.45, len(places) - 0.55))
    axes.set_axis_off()
    _explain(figure)
    return figure


def _at(places: list[float], cell: int, jump: float) -> float:
    return places[cell] if 0 <= cell < len(places) else places[0] + cell * jump


def draw_dots(drawn: "DotsDrawn") -> Figure:
    """Return a panel for each layer: the input's pixels, its middle cell's field, dots on what the kernel touches."""
    rows, columns = drawn.chain.pixels
    count = len(drawn.layers)
    title = f"{count} layers, one behind the other: each reads the map of the one before" if count > 1 else ""
    figure = new_figure(max(3.1 * count, 4.4), 3.1 * rows / columns + 1.3, title)
    reads = ("the input", *(f"the map of layer {number}" for number in range(1, count)))
    panels = figure.subplots(1, count, squeeze=False)[0]
    for number, (axes, layer) in enumerate(zip(panels, drawn.layers, strict=True)):
        picture = np.full((rows, columns, 3), _rgb(WHITE))
        picture[np.ix_(sorted(layer.field[0]), sorted(layer.field[1]))] = _rgb("#cfe3f3")
        axes.imshow(picture, extent=(0, columns, rows, 0), interpolation="nearest")
        lines = [[(c, 0), (c, rows)] for c in range(columns + 1)] + [
            [(0, r), (columns, r)] for r in range(rows + 1)
        ]
        if max(rows, columns) <= MOST_LINES:
            axes.add_collection(LineCollection(lines, colors="#aaaaaa", linewidths=0.5))
        y, x = np.meshgrid(*(np.array(dots) + 0.5 for dots in layer.dots), indexing="ij")
        size = min(9.0, 150 / max(rows, columns))
        axes.plot(
            x.ravel(),
            y.ravel(),
            "o",
            color=ORANGE,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )
        seen = shape_text([len(cells) for cells in layer.field])
        title = f"layer {number + 1}: {layer.name} on {reads[number]}\nsees {seen} pixels"
        axes.set_title(title, fontsize=10, color=INK)
        axes.set(xticks=[], yticks=[], xlim=(0, columns), ylim=(rows, 0))
    tap = figure.axes[0].plot([], [], "o", color=ORANGE)[0]
    handles = [tap, Rectangle((0, 0), 1, 1, facecolor="#cfe3f3", edgecolor=BLUE)]
    words = ["cells that the kernel reads", "pixels of the input that the sum depends on"]
    figure.legend(handles, words, loc="outside lower center", ncols=min(count, 2), frameon=False, fontsize=9)
    return figure
