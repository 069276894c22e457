"""The two kinds of cells of Fukushima's neocognitron."""

from typing import Any

import keras
import numpy as np
from keras import ops

NEARNESS = 0.9
"""The fixed weights fall by this factor with each cell of distance; the paper prints no numbers."""


def nearness(kernel_size: int) -> np.ndarray:
    """Return the fixed weights of a k×k area, largest in the middle, with sum 1."""
    places = np.arange(kernel_size) - (kernel_size - 1) / 2
    weights = NEARNESS ** np.hypot(places[:, None], places)
    return np.asarray(weights / weights.sum(), "float32")


@keras.saving.register_keras_serializable(package="convlab")
class SCells(keras.layers.Layer):
    """Cells that answer to a learned feature: excitation against inhibition, divided.

    u = r·φ((1 + Σ a·x) / (1 + r/(1 + r)·b·v) − 1), v = √(Σ c·x²), φ(x) = max(0, x). The excitatory a and
    one inhibitory b for each plane are learned and never negative; c is fixed, largest in the middle, with
    sum 1 over the area and all planes. With valid borders.

    Source: Fukushima, Neocognitron, 1980, eq. 1 to 5.
    """

    def __init__(self, planes: int, kernel_size: int, selectivity: float = 1.5, **common: Any) -> None:
        super().__init__(**common)
        self.planes, self.kernel_size, self.selectivity = planes, kernel_size, selectivity

    def build(self, input_shape: Any) -> None:
        """Make the excitatory weights and, for each plane, the inhibitory one."""
        k, channels = self.kernel_size, input_shape[-1]
        positive = keras.constraints.NonNeg()
        self.excitation = self.add_weight(
            shape=(k, k, channels, self.planes),
            name="excitation",
            constraint=positive,
            initializer=keras.initializers.RandomUniform(0, 2 / (k * k * channels)),
        )
        self.inhibition = self.add_weight(
            shape=(self.planes,), name="inhibition", constraint=positive, initializer="zeros"
        )
        area = nearness(k)[:, :, None, None] / channels
        self.area = np.broadcast_to(area, (k, k, channels, 1))

    def call(self, inputs: Any) -> Any:
        """Return the answers of the planes."""
        r = self.selectivity
        area = ops.cast(self.area, inputs.dtype)
        excited = 1 + ops.conv(inputs, self.excitation, data_format="channels_last")
        squares = ops.conv(ops.square(inputs), area, data_format="channels_last")
        energy = ops.sqrt(ops.maximum(squares, keras.config.epsilon()))  # no gradient at √0
        inhibited = 1 + r / (1 + r) * self.inhibition * energy
        return r * ops.relu(excited / inhibited - 1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return what a valid convolution makes."""
        kernel = (self.kernel_size, self.kernel_size, input_shape[-1], self.planes)
        tensors = keras.KerasTensor(input_shape), keras.KerasTensor(kernel)
        return ops.conv(*tensors, data_format="channels_last").shape

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        own = {"planes": self.planes, "kernel_size": self.kernel_size, "selectivity": self.selectivity}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="convlab")
class CCells(keras.layers.Layer):
    """Cells that answer wherever in their area a feature is, each to its own plane.

    u = ψ((1 + Σ d·x) / (1 + v) − 1), v the mean of Σ d·x over the planes, ψ(x) = φ(x)/(α + φ(x)) and
    φ(x) = max(0, x). d is fixed and largest in the middle; nothing is learned. With valid borders.

    Source: Fukushima, Neocognitron, 1980, eq. 7 to 10.
    """

    def __init__(self, kernel_size: int, saturation: float = 0.5, **common: Any) -> None:
        super().__init__(**common)
        self.kernel_size, self.saturation = kernel_size, saturation

    def call(self, inputs: Any) -> Any:
        """Return the answers of the planes."""
        k, channels = self.kernel_size, inputs.shape[-1]
        area = np.broadcast_to(nearness(k)[:, :, None, None], (k, k, channels, 1))
        kernel = ops.cast(np.ascontiguousarray(area), inputs.dtype)
        excited = ops.depthwise_conv(inputs, kernel, data_format="channels_last")
        inhibited = ops.mean(excited, axis=-1, keepdims=True)
        answer = ops.relu((1 + excited) / (1 + inhibited) - 1)
        return answer / (self.saturation + answer)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return what a valid depthwise convolution makes."""
        kernel = (self.kernel_size, self.kernel_size, input_shape[-1], 1)
        tensors = keras.KerasTensor(input_shape), keras.KerasTensor(kernel)
        return ops.depthwise_conv(*tensors, data_format="channels_last").shape

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        own = {"kernel_size": self.kernel_size, "saturation": self.saturation}
        return super().get_config() | own
