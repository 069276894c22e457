"""Where a window stands on a map: the geometry that convolution and pooling share."""

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.counting.layers.base import spread

Array = np.ndarray
Pairs = tuple[tuple[int, int], ...]
Index = tuple[slice, ...]


@dataclass(frozen=True)
class Window:
    """The places of a window, along each axis: its cell i at place o is cell o·stride + i·dilation of the map with
    its border."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    borders: Pairs
    """Cells before and after the map."""
    sizes: tuple[int, ...]
    """Of the map with its border."""
    outputs: tuple[int, ...]
    """Number of places."""
    shifts: list[Index] = field(compare=False, repr=False)
    """For each cell of the window, the cells of the map with its border that it meets while the window slides."""
    inside: Index = field(compare=False, repr=False)
    """The map within its border."""

    @property
    def cells(self) -> int:
        """Number of cells of the window."""
        return len(self.shifts)

    def pad(self, x: Array, value: float = 0.0) -> Array:
        """Return maps (batch, …, channels) within their border."""
        return with_border(x, self.borders, value)

    def columns(self, x: Array) -> Array:
        """Return what the window sees at each place as a row, (images·places, cells·channels): im2col.

        Nothing is computed: as strides tell NumPy where the next cell lies, a view shows every window; the copy puts
        the windows' cells side by side, so that a product of matrices can read them.
        """
        padded = self.pad(x)
        rows = len(padded) * math.prod(self.outputs), self.cells * padded.shape[-1]
        if self.cells == 1:
            return padded[self.shifts[0]].reshape(rows)
        if padded.shape[-1] == 1:  # as single cells are copied slowly one by one
            return np.stack([padded[place] for place in self.shifts], axis=-1).reshape(rows)
        images, *axes, channel = padded.strides
        steps = [n * s for n, s in zip(axes, self.strides, strict=True)]
        cells = [n * d for n, d in zip(axes, self.dilation, strict=True)]
        shape = (len(padded), *self.outputs, *self.size, padded.shape[-1])
        strides = (images, *steps, *cells, channel)
        return np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False).reshape(rows)

    def gather(self, pieces: Iterable[Array]) -> Array:
        """Return the sum of pieces, one for each cell of the window, each laid where that cell met the map."""
        total: Any = None
        for place, piece in zip(self.shifts, pieces, strict=True):
            if total is None:
                total = np.zeros((len(piece), *self.sizes, piece.shape[-1]), piece.dtype)
            total[place] += piece
        return np.asarray(total[self.inside])

    def cells_on_map(self) -> Array:
        """Return how many cells of the window lie on the map at each place, and not on its border: (1, …, 1).

        One at least, where a wide border lets it see no cell of the map.
        """
        counts = []
        for n, d, s, o, (before, after), size in zip(
            self.size, self.dilation, self.strides, self.outputs, self.borders, self.sizes, strict=True
        ):
            cells = np.arange(o)[:, None] * s + np.arange(n) * d
            counts.append(((cells >= before) & (cells < size - after)).sum(axis=1))
        return np.maximum(functools.reduce(np.multiply.outer, counts), 1)[None, ..., None]


@functools.lru_cache(maxsize=1024)
def slide(
    sizes: tuple[int, ...], size: Any, strides: Any = 1, padding: Any = "valid", dilation: Any = 1
) -> Window:
    """Return where a window stands on a map.

    Args:
        sizes: of the map, without channels.
        size: of the window.
        strides: cells from place to place.
        padding: `valid`: no border. `same`: as many places as strides fit into the map; the border is larger at the
            end by one cell if it is odd, as TensorFlow has it. `full`: every place that sees a cell of the map.
            `causal`, of a series: no place sees what comes later. Or cells of border, as `as_borders` takes them.
        dilation: cells from cell to cell of the window.

    Raises:
        ValueError: there is no such padding, a number is below 1, or the window is larger than the map.

    >>> slide((28, 28), 3, padding="same").borders, slide((28, 28), 3, strides=2).outputs
    (((1, 1), (1, 1)), (13, 13))
    """
    rank = len(sizes)
    size, strides, dilation = spread(size, rank), spread(strides, rank), spread(dilation, rank)
    if min(*size, *strides, *dilation) < 1:
        raise ValueError(f"window, strides and dilation must be 1 or more, not {size}, {strides}, {dilation}")
    reach = [d * (n - 1) + 1 for n, d in zip(size, dilation, strict=True)]
    if padding == "same":
        lacks = [max((-(-n // s) - 1) * s + r - n, 0) for n, s, r in zip(sizes, strides, reach, strict=True)]
        borders: Pairs = tuple((n // 2, n - n // 2) for n in lacks)
    elif padding in ("valid", "full") or (padding == "causal" and rank == 1):
        before, after = {"valid": (0, 0), "full": (1, 1), "causal": (1, 0)}[padding]
        borders = tuple((before * (r - 1), after * (r - 1)) for r in reach)
    else:
        borders = as_borders(padding, rank)
    padded = tuple(n + sum(pair) for n, pair in zip(sizes, borders, strict=True))
    outputs = tuple((n - r) // s + 1 for n, r, s in zip(padded, reach, strides, strict=True))
    if min(outputs) < 1:
        raise ValueError(f"a window of {tuple(reach)} cells is larger than a map of {padded}")
    axes = list(zip(dilation, outputs, strides, strict=True))
    shifts = [
        (
            slice(None),
            *[slice(i * d, i * d + (o - 1) * s + 1, s) for i, (d, o, s) in zip(cell, axes, strict=True)],
        )
        for cell in itertools.product(*map(range, size))
    ]
    return Window(size, strides, dilation, borders, padded, outputs, shifts, inside_of(borders, sizes))


def slide_back(
    sizes: tuple[int, ...], size: Any, strides: Any, padding: str, dilation: Any, output_padding: Any = None
) -> Window:
    """Return the window that has as many places as a map of some sizes has cells, on a larger map.

    That is the window of a transposed convolution. Many sizes of the larger map would do; as Keras has it, `same`
    multiplies a size by the stride, and `valid` takes the smallest, but not less. `output_padding` adds cells.

    Raises:
        ValueError: there is no such window.

    >>> slide_back((7, 7), 3, 2, "same", 1).sizes
    (15, 15)
    """
    rank, larger = len(sizes), []
    told = [spread(n, rank) for n in (size, strides, dilation)]
    extra = (None,) * rank if output_padding is None else spread(output_padding, rank)
    for n, k, s, d, more in zip(sizes, *told, extra, strict=True):
        reach = d * (k - 1) + 1
        if more is None:
            larger.append(n * s if padding == "same" else (n - 1) * s + max(reach, s))
        else:
            larger.append((n - 1) * s + (reach % 2 if padding == "same" else reach) + more)
    window = slide(tuple(larger), size, strides, padding, dilation)
    if window.outputs != sizes or padding not in ("valid", "same"):
        raise ValueError(
            f"strides {strides}, padding {padding!r} and output_padding {output_padding} do not fit"
        )
    return window


def neighbours(cells: int, size: int, interpolation: str) -> tuple[Array, Array, Array]:
    """Return, for each of `size` new cells, the two of `cells` between which its middle lies, and how far.

    The middle of cell i of n is at (i + ½)/n, in both maps. nearest: the cell in which it lies, twice, and 0.

    >>> [n.tolist() for n in neighbours(2, 4, "bilinear")]
    [[0, 0, 0, 1], [0, 1, 1, 1], [0.0, 0.25, 0.75, 0.0]]
    """
    at = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    if interpolation == "nearest":
        at = np.floor((np.arange(size) + 0.5) * cells / size)
    low = np.floor(at).astype(int)
    return low, np.ceil(at).astype(int), at - low


def as_borders(padding: Any, rank: int) -> Pairs:
    """Return the cells of a border before and after along each axis.

    Args:
        padding: 1: everywhere. (1, 2): rows and columns; of a series, before and after. ((0, 1), (2, 2)): all told.
        rank: number of axes.

    Raises:
        ValueError: it is none of these, or a number is below 0.

    >>> as_borders(1, 2), as_borders((1, 2), 2), as_borders((1, 2), 1)
    (((1, 1), (1, 1)), ((1, 1), (2, 2)), ((1, 2),))
    """
    if isinstance(padding, str) or (
        isinstance(padding, Sequence) and len(padding) not in (rank, 2 * (rank == 1))
    ):
        raise ValueError(f"padding must be valid, same, full or cells along {rank} axes, not {padding!r}")
    pairs = padding if isinstance(padding, Sequence) else (padding,) * rank
    pairs = (pairs,) if rank == 1 and len(pairs) == 2 else pairs
    found = [spread(pair, 2) for pair in pairs]
    if min(itertools.chain(*found)) < 0:
        raise ValueError(f"a border has 0 cells or more, not {padding!r}")
    return tuple((before, after) for before, after in found)


def inside_of(borders: Pairs, sizes: Sequence[int]) -> Index:
    """Return where maps of some sizes lie within their borders."""
    return (slice(None), *[slice(b, b + n) for n, (b, _) in zip(sizes, borders, strict=True)])


def with_border(x: Array, borders: Pairs, value: float = 0.0) -> Array:
    """Return maps (batch, …, channels) within a border of one value."""
    if not any(map(any, borders)):
        return x
    sizes = [n + sum(pair) for n, pair in zip(x.shape[1:-1], borders, strict=True)]
    padded = np.full((len(x), *sizes, x.shape[-1]), value, x.dtype)
    padded[inside_of(borders, x.shape[1:-1])] = x
    return padded


def without_border(x: Array, borders: Pairs) -> Array:
    """Return maps (batch, …, channels) without cells at their sides.

    Raises:
        ValueError: nothing would be left.
    """
    left = [n - sum(pair) for n, pair in zip(x.shape[1:-1], borders, strict=True)]
    if min(left) < 1:
        raise ValueError(f"nothing is left of a map of {x.shape[1:-1]} without a border of {borders}")
    return x[inside_of(borders, left)]
