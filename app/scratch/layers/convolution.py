"""Convolution: a window slides over a map, and at each place the same weights multiply what it sees."""

from collections.abc import Sequence

import numpy as np

from app.counting.layers.base import spread
from app.scratch.layers.activations import Fused
from app.scratch.layers.base import Array, Result, Shape, Way, as_rows, over_places
from app.scratch.products import even_product, product, turned_product
from app.scratch.windows import Window, slide


def convolve(x: Array, kernel: Array, window: Window) -> Array:
    """Return y[o, f] = Σ_i Σ_c x[o·stride + i·dilation, c] · w[i, c, f], as one product of matrices."""
    return even_product(window.columns(x), as_rows(kernel)).reshape(len(x), *window.outputs, kernel.shape[-1])


def convolve_back(g: Array, kernel: Array, window: Window) -> Array:
    """Return ∂L/∂x: each g[o, f] · w[i, c, f] added to the cell x[o·stride + i·dilation, c] that it came from."""
    rows, shape = as_rows(g), (*g.shape[:-1], kernel.shape[-2])
    return window.gather(product(rows, kernel[cell].T).reshape(shape) for cell in np.ndindex(*window.size))


def kernel_gradient(x: Array, g: Array, window: Window) -> Array:
    """Return ∂L/∂w[i, c, f] = Σ_o x[o·stride + i·dilation, c] · g[o, f], as one product of matrices."""
    return turned_product(window.columns(x), as_rows(g)).reshape(*window.size, x.shape[-1], g.shape[-1])


def convolution(x: Array, kernel: Array, window: Window, groups: int = 1) -> tuple[Array, Way, Way]:
    """Return y = x ∗ w, and what leads g back to x and to w.

    With groups, the channels and the filters are cut into as many parts, and each part of the filters reads its own
    part of the channels.
    """
    if groups > 1:
        parts = [convolution(*part, window) for part in zip(cut(x, groups), cut(kernel, groups), strict=True)]
        y, by_x, by_kernel = zip(*parts, strict=True)
        return np.concatenate(y, axis=-1), side_by_side(by_x), side_by_side(by_kernel)
    ways = lambda g: convolve_back(g, kernel, window), lambda g: kernel_gradient(x, g, window)
    return convolve(x, kernel, window), *ways


def cut(x: Array, parts: int) -> list[Array]:
    """Return the channels of x, or the filters of a kernel, in equal parts."""
    return np.split(x, parts, axis=-1)


def side_by_side(ways: Sequence[Way]) -> Way:
    """Return the way that leads each part of g through its own."""
    return lambda g: np.concatenate([w(p) for w, p in zip(ways, cut(g, len(ways)), strict=True)], axis=-1)


def depthwise(x: Array, kernel: Array, window: Window) -> tuple[Array, Way, Way]:
    """Return y[o, c·m + j] = Σ_i x[o·stride + i·dilation, c] · w[i, c, j], and what leads g back to x and to w."""
    padded, cells = window.pad(x)[..., None], [kernel[cell] for cell in np.ndindex(*window.size)]
    y: Array = sum(padded[place] * cell for place, cell in zip(window.shifts, cells, strict=True))
    maps = tuple(range(y.ndim - 2))

    def by_x(g: Array) -> Array:
        return window.gather((g.reshape(y.shape) * cell).sum(axis=-1) for cell in cells)

    def by_kernel(g: Array) -> Array:
        by_cell = [(padded[place] * g.reshape(y.shape)).sum(axis=maps) for place in window.shifts]
        return np.reshape(by_cell, kernel.shape)

    return y.reshape(*y.shape[:-2], y.shape[-2] * y.shape[-1]), by_x, by_kernel


