"""Maps on paper: the image, its maps, and what they are worth."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from app.maps.explain import Map
from app.maps.methods import METHODS
from app.maps.overlay import is_photograph, lay_over, on_scale
from app.maps.placement import Box
from app.maps.verdict import unseen_runs
from app.show.canvas import INK, check_axes, new_figure, own_place, show_picture, show_series, strip
from app.show.colours import colours_of
from app.show.pictures import PALETTE_OVER, PALETTES

WIDEST = 6
"""Pictures in a row, where a figure is not one image with its maps."""
FOLD = 30
"""Letters in a line below a map in a figure of somebody else's."""
SMALL = 5.5
"""Points of the numbers at a colour bar there."""
FIGURE_LETTER = 7
"""Dots that a letter of its title takes."""


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
    """How solid maps lie over the image, 0…1; None: over a photograph the more solid the larger their value, over a
    small image maps of cells, and maps of pixels by themselves."""

    def lies_over(self, line: Line) -> bool:
        """Return whether maps are laid over the image of a line unasked."""
        return self.overlay is None and line.is_photograph


Cell = tuple[Line, Panel | None] | None
"""A place in the figure: an image, one of its maps, or nothing."""


def draw_maps(
    lines: Sequence[Line], title: str, notes: Sequence[str], style: MapStyle | None = None
) -> Figure:
    """Return a figure of all images and their maps, with the notes below.

    Each image has a row of its own; many maps of one image are folded, and images with one or two
    maps stand side by side.
    """
    style = style or MapStyle()
    place = own_place()
    if place is not None:
        return draw_within(place, lines, title, style)
    rows = lay_out(lines)
    columns = len(rows[0])
    side = 2.75 if len(rows) == 1 else 2.1  # inches
    fold = round(11 * side)  # letters that fit below a panel
    wrapped = [part for note in notes for part in textwrap.wrap(note, fold * columns)]
    below = [max(len(textwrap.wrap(_caption(cell), fold)) for cell in row if cell) for row in rows]
    heights = [0.95 * side + 0.16 * count for count in below]
    figure = new_figure(side * columns, sum(heights) + 0.75 + 0.16 * len(wrapped))
    figure.suptitle(title, fontsize=13, color=INK)
    grid = figure.subplots(len(rows), columns, squeeze=False, height_ratios=heights)
    for axes_row, row in zip(grid, rows, strict=True):
        for axes, cell in zip(axes_row, row, strict=True):
            if cell is None:
                axes.set_axis_off()
                continue
            line, panel = cell
            axes.set_title(panel.title if panel else line.title, fontsize=10, color=INK)
            axes.set_xlabel(fold_text(_caption(cell), fold), fontsize=8, color=INK)
            if panel:
                draw_panel(axes, panel, line, style)
            else:
                draw_image(axes, line)
    if wrapped:
        figure.supxlabel("\n".join(wrapped), fontsize=8.5, color=INK, x=0.01, ha="left")
    return figure


def draw_within(axes: Axes, lines: Sequence[Line], title: str, style: MapStyle) -> Figure:
    """Draw images and their maps in the place of somebody's own axes, whose figure is returned.

    A single map is drawn into the axes as it is; several, and their images, become small pictures side by side.
    """
    if len(lines) == 1 == len(lines[0].panels):
        return draw_into([axes], lines, style)
    cells = [cell for row in lay_out(lines, len(lines)) for cell in row]
    box = axes.get_window_extent()
    columns = min(len(cells), max(1, round(math.sqrt(len(cells) * box.width / max(box.height, 1)))))
    rows = math.ceil(len(cells) / columns)
    axes.set_axis_off()
    axes.set_title(fold_text(title, round(box.width / FIGURE_LETTER)), fontsize=9, color=INK)
    for number, cell in enumerate(cells):
        if cell is None:
            continue
        row, column = divmod(number, columns)
        place = axes.inset_axes((column / columns, 1 - (row + 0.95) / rows, 0.88 / columns, 0.75 / rows))
        line, panel = cell
        place.set_title(
            METHODS[panel.map.method].label if panel else line.title, fontsize=6.5, color=INK, pad=2
        )
        if panel:
            draw_panel(place, panel, line, style, bar_letters=None)
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
            draw_panel(axes, panel, line, style, SMALL)
        else:
            draw_image(axes, line)
    root = places[0].get_figure(root=True)
    assert root is not None
    return root


