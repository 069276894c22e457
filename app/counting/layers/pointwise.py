"""Layers that work on each value by itself: normalisation, activations, dropout."""

from typing import Any

from app.counting import formulas
from app.counting.count import Count
from app.counting.layers.base import Elementwise, Layer, UnsupportedLayerError
from app.counting.rows import Shape


class BatchNormalization(Layer):
    """Each channel shifted and scaled: γ·(x − mean) / √(variance + ε) + β."""

    def __init__(
        self, axis: int = -1, center: bool = True, scale: bool = True, **common: Any
    ) -> None:
        self.axis, self.center, self.scale = axis, center, scale
        super().__init__(**common)

    def _channels(self, shape: Shape) -> int:
        if self.axis not in (-1, len(shape)):
            raise UnsupportedLayerError(f"BatchNormalization over axis {self.axis}, not the last")
        return shape[-1]

    def trainable(self, *inputs: Shape) -> Count:
        """Return γ and β."""
        channels = self._channels(inputs[0])
        return formulas.batch_normalization_parameters(channels, self.center, self.scale)[0]

    def non_trainable(self, *inputs: Shape) -> Count:
        """Return the moving mean and variance."""
        return formulas.batch_normalization_parameters(self._channels(inputs[0]))[1]


class Activation(Layer):
    """A function of each value (or, for softmax, of each vector of channels)."""

    def __init__(self, activation: Any, **common: Any) -> None:  # noqa: ARG002
        super().__init__(**common)


class ReLU(Elementwise):
    """max(0, x)."""


class LeakyReLU(Elementwise):
    """x for x > 0, slope·x otherwise."""


class Softmax(Elementwise):
    """e^x, divided by the sum over the last axis."""


class Dropout(Elementwise):
    """Zeroes values at random while training; does nothing afterwards."""


class SpatialDropout2D(Elementwise):
    """Zeroes whole channels at random while training; does nothing afterwards."""


class Rescaling(Elementwise):
    """x·scale + offset."""
