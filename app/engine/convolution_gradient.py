"""The gradient of `Conv2D` without TensorFlow's kernel that writes beyond its memory.

That kernel (oneDNN on a CPU, float32) computes the gradient of a convolution of one cell with a stride, and may end
the process: `docs/safety.md` has what was tried. Importing `app.engine` puts `conv2d_gradient` in its place, so that
maps, training and layers that nobody looks into are safe alike. The numbers are the same.
"""

from typing import Any

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry


def conv2d_gradient(operation: Any, above: tf.Tensor) -> list[tf.Tensor]:
    """Return the gradients of a convolution by its input and by its kernel.

    One cell reads every s-th cell x' of its input: the gradients are those of a convolution of x' without a stride, and
    between the cells of x' the input has none.

    Args:
        operation: the `Conv2D` operation, as TensorFlow hands it to a gradient function.
        above: gradient by the output.
    """
    x, kernel = operation.inputs
    is_first = operation.get_attr("data_format") == b"NCHW"
    strides = operation.get_attr("strides")
    down, across = strides[2:] if is_first else strides[1:3]
    is_of_one_cell = kernel.shape[0] == kernel.shape[1] == 1 and max(down, across) > 1
    if not is_of_one_cell or operation.get_attr("padding") == b"EXPLICIT":
        return TENSORFLOWS(operation, above)
    if is_first:
        x, above = (tf.transpose(each, (0, 2, 3, 1)) for each in (x, above))
    by_read, by_kernel = _without_a_stride(x[:, ::down, ::across], kernel, above)
    size, beyond = tf.shape(x), [(0, 0), (0, down), (0, across), (0, 0)]
    by_input = tf.pad(put_apart(by_read, down, across), beyond)[:, : size[1], : size[2]]
    return [tf.transpose(by_input, (0, 3, 1, 2)) if is_first else by_input, by_kernel]


def _without_a_stride(x: tf.Tensor, kernel: tf.Tensor, above: tf.Tensor) -> list[tf.Tensor]:
    how = {"strides": [1] * 4, "padding": "VALID"}
    return [
        tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(x), filter=kernel, out_backprop=above, **how),
        tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=tf.shape(kernel), out_backprop=above, **how),
    ]


def put_apart(values: tf.Tensor, down: int, across: int) -> tf.Tensor:
    """Return maps (batch, rows, columns, channels) with zeros behind each cell."""
    size = tf.shape(values)
    apart = tf.pad(
        values[:, :, None, :, None], [[0, 0], [0, 0], [0, down - 1], [0, 0], [0, across - 1], [0, 0]]
    )
    return tf.reshape(apart, (size[0], size[1] * down, size[2] * across, values.shape[-1]))


_ENTRY = gradient_registry._registry["Conv2D"]
"""TensorFlow has no public way to replace a gradient; a name can be registered once."""
TENSORFLOWS = _ENTRY["type"]
"""TensorFlow's own gradient of `Conv2D`."""
_ENTRY["type"] = conv2d_gradient
