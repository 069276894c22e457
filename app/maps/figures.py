"""Maps on paper: the image, its maps, and what they are worth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.maps.explain import Map
from app.maps.layout import (
    BESIDE,
    EDGE,
    LETTERS,
    SMALLEST,
    WIDE,
    Cell,
    Layout,
    Place,
    abreast,
    fold_text,
    in_rows,
    lay_out,
    lengths,
    side_in,
)
from app.maps.methods import METHODS
from app.maps.overlay import dimmed, is_photograph, lay_over, on_scale
from app.maps.placement import is_whole
from app.maps.probabilities import Said
from app.maps.verdict import percent, unseen_runs
from app.show.canvas import (
    BLUE,
    INK,
    ORANGE,
    check_axes,
    new_figure,
    own_place,
    show_picture,
    show_series,
    slide_size,
    strip,
)
from app.show.colours import colours_of
from app.show.paper import PAPER
from app.show.pictures import PALETTE_OVER, PALETTES

FOLD = 30
"""Letters in a line below a map in a figure of somebody else's."""
FIGURE_LETTER = 7
"""Dots that a letter of its title takes."""
SMALL_SLIDE = 8.0
"""Inches that a slide of maps is laid out on."""
WORDS_FROM = 1.1
"""Inches of a picture in which there is room for words."""
BARS = 0.85
"""Width of the probabilities beside an image, in sides of the image."""
SHORT = 3
"""Letters of a class's name that stand beside its bar; longer names stand above it."""


@dataclass(frozen=True)
class Panel:
    """One map as it is drawn."""

    title: str
    caption: str
    map: Map
    is_signed: bool = False
    """Whether the values have a sign: blue below 0, orange above."""


@dataclass(frozen=True)
class Line:
    """An image and its maps."""

    image: np.ndarray
    """(height, width, channels)."""
    title: str
    caption: str
    panels: tuple[Panel, ...]
    unseen: np.ndarray
    """(height, width), true where the network never looks; hatched."""
    classes: tuple[Said, ...] = ()
    """What the network gives the classes, drawn as bars beside the image; none of quantities."""

    @property
    def is_series(self) -> bool:
        """Whether the image is a series of one row, drawn as curves."""
        return self.image.shape[0] == 1

    @property
    def is_photograph(self) -> bool:
        """Whether the image is large enough for maps to be laid over it unasked."""
        return is_photograph(self.image)


@dataclass(frozen=True)
class MapStyle:
    """How maps are drawn."""

    palette: str | None = None
    """Colours of unsigned maps; None: those that suit what lies below."""
    overlay: float | None = None
    """How solid maps lie over the image, 0…1; None: the more solid the larger their value."""
    is_beside: bool = False
    """Whether each map is drawn a second time, alone, beside the image that it lies over."""

    @property
    def lies_over(self) -> bool:
        """Whether maps are the more solid the larger their value, and clear where they are near 0."""
        return self.overlay is None

    @property
    def alone(self) -> "MapStyle":
        """The same without the image below."""
        return MapStyle(self.palette, 1.0)


@dataclass(frozen=True)
class Picture:
    """One place of a figure: what is drawn there, and the words around it."""

    draw: Callable[[Axes], ScalarMappable | None]
    """Draws it; returns the colours of a map."""
    title: str = ""
    caption: str = ""
    units: float = 1.0
    tall: float = 1.0
    colour: str = INK
    """Of the caption."""

    @property
    def cell(self) -> Cell:
        """What the layout has to know."""
        return Cell(self.title, self.caption, self.units, self.tall)


def picture_of_image(line: Line, **words: Any) -> Picture:
    """Return the place of an image; `words` are other fields of it."""
    return Picture(
        lambda axes: draw_image(axes, line), **{"title": line.title, "caption": line.caption, **words}
    )


def picture_of_classes(classes: Sequence[Said], title: str = "what it says", **size: Any) -> Picture:
    """Return the place of the probabilities of classes."""
    return Picture(lambda axes: draw_classes(axes, classes), title, **{"units": BARS, **size})


