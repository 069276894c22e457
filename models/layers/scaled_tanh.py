"""LeCun's squashing function."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class ScaledTanh(keras.layers.Layer):
    """f(a) = A·tanh(S·a); with A = 1.7159 and S = 2/3, f(±1) = ±1.

    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B and appendix A.
    """

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3, **common: Any) -> None:
        super().__init__(**common)
        self.amplitude, self.slope = amplitude, slope

    def call(self, inputs: Any) -> Any:
        """Return the squashed values."""
        return self.amplitude * ops.tanh(self.slope * inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape unchanged."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        return super().get_config() | {"amplitude": self.amplitude, "slope": self.slope}
