"""Convolution and pooling as loops: the definitions, to be read, and the judges of the fast forms in `layers`.

Everything comes from one question: which cell of a window meets which cell of the map at which place? `meetings`
answers it. Forward multiplies what meets and adds up; backward goes through the same meetings and sends the gradient
the other way. Maps are (images, height, width, channels); a series (images, steps, channels) is a map of one row.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]
Padding = str | int | Sequence[Pair]


def meetings(
    sizes: Pair, window: Pair, strides: Pair, padding: Padding, dilation: Pair = (1, 1)
) -> Iterator[tuple[Pair, Pair, Pair]]:
    """Yield what meets: a place of the window, a cell of it, and the cell of the map that it lies on.

    Cells of a border meet nothing: they are zero.

    >>> [(place[1], cell[1], at[1]) for place, cell, at in meetings((1, 3), (1, 2), (1, 1), "valid")]
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)]
    """
    height, width = sizes
    (top, rows), (left, columns) = (
        first_and_number(sizes[axis], window[axis], strides[axis], padding, dilation[axis], axis)
        for axis in (0, 1)
    )
    for row in range(rows):
        for column in range(columns):
            for i in range(window[0]):
                for j in range(window[1]):
                    y = row * strides[0] + i * dilation[0] - top
                    x = column * strides[1] + j * dilation[1] - left
                    if 0 <= y < height and 0 <= x < width:
                        yield (row, column), (i, j), (y, x)


def first_and_number(size: int, window: int, stride: int, padding: Padding, dilation: int, axis: int) -> Pair:
    """Return how many cells of border lie before a map, along one axis, and how many places a window has.

    valid: ⌊(n − r)/s⌋ + 1 places of a window that reaches over r cells. same: ⌈n/s⌉. full: every place that sees a
    cell. causal: no place sees what comes after it. Or cells of border: of all sides, or before and after each axis.

    >>> first_and_number(5, 3, 2, "same", 1, 0), first_and_number(5, 3, 1, "full", 1, 0)
    ((1, 3), (2, 7))
    """
    reach = dilation * (window - 1) + 1
    if padding == "same":
        places = math.ceil(size / stride)
        return max((places - 1) * stride + reach - size, 0) // 2, places
    if isinstance(padding, str):
        before, after = {"valid": (0, 0), "full": (reach - 1, reach - 1), "causal": (reach - 1, 0)}[padding]
    else:
        before, after = (padding, padding) if isinstance(padding, int) else padding[axis]
    return before, (size + before + after - reach) // stride + 1


def convolve(
    x: Array, kernel: Array, strides: Any = 1, padding: Padding = "valid", dilation: Any = 1, groups: int = 1
) -> Array:
    """Return y[o, f] = Σ_i Σ_c x[o·stride + i·dilation, c] · w[i, c, f]; filter f reads the channels of its group.

    Args:
        x: (images, height, width, channels), or (images, steps, channels).
        kernel: (height, width, channels / groups, filters), or without the height.
        strides: cells from place to place.
        padding: see `first_and_number`.
        dilation: cells from cell to cell of the window.
        groups: parts into which channels and filters are cut.

    >>> convolve(np.arange(4.0).reshape(1, 4, 1), np.ones((2, 1, 1))).ravel().tolist()
    [1.0, 3.0, 5.0]
    """
    if x.ndim == 3:
        return as_row(convolve, x, kernel, strides, padding, dilation, groups=groups)[:, 0]
    depth, filters = kernel.shape[2:]
    told = x.shape[1:3], kernel.shape[:2], pair(strides), padding, pair(dilation)
    y = np.zeros((len(x), *places(*told), filters), x.dtype)
    for n in range(len(x)):
        for o, i, at in meetings(*told):
            for f in range(filters):
                first = f // (filters // groups) * depth  # of the channels of its group
                for c in range(depth):
                    y[n, *o, f] += x[n, *at, first + c] * kernel[*i, c, f]
    return y


def convolve_back(
    x: Array,
    kernel: Array,
    g: Array,
    strides: Any = 1,
    padding: Padding = "valid",
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Array, Array]:
    """Return ∂L/∂x and ∂L/∂w of `convolve`, g = ∂L/∂y: each product of the sum sends g to both its factors.

    >>> by_x, by_kernel = convolve_back(np.ones((1, 3, 1)), np.ones((2, 1, 1)), np.ones((1, 2, 1)))
    >>> by_x.ravel().tolist(), by_kernel.ravel().tolist()
    ([1.0, 2.0, 1.0], [2.0, 2.0])
    """
    if x.ndim == 3:
        given = x[:, None], kernel[None], g[:, None]
        by_x, by_kernel = convolve_back(*given, (1, strides), rows_of(padding), (1, dilation), groups)
        return by_x[:, 0], by_kernel[0]
    depth, filters = kernel.shape[2:]
    told = x.shape[1:3], kernel.shape[:2], pair(strides), padding, pair(dilation)
    by_x, by_kernel = np.zeros_like(x), np.zeros_like(kernel)
    for n in range(len(x)):
        for o, i, at in meetings(*told):
            for f in range(filters):
                first = f // (filters // groups) * depth
                for c in range(depth):
                    by_x[n, *at, first + c] += g[n, *o, f] * kernel[*i, c, f]
                    by_kernel[*i, c, f] += g[n, *o, f] * x[n, *at, first + c]
    return by_x, by_kernel


def convolve_each(
    x: Array, kernel: Array, strides: Any = 1, padding: Padding = "valid", dilation: Any = 1
) -> Array:
    """Return y[o, c·m + j] = Σ_i x[o·stride + i·dilation, c] · w[i, c, j]: each channel by itself (depthwise).

    That is a convolution in as many groups as there are channels, of kernels (height, width, 1, channels·m).
    """
    return convolve(x, one_deep(kernel), strides, padding, dilation, groups=x.shape[-1])


def convolve_each_back(
    x: Array, kernel: Array, g: Array, strides: Any = 1, padding: Padding = "valid", dilation: Any = 1
) -> tuple[Array, Array]:
    """Return ∂L/∂x and ∂L/∂w of `convolve_each`."""
    by_x, by_kernel = convolve_back(x, one_deep(kernel), g, strides, padding, dilation, groups=x.shape[-1])
    return by_x, by_kernel.reshape(kernel.shape)


def transpose(
    x: Array,
    kernel: Array,
    sizes: Sequence[int],
    strides: Any = 1,
    padding: Padding = "valid",
    dilation: Any = 1,
) -> Array:
    """Return y[o·stride + i·dilation, f] = Σ x[o, c] · w[i, f, c]: each cell of x lays the kernel down.

    Args:
        x: (images, height, width, channels), or (images, steps, channels).
        kernel: (height, width, filters, channels), or without the height.
        sizes: of y; a convolution with these settings makes a map like x of a map like y.
        strides: cells between two places where the kernel is laid down.
        padding: the border of y, which is cut off.
        dilation: cells from cell to cell of the kernel.

    >>> transpose(np.array([1.0, 2.0]).reshape(1, 2, 1), np.ones((3, 1, 1)), (5,), strides=2).ravel().tolist()
    [1.0, 1.0, 3.0, 2.0, 2.0]
    """
    if x.ndim == 3:
        return as_row(transpose, x, kernel, (1, *sizes), strides, padding, dilation)[:, 0]
    y = np.zeros((len(x), *sizes, kernel.shape[2]), x.dtype)
    for n in range(len(x)):
        for o, i, at in meetings(
            (sizes[0], sizes[1]), kernel.shape[:2], pair(strides), padding, pair(dilation)
        ):
            for f in range(kernel.shape[2]):
                for c in range(kernel.shape[3]):
                    y[n, *at, f] += x[n, *o, c] * kernel[*i, f, c]
    return y


def transpose_back(
    x: Array, kernel: Array, g: Array, strides: Any = 1, padding: Padding = "valid", dilation: Any = 1
) -> tuple[Array, Array]:
    """Return ∂L/∂x and ∂L/∂w of `transpose`."""
    if x.ndim == 3:
        given = x[:, None], kernel[None], g[:, None]
        by_x, by_kernel = transpose_back(*given, (1, strides), rows_of(padding), (1, dilation))
        return by_x[:, 0], by_kernel[0]
    by_x, by_kernel = np.zeros_like(x), np.zeros_like(kernel)
    for n in range(len(x)):
        for o, i, at in meetings(g.shape[1:3], kernel.shape[:2], pair(strides), padding, pair(dilation)):
            for f in range(kernel.shape[2]):
                for c in range(kernel.shape[3]):
                    by_x[n, *o, c] += g[n, *at, f] * kernel[*i, f, c]
                    by_kernel[*i, f, c] += g[n, *at, f] * x[n, *o, c]
    return by_x, by_kernel


Kind = Literal["max", "mean", "sum"]


def pool(x: Array, kind: Kind, size: Any, strides: Any = None, padding: Padding = "valid") -> Array:
    """Return the largest value that each window sees, or the mean, or the sum; cells of the border do not count.

    >>> pool(np.arange(5.0).reshape(1, 5, 1), "mean", 2, padding="same").ravel().tolist()
    [0.5, 2.5, 4.0]
    """
    if x.ndim == 3:
        return pool(x[:, None], kind, (1, size), (1, strides or size), rows_of(padding))[:, 0]
    told = x.shape[1:3], pair(size), pair(strides or size), padding
    y = np.full((len(x), *places(*told), x.shape[3]), -math.inf if kind == "max" else 0, x.dtype)
    cells = counts(*told)
    for n in range(len(x)):
        for o, _, at in meetings(*told):
            for c in range(x.shape[3]):
                if kind != "max":
                    y[n, *o, c] += x[n, *at, c] / (cells[o] if kind == "mean" else 1)
                elif x[n, *at, c] > y[n, *o, c]:
                    y[n, *o, c] = x[n, *at, c]
    return y


def pool_back(
    x: Array, g: Array, kind: Kind, size: Any, strides: Any = None, padding: Padding = "valid"
) -> Array:
    """Return ∂L/∂x of `pool`: a largest value alone gets the gradient of its window, the first of several.

    >>> pool_back(np.array([3.0, 3.0, 1.0]).reshape(1, 3, 1), np.ones((1, 1, 1)), "max", 3).ravel().tolist()
    [1.0, 0.0, 0.0]
    """
    if x.ndim == 3:
        return pool_back(x[:, None], g[:, None], kind, (1, size), (1, strides or size), rows_of(padding))[
            :, 0
        ]
    told = x.shape[1:3], pair(size), pair(strides or size), padding
    y, cells, by_x = pool(x, kind, size, strides, padding), counts(*told), np.zeros_like(x)
    is_given = np.zeros(y.shape, bool)
    for n in range(len(x)):
        for o, _, at in meetings(*told):
            for c in range(x.shape[3]):
                if kind != "max":
                    by_x[n, *at, c] += g[n, *o, c] / (cells[o] if kind == "mean" else 1)
                elif x[n, *at, c] == y[n, *o, c] and not is_given[n, *o, c]:
                    by_x[n, *at, c] += g[n, *o, c]
                    is_given[n, *o, c] = True
    return by_x


def places(sizes: Pair, window: Pair, strides: Pair, padding: Padding, dilation: Pair = (1, 1)) -> list[int]:
    """Return how many places a window has along each axis."""
    told = zip(sizes, window, strides, dilation, strict=True)
    return [first_and_number(n, w, s, padding, d, axis)[1] for axis, (n, w, s, d) in enumerate(told)]


def counts(sizes: Pair, window: Pair, strides: Pair, padding: Padding) -> dict[Pair, int]:
    """Return how many cells of the map each window sees."""
    found: dict[Pair, int] = {}
    for place, _, _ in meetings(sizes, window, strides, padding):
        found[place] = found.get(place, 0) + 1
    return found


def pair(number: Any) -> Pair:
    """Return a number for both axes."""
    return (number, number) if isinstance(number, int) else (number[0], number[1])


def one_deep(kernel: Array) -> Array:
    """Return kernels (…, channels, m) of a depthwise convolution as (…, 1, channels·m)."""
    return kernel.reshape(*kernel.shape[:-2], 1, kernel.shape[-2] * kernel.shape[-1])


def rows_of(padding: Padding) -> Padding:
    """Return the border of a series, taken for a map of one row: none above and below."""
    if padding == "valid" or padding == "same":
        return padding
    return (
        padding
        if isinstance(padding, str)
        else [(0, 0), *([pair(padding)] if isinstance(padding, int) else padding)]
    )


def as_row(work: Callable[..., Array], x: Array, kernel: Array, *told: Any, **more: Any) -> Array:
    """Return what is made of a series, taken for a map of one row."""
    *first, strides, padding, dilation = told
    return work(x[:, None], kernel[None], *first, (1, strides), rows_of(padding), (1, dilation), **more)