def picture_of_map(line: Line, panel: Panel, style: MapStyle, **words: Any) -> Picture:
    """Return the place of a map; without a verdict where the paper wants none."""
    caption = panel.caption if PAPER.get().has_verdict else ""
    return Picture(
        lambda axes: draw_panel(axes, panel, line, style),
        **{"title": panel.title, "caption": caption, **words},
    )


def words_beside(text: str, units: float) -> Picture:
    """Return a place for words beside pictures, folded to its width."""

    def write(axes: Axes) -> None:
        axes.set_axis_off()
        wide = axes.get_window_extent().width / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
        folded = "\n".join(fold_text(part, wide * LETTERS) for part in text.split("\n"))
        axes.text(0, 0.5, folded, va="center", fontsize=7.5, color=INK, transform=axes.transAxes)

    return Picture(write, units=units)


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
        groups = [strips[i : i + many] for i in range(0, len(strips), many)]
        rows = [[each for strip in group for each in strip] for group in groups]
    return draw_rows(rows, shape_of(lines[0]), title, notes)


def _table_of(lines: Sequence[Line], style: MapStyle) -> list[list[Picture]]:
    """Return a row for each of many images, its words beside it; what the maps are called stands above the first."""
    rows = []
    for number, line in enumerate(lines):
        said = f"{line.title}\n{line.caption}" if PAPER.get().has_verdict else line.title
        found = "; ".join(f"{panel.title}: {panel.map.verdict.short()}" for panel in line.panels)
        image, *others = (replace(each, caption="") for each in _strip_of(line, style, bars=1.2))
        if number:
            others = [replace(each, title="") for each in others]
        beside = [words_beside(found, 2.4)] if PAPER.get().has_verdict else []
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
        return max(
            map(in_lines, lengths(len(strip))), key=lambda rows: _sheet_of(rows, shape, title, notes).side
        )
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
    return lay_out(
        [[each.cell for each in row] for row in rows],
        shape,
        title if paper.title is None else paper.title,
        notes if paper.has_verdict else (),
        slide_size(SMALL_SLIDE) if paper.is_slide else (paper.width, None),
        barred=barred,
    )


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
        left, low = EDGE / sheet.width, 0.08 / sheet.height
        figure.text(left, low, sheet.notes, fontsize=7.5, color=INK, va="bottom")
    return figure


def add_at(figure: Figure, place: Place) -> Axes:
    """Return new axes at a place in inches."""
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (place.left / width, place.bottom / height, place.width / width, place.height / height)
    )


def draw_classes(axes: Axes, classes: Sequence[Said], size: float = 7.5) -> None:
    """Draw classes as bars, the explained one orange; long names stand above their bars."""
    are_short = max(len(said.name) for said in classes) <= SHORT
    tall = axes.get_window_extent().height / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    size = min(size, 72 * tall / len(classes) * (0.85 if are_short else 0.5))
    for place, said in enumerate(classes):
        colour = ORANGE if said.is_explained else BLUE
        number = percent(said.probability).replace("over", ">").replace("under", "<")
        height = 0.62 if are_short else 0.3
        axes.barh(place, said.probability, height=height, color=colour)
        name = said.name if said.place <= len(classes) else f"{said.name} (place {said.place:,})"
        ink = colour if said.is_explained else INK
        if are_short:
            axes.text(-0.03, place, name, va="center", ha="right", fontsize=size, color=ink)
        else:
            axes.text(0, place - 0.2, name, va="bottom", fontsize=size, color=ink)
        if said.probability >= 0.0005 or said.is_explained:
            axes.text(said.probability + 0.03, place, number, va="center", fontsize=size * 0.9, color=INK)
    axes.set_ylim(len(classes) - 0.5, -0.5 if are_short else -0.8)
    axes.set_xlim(-0.12 if are_short else 0, 1.6)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.axvline(0, color="#999999", linewidth=0.6)


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


