"""Pictures, kernels above, and the map of each pair."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, strip
from app.show.colours import DIVERGING
from app.show.frames.frame import number_text

if TYPE_CHECKING:
    from app.walk.pictures.filtered import Filtered

MOST_WRITTEN = 7
"""Rows and columns up to which numbers are written."""


def draw_filtered(found: "Filtered") -> Figure:
    """Return a row of kernels, and below it a row for each picture: the picture, and its map for each kernel."""
    pictures, kernels = list(found.pictures), list(found.kernels)
    figure = new_figure(2.5 * (1 + len(kernels)), 1.7 + 2.4 * len(pictures))
    ratios = [0.62] + [1.0] * len(pictures)
    panels = figure.subplots(1 + len(pictures), 1 + len(kernels), squeeze=False, height_ratios=ratios)
    panels[0, 0].set_axis_off()
    for axes, name in zip(panels[0, 1:], kernels, strict=True):
        _numbers(axes, found.kernels[name].mean(-1), name)
    for row, picture in zip(panels[1:], pictures, strict=True):
        _picture(row[0], found.pictures[picture], picture)
        for axes, kernel in zip(row[1:], kernels, strict=True):
            reach = max(float(np.abs(found.maps[p, kernel]).max()) for p in pictures) or 1.0
            made = found.maps[picture, kernel]
            _numbers(axes, made, f"largest {number_text(float(made.max()))}", reach)
    return figure


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
            tone = "white" if value < -0.6 * reach else INK
            axes.text(
                column, row, number_text(float(value), 3), ha="center", va="center", fontsize=8, color=tone
            )
    axes.set_title(title, fontsize=9, color=INK)
    strip(axes)
