"""Transposed convolutions: each cell is spread over a window of the output."""

from collections.abc import Sequence
from typing import Any

from app.counting import formulas, windows
from app.counting.axes import Taps
from app.counting.count import Count, product_count
from app.counting.fields import Field
from app.counting.layers.base import Size, is_placed, same_everywhere, spread
from app.counting.layers.convolution import Convolution
from app.counting.layers.shapes import split_map
from app.counting.layers.sliding import is_enormous
from app.counting.rows import Shape, Weight


class _TransposedConvolution(Convolution):
    """A convolution run backwards: input cell i is added, weighted, to outputs i·s + t·d − p."""

    slides = False

    def __init__(
        self,
        filters: int,
        kernel_size: Size,
        strides: Size = 1,
        padding: str = "valid",
        output_padding: Size | None = None,
        dilation_rate: Size = 1,
        activation: Any = None,  # noqa: ARG002
        use_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, **common)
        self.filters = filters
        self.output_padding = None if output_padding is None else spread(output_padding, self.rank)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return n·s and what the kernel adds, along each axis."""
        sizes, _ = split_map(inputs[0], self.rank, self.kind)
        return (*(self._size(i, n) for i, n in enumerate(sizes)), self.filters)

    def _size(self, axis: int, size: int) -> Count:
        window, more = self.window, self.output_padding
        return formulas.transposed_output_size(
            size,
            window.kernel_size[axis],
            window.strides[axis],
            window.padding,
            window.dilation_rate[axis],
            None if more is None else more[axis],
        )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a kernel of k·k·f·c_in (in this order) and a bias of f."""
        kernel = Weight("kernel", (*self.kernel_size, self.filters, inputs[0][-1]))
        return kernel, *self.biases(*inputs)

    def trainable(self, *inputs: Shape) -> Count:
        """Return (k·k·c_in + 1)·f."""
        return formulas.conv_parameters(self.kernel_size, inputs[0][-1], self.filters, use_bias=self.use_bias)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k·c_in·f for each cell of the input; what falls off the edges counts too."""
        *sizes, channels = inputs[0]
        return product_count(*self.kernel_size, channels, *sizes, self.filters)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return what each output gathers: cells i with i·s + t·d = o + p, alternating with o mod s."""
        field = fields[0]
        if field is None or not is_placed(shapes[0], field):
            return field and same_everywhere(field)
        if is_enormous(self.window.windows, shapes[0], field):
            return None
        return field.read([self._taps(i, n) for i, n in enumerate(shapes[0][:-1])])

    def _taps(self, axis: int, size: int) -> Taps:
        kernel, stride = self.window.kernel_size[axis], self.window.strides[axis]
        dilation, count = self.window.dilation_rate[axis], self._size(axis, size)
        cut = max((size - 1) * stride + windows.span(kernel, dilation) - count, 0)
        before = cut // 2 if self.window.padding == "same" else 0

        def reached_from(output: int) -> list[int]:
            reached = (output + before - t * dilation for t in range(kernel))
            return [place // stride for place in reached if place % stride == 0]

        return Taps(reached_from, count, period=(stride, 1))


class Conv1DTranspose(_TransposedConvolution):
    """A transposed convolution over time."""

    rank = 1


class Conv2DTranspose(_TransposedConvolution):
    """A transposed convolution over height and width."""


class Conv3DTranspose(_TransposedConvolution):
    """A transposed convolution over depth, height and width."""

    rank = 3
