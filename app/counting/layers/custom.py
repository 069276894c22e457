"""The layers that classic networks need and Keras lacks; `models.layers` has them for Keras."""

from typing import Any

from app.counting.layers.base import Layer, positive
from app.counting.layers.borders import Amounts, ZeroPadding2D
from app.counting.layers.convolution import Conv2D
from app.counting.layers.shapes import split_map
from app.counting.rows import Shape


class LocalResponseNormalization(Layer):
    """Each value divided by the activity of the channels beside it: y = x / (bias + α·Σ x²)^β."""

    family = "Normalization"
    is_taught = False

    def __init__(
        self, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, **common: Any
    ) -> None:
        super().__init__(**common)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta
        positive((depth_radius,), "the depth radius")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Leave the map's shape alone."""
        sizes, channels = split_map(inputs[0], 2, self.kind)
        return (*sizes, channels)

    def settings(self) -> str:
        """Return the channels in the sum, and k, α and β."""
        channels = 2 * self.depth_radius + 1
        return f"{channels} channels, k {self.bias:g}, α {self.alpha:g}, β {self.beta:g}"


class ConstantPadding2D(ZeroPadding2D):
    """A border of one value."""

    is_taught = False

    def __init__(self, padding: Amounts = 1, value: float = 0.0, **common: Any) -> None:
        super().__init__(padding, **common)
        self.value = value

    def settings(self) -> str:
        """Return the cells on each side, and their value."""
        return f"{super().settings()}, of {self.value:g}"


class GroupedConv2D(Conv2D):
    """A convolution in groups, each computed by itself."""
