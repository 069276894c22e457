"""Pooling: windows that keep the channels apart and store nothing."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting.axes import Taps
from app.counting.count import Count, product
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, is_placed, positive, same_everywhere, spread
from app.counting.layers.shapes import split_map
from app.counting.layers.sliding import SlidingWindow
from app.counting.rows import Shape, shape_text


class Pooling(Layer):
    """A window that makes one value of each channel."""

    rank = 2

    def __init__(
        self, pool_size: Size, strides: Size | None = None, padding: str = "valid", **common: Any
    ) -> None:
        super().__init__(**common)
        kernel = positive(spread(pool_size, self.rank), "the pool size")
        steps = kernel if strides is None else positive(spread(strides, self.rank), "the stride")
        self.window = SlidingWindow(kernel, steps, padding)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along each axis."""
        sizes, channels = split_map(inputs[0], self.rank, self.kind)
        return (*self.window.output_size(sizes), channels)

    def connections(self, *inputs: Shape) -> Count:
        """Return k·k for each value that comes out."""
        factors = (*self.window.kernel_size, *self.output_shape(*inputs))
        return Count(math.prod(factors), product(*factors))

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Slide the window over what the input's cells see."""
        return self.window.field(shapes[0], fields[0]) if fields[0] else None

    def settings(self) -> str:
        """Return window, stride and padding."""
        return str(self.window)


class _MaxPooling(Pooling):
    """The largest value in each window."""

    def __init__(
        self, pool_size: Size = 2, strides: Size | None = None, padding: str = "valid", **common: Any
    ) -> None:
        super().__init__(pool_size, strides, padding, **common)


class MaxPooling1D(_MaxPooling):
    """The largest value in each stretch of time."""

    rank = 1


class MaxPooling2D(_MaxPooling):
    """The largest value in each window."""


class MaxPooling3D(_MaxPooling):
    """The largest value in each box."""

    rank = 3


class AveragePooling1D(Pooling):
    """The mean of each stretch of time's real cells."""

    rank = 1


class AveragePooling2D(Pooling):
    """The mean of each window's real cells."""


class AveragePooling3D(Pooling):
    """The mean of each box's real cells."""

    rank = 3


class GlobalPooling(Layer):
    """One value a channel."""

    rank = 2

    def __init__(self, keepdims: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.keepdims = keepdims

    def output_shape(self, *inputs: Shape) -> Shape:
        """Keep the channels; with `keepdims` as a map of one cell."""
        _, channels = split_map(inputs[0], self.rank, self.kind)
        return (*(1,) * self.rank, channels) if self.keepdims else (channels,)

    def connections(self, *inputs: Shape) -> Count:
        """Return every value that comes in."""
        return Count(math.prod(inputs[0]), product(*inputs[0]))

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return the field of one cell that reads the whole map."""
        return fields[0] and fields[0].collapse()


class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel over time."""

    rank = 1


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel."""


class GlobalAveragePooling3D(GlobalPooling):
    """The mean of each channel over a volume."""

    rank = 3


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value of each channel over time."""

    rank = 1


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel."""


class GlobalMaxPooling3D(GlobalPooling):
    """The largest value of each channel over a volume."""

    rank = 3


class AdaptivePooling(Layer):
    """Windows chosen such that a wanted number of cells is left.

    Output o reads the cells from floor(o·n/m) to ceil((o + 1)·n/m), the last one left out.
    """

    rank = 2

    def __init__(self, output_size: Size, **common: Any) -> None:
        super().__init__(**common)
        self.output_size = positive(spread(output_size, self.rank), "the output size")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the wanted size."""
        _, channels = split_map(inputs[0], self.rank, self.kind)
        return (*self.output_size, channels)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return what each window sees."""
        field = fields[0]
        if field is None or not is_placed(shapes[0], field):
            return field and same_everywhere(field)
        sizes = zip(shapes[0], self.output_size, strict=False)
        return field.read([_adapt(size, wanted) for size, wanted in sizes])

    def settings(self) -> str:
        """Return the wanted size."""
        return f"to {shape_text(self.output_size)}"


def _adapt(size: int, wanted: int) -> Taps:
    common = math.gcd(size, wanted)
    return Taps(
        lambda o: range(o * size // wanted, -(-(o + 1) * size // wanted)),
        wanted,
        period=(wanted // common, size // common),
    )


class AdaptiveAveragePooling1D(AdaptivePooling):
    """The means over time, a wanted number of them."""

    rank = 1


class AdaptiveAveragePooling2D(AdaptivePooling):
    """The means, a wanted number of them."""


class AdaptiveAveragePooling3D(AdaptivePooling):
    """The means over a volume, a wanted number of them."""

    rank = 3


class AdaptiveMaxPooling1D(AdaptivePooling):
    """The largest values over time, a wanted number of them."""

    rank = 1


class AdaptiveMaxPooling2D(AdaptivePooling):
    """The largest values, a wanted number of them."""


class AdaptiveMaxPooling3D(AdaptivePooling):
    """The largest values of a volume, a wanted number of them."""

    rank = 3
