"""The layers as the chalkboard knows them: Keras' names, arguments and defaults, and the arithmetic.

Each class says what comes out (`output_shape`), what it stores (`trainable`, `non_trainable`), what
it costs (`multiply_accumulates`) and what its cells see (`field`). Shapes are without the batch axis,
channels last. `LAYERS` lists them by Keras' class name.
"""

from app.counting.layers.base import Layer, UnsupportedLayerError
from app.counting.layers.merging import Add, Concatenate
from app.counting.layers.pointwise import (
    Activation,
    BatchNormalization,
    Dropout,
    LeakyReLU,
    ReLU,
    Rescaling,
    Softmax,
    SpatialDropout2D,
)
from app.counting.layers.sliding import AveragePooling2D, Conv2D, MaxPooling2D, ZeroPadding2D
from app.counting.layers.whole import (
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
)

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D,
        ZeroPadding2D, Flatten, Dense, BatchNormalization, Add, Concatenate, Activation, ReLU,
        LeakyReLU, Softmax, Dropout, SpatialDropout2D, Rescaling,
    )
}  # fmt: skip

__all__ = ["LAYERS", "Layer", "UnsupportedLayerError"]
