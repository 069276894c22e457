"""A border of one value: LeCun's first network sees −1, the paper's white, around its maps."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class ConstantPadding2D(keras.layers.ZeroPadding2D):
    """A border of `value` around a map; `padding` is given as for ZeroPadding2D."""

    def __init__(self, padding: Any = (1, 1), value: float = 0.0, **common: Any) -> None:
        super().__init__(padding, **common)
        self.value = value

    def call(self, inputs: Any) -> Any:
        """Return the maps with their borders."""
        around = [(0, 0), (0, 0)]
        place = 1 if self.data_format == "channels_last" else 2
        around[place:place] = self.padding
        return ops.pad(inputs, around, constant_values=self.value)

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        return super().get_config() | {"value": self.value}
