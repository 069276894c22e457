"""Keras' own layers called directly, past what Keras does around every call of every layer.

`Layer.__call__` converts its inputs, looks at masks, names and contexts, and asks whether the layer is built. For the
layers below, built and given tensors of their own precision, none of that changes what comes out, and it takes as long
as the layer itself where a network has many of them.
"""

from typing import Any

import keras
import tensorflow as tf

L = keras.layers
PLAIN = frozenset(
    {
        *(L.Activation, L.ReLU, L.LeakyReLU, L.Softmax),
        *(L.Add, L.Average, L.Concatenate, L.Multiply),
        *(L.AveragePooling2D, L.GlobalAveragePooling2D, L.GlobalMaxPooling2D, L.MaxPooling2D),
        *(L.BatchNormalization, L.Dropout, L.Flatten, L.Reshape, L.ZeroPadding2D),
        *(L.Conv2D, L.Dense, L.DepthwiseConv2D),
    }
)
"""Layers whose `call` is all that they do."""


def call_operation(operation: keras.Operation, arguments: Any, keywords: Any) -> Any:
    """Return what an operation makes of its arguments."""
    if _is_plain(operation) and all(_suits(operation, value) for value in _values(arguments, keywords)):
        return operation.call(*arguments, **keywords)
    return operation(*arguments, **keywords)


def _values(arguments: Any, keywords: Any) -> list[Any]:
    """Return all arguments, and of the keywords the tensors: `training=False` is no value."""
    flat = keras.tree.flatten
    return [*flat(arguments), *(value for value in flat(keywords) if tf.is_tensor(value))]


def _is_plain(operation: Any) -> bool:
    return (
        type(operation) in PLAIN
        and operation.built
        and operation.compute_dtype == operation.variable_dtype
        and getattr(operation, "quantization_mode", None) is None
    )


def _suits(layer: Any, value: Any) -> bool:
    """Return whether a value is a tensor with numbers, in the layer's precision and without a mask."""
    return (
        isinstance(value, tf.Tensor)
        and value.dtype.name == layer.compute_dtype
        and getattr(value, "_keras_mask", None) is None
    )
