"""Convolutions: over one, two or three axes, grouped, depthwise and separable."""

from typing import Any

from app.counting import formulas
from app.counting.count import Count, product_count
from app.counting.layers.base import Size, positive, spread, with_biases
from app.counting.layers.sliding import Sliding, SlidingWindow
from app.counting.rows import Shape, Weight


class Convolution(Sliding):
    """What all convolutions share: the window, the biases and the links."""

    family = "Conv"
    is_linear = is_weighted = True
    filters: int

    def __init__(
        self,
        kernel_size: Size,
        strides: Size,
        padding: str,
        dilation_rate: Size,
        use_bias: bool,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.window = SlidingWindow(
            positive(spread(kernel_size, self.rank), "the kernel size"),
            positive(spread(strides, self.rank), "the stride"),
            padding,
            positive(spread(dilation_rate, self.rank), "the dilation"),
        )
        self.kernel_size, self.use_bias = self.window.kernel_size, use_bias

    def channels_out(self, channels: int) -> int:  # noqa: ARG002
        """Return the channels that come out."""
        return self.filters

    def biases(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the bias, one for each channel that comes out."""
        channels = self.channels_out(inputs[0][-1])
        return (Weight("bias", (channels,)),) if self.use_bias else ()

    def connections(self, *inputs: Shape) -> Count:
        """Return the multiply-accumulates, and one bias for each value that comes out."""
        return with_biases(self.multiply_accumulates(*inputs), self.output_shape(*inputs), self.use_bias)

    def settings(self) -> str:
        """Return filters, kernel, stride, padding."""
        bias = "" if self.use_bias else ", no bias"
        return f"{self.filters:,} filters {self.window}{bias}"


class GroupedConvolution(Convolution):
    """A convolution whose filters read their group of the channels."""

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
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, **common)
        self.filters, self.groups = filters, groups
        positive((filters, groups), "filters and groups")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along each axis; as many channels as filters."""
        channels = inputs[0][-1]
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(
                f"{self.groups} groups do not divide {channels} channels and {self.filters} filters"
            )
        return super().output_shape(*inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a kernel of k·k·c_in/g·f and a bias of f."""
        depth = inputs[0][-1] // self.groups
        kernel = Weight("kernel", (*self.kernel_size, depth, self.filters))
        return kernel, *self.biases(*inputs)

    def trainable(self, *inputs: Shape) -> Count:
        """Return (k·k·c_in/g + 1)·f."""
        channels = inputs[0][-1]
        return formulas.conv_parameters(self.kernel_size, channels, self.filters, self.groups, self.use_bias)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k·c_in/g for each value that comes out."""
        output = self.output_shape(*inputs)
        return formulas.conv_multiply_accumulates(self.kernel_size, inputs[0][-1], output, self.groups)

    def settings(self) -> str:
        """Return filters, kernel, stride, padding, groups."""
        return super().settings() + (f", {self.groups} groups" if self.groups > 1 else "")


class Conv1D(GroupedConvolution):
    """A convolution over time."""

    rank = 1


class Conv2D(GroupedConvolution):
    """A convolution over height and width."""


class Conv3D(GroupedConvolution):
    """A convolution over depth, height and width."""

    rank = 3


class _DepthwiseConvolution(Convolution):
    """A convolution with filters of its own for each channel, which it does not mix."""

    def __init__(
        self,
        kernel_size: Size,
        strides: Size = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        dilation_rate: Size = 1,
        activation: Any = None,  # noqa: ARG002
        use_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, **common)
        self.depth_multiplier = depth_multiplier
        positive((depth_multiplier,), "the depth multiplier")

    def channels_out(self, channels: int) -> int:
        """Return c·m."""
        return channels * self.depth_multiplier

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a kernel of k·k·c·m and a bias of c·m."""
        kernel = Weight("kernel", (*self.kernel_size, inputs[0][-1], self.depth_multiplier))
        return kernel, *self.biases(*inputs)

    def trainable(self, *inputs: Shape) -> Count:
        """Return (k·k + 1)·c·m."""
        return formulas.depthwise_parameters(
            self.kernel_size, inputs[0][-1], self.depth_multiplier, self.use_bias
        )

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k for each value that comes out."""
        return formulas.depthwise_multiply_accumulates(self.kernel_size, self.output_shape(*inputs))

    def settings(self) -> str:
        """Return kernel, stride, padding, multiplier."""
        more = f", {self.depth_multiplier} per channel" if self.depth_multiplier > 1 else ""
        return f"{self.window}{more}" + ("" if self.use_bias else ", no bias")


class DepthwiseConv1D(_DepthwiseConvolution):
    """A depthwise convolution over time."""

    rank = 1


class DepthwiseConv2D(_DepthwiseConvolution):
    """A depthwise convolution over height and width."""


class _SeparableConvolution(Convolution):
    """A depthwise convolution, then a 1×1 convolution that mixes the channels."""

    def __init__(
        self,
        filters: int,
        kernel_size: Size,
        strides: Size = 1,
        padding: str = "valid",
        dilation_rate: Size = 1,
        depth_multiplier: int = 1,
        activation: Any = None,  # noqa: ARG002
        use_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, **common)
        self.filters, self.depth_multiplier = filters, depth_multiplier
        positive((filters, depth_multiplier), "filters and the depth multiplier")

    def _middle(self, *inputs: Shape) -> Shape:
        """Return the shape between the two halves."""
        *sizes, _ = self.output_shape(*inputs)
        return (*sizes, inputs[0][-1] * self.depth_multiplier)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return k·k·c·m, c·m·f and a bias of f."""
        channels = inputs[0][-1]
        middle = channels * self.depth_multiplier
        ones = (1,) * self.rank
        return (
            Weight("depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier)),
            Weight("pointwise_kernel", (*ones, middle, self.filters)),
            *self.biases(*inputs),
        )

    def trainable(self, *inputs: Shape) -> Count:
        """Return k·k·c·m + (c·m + 1)·f."""
        channels = inputs[0][-1]
        depthwise = formulas.depthwise_parameters(
            self.kernel_size, channels, self.depth_multiplier, use_bias=False
        )
        middle = channels * self.depth_multiplier
        return depthwise.plus(formulas.dense_parameters(middle, self.filters, self.use_bias))

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k for each value in the middle, c·m for each one that comes out."""
        middle = self._middle(*inputs)
        depthwise = formulas.depthwise_multiply_accumulates(self.kernel_size, middle)
        output = self.output_shape(*inputs)
        return depthwise.plus(product_count(middle[-1], *output))


class SeparableConv1D(_SeparableConvolution):
    """A separable convolution over time."""

    rank = 1


class SeparableConv2D(_SeparableConvolution):
    """A separable convolution over height and width."""
