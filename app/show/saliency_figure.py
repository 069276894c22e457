"""The article's figure, drawn honestly: the image, its maps, and what they are worth."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from app.show.canvas import INK, new_figure, show_picture, strip

MAP_COLOURS = "viridis"


@dataclass(frozen=True)
class Panel:
    """One map as it is drawn."""

    title: str
    values: np.ndarray
    """(height, width), or (height, width, channels) for one picture a channel; never negative."""
    caption: str
    is_empty: bool
    """There is nothing to show, and the panel says so instead of scaling it up."""
    largest: float = 0.0
    """The value at the top of the colour bar."""
    covered: np.ndarray | None = None
    """(height, width), true where the map is drawn over the image; None: everywhere, without image."""
    box: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom of a frame to draw, in pixels."""


@dataclass(frozen=True)
class Line:
    """One row of the figure: an image and its maps."""

    image: np.ndarray
    """(height, width, channels)."""
    title: str
    caption: str
    panels: tuple[Panel, ...]
    unseen: np.ndarray
    """(height, width), true where the network never looks; hatched."""


def draw_maps(lines: Sequence[Line], title: str, notes: Sequence[str]) -> Figure:
    """Return a figure with one row for each line, and the notes below."""
    columns = 1 + max(len(line.panels) for line in lines)
    side = 2.75 if len(lines) == 1 else 2.1  # inches
    fold = round(14 * side)  # letters that fit below a panel
    wrapped = [part for note in notes for part in textwrap.wrap(note, fold * columns)]
    texts = [[line.caption, *(panel.caption for panel in line.panels)] for line in lines]
    below = [max(len(textwrap.wrap(text, fold)) for text in row) for row in texts]
    heights = [0.88 * side + 0.16 * rows for rows in below]
    figure = new_figure(side * columns, sum(heights) + 0.75 + 0.16 * len(wrapped))
    figure.suptitle(title, fontsize=13, color=INK)
    grid = figure.subplots(len(lines), columns, squeeze=False, height_ratios=heights)
    for number, (row, line) in enumerate(zip(grid, lines, strict=True)):
        show_picture(row[0], line.image)
        _hatch(row[0], line.unseen)
        row[0].set_title(line.title, fontsize=10, color=INK)
        row[0].set_xlabel(fold_text(line.caption, fold), fontsize=8, color=INK)
        for axes, panel in zip(row[1:], line.panels, strict=False):
            draw_panel(figure, axes, panel, line)
            axes.set_xlabel(fold_text(panel.caption, fold), fontsize=8, color=INK)
            if number == 0:
                axes.set_title(panel.title, fontsize=10, color=INK)
    if wrapped:
        figure.supxlabel("\n".join(wrapped), fontsize=8.5, color=INK, x=0.01, ha="left")
    return figure


def fold_text(text: str, width: int) -> str:
    """Return `text` in lines of at most `width` letters, a number and its % kept together."""
    return textwrap.fill(text.replace(" %", "\u00a0%"), width)


def draw_panel(figure: Figure, axes: Axes, panel: Panel, line: Line) -> None:
    """Draw one map with its colour bar, an outline of the image and the unseen border."""
    strip(axes)
    values = panel.values
    if panel.is_empty:
        show_picture(axes, line.image)
        axes.text(0.5, 0.97, "nothing to show", ha="center", va="top", fontsize=9, color=INK,
                  transform=axes.transAxes, bbox={"facecolor": "white", "edgecolor": "none"})  # fmt: skip
    elif values.ndim == 3:
        axes.imshow(values / panel.largest)  # a colour for each channel needs no bar
    else:
        if panel.covered is not None:
            show_picture(axes, line.image)
            values = np.ma.masked_where(~panel.covered, values)
        solid = 1.0 if line.image.shape[-1] == 1 or panel.covered is None else 0.6
        shown = axes.imshow(values, cmap=MAP_COLOURS, vmin=0, vmax=panel.largest, alpha=solid)
        _outline(axes, line.image)
        _colour_bar(figure, axes, shown)
    if panel.box is not None and not panel.is_empty:
        left, top, right, bottom = panel.box
        axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False,
                                 edgecolor="white", linewidth=1.2, linestyle="--"))  # fmt: skip
    _hatch(axes, line.unseen)


def _outline(axes: Axes, image: np.ndarray) -> None:
    """Draw where a grey image crosses its middle grey, as a thin line."""
    if image.shape[-1] == 1 and image.min() < image.max():
        middle = (float(image.min()) + float(image.max())) / 2
        axes.contour(image[..., 0], levels=[middle], colors="white", linewidths=0.7, alpha=0.7)


def _colour_bar(figure: Figure, axes: Axes, shown: AxesImage) -> None:
    colours = ScalarMappable(shown.norm, shown.cmap)  # without the map's transparency
    bar = figure.colorbar(colours, cax=axes.inset_axes((1.03, 0, 0.05, 1)))
    bar.ax.tick_params(labelsize=7)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()


def _hatch(axes: Axes, mask: np.ndarray) -> None:
    """Hatch the rows and the columns that lie wholly in `mask`."""
    rows, columns = np.flatnonzero(mask.all(axis=1)), np.flatnonzero(mask.all(axis=0))
    height, width = mask.shape
    boxes = [(-0.5, r - 0.5, width, 1) for r in rows] + [
        (c - 0.5, -0.5, 1, height) for c in columns
    ]
    for x, y, w, h in boxes:
        axes.add_patch(Rectangle((x, y), w, h, facecolor="white", edgecolor="none"))
        axes.add_patch(Rectangle((x, y), w, h, fill=False, hatch="//////", edgecolor="#888888",
                                 linewidth=0))  # fmt: skip
