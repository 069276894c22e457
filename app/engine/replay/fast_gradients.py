"""Convolutions that TensorFlow computes slowly on a CPU, or not at all, computed another way.

A transposed convolution of one cell with a stride is, run forwards, the kernel that `convolution_gradient.py` keeps
away from: it mixes channels and puts zeros between the cells, and is computed as just that.

Few input channels make no fast matrix product of the gradient by them. Here it is one product over the
filters, whose parts are shifted to where they belong and added: a fifth less time for the whole gradient of
the shipped mnist model. `make bench ARGS=maps` holds the maps against one pass of the model as Keras runs it.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from app.engine.convolution_gradient import put_apart

FEW_CHANNELS = 4
"""Input channels up to which the gradient of a convolution is put together by shifts."""
MOST_SHIFTS = 25
"""Cells of the largest kernel for that."""

Gradient = Callable[[tf.Tensor], tf.Tensor]


def faster(operation: keras.Operation, shape: tuple[int | None, ...]) -> Callable[[Any], Any] | None:
    """Return a function that computes what the layer does, with a better gradient; None if there is none.

    Args:
        operation: a layer of one input.
        shape: of its input, with the batch axis.
    """
    if type(operation) is keras.layers.Conv2D and _is_a_first_convolution(operation, shape):
        return lambda x: _convolve(operation, x)
    if type(operation) is keras.layers.Conv2DTranspose and _is_of_one_cell(operation):
        return lambda x: _spread(operation, x)
    return None


def _is_of_one_cell(layer: Any) -> bool:
    """Return whether a convolution reads one cell at a time, and not every one."""
    return (
        set(layer.kernel_size) == {1}
        and set(layer.strides) != {1}
        and layer.activation is keras.activations.linear
        and layer.padding in ("valid", "same")
        and not getattr(layer, "lora_enabled", False)
        and getattr(layer, "quantization_mode", None) is None
        and getattr(layer, "output_padding", None) is None
        and type(layer).call is keras.layers.Conv2DTranspose.call
    )


def _spread(layer: Any, x: tf.Tensor) -> tf.Tensor:
    """Return a transposed convolution of one cell: channels mixed, then cells put apart with zeros between them."""
    first = layer.data_format == "channels_first"
    values = tf.transpose(x, (0, 2, 3, 1)) if first else x
    kernel = tf.convert_to_tensor(layer.kernel)[0, 0]  # (filters, channels)
    mixed = tf.tensordot(values, kernel, [[3], [1]])
    made = put_apart(mixed, *layer.strides)
    if layer.bias is not None:
        made += tf.convert_to_tensor(layer.bias)
    return tf.transpose(made, (0, 3, 1, 2)) if first else made


def _is_a_first_convolution(layer: Any, shape: tuple[int | None, ...]) -> bool:
    cells = layer.kernel_size[0] * layer.kernel_size[1]
    plain = (
        set(layer.strides) == set(layer.dilation_rate) == {1}
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and layer.padding in ("valid", "same")
        and layer.activation is keras.activations.linear
        and not getattr(layer, "lora_enabled", False)
        and getattr(layer, "quantization_mode", None) is None
    )
    return plain and (shape[-1] or 0) <= FEW_CHANNELS and cells <= MOST_SHIFTS


def _convolve(layer: Any, x: tf.Tensor) -> tf.Tensor:
    kernel = tf.convert_to_tensor(layer.kernel)
    height, width, channels, filters = kernel.shape
    margins = [0, 0] if layer.padding == "valid" else [(height - 1) // 2, (width - 1) // 2]

    @tf.custom_gradient
    def convolve(image: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        def gradient(above: tf.Tensor) -> tf.Tensor:
            parts = tf.tensordot(above, tf.reshape(kernel, (-1, filters)), [[3], [1]])
            size = tf.shape(image)
            total = tf.zeros((), above.dtype)
            for row in range(height):
                for column in range(width):
                    first = (row * width + column) * channels
                    total += tf.pad(
                        parts[..., first : first + channels],
                        [[0, 0], [row, height - 1 - row], [column, width - 1 - column], [0, 0]],
                    )
            top, left = margins
            return total[:, top : top + size[1], left : left + size[2]]

        return tf.nn.conv2d(image, kernel, 1, layer.padding.upper()), gradient

    made = convolve(x)
    return made if layer.bias is None else tf.nn.bias_add(made, tf.convert_to_tensor(layer.bias))