class _Conv(Fused, rank=3):
    """What the layers below have in common: the place of the window, and the shape of a kernel."""

    def window(self, x: Array) -> Window:
        """Return where the window stands on a map."""
        return slide(x.shape[1:-1], self.kernel_size, self.strides, self.padding, self.dilation_rate)

    def kernel_shape(self, *shape: int) -> Shape:
        """Return (height, width, …)."""
        return (*spread(self.kernel_size, self.rank - 1), *shape)

    def convolve(self, x: Array) -> tuple[Array, Way, Way]:
        """Return the maps, and what leads g back to x and to the kernel."""
        return convolution(x, self.weights["kernel"], self.window(x), self.groups)

    def forward(self, x: Array) -> Result:
        """Return the maps and their biases. ∂L/∂b = g, summed over images and places."""
        y, by_x, by_kernel = self.convolve(x)
        return self.with_bias(y), self.backward(by_x, kernel=by_kernel, bias=over_places)


class Conv2D(_Conv, filters=..., kernel_size=..., strides=1, padding="valid", dilation_rate=1, groups=1):
    """y = x ∗ w + b: at each place, for each filter, the sum of what the window sees times the kernel.

    Kernel (height, width, channels / groups, filters). Keras does not turn the kernel round: this is a
    cross-correlation. ∂L/∂b = g, summed over images and places.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return kernel and bias."""
        channels, filters, groups = shapes[0][-1], self.filters, self.groups
        if groups < 1 or channels % groups or filters % groups:
            raise self.wrong(f"{channels} channels and {filters} filters cannot be cut into {groups} groups")
        return {"kernel": self.kernel_shape(channels // groups, filters), **self.bias_shape(filters)}


class Conv1D(Conv2D, rank=2):
    """A convolution over time: maps (steps, channels)."""


class GroupedConv2D(Conv2D):
    """The same as Conv2D: the name that AlexNet's convolutions in groups have here."""


class DepthwiseConv2D(
    _Conv, kernel_size=..., strides=1, padding="valid", depth_multiplier=1, dilation_rate=1
):
    """Each channel is convolved by itself, with m kernels of its own. Kernel (height, width, channels, m)."""

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return kernel and bias."""
        channels, m = shapes[0][-1], self.depth_multiplier
        return {"kernel": self.kernel_shape(channels, m), **self.bias_shape(channels * m)}

    def convolve(self, x: Array) -> tuple[Array, Way, Way]:
        """Return m maps for each channel, and what leads g back."""
        return depthwise(x, self.weights["kernel"], self.window(x))


class DepthwiseConv1D(DepthwiseConv2D, rank=2):
    """The same over time."""


class SeparableConv2D(
    _Conv, filters=..., kernel_size=..., strides=1, padding="valid", dilation_rate=1, depth_multiplier=1
):
    """A depthwise convolution, then a 1×1 convolution that mixes its maps: y = (x ∗ d) P + b."""

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return both kernels and the bias."""
        channels, m, filters = shapes[0][-1], self.depth_multiplier, self.filters
        mixing = (*(1,) * (len(shapes[0]) - 1), channels * m, filters)
        kernels = {"depthwise_kernel": self.kernel_shape(channels, m), "pointwise_kernel": mixing}
        return {**kernels, **self.bias_shape(filters)}

    def forward(self, x: Array) -> Result:
        """Return the mixed maps."""
        mixing = self.weights["pointwise_kernel"]
        between, by_x, by_kernel = depthwise(x, self.weights["depthwise_kernel"], self.window(x))
        below = lambda g: g @ as_rows(mixing).T  # noqa: E731
        by_mixing = lambda g: turned_product(as_rows(between), as_rows(g)).reshape(mixing.shape)  # noqa: E731
        by = {
            "depthwise_kernel": lambda g: by_kernel(below(g)),
            "pointwise_kernel": by_mixing,
            "bias": over_places,
        }
        y = even_product(as_rows(between), as_rows(mixing)).reshape(*between.shape[:-1], self.filters)
        return self.with_bias(y), self.backward(lambda g: by_x(below(g)), **by)


class SeparableConv1D(SeparableConv2D, rank=2):
    """The same over time."""