def draw_within(axes: Axes, lines: Sequence[Line], title: str, style: MapStyle) -> Figure:
    """Draw images and their maps in the place of somebody's own axes, whose figure is returned.

    A single map is drawn into the axes as it is; several, and their images, become small pictures side by side.
    """
    if len(lines) == 1 == len(lines[0].panels):
        return draw_into([axes], lines, style)
    cells: list[tuple[Line, Panel | None]] = []
    for each in lines:
        cells += [(each, None), *((each, panel) for panel in each.panels)]
    box = axes.get_window_extent()
    columns = min(len(cells), max(1, round(math.sqrt(len(cells) * box.width / max(box.height, 1)))))
    rows = math.ceil(len(cells) / columns)
    axes.set_axis_off()
    axes.set_title(fold_text(title, round(box.width / FIGURE_LETTER)), fontsize=9, color=INK)
    for number, (line, panel) in enumerate(cells):
        row, column = divmod(number, columns)
        place = axes.inset_axes((column / columns, 1 - (row + 0.95) / rows, 0.88 / columns, 0.75 / rows))
        place.set_title(
            METHODS[panel.map.method].label if panel else line.title, fontsize=6.5, color=INK, pad=2
        )
        if panel:
            draw_panel(place, panel, line, style)
        else:
            draw_image(place, line)
    root = axes.get_figure(root=True)
    assert root is not None
    return root


def draw_into(places: Sequence[Axes], lines: Sequence[Line], style: MapStyle) -> Figure:
    """Draw maps into axes of somebody's own figure, which is returned: one a map, or one an image and a map.

    Raises:
        ValueError: another number of axes.
    """
    panels: list[tuple[Line, Panel | None]] = [(line, panel) for line in lines for panel in line.panels]
    with_images = [cell for line in lines for cell in ((line, None), *((line, p) for p in line.panels))]
    if len(places) not in (len(panels), len(with_images)):
        raise ValueError(
            f"there are {len(places)} axes; give one for each of the {len(panels)} maps, or "
            f"{len(with_images)}, one for each image and each map"
        )
    for axes in places:
        check_axes(axes)
    for axes, (line, panel) in zip(
        places, with_images if len(places) != len(panels) else panels, strict=True
    ):
        if not axes.get_title():
            axes.set_title(panel.title if panel else line.title, fontsize=10, color=INK)
        axes.set_xlabel(fold_text(panel.caption if panel else line.caption, FOLD), fontsize=8, color=INK)
        if panel:
            draw_panel(axes, panel, line, style)
        else:
            draw_image(axes, line)
    root = places[0].get_figure(root=True)
    assert root is not None
    return root


