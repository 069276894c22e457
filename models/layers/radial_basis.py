"""LeNet-5's output: how far the last layer is from the code of each class."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class RadialBasis(keras.layers.Layer):
    """The squared Euclidean distance to each code: y_i = Σ_j (x_j − w_ij)². Lower is better.

    The codes are fixed: weights that training leaves alone.
    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B, eq. 7.
    """

    def __init__(self, codes: Sequence[Sequence[float]], **common: Any) -> None:
        super().__init__(**common)
        self.codes = [list(code) for code in codes]

    def build(self, input_shape: Any) -> None:
        """Store the codes.

        Raises:
            ValueError: they are not as long as the input.
        """
        if len(input_shape) != 2 or {len(code) for code in self.codes} != {input_shape[-1]}:
            lengths = sorted({len(code) for code in self.codes})
            raise ValueError(f"{self.name}: codes of {lengths} numbers, inputs {input_shape[1:]}")
        self.centers = self.add_weight(
            shape=(len(self.codes), input_shape[-1]),
            name="codes",
            trainable=False,
            initializer=lambda _, dtype=None: ops.convert_to_tensor(self.codes, dtype),
        )

    def call(self, inputs: Any) -> Any:
        """Return the distances."""
        return ops.sum((inputs[:, None, :] - self.centers) ** 2, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return one distance a code."""
        return (*input_shape[:-1], len(self.codes))

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        return super().get_config() | {"codes": self.codes}
