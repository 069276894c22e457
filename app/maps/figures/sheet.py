"""A whole figure: images and their maps in rows, one colour bar, the notes below."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from app.maps.figures.own_axes import draw_within
from app.maps.figures.panels import Line, MapStyle
from app.maps.figures.pictures import (
    BARS,
    Picture,
    picture_of_classes,
    picture_of_image,
    picture_of_map,
    words_beside,
)
from app.maps.layout import (
    BESIDE,
    SMALLEST,
    WIDE,
    Layout,
    Place,
    abreast,
    in_rows,
    lay_out,
    lay_out_slide,
    lengths,
    side_in,
)
from app.show.canvas import INK, new_figure, own_place, slide_size
from app.show.paper import PAPER

SMALL_SLIDE = 8.0
"""Inches that a slide of maps is laid out on."""


def draw_maps(
    lines: Sequence[Line], title: str, notes: Sequence[str], style: MapStyle | None = None
) -> Figure:
    """Return a figure of all images and their maps, with the notes below.

    Each image has a row of its own, with the probabilities beside it; many maps of one image are folded, and images
    with one map stand side by side.
    """
    style = style or MapStyle()
    place = own_place()
    if place is not None:
        return draw_within(place, lines, title, style)
    strips = [_strip_of(line, style) for line in lines]
    if len(strips) == 1:
        rows = _folded(strips[0], shape_of(lines[0]), title, notes)
    else:
        many = abreast(len(strips), max(sum(each.units for each in strip) for strip in strips))
        if many == 1 and len(strips) > 2:
            return draw_rows(_table_of(lines, style), shape_of(lines[0]), title, notes)
        rows = _grouped(strips, many)
        if PAPER.get().is_slide:
            ways = (_grouped(strips, count) for count in lengths(len(strips)))
            rows = max(ways, key=lambda rows: _goodness(rows, shape_of(lines[0]), title, notes))
    return draw_rows(rows, shape_of(lines[0]), title, notes)


def _grouped(strips: Sequence[Sequence[Picture]], many: int) -> list[list[Picture]]:
    """Return images and their maps as rows of so many images."""
    groups = [strips[i : i + many] for i in range(0, len(strips), many)]
    return [[each for strip in group for each in strip] for group in groups]


def _goodness(
    rows: Sequence[Sequence[Picture]], shape: tuple[int, int], title: str, notes: Sequence[str]
) -> tuple[bool, float]:
    """Return what makes rows better on a slide: captions, then large pictures."""
    sheet = _sheet_of(rows, shape, title, notes)
    return any(place.caption for row in sheet.places for place in row), sheet.side


def _table_of(lines: Sequence[Line], style: MapStyle) -> list[list[Picture]]:
    """Return a row for each of many images, its words beside it; what the maps are called stands above the first."""
    rows = []
    for number, line in enumerate(lines):
        found = "; ".join(f"{panel.title}: {panel.map.verdict.short()}" for panel in line.panels)
        image, *others = (replace(each, caption="") for each in _strip_of(line, style, bars=1.2))
        if number:
            others = [replace(each, title="") for each in others]
        has_words = PAPER.get().has_verdict and not PAPER.get().is_slide
        beside = [words_beside(found, 2.4)] if has_words else []
        said = f"{line.title}\n{line.caption}" if has_words else line.title
        rows.append([words_beside(said, 1.7), replace(image, title=""), *others, *beside])
    return rows


def _folded(
    strip: Sequence[Picture], shape: tuple[int, int], title: str, notes: Sequence[str]
) -> list[list[Picture]]:
    """Return one image and its maps in as few rows as leave them large enough; on a slide, as large as they become."""

    def in_lines(length: int) -> list[list[Picture]]:
        if length == len(strip):
            return [list(strip)]
        even = [
            replace(each, units=max(1.0, each.units)) for each in strip
        ]  # so that the rows stand in columns
        return in_rows(even, length)

    if PAPER.get().is_slide:
        return max(map(in_lines, lengths(len(strip))), key=lambda rows: _goodness(rows, shape, title, notes))
    room = (PAPER.get().width or WIDE) - BESIDE
    for length in lengths(len(strip)):
        rows = in_lines(length)
        if side_in([[each.cell for each in row] for row in rows], room) >= SMALLEST:
            break
    return rows


def _sheet_of(
    rows: Sequence[Sequence[Picture]],
    shape: tuple[int, int],
    title: str,
    notes: Sequence[str],
    barred: int = 0,
) -> Layout:
    """Return where everything stands on the paper."""
    paper = PAPER.get()
    cells = [[each.cell for each in row] for row in rows]
    title = title if paper.title is None else paper.title
    notes = notes if paper.has_verdict else ()
    if paper.is_slide:
        return lay_out_slide(cells, shape, title, notes, slide_size(SMALL_SLIDE), barred)
    return lay_out(cells, shape, title, notes, paper.width, barred)


def shape_of(line: Line) -> tuple[int, int]:
    """Return height and width that the picture of an image has; a series is wider than tall."""
    return (2, 3) if line.is_series else (line.image.shape[0], line.image.shape[1])


def _strip_of(line: Line, style: MapStyle, bars: float = BARS) -> list[Picture]:
    """Return what is drawn of one image; `bars` is the width of its probabilities, in sides of the image."""
    found = [picture_of_image(line)]
    found += [picture_of_classes(line.classes, units=bars)] if line.classes else []
    for panel in line.panels:
        found.append(picture_of_map(line, panel, style))
        if style.is_beside and not line.is_series:
            found.append(picture_of_map(line, panel, style.alone, title=f"{panel.title}, alone", caption=""))
    return found


def draw_rows(
    rows: Sequence[Sequence[Picture]],
    shape: tuple[int, int],
    title: str,
    notes: Sequence[str],
    barred: int = 0,
) -> Figure:
    """Return a figure of rows of pictures, which share one colour bar, with the notes below.

    Args:
        rows: what stands where.
        shape: height and width of an image.
        title: of the figure.
        notes: what stands below; nothing where the paper wants no verdicts.
        barred: the row that the colour bar stands beside.
    """
    sheet = _sheet_of(rows, shape, title, notes, barred)
    figure = new_figure(sheet.width, sheet.height)
    figure.set_layout_engine("none")  # everything has its place
    scale: ScalarMappable | None = None
    for row, places in zip(rows, sheet.places, strict=True):
        for each, place in zip(row, places, strict=True):
            axes = add_at(figure, place)
            drawn = each.draw(axes)
            scale = scale or drawn
            axes.set_title(place.title, fontsize=9, color=INK, pad=4)
            axes.set_xlabel(place.caption, fontsize=7.5, color=each.colour, labelpad=4)
    if scale is not None:
        _shared_bar(add_at(figure, sheet.bar), scale)
    if sheet.title:
        figure.suptitle(sheet.title, fontsize=12, color=INK, y=1 - 0.1 / sheet.height, va="top")
    if sheet.notes:
        left, low = sheet.notes_at[0] / sheet.width, sheet.notes_at[1] / sheet.height
        figure.text(left, low, sheet.notes, fontsize=sheet.points, color=INK, va="bottom")
    return figure


def add_at(figure: Figure, place: Place) -> Axes:
    """Return new axes at a place in inches."""
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (place.left / width, place.bottom / height, place.width / width, place.height / height)
    )


def _shared_bar(axes: Axes, scale: ScalarMappable) -> None:
    """Draw the colours of all maps, each from 0 to its own largest value."""
    figure = axes.get_figure()
    assert figure is not None
    low = scale.norm.vmin
    shown = ScalarMappable(Normalize(-1.0 if low else 0.0, 1.0), scale.cmap)
    bar = figure.colorbar(shown, cax=axes)
    if low:
        bar.set_ticks([-1, 0, 1], labels=["against", "0", "for"])
    else:
        bar.set_ticks([0, 1], labels=["0", "largest"])
    bar.ax.tick_params(labelsize=7, length=2, pad=2, colors=INK)
    bar.outline.set_linewidth(0.5)
