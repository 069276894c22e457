"""A photograph with what the network says of it and its maps; and one image of each class beside its maps."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from app.maps.figures import Line, MapStyle, draw_image, draw_maps, draw_panel, fold_text
from app.maps.verdict import percent
from app.saliency.photographs import Photograph, Said
from app.show.canvas import BLUE, INK, ORANGE, new_figure, own_place, strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

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


SIDE = 2.9
"""Inches of a photograph."""
LINE_INCHES = 0.16
"""Height of a line of words below a picture."""
ABREAST = 4
"""Pictures in a row."""


def draw_photograph(
    line: Line, photograph: Photograph, title: str, notes: Sequence[str], style: MapStyle
) -> "Figure | SubFigure":
    """Return a figure of a photograph, what the network sees of it, what it says, and the maps laid over it.

    Args:
        line: the photograph as the network gets it, and its maps.
        photograph: what became of it, and what the network says.
        title: of the figure.
        notes: what stands below.
        style: how maps are drawn.
    """
    if own_place() is not None:
        return draw_maps([line], title, notes, style)
    columns, rows = lay_out_photograph(len(line.panels))
    letters = round(LETTERS_AN_INCH * 1.1 * SIDE)
    captions = [photograph.entered, *(panel.caption for panel in line.panels)]
    lines = [len(fold_text(text, letters).splitlines()) for text in captions]
    heights = [SIDE + 0.35 + LINE_INCHES * max(lines if rows == 1 else lines[:1])]
    heights += [SIDE + 0.35 + LINE_INCHES * max(lines[1:])] * (rows - 1)
    folded = [fold_text(note, round(letters * columns * 0.95)) for note in notes]
    words = LINE_INCHES * sum(1 + note.count("\n") for note in folded)
    width = SIDE * 1.06 * columns
    title = fold_text(title, round(0.8 * LETTERS_AN_INCH * width))
    figure = new_figure(width, sum(heights) + 0.5 + words, title)
    grid = figure.add_gridspec(rows, columns, height_ratios=heights)
    cells = [
        figure.add_subplot(grid[divmod(i, columns)]) for i in range(2 if photograph.before is not None else 1)
    ]
    _draw_ways_in(cells, line, photograph, letters)
    ends = columns if rows > 1 else columns - 1
    _draw_classes(figure.add_subplot(grid[0, len(cells) : ends]), photograph, letters, ends - len(cells))
    first = columns if rows > 1 else ends
    for place, panel in enumerate(line.panels, first):
        axes = figure.add_subplot(grid[divmod(place, columns)])
        draw_panel(axes, panel, line, style)
        axes.set_title(panel.title, fontsize=10, color=INK)
        axes.set_xlabel(fold_text(panel.caption, letters), fontsize=8, color=INK)
    if folded:
        figure.supxlabel("\n".join(folded), fontsize=8.5, color=INK, x=0.01, ha="left")
    return figure


def lay_out_photograph(maps: int) -> tuple[int, int]:
    """Return columns and rows: one row for a single map, else a row for the photograph and the fewest for the maps.

    >>> [lay_out_photograph(maps) for maps in (1, 2, 3, 4, 6, 16)]
    [(4, 1), (3, 2), (3, 2), (4, 2), (3, 3), (4, 5)]
    """
    if maps == 1:
        return ABREAST, 1
    columns = 3 if maps in (2, 3, 5, 6, 9) else ABREAST
    return columns, 1 + math.ceil(maps / columns)


def _draw_ways_in(places: "Sequence[Axes]", line: Line, photograph: Photograph, letters: int) -> None:
    """Draw the photograph, and what the network gets of it."""
    *first, last = places
    for axes in first:
        assert photograph.before is not None
        axes.imshow(photograph.before)
        strip(axes)
        axes.set_title(fold_text(photograph.title, letters), fontsize=10, color=INK)
        axes.set_xlabel("the photograph", fontsize=8, color=INK)
    draw_image(last, line)
    last.set_title("what the network sees" if first else photograph.title, fontsize=10, color=INK)
    last.set_xlabel(fold_text(photograph.entered, letters), fontsize=8, color=INK)


def _draw_classes(axes: "Axes", photograph: Photograph, letters: int, wide: int) -> None:
    """Draw the likeliest classes as bars, each below its name, `wide` pictures wide; the explained one is orange."""
    for place, said in enumerate(photograph.classes):
        colour = ORANGE if said.is_explained else BLUE
        axes.barh(place, said.probability, height=0.34, color=colour)
        name = _named(said, place)
        axes.text(
            0, place - 0.24, name, va="bottom", fontsize=9.5, color=colour if said.is_explained else INK
        )
        axes.text(
            said.probability + 0.015, place, percent(said.probability), va="center", fontsize=9, color=INK
        )
    axes.set_ylim(len(photograph.classes) - 0.55, -0.85)
    axes.set_xlim(0, 1.2)
    axes.set_box_aspect(0.95 / wide)
    axes.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"], fontsize=7)
    axes.set_yticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("what the network says", fontsize=10, color=INK)
    axes.set_xlabel(fold_text(_which(photograph), letters * wide), fontsize=8, color=INK)


def _which(photograph: Photograph) -> str:
    """Return which classes are shown: `probability of the 5 likeliest of 1,000 classes; orange: …`."""
    shown, explained = len(photograph.classes), "; orange: the class explained"
    if photograph.classes[-1].place > shown:
        shown, explained = shown - 1, ", and in orange: the class explained"
    which = f"all {shown}" if shown == photograph.of else f"the {shown} likeliest of {photograph.of:,}"
    return f"{photograph.unit} of {which} classes{explained}"


def _named(said: Said, place: int) -> str:
    return said.name if said.place == place + 1 else f"{said.name} (place {said.place:,})"
