"""YOLO's grid and boxes: cells that answer, all boxes, and the boxes that are kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.show.canvas import BLUE, INK, ORANGE, new_figure, strip

if TYPE_CHECKING:
    from app.walk.pictures.boxes import Box, BoxesDrawn

TONES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def draw_boxes(drawn: "BoxesDrawn") -> Figure:
    """Return three panels on one picture that nobody sees: the grid, the guesses, what is left."""
    from app.walk.pictures.boxes import CELLS

    names = list(dict.fromkeys(box.name for box in (*drawn.objects, *drawn.guesses)))
    tones = {name: TONES[i % len(TONES)] for i, name in enumerate(names)}
    figure = new_figure(10.5, 3.9)
    first, second, third = figure.subplots(1, 3)
    for box in drawn.objects:
        row, column = box.cell()
        first.add_patch(
            Rectangle(
                (column / CELLS, row / CELLS), 1 / CELLS, 1 / CELLS, facecolor=tones[box.name], alpha=0.35
            )
        )
        _outline(first, box, tones[box.name], 1.6, box.name)
        down, across = box.centre
        first.plot(across, down, "o", color=tones[box.name], markersize=5)
    for i in range(CELLS + 1):
        first.plot([i / CELLS] * 2, [0, 1], color="#bbbbbb", linewidth=0.7, zorder=0)
        first.plot([0, 1], [i / CELLS] * 2, color="#bbbbbb", linewidth=0.7, zorder=0)
    _all(second, drawn.guesses, tones)
    _all(third, [each.box for each in drawn.decisions if each.because is None], tones)
    titles = (
        f"{CELLS}×{CELLS} cells: the cell with the centre answers",
        f"{len(drawn.guesses)} boxes with their scores",
        f"kept: score from {drawn.least:g}, IoU up to {drawn.threshold:g}",
    )
    for axes, title in zip((first, second, third), titles, strict=True):
        axes.set(xlim=(-0.01, 1.01), ylim=(1.01, -0.01), aspect="equal")
        axes.set_title(title, fontsize=9, color=INK)
        strip(axes)
    return figure


def _all(axes: Axes, boxes: "Sequence[Box]", tones: dict[str, str]) -> None:
    for box in boxes:
        _outline(axes, box, tones[box.name], 0.6 + 2.4 * box.score, f"{box.name} {box.score:.2f}")


def _outline(axes: Axes, box: "Box", tone: str, width: float, words: str) -> None:
    axes.add_patch(
        Rectangle(
            (box.left, box.top),
            box.right - box.left,
            box.bottom - box.top,
            fill=False,
            edgecolor=tone,
            linewidth=width,
        )
    )
    axes.text(
        box.left,
        box.top - 0.008,
        words,
        fontsize=7,
        color="white",
        va="bottom",
        bbox={"facecolor": tone, "edgecolor": "none", "pad": 1.2},
    )
