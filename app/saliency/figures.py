"""A photograph with what the network says of it and its maps; one image of each class, or one image for each class."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.maps.figures.panels import Line, MapStyle, quiet
from app.maps.figures.pictures import (
    Picture,
    picture_of_classes,
    picture_of_image,
    picture_of_map,
    words_beside,
)
from app.maps.figures.sheet import draw_maps, draw_rows, shape_of
from app.saliency.photographs import Photograph
from app.show.canvas import INK, ORANGE, own_place, strip
from app.show.paper import PAPER

WIDTH, HEIGHT = 1.5, 1.9
"""Inches of a small picture, its words included."""
PARTING = 0.15
"""Width of the gap between two images that stand side by side, in pictures."""
ABREAST = 4
"""Pictures in a row of a photograph's figure."""
MOST_ROWS, MOST_ROWS_OF_SLIDE = 12, 5
"""Classes below each other on a page and on a slide; more stand side by side."""
LABEL, NOTES, NAME = 1.3, 2.9, 0.9
"""Widths of the words beside a row, in pictures: of class and probability, of notes, of a name."""


def draw_each_class(
    lines: Sequence[Line], wrong: Sequence[bool], title: str, notes: Sequence[str], style: MapStyle
) -> Figure:
    """Return a figure with the image of each class and its maps, several classes abreast, read row by row.

    Args:
        lines: an image a class.
        wrong: which of them the network takes for another class; what is said of them is orange.
        title: of the figure.
        notes: what stands below.
        style: how maps are drawn.
    """
    if own_place() is not None:
        return draw_maps(lines, title, notes, style)
    abreast = classes_abreast(len(lines), 1 + max(len(line.panels) for line in lines))
    if PAPER.get().is_slide:
        return draw_rows(
            _side_by_side(_named_strips(lines, abreast, style), abreast), shape_of(lines[0]), title, notes
        )
    strips = [
        [
            picture_of_image(line, colour=ORANGE if is_wrong else INK),
            *(picture_of_map(line, panel, style) for panel in line.panels),
        ]
        for line, is_wrong in zip(lines, wrong, strict=True)
    ]
    return draw_rows(_side_by_side(strips, abreast), shape_of(lines[0]), title, notes)


def _named_strips(lines: Sequence[Line], abreast: int, style: MapStyle) -> list[list[Picture]]:
    """Return a strip for each image, what it is at its left; what its maps are called stands above the first strips."""
    strips = []
    for place, line in enumerate(lines):
        words = {"caption": "", **({} if place < abreast else {"title": ""})}
        image = picture_of_image(line, title="", caption="")
        maps = (picture_of_map(line, panel, style, **words) for panel in line.panels)
        strips.append([words_beside(line.title, NAME), image, *maps])
    return strips


def _side_by_side(strips: Sequence[Sequence[Picture]], abreast: int) -> list[list[Picture]]:
    """Return rows of so many strips, with a gap between two."""
    rows = []
    for first in range(0, len(strips), abreast):
        row = list(strips[first])
        for each in strips[first + 1 : first + abreast]:
            row += [words_beside("", PARTING), *each]
        rows.append(row)
    return rows


def classes_abreast(classes: int, panels: int) -> int:
    """Return how many classes stand side by side: as few as make the figure no higher than wide.

    >>> classes_abreast(10, 4), classes_abreast(26, 4), classes_abreast(2, 4)
    (2, 3, 1)
    """
    abreast = 1
    while WIDTH * panels * abreast < HEIGHT * math.ceil(classes / abreast):
        abreast += 1
    return abreast


