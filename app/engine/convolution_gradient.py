"""The gradient of `Conv2D` without TensorFlow's kernel that writes beyond its memory.

That kernel (oneDNN on a CPU, float32) computes the gradient of a convolution of one cell with a stride, and may end
the process: `docs/safety.md` has what was tried. Importing `app.engine` puts `conv2d_gradient` in its place, so that
maps, training and layers that nobody looks into are safe alike. The numbers are the same.

Maps ask for the gradient by the pixels alone. TensorFlow works out that by the kernels beside it, and in a graph it is
then cut away; outside one it costs a third of the whole. So the gradients here, of `Conv2D` and of depthwise
convolutions, leave it out where nobody asked for it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

Gradient = Callable[[Any, tf.Tensor], list[tf.Tensor | None]]


def conv2d_gradient(operation: Any, above: tf.Tensor) -> list[tf.Tensor | None]:
    """Return the gradients of a convolution by its input and, where that is asked for, by its kernel.

    Args:
        operation: the `Conv2D` operation, as TensorFlow hands it to a gradient function.
        above: gradient by the output.
    """
    x, kernel = operation.inputs
    is_of_one_cell = kernel.shape[0] == kernel.shape[1] == 1 and max(_strides(operation)) > 1
    if is_of_one_cell and operation.get_attr("padding") != b"EXPLICIT":
        return _gradient_of_one_cell(operation, above)
    if _is_asked_for_kernel(operation):
        return TENSORFLOWS(operation, above)
    settings = _settings(operation, (*HOW, "use_cudnn_on_gpu"))
    by_x = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.shape(x), filter=kernel, out_backprop=above, **settings
    )
    return [by_x, None]


def _gradient_of_one_cell(operation: Any, above: tf.Tensor) -> list[tf.Tensor | None]:
    """Return the same of a kernel of one cell with a stride.

    It reads every s-th cell x' of its input: the gradients are those of a convolution of x' without a stride, and
    between the cells of x' the input has none.
    """
    x, kernel = operation.inputs
    down, across = _strides(operation)
    is_first = operation.get_attr("data_format") == b"NCHW"
    if is_first:
        x, above = (tf.transpose(each, (0, 2, 3, 1)) for each in (x, above))
    read, size, beyond = x[:, ::down, ::across], tf.shape(x), [(0, 0), (0, down), (0, across), (0, 0)]
    how = {"out_backprop": above, "strides": [1] * 4, "padding": "VALID"}
    by_read = tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(read), filter=kernel, **how)
    by_x = tf.pad(put_apart(by_read, down, across), beyond)[:, : size[1], : size[2]]
    by_kernel = None
    if _is_asked_for_kernel(operation):
        by_kernel = tf.raw_ops.Conv2DBackpropFilter(input=read, filter_sizes=tf.shape(kernel), **how)
    return [tf.transpose(by_x, (0, 3, 1, 2)) if is_first else by_x, by_kernel]


def depthwise_gradient(operation: Any, above: tf.Tensor) -> list[tf.Tensor | None]:
    """Return the gradients of a depthwise convolution by its input and, where that is asked for, by its kernel.

    Args:
        operation: the `DepthwiseConv2dNative` operation, as TensorFlow hands it to a gradient function.
        above: gradient by the output.
    """
    if _is_asked_for_kernel(operation):
        return TENSORFLOWS_DEPTHWISE(operation, above)
    x, kernel = operation.inputs
    by_x = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
        input_sizes=tf.shape(x), filter=kernel, out_backprop=above, **_settings(operation, HOW)
    )
    return [by_x, None]


HOW = ("strides", "padding", "explicit_paddings", "data_format", "dilations")
"""What a convolution was told, and its gradient is told again."""


def _is_asked_for_kernel(operation: Any) -> bool:
    """Return whether the gradient by the second input is wanted; outside a graph TensorFlow says so."""
    return 1 not in (getattr(operation, "skip_input_indices", None) or ())


def _strides(operation: Any) -> Sequence[int]:
    """Return the strides down and across."""
    strides: Sequence[int] = operation.get_attr("strides")
    return strides[2:] if operation.get_attr("data_format") == b"NCHW" else strides[1:3]


def _settings(operation: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: operation.get_attr(name) for name in names}


def put_apart(values: tf.Tensor, down: int, across: int) -> tf.Tensor:
    """Return maps (batch, rows, columns, channels) with zeros behind each cell."""
    size = tf.shape(values)
    apart = tf.pad(
        values[:, :, None, :, None], [[0, 0], [0, 0], [0, down - 1], [0, 0], [0, across - 1], [0, 0]]
    )
    return tf.reshape(apart, (size[0], size[1] * down, size[2] * across, values.shape[-1]))


def _put_in_place(name: str, gradient: Gradient) -> Gradient:
    """Make a gradient the one of an operation, and return TensorFlow's own.

    TensorFlow has no public way to replace a gradient; a name can be registered once.
    """
    entry = gradient_registry._registry[name]
    theirs: Gradient = entry["type"]
    entry["type"] = gradient
    return theirs


TENSORFLOWS = _put_in_place("Conv2D", conv2d_gradient)
"""TensorFlow's own gradient of `Conv2D`."""
TENSORFLOWS_DEPTHWISE = _put_in_place("DepthwiseConv2dNative", depthwise_gradient)
"""TensorFlow's own gradient of a depthwise convolution."""
