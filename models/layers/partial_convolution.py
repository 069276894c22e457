"""A convolution whose filters each read some of the maps only, with a weight for each listed pair."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class PartialConv2D(keras.layers.Layer):
    """Filter f reads the maps `connections[f]`: y_f = Σ_{m in connections[f]} x_m ∗ w_(m,f) + b.

    The kernel holds k·k weights for each pair in the table, in its order, and none for the others. With
    `shared_bias=False` every unit has a bias of its own.

    Source: LeCun et al. 1989, §3 (unshared biases); LeCun et al. 1998, table I (the table of pairs).
    """

    def __init__(
        self,
        connections: Sequence[Sequence[int]],
        kernel_size: int | Sequence[int],
        strides: int = 1,
        padding: str = "valid",
        shared_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.connections = [list(maps) for maps in connections]
        sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.kernel_size = tuple(sizes)
        self.strides, self.padding, self.shared_bias = strides, padding, shared_bias

    def build(self, input_shape: Any) -> None:
        """Make the weights, and the matrix that puts each into its place of a whole kernel."""
        channels, filters = input_shape[-1], len(self.connections)
        pairs = [(m, f) for f, maps in enumerate(self.connections) for m in maps]
        if not 0 <= min(m for m, _ in pairs) <= max(m for m, _ in pairs) < channels:
            raise ValueError(
                f"{self.name}: the connections name map {max(m for m, _ in pairs)}; "
                f"there are {channels}, numbered from 0"
            )
        self.places = np.zeros((len(pairs), channels * filters), "float32")
        for number, (m, f) in enumerate(pairs):
            self.places[number, m * filters + f] = 1
        # Keras' lecun_uniform, whose fan-in would be wrong for a kernel of this shape
        reads = np.prod(self.kernel_size) * len(pairs) / filters
        limit = float(np.sqrt(3 / reads))
        self.kernel = self.add_weight(
            shape=(*self.kernel_size, len(pairs)),
            name="kernel",
            initializer=keras.initializers.RandomUniform(-limit, limit),
        )
        units = (filters,) if self.shared_bias else self.compute_output_shape(input_shape)[1:]
        self.bias = self.add_weight(shape=units, name="bias", initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Return the filters' maps."""
        places = ops.cast(self.places, self.kernel.dtype)
        kernel = ops.reshape(ops.matmul(self.kernel, places), self._whole(inputs.shape))
        return ops.conv(inputs, kernel, self.strides, self.padding, "channels_last") + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return what an ordinary convolution of these settings makes."""
        maps, kernel = (keras.KerasTensor(s) for s in (input_shape, self._whole(input_shape)))
        return ops.conv(maps, kernel, self.strides, self.padding, "channels_last").shape

    def _whole(self, input_shape: Any) -> tuple[int, ...]:
        return (*self.kernel_size, input_shape[-1], len(self.connections))

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        own = {
            "connections": self.connections,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "shared_bias": self.shared_bias,
        }
        return super().get_config() | own