def draw_all_classes(
    lines: Sequence[Line],
    beside: Sequence[tuple[str, str]],
    title: str,
    notes: Sequence[str],
    style: MapStyle,
) -> Figure:
    """Return a figure with a row of maps for each class; an image that all rows share stands above them, once.

    Args:
        lines: an image and its maps, a class each.
        beside: what stands at the left of a row, and at its right.
        title: of the figure.
        notes: what stands below.
        style: how maps are drawn.
    """
    if own_place() is not None:
        return draw_maps(lines, title, notes, style)
    is_shared = all(line.image is lines[0].image or (line.image == lines[0].image).all() for line in lines)
    is_slide = PAPER.get().is_slide
    abreast = math.ceil(len(lines) / (MOST_ROWS_OF_SLIDE if is_slide else MOST_ROWS))
    has_notes = not is_slide and any(right for _, right in beside)
    strips = []
    for place, (line, (left, right)) in enumerate(zip(lines, beside, strict=True)):
        head = {} if place < abreast else {"title": ""}
        strip_ = [words_beside(left, LABEL)]
        strip_ += [] if is_shared else [picture_of_image(line, title="" if head else "image", caption="")]
        strip_ += [picture_of_map(line, panel, style, **head) for panel in line.panels]
        strip_ += [words_beside(right, NOTES)] if has_notes else []
        strips.append(strip_)
    rows = _side_by_side(strips, abreast)
    if is_shared and not is_slide:  # there the maps, which lie over it, show the image
        shared = [words_beside("", LABEL), picture_of_image(lines[0], units=1.4, tall=1.4)]
        if lines[0].classes:
            shared += [words_beside("", 0.3), picture_of_classes(lines[0].classes, units=1.8, tall=1.4)]
        rows.insert(0, shared)
    return draw_rows(rows, shape_of(lines[0]), title, notes, barred=len(rows) > len(strips) / abreast)


def draw_photograph(
    line: Line, photograph: Photograph, title: str, notes: Sequence[str], style: MapStyle
) -> Figure:
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
    columns, _ = lay_out_photograph(len(line.panels))
    first = [_before(photograph)] if photograph.before is not None else []
    is_seen = "what the network sees" if first else photograph.title
    first.append(picture_of_image(line, title=is_seen, caption=photograph.entered))
    maps = [picture_of_map(line, panel, style) for panel in line.panels]
    if len(maps) == 1:
        first += [_said(photograph, ABREAST - 1 - len(first)), maps.pop()]
    else:
        first.append(_said(photograph, columns - len(first)))
    rows = [first, *(maps[i : i + columns] for i in range(0, len(maps), columns))]
    return draw_rows(rows, shape_of(line), title, notes, barred=min(1, len(rows) - 1))


def lay_out_photograph(maps: int) -> tuple[int, int]:
    """Return columns and rows: one row for a single map, else a row for the photograph and the fewest for the maps.

    >>> [lay_out_photograph(maps) for maps in (1, 2, 3, 4, 6, 16)]
    [(4, 1), (3, 2), (3, 2), (4, 2), (3, 3), (4, 5)]
    """
    if maps == 1:
        return ABREAST, 1
    columns = 3 if maps in (2, 3, 5, 6, 9) else ABREAST
    return columns, 1 + math.ceil(maps / columns)


def _before(photograph: Photograph) -> Picture:
    """Return the place of the photograph itself."""

    def draw(axes: Axes) -> None:
        assert photograph.before is not None
        axes.imshow(photograph.before)
        strip(axes)
        quiet(axes)

    return Picture(draw, photograph.title, "the photograph")


def _said(photograph: Photograph, units: float) -> Picture:
    """Return the place of the likeliest classes, the explained one in orange."""
    return picture_of_classes(
        photograph.classes, "what the network says", caption=_which(photograph), units=units
    )


def _which(photograph: Photograph) -> str:
    """Return which classes are shown: `probability of the 5 likeliest of 1,000 classes; orange: …`."""
    shown, explained = len(photograph.classes), "; orange: the class explained"
    if photograph.classes[-1].place > shown:
        shown, explained = shown - 1, ", and in orange: the class explained"
    which = f"all {shown}" if shown == photograph.of else f"the {shown} likeliest of {photograph.of:,}"
    return f"{photograph.unit} of {which} classes{explained}"
