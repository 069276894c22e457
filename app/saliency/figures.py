"""One image of each class beside its maps, small enough for all classes to stand on one page."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from app.maps.figures import Line, MapStyle, draw_image, draw_maps, draw_panel, fold_text
from app.show.canvas import INK, ORANGE, new_figure, own_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1.5, 1.9
"""Inches of a small picture, its words included."""
TITLE_LETTERS, LETTERS = 20, 26
"""Letters that fit into a line above it and below it."""
LETTERS_AN_INCH = 10
"""Of the figure's title."""
PARTING = 0.15
"""Width of the gap between two images that stand side by side, in pictures."""


def draw_each_class(
    lines: Sequence[Line], wrong: Sequence[bool], title: str, notes: Sequence[str], style: MapStyle
) -> Figure:
    """Return a figure with the image of each class and its maps, several classes abreast, read row by row.

    Args:
        lines: an image a class.
        wrong: which of them the network takes for another class.
        title: of the figure.
        notes: what stands below.
        style: how maps are drawn.
    """
    if own_place() is not None:
        return draw_maps(lines, title, notes, style)
    panels = 1 + max(len(line.panels) for line in lines)
    abreast = classes_abreast(len(lines), panels)
    rows = math.ceil(len(lines) / abreast)
    folded = [fold_text(note, round(LETTERS * panels * abreast * 0.8)) for note in notes]
    below = 0.16 * sum(1 + note.count("\n") for note in folded)
    widths = ([1.0] * panels + [PARTING]) * abreast
    width = WIDTH * sum(widths)
    figure = new_figure(width, HEIGHT * rows + 0.5 + below, fold_text(title, round(LETTERS_AN_INCH * width)))
    grid = figure.subplots(rows, len(widths), squeeze=False, width_ratios=widths)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (line, is_wrong) in enumerate(zip(lines, wrong, strict=True)):
        row, place = divmod(number, abreast)
        first = place * (panels + 1)
        _draw_line([*grid[row, first : first + panels]], line, is_wrong, style)
    if folded:
        figure.supxlabel("\n".join(folded), fontsize=8, color=INK, x=0.01, ha="left")
    return figure


def classes_abreast(classes: int, panels: int) -> int:
    """Return how many classes stand side by side: as few as make the figure no higher than wide.

    >>> classes_abreast(10, 4), classes_abreast(26, 4), classes_abreast(2, 4)
    (2, 3, 1)
    """
    abreast = 1
    while WIDTH * panels * abreast < HEIGHT * math.ceil(classes / abreast):
        abreast += 1
    return abreast


def _draw_line(places: "Sequence[Axes]", line: Line, is_wrong: bool, style: MapStyle) -> None:
    """Draw an image and its maps; where the network is wrong about it, its words are orange."""
    for axes, panel in zip(places, (None, *line.panels), strict=False):
        axes.set_axis_on()
        if panel is None:
            draw_image(axes, line)
        else:
            draw_panel(axes, panel, line, style, bar_letters=None)
        title = fold_text(line.title, TITLE_LETTERS) if panel is None else panel.title
        axes.set_title(title, fontsize=9, color=INK, pad=3)
        colour = ORANGE if is_wrong and panel is None else INK
        text = line.caption if panel is None else panel.caption
        axes.set_xlabel(fold_text(text, LETTERS), fontsize=7.5, color=colour, labelpad=3)
