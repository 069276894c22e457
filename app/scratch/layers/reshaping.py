"""The same values in another shape; borders put around a map and taken away."""

import math

import numpy as np

from app.scratch.layers.base import Array, Layer, Result
from app.scratch.windows import as_borders, with_border, without_border


class Flatten(Layer):
    """All values of an image in one row; backward gives the gradient the map's shape again."""

    def forward(self, x: Array) -> Result:
        """Return (batch, values)."""
        return x.reshape(len(x), math.prod(x.shape[1:])), lambda g: (g.reshape(x.shape),)


class Reshape(Layer, target_shape=...):
    """The values of an image in another shape, in their order; one size may be −1: what is left."""

    def forward(self, x: Array) -> Result:
        """Return (batch, …) of the shape that was told."""
        told, values = self.target_shape, math.prod(x.shape[1:])
        known = math.prod(n for n in told if n != -1)
        shape = tuple(values // known if n == -1 else n for n in told)
        if math.prod(shape) != values:
            raise self.wrong(f"{values} values, of shape {x.shape[1:]}, cannot be put into the shape {told}")
        return x.reshape(len(x), *shape), lambda g: (g.reshape(x.shape),)


class Permute(Layer, dims=...):
    """The axes of an image in another order; they are counted from 1."""

    def forward(self, x: Array) -> Result:
        """Return the image turned round."""
        return x.transpose(0, *self.dims), lambda g: (g.transpose(np.argsort([0, *self.dims])),)


class RepeatVector(Layer, n=..., rank=1):
    """A row of values n times: (n, values). The gradient is the sum over the copies."""

    def forward(self, x: Array) -> Result:
        """Return (batch, n, values)."""
        return np.repeat(x[:, None], self.n, axis=1), lambda g: (g.sum(axis=1),)


class ConstantPadding2D(Layer, padding=1, value=0.0, rank=3):
    """A border of one value: LeCun's first network sees −1, the paper's white, around its maps.

    The border is 1, (rows, columns), or ((top, bottom), (left, right)); ∂L/∂x is the gradient within it.
    """

    def forward(self, x: Array) -> Result:
        """Return the map within its border."""
        borders = as_borders(self.padding, x.ndim - 2)
        return with_border(x, borders, self.value), lambda g: (without_border(g, borders),)


class ZeroPadding2D(Layer, padding=1, rank=3):
    """A border of zeros."""

    value, forward = 0.0, ConstantPadding2D.forward


class ZeroPadding1D(ZeroPadding2D, rank=2):
    """Zeros before and after a series."""


class Cropping2D(Layer, cropping=0, rank=3):
    """A border taken away: the opposite of ZeroPadding2D, also in what backward does."""

    def forward(self, x: Array) -> Result:
        """Return the map without its border."""
        borders = as_borders(self.cropping, x.ndim - 2)
        return without_border(x, borders), lambda g: (with_border(g, borders),)


class Cropping1D(Cropping2D, cropping=(1, 1), rank=2):
    """Steps taken away before and after."""
