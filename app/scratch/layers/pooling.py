"""Pooling: each window of a map becomes one value, its largest, its mean or its sum."""

import functools
import math
from collections.abc import Iterator

import numpy as np

from app.scratch.layers.base import Array, Layer, Result
from app.scratch.windows import Window, slide


class _Pooling(Layer, pool_size=2, strides=None, padding="valid", rank=3):
    """A window that slides over each channel by itself, side by side where no strides are told."""

    def window(self, x: Array) -> Window:
        """Return where the window stands on a map."""
        return slide(x.shape[1:-1], self.pool_size, self.strides or self.pool_size, self.padding)


class MaxPooling2D(_Pooling):
    """y = the largest value that the window sees; cells beyond the map count as −∞.

    The gradient goes to the cell that was the largest; of several that are equal to the first of them, row by row, as
    TensorFlow has it on a CPU.
    """

    def forward(self, x: Array) -> Result:
        """Return the largest values."""
        window, padded = self.window(x), self.window(x).pad(x, -math.inf)
        y = functools.reduce(np.maximum, [padded[place] for place in window.shifts])

        def shares(g: Array) -> Iterator[Array]:
            is_open = np.ones(y.shape, bool)  # windows whose largest cell is still to come
            for place in window.shifts:
                is_first = (padded[place] == y) & is_open
                is_open ^= is_first
                yield g * is_first

        return y, lambda g: (window.gather(shares(g)),)


class MaxPooling1D(MaxPooling2D, rank=2):
    """The largest value over time."""


class SumPooling2D(_Pooling):
    """y = the sum of what the window sees. ∂L/∂x: each cell gets the gradient of every window that sees it."""

    is_mean = False

    def forward(self, x: Array) -> Result:
        """Return the sums, or means."""
        window, padded = self.window(x), self.window(x).pad(x)
        cells = window.cells_on_map().astype(x.dtype) if self.is_mean else x.dtype.type(1)
        y = functools.reduce(np.add, [padded[place] for place in window.shifts]) / cells
        return y, lambda g: (window.gather([g / cells] * window.cells),)


class AveragePooling2D(SumPooling2D):
    """y = the mean of what the window sees of the map, without its border."""

    is_mean = True


class AveragePooling1D(AveragePooling2D, rank=2):
    """The mean over time."""


class GlobalAveragePooling2D(Layer, keepdims=False, rank=3):
    """y = the mean of each whole map. ∂L/∂x: the same share for each of its cells."""

    def forward(self, x: Array) -> Result:
        """Return (batch, channels)."""
        axes, cells = tuple(range(1, x.ndim - 1)), math.prod(x.shape[1:-1])
        y, share = x.mean(axis=axes, keepdims=True), np.ones_like(x) / cells
        return y if self.keepdims else y.reshape(len(x), x.shape[-1]), lambda g: (share * g.reshape(y.shape),)


class GlobalAveragePooling1D(GlobalAveragePooling2D, rank=2):
    """The mean over time."""


class GlobalMaxPooling2D(Layer, keepdims=False, rank=3):
    """y = the largest value of each whole map. ∂L/∂x: cells that are equally large share it, as in TensorFlow."""

    def forward(self, x: Array) -> Result:
        """Return (batch, channels)."""
        axes = tuple(range(1, x.ndim - 1))
        y = x.max(axis=axes, keepdims=True)

        def by_x(g: Array) -> Array:
            is_largest = (x == y).astype(x.dtype)
            return is_largest * (g.reshape(y.shape) / is_largest.sum(axis=axes, keepdims=True))

        return y if self.keepdims else y.reshape(len(x), x.shape[-1]), self.backward(by_x)


class GlobalMaxPooling1D(GlobalMaxPooling2D, rank=2):
    """The largest value over time."""
