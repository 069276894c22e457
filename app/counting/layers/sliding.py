"""Layers that slide a window over a map, and the padding around it."""

from collections.abc import Sequence
from typing import Any

from app.counting import formulas
from app.counting.count import Count
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, pair, spatial
from app.counting.rows import Shape


class Conv2D(Layer):
    """A convolution over height and width."""

    def __init__(
        self,
        filters: int,
        kernel_size: Size,
        strides: Size = 1,
        padding: str = "valid",
        dilation_rate: Size = 1,
        groups: int = 1,
        activation: Any = None,  # noqa: ARG002
        use_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.filters, self.groups, self.use_bias, self.padding = filters, groups, use_bias, padding
        self.kernel_size, self.strides = pair(kernel_size), pair(strides)
        self.dilation_rate = pair(dilation_rate)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along both axes; as many channels as filters."""
        height, width, channels = spatial(inputs[0], self.kind)
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(
                f"{self.groups} groups do not divide {channels} channels and {self.filters} filters"
            )
        return (*slide_shape(self, (height, width)), self.filters)

    def trainable(self, *inputs: Shape) -> Count:
        """Return (k_h·k_w·c_in/g + 1)·f."""
        channels = inputs[0][-1]
        return formulas.conv_parameters(
            self.kernel_size, channels, self.filters, self.groups, self.use_bias
        )

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k_h·k_w·c_in/g·h_out·w_out·f."""
        output = self.output_shape(*inputs)
        return formulas.conv_multiply_accumulates(
            self.kernel_size, inputs[0][-1], output, self.groups
        )

    def field(self, shape: Shape, *fields: Field) -> Field:
        """Slide the window over what the input's cells see."""
        return slide_field(self, shape, fields[0])


class Pooling(Layer):
    """A window that keeps the channels apart and stores nothing."""

    dilation_rate = (1, 1)

    def __init__(
        self,
        pool_size: Size,
        strides: Size | None = None,
        padding: str = "valid",
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.kernel_size, self.padding = pair(pool_size), padding
        self.strides = self.kernel_size if strides is None else pair(strides)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along both axes."""
        height, width, channels = spatial(inputs[0], self.kind)
        return (*slide_shape(self, (height, width)), channels)

    def field(self, shape: Shape, *fields: Field) -> Field:
        """Slide the window over what the input's cells see."""
        return slide_field(self, shape, fields[0])


class MaxPooling2D(Pooling):
    """The largest value in each window."""

    def __init__(
        self,
        pool_size: Size = (2, 2),
        strides: Size | None = None,
        padding: str = "valid",
        **common: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, **common)


class AveragePooling2D(Pooling):
    """The mean of each window's real cells."""


def slide_shape(window: Conv2D | Pooling, size: Shape) -> Shape:
    """Return the height and width that `window` leaves of `size`."""
    return tuple(
        formulas.output_size(n, window.kernel_size[i], window.strides[i], window.padding,
                             window.dilation_rate[i])
        for i, n in enumerate(size)
    )  # fmt: skip


def slide_field(window: Conv2D | Pooling, shape: Shape, field: Field) -> Field:
    """Return the field of a map that `window` makes of a map of `shape`."""
    axes = []
    for i, axis in enumerate(field.axes):
        kernel, stride, dilation = window.kernel_size[i], window.strides[i], window.dilation_rate[i]
        before, _ = formulas.padding_amounts(shape[i], kernel, stride, window.padding, dilation)
        outputs = formulas.output_size(shape[i], kernel, stride, window.padding, dilation)
        axes.append(axis.slide(kernel, stride, before, dilation, outputs))
    return Field(tuple(axes), field.whole)


class ZeroPadding2D(Layer):
    """A border of zeros."""

    def __init__(self, padding: int | Sequence[Size] = (1, 1), **common: Any) -> None:
        super().__init__(**common)
        rows, columns = (padding, padding) if isinstance(padding, int) else padding
        self.padding = (pair(rows), pair(columns))

    def output_shape(self, *inputs: Shape) -> Shape:
        """Add the border: n + p_before + p_after along each axis."""
        height, width, channels = spatial(inputs[0], self.kind)
        rows, columns = self.padding
        return height + sum(rows), width + sum(columns), channels

    def field(self, shape: Shape, *fields: Field) -> Field:  # noqa: ARG002
        """Add cells that see nothing."""
        axes = zip(fields[0].axes, self.padding, strict=True)
        return Field(tuple(axis.pad(*amounts) for axis, amounts in axes), fields[0].whole)
