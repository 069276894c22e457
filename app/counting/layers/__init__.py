"""The layers as the chalkboard knows them: Keras' names, arguments and defaults, and the arithmetic.

Each class says what comes out (`output_shape`), what it stores (`weights`, and as formulas
`trainable` and `non_trainable`), what it costs (`multiply_accumulates`, `connections`) and what its
cells see (`field`). Shapes are without the batch axis, channels last. `LAYERS` lists them by Keras'
class name; `CUSTOM_LAYERS` among them are the project's own, `APPLICATION_LAYERS` are defined inside
keras.applications.
"""

from app.counting.layers import (
    activations,
    attention,
    borders,
    convolution,
    dense,
    merging,
    normalization,
    pooling,
    resampling,
    reshaping,
    transposed,
)
from app.counting.layers.base import Layer, UnsupportedLayerError
from app.counting.layers.custom import CUSTOM_LAYERS
from app.counting.layers.pointwise import POINTWISE

_NAMES = {
    convolution: "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D",
    transposed: "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
    pooling: "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D "
    "AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveAveragePooling1D "
    "AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D "
    "AdaptiveMaxPooling3D",
    borders: "ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D",
    resampling: "UpSampling1D UpSampling2D UpSampling3D Resizing CenterCrop RandomCrop",
    reshaping: "Flatten Reshape Permute RepeatVector",
    dense: "Dense Embedding",
    normalization: "BatchNormalization LayerNormalization GroupNormalization UnitNormalization "
    "RMSNormalization Normalization",
    activations: "Activation ReLU LeakyReLU ELU PReLU Softmax",
    merging: "Add Subtract Multiply Average Maximum Minimum Concatenate Dot",
    attention: "MultiHeadAttention",
}
APPLICATION_LAYERS: dict[str, type[Layer]] = {
    "LayerScale": merging.LayerScale,
    "CustomScaleLayer": merging.CustomScaleLayer,
    "StochasticDepth": POINTWISE["StochasticDepth"],
}
LAYERS: dict[str, type[Layer]] = (
    {name: getattr(module, name) for module, names in _NAMES.items() for name in names.split()}
    | {name: layer for name, layer in POINTWISE.items() if name not in APPLICATION_LAYERS}
    | CUSTOM_LAYERS
)

__all__ = ["APPLICATION_LAYERS", "CUSTOM_LAYERS", "LAYERS", "Layer", "UnsupportedLayerError"]
