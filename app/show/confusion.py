"""The picture of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.datasets.confusion import most_confused
from app.show.canvas import INK, new_figure

MOST_CELLS, MOST_NAMES = 30, 60
"""Classes up to which the numbers are written into the cells, and up to which all names stand at the sides."""


def draw_confusion_matrix(matrix: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Return the confusion matrix; mistakes are shaded, the diagonal is only written."""
    classes, longest = len(names), min(24, max(map(len, names)))
    side = min(14.0, max(5.0, 0.42 * classes + 2))
    column = 2.3 + 0.16 * longest  # room for "NAME taken for NAME: 123"
    figure = new_figure(side + column, side + 0.5, title)
    axes, legend = figure.subplots(1, 2, width_ratios=(side, column))
    mistakes = matrix - np.diag(np.diag(matrix))
    largest = max(1, int(mistakes.max()))
    shades = axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=largest, aspect="auto")
    if classes <= MOST_CELLS:
        for (i, j), value in np.ndenumerate(matrix):
            if value:
                dark = i != j and value > 0.6 * largest
                weight = "bold" if i == j else "normal"
                colour = "white" if dark else INK
                axes.text(j, i, f"{value}", ha="center", va="center", fontsize=8, color=colour, weight=weight)
    if classes <= MOST_NAMES:
        letters = 10 if classes <= MOST_CELLS else 6
        rotation = 90 if longest > 2 else 0
        axes.set_xticks(range(classes), names, rotation=rotation, fontsize=letters)
        axes.set_yticks(range(classes), names, fontsize=letters)
    axes.set(xlabel="taken for", ylabel="true class")
    bar = figure.colorbar(shades, ax=axes, shrink=0.6, pad=0.03)
    bar.ax.set_xlabel("mistakes", fontsize=9, loc="left")
    bar.locator = MaxNLocator(integer=True)
    bar.update_ticks()
    legend.axis("off")
    lines = [
        f"{_short(true)} taken for {_short(taken)}: {n}" for true, taken, n in most_confused(matrix, names, 8)
    ]
    text = "most confused\n\n" + ("\n".join(lines) or "no mistakes")
    legend.text(0.05, 0.95, text, va="top", fontsize=10, color=INK, linespacing=1.5)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"
