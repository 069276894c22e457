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
COVER = 0.8
"""How much of the image a class-activation map covers where it is strongest."""


@dataclass(frozen=True)
class Panel:
    """One map as it is drawn."""

    title: str
    values: np.ndarray
    """(height, width), or (height, width, channels) for one picture a channel; never negative."""
    caption: str
    is_empty: bool
    """There is nothing to show, and the panel says so instead of scaling it up."""
    strength: np.ndarray | None = None
    """(height, width), 0…1: how strongly the map covers the image; None: the image is left out."""


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
    wrapped = [part for note in notes for part in textwrap.wrap(note, 30 * columns) or [""]]
    height = 2.75 * len(lines) + 0.6 + 0.19 * len(wrapped)
    figure = new_figure(2.75 * columns, height)
    figure.suptitle(title, fontsize=13, color=INK)
    grid = figure.subplots(len(lines), columns, squeeze=False)
    for number, (row, line) in enumerate(zip(grid, lines, strict=True)):
        show_picture(row[0], line.image)
        row[0].set_title(line.title, fontsize=11, color=INK)
        row[0].set_xlabel(textwrap.fill(line.caption, 32), fontsize=8.5, color=INK)
        for axes, panel in zip(row[1:], line.panels, strict=False):
            draw_panel(figure, axes, panel, line)
            if number == 0:
                axes.set_title(panel.title, fontsize=11, color=INK)
        for axes in row[1 + len(line.panels) :]:
            axes.axis("off")
    if wrapped:
        figure.supxlabel("\n".join(wrapped), fontsize=9, color=INK, x=0.01, ha="left")
    return figure


def draw_panel(figure: Figure, axes: Axes, panel: Panel, line: Line) -> None:
    """Draw one map with its colour bar, its caption and the unseen border."""
    strip(axes)
    axes.set_xlabel(textwrap.fill(panel.caption, 32), fontsize=8.5, color=INK)
    if panel.is_empty:
        show_picture(axes, line.image)
        axes.images[-1].set_alpha(0.25)
        axes.text(0.5, 0.5, "nothing to show", ha="center", va="center", fontsize=10, color=INK,
                  transform=axes.transAxes,
                  bbox={"facecolor": "white", "edgecolor": INK, "alpha": 0.9})  # fmt: skip
        return
    values = panel.values
    if values.ndim == 3:
        axes.imshow(values / values.max())
    elif panel.strength is None:
        _colour_bar(figure, axes, axes.imshow(values, cmap=MAP_COLOURS, vmin=0, vmax=values.max()))
    else:
        show_picture(axes, line.image)
        shown = axes.imshow(values, cmap=MAP_COLOURS, vmin=0, vmax=values.max(),
                            alpha=COVER * panel.strength)  # fmt: skip
        _colour_bar(figure, axes, shown)
    _hatch(axes, line.unseen)


def _colour_bar(figure: Figure, axes: Axes, shown: AxesImage) -> None:
    colours = ScalarMappable(shown.norm, shown.cmap)  # without the map's transparency
    bar = figure.colorbar(colours, cax=axes.inset_axes((1.03, 0, 0.05, 1)))
    bar.ax.tick_params(labelsize=7)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()


def _hatch(axes: Axes, mask: np.ndarray) -> None:
    """Hatch every pixel of `mask`, run by run along the rows and columns."""
    rows, columns = np.flatnonzero(mask.all(axis=1)), np.flatnonzero(mask.all(axis=0))
    height, width = mask.shape
    boxes = [(-0.5, r - 0.5, width, 1) for r in rows] + [
        (c - 0.5, -0.5, 1, height) for c in columns
    ]
    for x, y, w, h in boxes:
        axes.add_patch(Rectangle((x, y), w, h, facecolor="white", edgecolor="none"))
        axes.add_patch(Rectangle((x, y), w, h, fill=False, hatch="//////", edgecolor="#888888",
                                 linewidth=0))  # fmt: skip
