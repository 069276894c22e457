"""The picture of a confusion matrix."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.datasets.confusion import most_confused
from app.show.canvas import INK, new_figure

MOST_CELLS, MOST_NAMES = 30, 60
"""Classes up to which the numbers are written into the cells, and up to which all names stand at the sides."""
WIDE = 8.2
"""Inches: the width of a page."""
MOST_BESIDE, LETTERS_BESIDE = 14, 12
"""Classes, and letters of their names, up to which the words have room beside the matrix; else they stand below."""


def draw_confusion_matrix(matrix: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Return the confusion matrix; mistakes are shaded, right answers on the diagonal are not."""
    classes, longest = len(names), max(map(len, names))
    if classes <= MOST_BESIDE and longest <= LETTERS_BESIDE:
        side = min(5.2, 2.6 + 0.32 * classes)
        column = 2.2 if longest <= 3 else 3.0
        figure = new_figure(side + column, 0.86 * side + 0.5, title)
        axes, words = figure.subplots(1, 2, width_ratios=(side, column))
        _write_words(words, matrix, names, 1, 26 if longest <= 3 else 36)
    else:
        side = min(WIDE, 4.5 + 0.16 * classes)
        figure = new_figure(side, 0.92 * side + 1.6, title)
        axes, words = figure.subplots(2, 1, height_ratios=(0.92 * side, 1.1))
        _write_words(words, matrix, names, 2, round(12 * side))
    _draw_matrix(figure, axes, matrix, names)
    return figure


def _draw_matrix(figure: Figure, axes: Axes, matrix: np.ndarray, names: Sequence[str]) -> None:
    classes = len(names)
    mistakes = np.where(np.eye(classes, dtype=bool), np.nan, matrix)
    largest = max(1, int(np.nanmax(mistakes, initial=0)))
    colours = colormaps["Oranges"].with_extremes(bad="white")
    shades = axes.imshow(mistakes, cmap=colours, vmin=0, vmax=largest, aspect="auto")
    if classes <= MOST_CELLS:
        letters = 8 if classes <= 15 else 6
        for (i, j), value in np.ndenumerate(matrix):
            if value:
                colour = "white" if i != j and value > 0.6 * largest else INK
                weight = "bold" if i == j else "normal"
                text = f"{value:,}"
                axes.text(j, i, text, ha="center", va="center", fontsize=letters, color=colour, weight=weight)
    if classes <= MOST_NAMES:
        letters = 9 if classes <= 15 else 7 if classes <= MOST_CELLS else 5
        shown = [_short(name) for name in names]
        rotation = 90 if max(map(len, shown)) > 2 else 0
        axes.set_xticks(range(classes), shown, rotation=rotation, fontsize=letters)
        axes.set_yticks(range(classes), shown, fontsize=letters)
    axes.set(xlabel="taken for", ylabel="true class")
    bar = figure.colorbar(shades, ax=axes, shrink=0.6, pad=0.02, aspect=25)
    bar.set_label("mistakes, images", fontsize=8.5, color=INK)
    bar.ax.tick_params(labelsize=8)
    bar.locator = MaxNLocator(6, integer=True)
    bar.update_ticks()


def _write_words(axes: Axes, matrix: np.ndarray, names: Sequence[str], columns: int, letters: int) -> None:
    """Write how the diagonal is to be read, and below it the most frequent mistakes in one or two columns."""
    axes.axis("off")
    reading = "On the diagonal, without colour: images put into the right class."
    if len(names) <= MOST_CELLS:
        reading = "Bold on the diagonal, without colour: images put into the right class."
    folded = textwrap.fill(reading, letters)
    lines = [
        f"{_short(true)} taken for {_short(taken)}: {count}"
        for true, taken, count in most_confused(matrix, names, 8)
    ]
    rows = -(-len(lines) // columns)
    for column in range(columns):
        own = lines[column * rows : (column + 1) * rows]
        head = f"{folded}\n\n{'most frequent mistakes' if lines else 'no mistakes'}" if column == 0 else ""
        head = head or "\n" * (folded.count("\n") + 2)
        text = "\n".join([head, *own])
        axes.text(column / columns, 1.0, text, va="top", fontsize=8.5, color=INK, linespacing=1.4)


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"
