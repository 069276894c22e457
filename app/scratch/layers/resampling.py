"""Maps made larger or smaller without weights: each new cell is a mean of its neighbours, or the nearest."""

import functools

import numpy as np

from app.counting.layers.base import spread
from app.scratch.layers.base import Array, Layer, Result, Way
from app.scratch.windows import neighbours


def resample(x: Array, axis: int, size: int, interpolation: str) -> tuple[Array, Way]:
    """Return y_i = (1 − t_i)·x_low + t_i·x_high, `size` cells along an axis, and the way back."""
    low, high, t = neighbours(x.shape[axis], size, interpolation)
    t = t.reshape(-1, *(1,) * (x.ndim - axis - 1)).astype(x.dtype)

    def back(g: Array) -> Array:
        total = np.moveaxis(np.zeros_like(x), axis, 0)
        for cells, share in ((low, 1 - t), (high, t)):
            np.add.at(total, cells, np.moveaxis(g * share, axis, 0))
        return np.moveaxis(total, 0, axis)

    return np.take(x, low, axis) * (1 - t) + np.take(x, high, axis) * t, back


class _Resampling(Layer, rank=3):
    """Maps resampled along one axis after the other."""

    def sizes(self, *sizes: int) -> tuple[int, ...]:
        """Return the sizes of what comes out, those of the maps times `size`."""
        return tuple(n * k for n, k in zip(sizes, spread(self.size, len(sizes)), strict=True))

    def forward(self, x: Array) -> Result:
        """Return the resampled maps."""
        ways: list[Way] = []
        for axis, size in enumerate(self.sizes(*x.shape[1:-1]), 1):
            x, way = resample(x, axis, size, self.settings.get("interpolation", "nearest"))
            ways.insert(0, way)
        return x, lambda g: (functools.reduce(lambda h, way: way(h), ways, g),)


class UpSampling2D(_Resampling, size=2, interpolation="nearest"):
    """Each cell becomes `size` cells."""


class UpSampling1D(_Resampling, size=2, rank=2):
    """Each step becomes `size` steps."""


class Resizing(_Resampling, height=..., width=..., interpolation="bilinear"):
    """Maps of `height` and `width`, whatever they were."""

    def sizes(self, *_: int) -> tuple[int, ...]:
        """Return height and width."""
        return (self.height, self.width)
