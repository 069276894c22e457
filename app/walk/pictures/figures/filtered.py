"""Pictures, kernels above, and the map of each pair."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, strip
from app.show.colours import DIVERGING
from app.show.frames.cells import ink_on
from app.show.frames.frame import number_text

if TYPE_CHECKING:
    from app.walk.pictures.filtered import Filtered

MOST_WRITTEN = 7
"""Rows and columns up to which numbers are written."""


def draw_filtered(found: "Filtered") -> Figure:
    """Return a row of kernels, a row for each picture with its map for each kernel, and a scale for each kernel."""
    pictures, kernels = list(found.pictures), list(found.kernels)
    figure = new_figure(2.5 * (1 + len(kernels)), 2.6 + 2.4 * len(pictures), "What kernels find in pictures")
    ratios = [0.62] + [1.0] * len(pictures) + [0.05]
    panels = figure.subplots(2 + len(pictures), 1 + len(kernels), squeeze=False, height_ratios=ratios)
    for axes in (panels[0, 0], panels[-1, 0]):
        axes.set_axis_off()
    for axes, name in zip(panels[0, 1:], kernels, strict=True):
        _numbers(axes, found.kernels[name].mean(-1), f"kernel {name}")
    for row, picture in zip(panels[1:-1], pictures, strict=True):
        _picture(row[0], found.pictures[picture], picture)
        for axes, kernel in zip(row[1:], kernels, strict=True):
            made = found.maps[picture, kernel]
            title = f"its map, largest {number_text(float(made.max()))}"
            _numbers(axes, made, title, _reach(found, kernel))
    for axes, kernel in zip(panels[-1, 1:], kernels, strict=True):
        _scale(figure, axes, _reach(found, kernel))
    return figure


def _reach(found: "Filtered", kernel: str) -> float:
    """Return the largest size of a number in a kernel's maps, which have one scale; 1 where all are 0."""
    return max(float(np.abs(found.maps[picture, kernel]).max()) for picture in found.pictures) or 1.0


def _scale(figure: Figure, axes: Axes, reach: float) -> None:
    """Draw which number has which colour."""
    colours = ScalarMappable(Normalize(-reach, reach), DIVERGING)
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal", ticks=[-reach, 0, reach])
    bar.ax.set_xticklabels([number_text(value, 3) for value in (-reach, 0.0, reach)], fontsize=8)
    bar.set_label("sum of the products", fontsize=8, color=INK)


def _picture(axes: Axes, values: np.ndarray, name: str) -> None:
    top = float(values.max()) or 1.0
    if values.shape[-1] in (3, 4):
        axes.imshow(
            np.clip(values[..., :3] / max(top, 255.0 if top > 1 else 1.0), 0, 1), interpolation="nearest"
        )
    else:
        axes.imshow(
            values.mean(-1),
            cmap="gray_r",
            vmin=min(0.0, float(values.min())),
            vmax=top,
            interpolation="nearest",
        )
    axes.set_title(name, fontsize=9, color=INK)
    strip(axes)


def _numbers(axes: Axes, values: np.ndarray, title: str, reach: float = 0.0) -> None:
    """Draw numbers as colours, blue below 0 and orange above; few of them are written too."""
    reach = reach or float(np.abs(values).max()) or 1.0
    axes.imshow(values, cmap=DIVERGING, vmin=-reach, vmax=reach, interpolation="nearest")
    if max(values.shape) <= MOST_WRITTEN:
        for (row, column), value in np.ndenumerate(values):
            tone = ink_on(255 * np.array(DIVERGING(0.5 + 0.5 * float(value) / reach)[:3]))
            axes.text(
                column, row, number_text(float(value), 3), ha="center", va="center", fontsize=10, color=tone
            )
    axes.set_title(title, fontsize=9, color=INK)
    strip(axes)
