"""What the walks of windows share: maps as grids, their borders, how many numbers are shown."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.scratch.windows import Window
from app.show.frames.frame import Grid, Mark, Number, Place, Tone, rectangle

Array = np.ndarray
MOST_FRAMES = 900
"""Places of a map that are all walked to; of a larger map those of a part are."""
MOST_CELLS = 40
"""Rows and columns of such a map, with its border."""
MOST_PADDING = 100
MOST_SIDE = 512
"""Rows and columns of a map that is worked out as a whole; of a larger one the middle is."""
MOST_LISTED = 10_000
"""Numbers of a result that stand among the facts; of a larger one only the array is kept."""
PART = 8
"""Rows and columns of the places that are shown of a larger one."""


def as_map(values: Any, what: str = "the image") -> Array:
    """Return numbers as a map (rows, columns, channels) of float64.

    Args:
        values: rows of numbers, or rows of columns of channels.
        what: what they are called in an error.

    Raises:
        ValueError: rows of different lengths, no numbers, none at all, or none that are finite.

    >>> as_map([[1, 2], [3, 4]]).shape
    (2, 2, 1)
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "c":
        raise ValueError(f"{what} holds complex numbers; real ones are expected")
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        lengths = (
            {len(row) for row in values if isinstance(row, Sequence)}
            if isinstance(values, Sequence)
            else set()
        )
        if len(lengths) > 1:
            counts = ", ".join(map(str, sorted(lengths)))
            raise ValueError(
                f"{what} has rows of different lengths ({counts}); every row needs as many numbers"
            ) from error
        raise ValueError(f"{what} holds something that is no number") from error
    if array.ndim == 1 and array.size:
        array = array[np.newaxis]
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim != 3 or not array.size:
        given = "×".join(map(str, array.shape)) or "one number"
        raise ValueError(f"{what} is rows and columns of numbers, with channels at most, not {given}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} holds NaN or infinite values")
    return array


def as_kernel(values: Any, channels: int) -> Array:
    """Return a kernel (rows, columns, channels, filters) of float64.

    Args:
        values: rows of columns; then of channels; then of filters.
        channels: of the image. A kernel of rows and columns alone is used for each of them.

    Raises:
        ValueError: it holds no numbers, or is for another number of channels.
    """
    array = np.asarray(values, dtype=float) if np.ndim(values) == 4 else as_map(values, "the kernel")
    if array.ndim == 3:
        if array.shape[-1] == 1 and channels > 1:
            array = np.repeat(array, channels, axis=-1)
        array = array[..., np.newaxis]
    if not array.size or not np.isfinite(array).all():
        raise ValueError("the kernel is empty, or holds NaN or infinite values")
    if array.shape[2] != channels:
        raise ValueError(
            f"the kernel reads {array.shape[2]} channels, the image has {channels}; give one matrix for each channel"
        )
    return array


def pair(values: Any, what: str) -> tuple[int, int]:
    """Return rows and columns of a setting: one number is for both.

    Raises:
        ValueError: there are more, or one is below 1.
    """
    found = whole_pair(values, what)
    if min(found) < 1:
        raise ValueError(f"{what} must be 1 or more, down and across, not {', '.join(map(str, found))}")
    return found


def whole_pair(values: Any, what: str) -> tuple[int, int]:
    """Return whole numbers for rows and columns: one number is for both.

    Raises:
        ValueError: they are no whole numbers, or not two.
    """
    try:
        found = tuple(operator.index(n) for n in (values if isinstance(values, (tuple, list)) else (values,)))
    except TypeError:
        raise ValueError(f"{what} is a whole number, or two for rows and columns, not {values!r}") from None
    if len(found) not in (1, 2):
        raise ValueError(f"{what} is a whole number, or two for rows and columns, not {values!r}")
    return found[0], found[-1]


def as_padding(padding: Any) -> Any:
    """Return a padding: `valid`, `same`, or cells above, below, left and right, as `slide` takes them.

    Raises:
        ValueError: it is none of these, or more than 100 cells.
    """
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise ValueError(f"padding is valid, same, or cells of zeros, not {padding!r}")
        return padding
    rows, columns = whole_pair(padding, "padding")
    if min(rows, columns) < 0 or max(rows, columns) > MOST_PADDING:
        raise ValueError(f"padding is 0 to {MOST_PADDING} cells, not {max(rows, columns)}")
    return ((rows, rows), (columns, columns))


