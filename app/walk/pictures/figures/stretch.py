"""Maps with zeros between and around their cells, and the kernel at its first place."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.show.canvas import INK, ORANGE, new_figure

if TYPE_CHECKING:
    from app.walk.pictures.stretch import Stretched

CELL, ZERO, OUT = "#9cc8e8", "#ffffff", "#f2f2f2"
MOST_WRITTEN = 14
"""Cells along an axis up to which the zeros are written."""


def draw_stretched(maps: "Sequence[Stretched]") -> Figure:
    """Return a row of pairs: the map with its zeros, and below it the map that comes out."""
    tallest = max(each.side for each in maps)
    high = max(each.side + each.output for each in maps) + 2.6
    wide = sum(max(each.side, each.output) for each in maps) + 1.5 * (len(maps) - 1)
    scale = min(0.42, 11 / wide)
    figure = new_figure(max(4.6, wide * scale + 0.4), high * scale + 0.9)
    axes = figure.subplots()
    left = 0.0
    for each in maps:
        middle = left + each.side / 2
        _draw_input(axes, each, left, tallest - each.side)
        _draw_output(axes, each, middle - each.output / 2, tallest + 1.9)
        axes.annotate(
            "",
            (middle, tallest + 1.7),
            (middle, tallest + 0.2),
            arrowprops={"arrowstyle": "->", "color": INK},
        )
        axes.text(
            middle, tallest - each.side - 0.3, _caption(each), ha="center", va="bottom", fontsize=9, color=INK
        )
        left += max(each.side, each.output) + 1.5
    axes.set(xlim=(-0.3, left - 1.2), ylim=(high + 0.1, -1.6), aspect="equal")
    axes.set_axis_off()
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=CELL, edgecolor="#777777"),
        Rectangle((0, 0), 1, 1, facecolor=ZERO, edgecolor="#777777"),
        Rectangle((0, 0), 1, 1, fill=False, edgecolor=ORANGE, linewidth=2),
    ]
    words = ["cells of the map", "zeros set in", "kernel, and what it makes"]
    figure.legend(handles, words, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return figure


def _caption(each: "Stretched") -> str:
    zeros = [f"{each.border} around"] if each.border else []
    zeros += [f"{each.between} between"] if each.between else []
    return f"{each.title}\n{'zeros: ' + ', '.join(zeros) if zeros else 'no zeros'}"


def _draw_input(axes: Axes, each: "Stretched", left: float, top: float) -> None:
    real = set(each.places().tolist())
    for row in range(each.side):
        for column in range(each.side):
            is_cell = row in real and column in real
            _cell(axes, left + column, top + row, CELL if is_cell else ZERO)
            if not is_cell and each.side <= MOST_WRITTEN:
                axes.text(
                    left + column + 0.5,
                    top + row + 0.5,
                    "0",
                    ha="center",
                    va="center",
                    fontsize=7,
                    color="#888888",
                )
    axes.add_patch(
        Rectangle(
            (left, top), each.kernel, each.kernel, facecolor=ORANGE, alpha=0.14, edgecolor="none", zorder=4
        )
    )
    axes.add_patch(
        Rectangle(
            (left, top), each.kernel, each.kernel, fill=False, edgecolor=ORANGE, linewidth=2.4, zorder=5
        )
    )


def _draw_output(axes: Axes, each: "Stretched", left: float, top: float) -> None:
    for row in range(each.output):
        for column in range(each.output):
            _cell(axes, left + column, top + row, OUT)
    axes.add_patch(
        Rectangle((left, top), 1, 1, facecolor=ORANGE, alpha=0.6, edgecolor=ORANGE, linewidth=2, zorder=5)
    )


def _cell(axes: Axes, x: float, y: float, tone: str) -> None:
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=tone, edgecolor="#777777", linewidth=0.7, zorder=2))
