"""The layers of LeCun's networks: partly connected maps, trained sub-sampling, distances to codes."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting.count import Count, product, product_count
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, with_biases
from app.counting.layers.sliding import Sliding, square_window
from app.counting.rows import Shape, Weight


class PartialConv2D(Sliding):
    """A convolution whose filters read the listed maps only, with k·k weights for each pair."""

    family = "Conv"
    is_linear = is_weighted = True
    is_taught = False

    def __init__(
        self,
        connections: Sequence[Sequence[int]],
        kernel_size: Size,
        strides: int = 1,
        padding: str = "valid",
        shared_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.window = square_window(kernel_size, strides, padding)
        self.connected = tuple(tuple(maps) for maps in connections)
        self.shared_bias = shared_bias
        self.pairs = sum(map(len, self.connected))
        for maps in self.connected:
            if not maps or len(set(maps)) < len(maps) or not all(type(m) is int for m in maps):
                raise ValueError(f"a filter needs different maps to read, by number, not {maps}")
        if not self.connected:
            raise ValueError("the table of connections is empty; list the maps of each filter")

    def channels_out(self, channels: int) -> int:  # noqa: ARG002
        """Return as many maps as the table has filters."""
        return len(self.connected)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Slide along each axis."""
        shape = super().output_shape(*inputs)
        for m in (m for maps in self.connected for m in maps):
            if not 0 <= m < inputs[0][-1]:
                raise ValueError(f"the connections name map {m}; there are {inputs[0][-1]}, numbered from 0")
        return shape

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a kernel of k·k for each pair, and a bias for each filter or for each unit."""
        units = (len(self.connected),) if self.shared_bias else self.output_shape(*inputs)
        return Weight("kernel", (*self.window.kernel_size, self.pairs)), Weight("bias", units)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k for each pair at each place."""
        *sizes, _ = self.output_shape(*inputs)
        return product_count(*self.window.kernel_size, self.pairs, *sizes)

    def connections(self, *inputs: Shape) -> Count:
        """Return the multiply-accumulates, and one bias for each value that comes out."""
        return with_biases(self.multiply_accumulates(*inputs), self.output_shape(*inputs), use_bias=True)

    def settings(self) -> str:
        """Return filters, kernel, stride, padding, and how many pairs of maps are connected."""
        bias = "" if self.shared_bias else ", a bias for each unit"
        return f"{len(self.connected):,} filters {self.window}, {self.pairs:,} pairs of maps{bias}"


class Subsampling2D(Sliding):
    """The sum of each window, times a learned coefficient, plus a learned bias."""

    is_linear = True
    is_taught = False

    def __init__(self, pool_size: int = 2, **common: Any) -> None:
        super().__init__(**common)
        self.window = square_window(pool_size, pool_size)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a coefficient and a bias for each map."""
        shape = (inputs[0][-1],)
        return Weight("coefficient", shape), Weight("bias", shape)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return one for each value that comes out: the sum is multiplied once."""
        output = self.output_shape(*inputs)
        return product_count(*output)

    def connections(self, *inputs: Shape) -> Count:
        """Return k·k and a bias for each value that comes out."""
        window, output = self.window.kernel_size, self.output_shape(*inputs)
        working = f"({product(*window)} + 1)·{product(*output)}"
        return Count((math.prod(window) + 1) * math.prod(output), working)

    def settings(self) -> str:
        """Return the window."""
        return str(self.window)


class RadialBasis(Layer):
    """The squared distance to each of some fixed codes: y_i = Σ_j (x_j − w_ij)²."""

    keeps_field = False

    def __init__(self, codes: Sequence[Sequence[float]], **common: Any) -> None:
        super().__init__(**common)
        lengths = sorted({len(code) for code in codes})
        if len(lengths) != 1:
            raise ValueError(f"the codes must be of one length, not of {lengths}")
        self.units, self.length = len(codes), lengths[0]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return one distance a code."""
        if inputs[0] != (self.length,):
            raise ValueError(f"codes of {self.length} numbers, input {tuple(map(int, inputs[0]))}")
        return (self.units,)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return everything that the vector saw."""
        return fields[0] and fields[0].collapse()

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002
        """Return the codes, which are not trained."""
        return (Weight("codes", (self.units, self.length), is_trained=False),)

    def multiply_accumulates(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return one for each number of each code: a difference times itself."""
        return Count(self.units * self.length, product(self.length, self.units))

    def connections(self, *inputs: Shape) -> Count:
        """Return the same: there are no biases."""
        return self.multiply_accumulates(*inputs)

    def settings(self) -> str:
        """Return the codes."""
        return f"{self.units:,} codes of {self.length:,}"


class ScaledTanh(Layer):
    """f(a) = A·tanh(S·a)."""

    activation = "tanh"
    is_taught = False

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3, **common: Any) -> None:
        super().__init__(**common)
        self.amplitude, self.slope = amplitude, slope

    def settings(self) -> str:
        """Return A and S."""
        return f"{self.amplitude:g}·tanh({self.slope:.4g}·a)"
