"""Pooling: windows that keep the channels apart and store nothing."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting.axes import Taps
from app.counting.count import Count, product_count
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, positive, read_map, spread
from app.counting.layers.shapes import split_map
from app.counting.layers.sliding import Sliding, SlidingWindow
from app.counting.rows import Shape, shape_text


class Pooling(Sliding):
    """A window that makes one value of each channel."""

    family = "Pooling"

    def __init__(
        self, pool_size: Size, strides: Size | None = None, padding: str = "valid", **common: Any
    ) -> None:
        super().__init__(**common)
        kernel = positive(spread(pool_size, self.rank), "the pool size")
        steps = kernel if strides is None else positive(spread(strides, self.rank), "the stride")
        self.window = SlidingWindow(kernel, steps, padding)

    def connections(self, *inputs: Shape) -> Count:
        """Return k·k for each value that comes out."""
        return product_count(*self.window.kernel_size, *self.output_shape(*inputs))

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

    is_linear = True
    rank = 1


class AveragePooling2D(Pooling):
    """The mean of each window's real cells."""

    is_linear = True


class AveragePooling3D(Pooling):
    """The mean of each box's real cells."""

    is_linear = True
    rank = 3


class GlobalPooling(Layer):
    """One value a channel."""

    family = "Pooling"
    keeps_field = is_taught = False
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
        return product_count(*inputs[0])

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return the field of one cell that reads the whole map."""
        return fields[0] and fields[0].collapse()


class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel over time."""

    is_linear = True
    rank = 1


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel."""

    is_linear = is_taught = True


class GlobalAveragePooling3D(GlobalPooling):
    """The mean of each channel over a volume."""

    is_linear = True
    rank = 3


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value of each channel over time."""

    rank = 1


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel."""

    is_taught = True


class GlobalMaxPooling3D(GlobalPooling):
    """The largest value of each channel over a volume."""

    rank = 3


class AdaptivePooling(Layer):
    """Windows chosen such that a wanted number of cells is left.

    Output o reads the cells from floor(o·n/m) to ceil((o + 1)·n/m), the last one left out.
    """

    family = "Pooling"
    keeps_field = False
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
        sizes = zip(shapes[0], self.output_size, strict=False)
        return read_map(shapes[0], fields[0], (_adapt(size, wanted) for size, wanted in sizes))

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

    is_linear = True
    rank = 1


class AdaptiveAveragePooling2D(AdaptivePooling):
    """The means, a wanted number of them."""

    is_linear = True


class AdaptiveAveragePooling3D(AdaptivePooling):
    """The means over a volume, a wanted number of them."""

    is_linear = True
    rank = 3


class AdaptiveMaxPooling1D(AdaptivePooling):
    """The largest values over time, a wanted number of them."""

    rank = 1


class AdaptiveMaxPooling2D(AdaptivePooling):
    """The largest values, a wanted number of them."""


class AdaptiveMaxPooling3D(AdaptivePooling):
    """The largest values of a volume, a wanted number of them."""

    rank = 3
