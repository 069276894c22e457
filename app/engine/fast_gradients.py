"""Two layers whose gradient TensorFlow computes slowly on a CPU, with the same gradient by a faster route.

On two cores the gradient of a 2×2 max-pooling takes longer than the convolution in front of it, and that of
a first convolution by its few input channels is no fast matrix product. `make bench ARGS=maps` measures both.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

FEW_CHANNELS = 4
"""Input channels up to which the gradient of a convolution is put together by shifts."""
MOST_SHIFTS = 25
"""Cells of the largest kernel for that."""

Gradient = Callable[[tf.Tensor], tf.Tensor]


def faster(
    operation: keras.Operation, shape: tuple[int | None, ...]
) -> Callable[[Any], Any] | None:
    """Return a function that computes what the layer does, with a faster gradient; None if there is none.

    Args:
        operation: a layer of one input.
        shape: of its input, with the batch axis.
    """
    if type(operation) is keras.layers.MaxPooling2D:
        return _pool if _halves(operation, shape) else None
    if type(operation) is keras.layers.Conv2D and _is_a_first_convolution(operation, shape):
        return lambda x: _convolve(operation, x)
    return None


def _halves(layer: Any, shape: tuple[int | None, ...]) -> bool:
    """Return whether a pooling takes the largest of 2×2 cells that share none with others."""
    plain = (
        tuple(layer.pool_size) == tuple(layer.strides) == (2, 2)
        and layer.data_format == "channels_last"
    )
    return plain and (layer.padding == "valid" or not any(n is None or n % 2 for n in shape[1:3]))


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


@tf.custom_gradient
def _pool(x: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
    """Return the largest of each 2×2 cells; the gradient goes to the first of them that is largest.

    First along the row, then between the rows: the order in which TensorFlow looks.
    """
    size = tf.shape(x)
    rows, columns = size[1] // 2, size[2] // 2

    def gradient(above: tf.Tensor) -> tf.Tensor:
        cells = tf.reshape(x[:, : 2 * rows, : 2 * columns], (size[0], rows, 2, columns, 2, size[3]))
        left, right = cells[..., 0, :], cells[..., 1, :]
        best = tf.maximum(left, right)
        is_upper = tf.cast(best[:, :, 0] >= best[:, :, 1], x.dtype)
        upper = above * is_upper
        by_row = tf.stack([upper, above - upper], axis=2)
        to_left = by_row * tf.cast(left >= right, x.dtype)
        spread = tf.stack([to_left, by_row - to_left], axis=4)
        spread = tf.reshape(spread, (size[0], 2 * rows, 2 * columns, size[3]))
        return tf.pad(spread, [[0, 0], [0, size[1] - 2 * rows], [0, size[2] - 2 * columns], [0, 0]])

    return tf.nn.max_pool2d(x, 2, 2, "VALID"), gradient


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