def lay_out(lines: Sequence[Line], abreast: int | None = None) -> list[list[Cell]]:
    """Return the rows of the figure, all of the same length; `abreast` puts so many images into each."""
    strips: list[list[Cell]] = [[(line, None), *((line, p) for p in line.panels)] for line in lines]
    longest = max(map(len, strips))
    if longest > WIDEST:  # fold the maps of each image
        rows = [strip[i : i + WIDEST] for strip in strips for i in range(0, len(strip), WIDEST)]
        width = WIDEST
    else:
        if abreast is None:
            abreast = max(1, WIDEST // longest) if len(strips) > 1 else 1
        padded = [strip + [None] * (longest - len(strip)) for strip in strips]
        groups = [padded[i : i + abreast] for i in range(0, len(padded), abreast)]
        rows = [[cell for strip in group for cell in strip] for group in groups]
        width = longest * min(abreast, len(strips))
    return [row + [None] * (width - len(row)) for row in rows]


def _caption(cell: Cell) -> str:
    if cell is None:
        return ""
    line, panel = cell
    return panel.caption if panel else line.caption


def fold_text(text: str, width: int) -> str:
    """Return `text` in lines of at most `width` letters, a number and its % kept together."""
    return textwrap.fill(text.replace(" %", "\u00a0%"), width)


def draw_panel(axes: Axes, panel: Panel, line: Line, style: MapStyle, bar_letters: float | None = 7) -> None:
    """Draw one map with its colour bar, an outline of the image and the unseen border; without letters, no bar."""
    values, judged = panel.map.values, panel.map.verdict.judgement
    if line.is_series:
        _draw_series(axes, panel, line, style, bar_letters)
        return
    strip(axes)
    if judged.is_empty:
        show_picture(axes, line.image)
        axes.text(
            0.5,
            0.97,
            "nothing to show",
            ha="center",
            va="top",
            fontsize=9,
            color=INK,
            transform=axes.transAxes,
            bbox={"facecolor": "white", "edgecolor": "none"},
        )
    elif values.ndim == 3:
        axes.imshow(values / judged.largest)  # a colour for each channel needs no bar
    else:
        _draw_values(axes, panel, line, style, bar_letters)
    if panel.map.box is not None and not judged.is_empty and not _is_whole(panel.map.box, line.image):
        left, top, right, bottom = panel.map.box
        for colour, width, dashes in (("black", 2.2, "-"), ("white", 1.2, "--")):
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


def _is_whole(box: Box, image: np.ndarray) -> bool:
    """Return whether a frame would only run around the image."""
    height, width = image.shape[:2]
    return box == (-0.5, -0.5, width - 0.5, height - 0.5)


def draw_image(axes: Axes, line: Line) -> None:
    """Draw the image itself; what the network never looks at is hatched."""
    if line.is_photograph and line.image.dtype == np.uint8:  # as bright as it is
        axes.imshow(line.image, cmap="gray", vmin=0, vmax=255)
        strip(axes)
    else:
        show_picture(axes, line.image)
    (_hatch_steps if line.is_series else _hatch)(axes, line.unseen)


def _hatch_steps(axes: Axes, unseen: np.ndarray) -> None:
    for first, last in unseen_runs(unseen)[1]:
        axes.axvspan(
            first - 0.5, last + 0.5, facecolor="white", edgecolor="#888888", hatch="//////", linewidth=0
        )


def _draw_series(axes: Axes, panel: Panel, line: Line, style: MapStyle, bar_letters: float | None) -> None:
    """Draw the curves of a series over what a map says of each step."""
    judged = panel.map.verdict.judgement
    low, high = show_series(axes, line.image, INK)
    _hatch_steps(axes, line.unseen)
    if not judged.is_empty:
        values = panel.map.values if panel.map.values.ndim == 2 else panel.map.values.max(axis=-1)
        if panel.map.covered is not None:
            values = np.ma.masked_where(~panel.map.covered, values)
        colours, scale = colours_of(style.palette or PALETTES[0], judged.largest, panel.is_signed)
        place = (-0.5, values.shape[1] - 0.5, low, high)
        shown = axes.imshow(
            values, cmap=colours, norm=scale, aspect="auto", extent=place, alpha=0.75, zorder=0
        )
        if bar_letters:
            _colour_bar(axes, ScalarMappable(shown.norm, shown.cmap), bar_letters)
    if panel.map.box is not None and not judged.is_empty:
        left, _, right, _ = panel.map.box
        for end in (left, right):
            axes.axvline(end, color=INK, linewidth=1, linestyle="--")


def _draw_values(axes: Axes, panel: Panel, line: Line, style: MapStyle, bar_letters: float | None) -> None:
    if style.lies_over(line):
        _draw_over(axes, panel, line, style, bar_letters)
        return
    values, covered, is_grey = panel.map.values, panel.map.covered, line.image.shape[-1] == 1
    if covered is not None or style.overlay is not None:
        show_picture(axes, line.image)
    if covered is not None:
        values = np.ma.masked_where(~covered, values)
    solid = style.overlay
    if solid is None:
        solid = 1.0 if is_grey or covered is None else 0.6
    largest = panel.map.verdict.judgement.largest
    colours, scale = colours_of(style.palette or PALETTES[0], largest, panel.is_signed)
    shown = axes.imshow(values, cmap=colours, norm=scale, alpha=solid)
    _outline(axes, line.image, "#555555" if panel.is_signed else "white")
    if bar_letters:
        _colour_bar(axes, ScalarMappable(shown.norm, shown.cmap), bar_letters)


def _draw_over(axes: Axes, panel: Panel, line: Line, style: MapStyle, bar_letters: float | None) -> None:
    """Draw a map over a photograph; beyond the cells' own places there is the photograph alone."""
    values, covered, largest = panel.map.values, panel.map.covered, panel.map.verdict.judgement.largest
    end, shares = on_scale(values, covered, largest)
    colours, scale = colours_of(style.palette or PALETTE_OVER, end, panel.is_signed)
    axes.imshow(lay_over(line.image, np.asarray(colours(scale(values)))[..., :3], shares))
    if bar_letters:
        beyond = "neither" if end == largest else "both" if panel.is_signed else "max"
        _colour_bar(axes, ScalarMappable(scale, colours), bar_letters, beyond)


def _outline(axes: Axes, image: np.ndarray, colour: str) -> None:
    """Draw where a grey image crosses its middle grey, as a thin line."""
    if image.shape[-1] == 1 and image.min() < image.max():
        middle = (float(image.min()) + float(image.max())) / 2
        axes.contour(image[..., 0], levels=[middle], colors=colour, linewidths=0.7, alpha=0.7)


def _colour_bar(axes: Axes, colours: ScalarMappable, letters: float, beyond: str = "neither") -> None:
    """Draw which colour means how much; `beyond` has an arrow where values go on."""
    figure = axes.get_figure()
    assert figure is not None
    place = axes.inset_axes((1.03, 0, 0.05, 1))
    bar = figure.colorbar(colours, cax=place, extend=beyond, extendfrac=0.04)
    bar.ax.tick_params(labelsize=letters)
    bar.ax.yaxis.get_offset_text().set_fontsize(6)
    bar.ax.yaxis.set_offset_position("left")
    bar.locator = MaxNLocator(4)
    bar.update_ticks()


def _hatch(axes: Axes, mask: np.ndarray) -> None:
    """Hatch the rows and the columns that lie wholly in `mask`; see `unseen_runs`."""
    rows, columns = unseen_runs(mask)
    height, width = mask.shape
    boxes = [(-0.5, first - 0.5, width, last - first + 1) for first, last in rows]
    boxes += [(first - 0.5, -0.5, last - first + 1, height) for first, last in columns]
    for x, y, w, h in boxes:
        axes.add_patch(Rectangle((x, y), w, h, facecolor="white", edgecolor="none"))
        axes.add_patch(Rectangle((x, y), w, h, fill=False, hatch="//////", edgecolor="#888888", linewidth=0))