def finite(array: Array) -> Array:
    """Return an array that was worked out.

    Raises:
        ValueError: it is not finite, since the numbers are too large.
    """
    if not np.isfinite(array).all():
        raise ValueError("the numbers are too large: a result is not finite")
    return array


def middle_of(x: Array) -> tuple[Array, str]:
    """Return a map, of a very large one the middle, with a sentence that says so."""
    if max(x.shape[:2]) <= MOST_SIDE:
        return x, ""
    spans = []
    for size in x.shape[:2]:
        first = max((size - MOST_SIDE) // 2, 0)
        spans.append(slice(first, min(first + MOST_SIDE, size)))
    rows, columns = spans
    said = (
        f"Of {times(x.shape)} numbers the middle is taken, rows {rows.start} to {rows.stop - 1} and columns "
        f"{columns.start} to {columns.stop - 1}, and counted from 0 here."
    )
    return x[rows, columns], said


def rows_of(array: Array) -> list[list[float]]:
    """Return a matrix as rows of numbers."""
    return [[float(value) for value in row] for row in array]


@dataclass(frozen=True)
class View:
    """The part of a map, with its border, whose places are walked to: all of a small map, a part of a large one."""

    window: Window
    rows: range
    """Rows of the output whose places are shown."""
    columns: range

    @property
    def is_part(self) -> bool:
        """Whether there is more than is shown."""
        return (len(self.rows), len(self.columns)) != self.window.outputs

    @property
    def places(self) -> list[Place]:
        """Row and column of each place in the output, row by row."""
        return [(row, column) for row in self.rows for column in self.columns]

    def grid(
        self, caption: str, channel: Array, place: Place, tone: Tone, largest: float, **told: Any
    ) -> Grid:
        """Return a channel of the map as far as it is seen, the window marked at a place of the output.

        Args:
            caption: what it is called.
            channel: (rows, columns), without border.
            place: row and column in the output.
            tone: its colours.
            largest: the value at which they are strongest.
            told: `fill`, what a cell of the border holds (0); `chosen`, cells of the border and map to be pointed out.
        """
        borders = self.window.borders
        spans = [self._span(axis) for axis in (0, 1)]
        fill: Number = told.get("fill", 0.0)
        rows = [
            [
                float(channel[i - borders[0][0], j - borders[1][0]])
                if 0 <= i - borders[0][0] < channel.shape[0] and 0 <= j - borders[1][0] < channel.shape[1]
                else fill
                for j in spans[1]
            ]
            for i in spans[0]
        ]
        border, first = [], []
        for axis, span in enumerate(spans):
            before, after = borders[axis]
            last = self.window.sizes[axis] - after
            border += [max(0, before - span.start), max(0, span.stop - last)]
            first.append(max(span.start, before) - before)
        marks = [Mark("window", self._here(window_at(self.window, *place)))]
        if told.get("chosen"):
            marks.append(Mark("chosen", self._here(told["chosen"])))
        note = ""
        if self.is_part:
            ends = [
                min(span.stop, self.window.sizes[a] - borders[a][1]) - borders[a][0] - 1
                for a, span in enumerate(spans)
            ]
            note = f"rows {first[0]} to {ends[0]}, columns {first[1]} to {ends[1]} of {times(channel.shape)}"
        sides = border[0], border[1], border[2], border[3]
        return Grid(caption, rows, tuple(marks), tone, largest, sides, (first[0], first[1]), note=note)

    def result(self, caption: str, found: Array, place: Place, tone: Tone, largest: float) -> Grid:
        """Return a channel of the output as far as it is worked out when a place is reached.

        Args:
            caption: what it is called.
            found: the whole of it, (rows, columns).
            place: row and column of the place.
            tone: its colours.
            largest: the value at which they are strongest.
        """
        row, column = place[0] - self.rows.start, place[1] - self.columns.start
        part = found[self.rows.start : self.rows.stop, self.columns.start : self.columns.stop]
        here = (Mark("result", ((row, column),)),)
        shown, first = row * len(self.columns) + column + 1, (self.rows.start, self.columns.start)
        return Grid(caption, rows_of(part), here, tone, largest, first=first, shown=shown)

    def _span(self, axis: int) -> range:
        """Return the cells of the map with its border that the places shown can see, along an axis."""
        window, places = self.window, (self.rows, self.columns)[axis]
        if len(places) == window.outputs[axis]:
            return range(window.sizes[axis])
        stride, reach = window.strides[axis], window.dilation[axis] * (window.size[axis] - 1) + 1
        return range(places.start * stride, (places.stop - 1) * stride + reach)

    def _here(self, cells: Sequence[Place]) -> tuple[Place, ...]:
        down, across = (self._span(axis).start for axis in (0, 1))
        return tuple((i - down, j - across) for i, j in cells)


def view_of(window: Window, output: Array) -> View:
    """Return the places that are shown: all of a map that is not too large, else those around the largest value.

    Args:
        window: what slides.
        output: what it leaves, (rows, columns, channels).
    """
    ranges = []
    rows, columns = output.shape[:2]
    is_small = rows * columns <= MOST_FRAMES and max(window.sizes) <= MOST_CELLS
    peak = np.unravel_index(np.abs(output).max(axis=-1).argmax(), (rows, columns))
    for size, at in zip((rows, columns), peak, strict=True):
        first = 0 if is_small or size <= PART else min(max(int(at) - PART // 2, 0), size - PART)
        ranges.append(range(first, size if is_small else min(first + PART, size)))
    return View(window, *ranges)


def window_at(window: Window, row: int, column: int) -> tuple[Place, ...]:
    """Return the cells of the map with its border that the window sees at a place."""
    (height, width), (down, across) = window.size, window.dilation
    return rectangle(row * window.strides[0], column * window.strides[1], height, width, (down, across))


def map_tone(array: Array) -> Tone:
    """Return the colours of a map: blue and orange where it has values below 0, else grey."""
    return "signed" if array.min() < 0 else "grey"


def channel_name(name: str, channel: int, channels: int) -> str:
    """Return what a channel of a map is called; the map itself where it has one.

    >>> channel_name("image", 0, 1), channel_name("image", 2, 3)
    ('image', 'image, channel 2')
    """
    return name if channels == 1 else f"{name}, channel {channel}"


def times(shape: Sequence[int]) -> str:
    """Return a shape as it is said: 5×5×2, without a single channel.

    >>> times((5, 5, 1)), times((5, 5, 2))
    ('5×5', '5×5×2')
    """
    sizes = shape[:-1] if len(shape) == 3 and shape[-1] == 1 else shape
    return "×".join(map(str, sizes))


def size_text(n: int, window: Window, axis: int) -> str:
    """Return the working of an output's size along one axis: ⌊(5 + 2 − 3)/1⌋ + 1 = 5."""
    border, stride, step = sum(window.borders[axis]), window.strides[axis], window.dilation[axis]
    reach = step * (window.size[axis] - 1) + 1
    inside = f"{n} + {border} − {reach}" if border else f"{n} − {reach}"
    return f"{inside if stride == 1 else f'⌊({inside})/{stride}⌋'} + 1 = {window.outputs[axis]}"


def border_text(window: Window) -> str:
    """Return what border a map has, in words."""
    (above, below), (left, right) = window.borders
    if not any((above, below, left, right)):
        return "no padding"
    if above == below == left == right:
        return f"padding {above}"
    return f"padding {above} above, {below} below, {left} left, {right} right"


def setting(values: tuple[int, ...]) -> str:
    """Return a setting of both axes: one number where they are equal."""
    return str(values[0]) if len(set(values)) == 1 else f"{values[0]} down and {values[1]} across"


def shown_text(view: View, filters: int, drawn: int) -> tuple[str, ...]:
    """Return a sentence about what is left out, where something is."""
    said = []
    if view.is_part:
        places, (rows, columns) = view.window.outputs[0] * view.window.outputs[1], (view.rows, view.columns)
        said.append(
            f"The result has {places:,} places, too many to walk to each. Shown are {len(view.places)}, around the "
            f"largest value: rows {rows.start} to {rows.stop - 1}, columns {columns.start} to {columns.stop - 1}."
        )
    if drawn < filters:
        said.append(f"Shown are {drawn} of {filters} filters.")
    return tuple(said)


def listed(output: Array) -> Any:
    """Return an output as lists; None where it has too many numbers."""
    return output.tolist() if output.size <= MOST_LISTED else None
