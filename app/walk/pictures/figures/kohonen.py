"""A Kohonen map at several stages, as colours or as small pictures."""

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, strip

if TYPE_CHECKING:
    from app.walk.pictures.kohonen import KohonenMap


def draw_map(learnt: "KohonenMap") -> Figure:
    """Return a panel for each stage."""
    stages = learnt.stages
    figure = new_figure(2.9 * len(stages), 3.2)
    for axes, stage in zip(figure.subplots(1, len(stages), squeeze=False)[0], stages, strict=True):
        if learnt.kind == "colours":
            axes.imshow(np.clip(stage.units, 0, 1), interpolation="nearest")
        else:
            axes.imshow(_mosaic(stage.units), cmap="gray_r", vmin=0, vmax=1)
        strip(axes)
        axes.set_title(f"after {stage.steps:,} steps", fontsize=10, color=INK)
        axes.set_xlabel(f"mean distance {stage.error:.2f}", fontsize=9, color=INK)
    return figure


def _mosaic(units: np.ndarray) -> np.ndarray:
    """Return small square pictures as one, with an empty line between them."""
    rows, columns, values = units.shape
    side = math.isqrt(values)
    tiles = np.zeros((rows, columns, side + 1, side + 1))
    tiles[:, :, :side, :side] = units.reshape(rows, columns, side, side)
    tiles[:, :, side, :] = tiles[:, :, :, side] = 0.35
    return tiles.swapaxes(1, 2).reshape(rows * (side + 1), columns * (side + 1))
