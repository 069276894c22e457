"""LeNet-5's trained sub-sampling."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class Subsampling2D(keras.layers.Layer):
    """The sum of each window, times a coefficient, plus a bias, both learned for each map.

    Windows lie side by side, k×k cells; the coefficient starts at 1/k², the mean.
    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
    """

    def __init__(self, pool_size: int = 2, **common: Any) -> None:
        super().__init__(**common)
        self.pool_size = pool_size

    def build(self, input_shape: Any) -> None:
        """Make a coefficient and a bias for each map."""
        shape, mean = (input_shape[-1],), keras.initializers.Constant(1 / self.pool_size**2)
        self.coefficient = self.add_weight(shape=shape, name="coefficient", initializer=mean)
        self.bias = self.add_weight(shape=shape, name="bias", initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Return the sub-sampled maps."""
        sums = self.pool_size**2 * self._means(inputs)
        return self.coefficient * sums + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return what an average pooling makes."""
        return self._means(keras.KerasTensor(input_shape)).shape

    def _means(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, data_format="channels_last")

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        return super().get_config() | {"pool_size": self.pool_size}