def draw_panel(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable | None:
    """Draw one map, with an outline of the image and the unseen border; return its colours, None where it has none."""
    values, judged = panel.map.values, panel.map.verdict.judgement
    scale: ScalarMappable | None = None
    if line.is_series:
        return _draw_series(axes, panel, line, style)
    strip(axes)
    if judged.is_empty:
        axes.imshow(np.repeat(dimmed(line.image), 3, axis=-1))
        if axes.get_window_extent().width > WORDS_FROM * axes.get_figure(root=True).dpi:  # type: ignore[union-attr]
            _write_in(axes, "nothing to show")
    elif values.ndim == 3:
        axes.imshow(values / judged.largest)  # a colour for each channel needs no bar
    else:
        scale = _draw_values(axes, panel, line, style)
    if panel.map.box is not None and not judged.is_empty and not is_whole(panel.map.box, line.image.shape):
        left, top, right, bottom = panel.map.box
        for colour, width, dashes in (("black", 1.3, "-"), ("white", 0.7, (0, (5, 3)))):
            axes.add_patch(
                Rectangle(
                    (left, top),
                    right - left,
                    bottom - top,
                    fill=False,
                    edgecolor=colour,
                    linewidth=width,
                    linestyle=dashes,
                )
            )
    _hatch(axes, line.unseen)
    quiet(axes)
    return scale


def _write_in(axes: Axes, words: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.25"}
    axes.text(
        0.5, 0.95, words, ha="center", va="top", fontsize=8, color=INK, transform=axes.transAxes, bbox=box
    )


def quiet(axes: Axes) -> None:
    """Draw the frame of a picture as a thin grey line."""
    for spine in axes.spines.values():
        spine.set(linewidth=0.5, color="#888888")


def draw_image(axes: Axes, line: Line) -> None:
    """Draw the image itself; what the network never looks at is hatched."""
    if line.is_photograph and line.image.dtype == np.uint8:  # as bright as it is
        axes.imshow(line.image, cmap="gray", vmin=0, vmax=255)
        strip(axes)
    else:
        show_picture(axes, line.image)
    (_hatch_steps if line.is_series else _hatch)(axes, line.unseen)
    quiet(axes)


def _hatch_steps(axes: Axes, unseen: np.ndarray) -> None:
    for first, last in unseen_runs(unseen)[1]:
        axes.axvspan(
            first - 0.5, last + 0.5, facecolor="white", edgecolor="#888888", hatch="//////", linewidth=0
        )


def _draw_series(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable | None:
    """Draw the curves of a series over what a map says of each step."""
    judged = panel.map.verdict.judgement
    low, high = show_series(axes, line.image, INK)
    _hatch_steps(axes, line.unseen)
    shown = None
    if not judged.is_empty:
        values = panel.map.values if panel.map.values.ndim == 2 else panel.map.values.max(axis=-1)
        colours, scale = colours_of(style.palette or PALETTES[0], judged.largest, panel.is_signed)
        place = (-0.5, values.shape[1] - 0.5, low, high)
        shown = axes.imshow(
            values, cmap=colours, norm=scale, aspect="auto", extent=place, alpha=0.75, zorder=0
        )
    if panel.map.box is not None and not judged.is_empty:
        left, _, right, _ = panel.map.box
        for end in (left, right):
            axes.axvline(end, color=INK, linewidth=1, linestyle="--")
    return None if shown is None else ScalarMappable(shown.norm, shown.cmap)


def _draw_values(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable:
    """Draw a map over its image, the more solid the larger its value; or as solid as the style says."""
    values, largest = panel.map.values, panel.map.verdict.judgement.largest
    if style.lies_over:
        end, shares = on_scale(values, largest, line.is_photograph and not panel.map.is_of_cells)
        colours, scale = colours_of(style.palette or PALETTE_OVER, end, panel.is_signed)
        axes.imshow(lay_over(line.image, np.asarray(colours(scale(values)))[..., :3], shares))
        return ScalarMappable(scale, colours)
    show_picture(axes, line.image)
    colours, scale = colours_of(style.palette or PALETTES[0], largest, panel.is_signed)
    axes.imshow(values, cmap=colours, norm=scale, alpha=style.overlay)
    _outline(axes, line.image, "#555555" if panel.is_signed else "white")
    return ScalarMappable(scale, colours)


def _outline(axes: Axes, image: np.ndarray, colour: str) -> None:
    """Draw where a grey image crosses its middle grey, as a thin line."""
    if image.shape[-1] == 1 and image.min() < image.max():
        middle = (float(image.min()) + float(image.max())) / 2
        axes.contour(image[..., 0], levels=[middle], colors=colour, linewidths=0.7, alpha=0.7)


def _hatch(axes: Axes, mask: np.ndarray) -> None:
    """Hatch the rows and the columns that lie wholly in `mask` with quiet lines; see `unseen_runs`."""
    rows, columns = unseen_runs(mask)
    height, width = mask.shape
    boxes = [(-0.5, first - 0.5, width, last - first + 1) for first, last in rows]
    boxes += [(first - 0.5, -0.5, last - first + 1, height) for first, last in columns]
    for x, y, w, h in boxes:
        axes.add_patch(
            Rectangle((x, y), w, h, facecolor="#eeeeee", edgecolor="#c4c4c4", hatch="////", linewidth=0)
        )
