"""The gradient of `Conv2D` without TensorFlow's kernel that writes beyond its memory.

That kernel (oneDNN on a CPU, float32) computes the gradient of a convolution of one cell with a stride, and may end
the process: `docs/safety.md` has what was tried. Importing `app.engine` puts `conv2d_gradient` in its place, so that
maps, training and layers that nobody looks into are safe alike. The numbers are the same.

Maps ask for the gradient by the pixels alone. TensorFlow works out that by the kernels beside it, and in a graph it is
then cut away; outside one it costs a third of the whole, so that both gradients here leave out what nobody asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

Gradient = Callable[[Any, tf.Tensor], list[tf.Tensor | None]]


def conv2d_gradient(operation: Any, above: tf.Tensor) -> list[tf.Tensor | None]:
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
        if not _is_asked_for_kernel(operation):
            settings = _settings(operation, (*HOW, "use_cudnn_on_gpu"))
            size = tf.shape(x)
            by_x = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=size, filter=kernel, out_backprop=above, **settings
            )
            return [by_x, None]
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
