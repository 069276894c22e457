"""The article's figure, drawn honestly: the image, its maps, and what they are worth."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
    overlay: bool = False
    """Drawn over the image, as class-activation maps are."""


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
    for row, line in zip(grid, lines, strict=True):
        show_picture(row[0], line.image)
        row[0].set_title(line.title, fontsize=11, color=INK)
        row[0].set_xlabel(textwrap.fill(line.caption, 32), fontsize=8.5, color=INK)
        for axes, panel in zip(row[1:], line.panels, strict=False):
            draw_panel(figure, axes, panel, line)
        for axes in row[1 + len(line.panels) :]:
            axes.axis("off")
    if wrapped:
        figure.supxlabel("\n".join(wrapped), fontsize=9, color=INK, x=0.01, ha="left")
    return figure


def draw_panel(figure: Figure, axes: Axes, panel: Panel, line: Line) -> None:
    """Draw one map with its colour bar, its caption and the unseen border."""
    strip(axes)
    axes.set_title(panel.title, fontsize=11, color=INK)
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
        return
    shown = axes.imshow(values, cmap=MAP_COLOURS, vmin=0, vmax=float(values.max()))
    if panel.overlay:
        _draw_outline(axes, line.image)
    _hatch(axes, line.unseen)
    bar = figure.colorbar(shown, ax=axes, fraction=0.046, pad=0.03)
    bar.ax.tick_params(labelsize=7)
    bar.ax.locator_params(nbins=4)


def _draw_outline(axes: Axes, image: np.ndarray) -> None:
    """Lay the image over the map as a veil: dark parts dim it, bright parts let it through."""
    grey = np.asarray(image, float).mean(axis=-1)
    low, high = float(grey.min()), float(grey.max())
    veil = (grey - low) / (high - low) if high > low else np.ones_like(grey)
    shade = np.zeros((*grey.shape, 4))
    shade[..., 3] = 0.55 * (1 - veil)
    axes.imshow(shade)


def _hatch(axes: Axes, mask: np.ndarray) -> None:
    if not mask.any():
        return
    rows, columns = mask.shape
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    blank = np.ma.masked_where(~mask, np.ones(mask.shape))
    axes.imshow(blank, cmap="gray", vmin=0, vmax=1)
    axes.pcolor(*edges, blank, hatch="////", alpha=0, edgecolor=INK, linewidth=0)
