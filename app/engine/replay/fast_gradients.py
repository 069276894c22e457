"""Convolutions whose gradient TensorFlow computes slowly on a CPU, or not at all, with the same gradient another way.

TensorFlow's kernel for the gradient of a convolution of one cell with a stride writes beyond its memory (oneDNN,
float32, compiled or not), which ends the process. Such a convolution reads every s-th cell and mixes
channels; it is computed as just that. A transposed one of one cell is that kernel run forwards. docs/safety.md has the
kernels that were tried.

Few input channels make no fast matrix product of the gradient by them. Here it is one product over the
filters, whose parts are shifted to where they belong and added: a fifth less time for the whole gradient of
the shipped mnist model. `make bench ARGS=maps` holds the maps against one pass of the model as Keras runs it.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from app.engine.replay.following import is_of_its_own_kind

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
    safe = strided(operation)  # AutoGraph reads this function, and knows no walrus
    if safe is not None:
        return safe
    if type(operation) is keras.layers.Conv2DTranspose and _is_of_one_cell(operation):
        return lambda x: _spread(operation, x)
    return None


STRIDED = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def strided(operation: keras.Operation) -> Callable[[Any], Any] | None:
    """Return a convolution of one cell with a stride as one whose gradient does no harm; None for other operations.

    It takes symbolic tensors too.
    """
    if isinstance(operation, STRIDED) and _is_of_one_cell(operation):
        return lambda x: _convolve_strided(operation, x)
    return None


CONVOLUTIONS = ("Conv", "ConvTranspose", "DepthwiseConv", "SeparableConv")
"""Convolutions among `keras.ops`."""


def is_unknown(operation: keras.Operation) -> bool:
    """Return whether an operation may hold such a convolution where nobody sees it.

    A layer written outside Keras may call TensorFlow's convolution itself; `keras.ops.conv` takes its kernel as it
    comes; a wrapper holds whatever it was given. These are run `AsGraph`.
    """
    if type(operation).__module__.startswith("keras.src.ops"):
        return type(operation).__name__ in CONVOLUTIONS
    if is_of_its_own_kind(operation) or isinstance(operation, (keras.layers.Wrapper, keras.layers.RNN)):
        return True
    convolutions = (*STRIDED, keras.layers.Conv2DTranspose)
    return isinstance(operation, convolutions) and set(operation.kernel_size) == {1} != set(operation.strides)


class AsGraph(keras.Layer):
    """A function of tensors, run as a TensorFlow graph whose convolutions have a harmless gradient.

    Symbolic tensors may be given too.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(autocast=False, trainable=False)

        def with_gradient(*tensors: tf.Tensor) -> Any:
            with tf.compat.v1.get_default_graph().gradient_override_map({"Conv2D": HARMLESS}):
                return function(*tensors)

        self._graph = tf.function(with_gradient)

    def call(self, tensors: list[tf.Tensor]) -> Any:
        """Return what the function returns."""
        return self._graph(*tensors)


HARMLESS = "ConvLabConv2D"
"""Under this name TensorFlow finds `_conv2d_gradient`."""


@tf.RegisterGradient(HARMLESS)
def _conv2d_gradient(operation: Any, above: tf.Tensor) -> list[tf.Tensor]:
    """Return the gradients of a convolution by its input and by its kernel, without TensorFlow's kernel for one cell.

    One cell reads every s-th cell x' of its input: the gradients are those of a convolution of x' without a stride, and
    between the cells of x' the input has none.
    """
    x, kernel = operation.inputs
    names = ("strides", "padding", "explicit_paddings", "data_format", "dilations")
    settings = {name: operation.get_attr(name) for name in names}
    settings = {k: v.decode() if isinstance(v, bytes) else v for k, v in settings.items()}
    strides, is_first = settings["strides"], settings["data_format"] == "NCHW"
    down, across = strides[2:] if is_first else strides[1:3]
    of_one_cell = kernel.shape[0] == kernel.shape[1] == 1 and max(down, across) > 1
    if not of_one_cell or settings["padding"] == "EXPLICIT":
        return _both_gradients(x, kernel, above, **settings)
    if is_first:
        x, above = (tf.transpose(each, (0, 2, 3, 1)) for each in (x, above))
    plain = {"strides": [1] * 4, "padding": "VALID", "data_format": "NHWC", "dilations": [1] * 4}
    by_read, by_kernel = _both_gradients(x[:, ::down, ::across], kernel, above, **plain)
    size, beyond = tf.shape(x), [(0, 0), (0, down), (0, across), (0, 0)]
    by_input = tf.pad(_put_apart(by_read, down, across), beyond)[:, : size[1], : size[2]]
    return [tf.transpose(by_input, (0, 3, 1, 2)) if is_first else by_input, by_kernel]


def _both_gradients(x: tf.Tensor, kernel: tf.Tensor, above: tf.Tensor, **settings: Any) -> list[tf.Tensor]:
    """Return TensorFlow's gradients of a convolution by its input and by its kernel."""
    by_input = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.shape(x), filter=kernel, out_backprop=above, **settings
    )
    by_kernel = tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=tf.shape(kernel), out_backprop=above, **settings
    )
    return [by_input, by_kernel]


def _put_apart(values: tf.Tensor, down: int, across: int) -> tf.Tensor:
    """Return maps (batch, rows, columns, channels) with zeros behind each cell."""
    size = tf.shape(values)
    apart = tf.pad(
        values[:, :, None, :, None], [[0, 0], [0, 0], [0, down - 1], [0, 0], [0, across - 1], [0, 0]]
    )
    return tf.reshape(apart, (size[0], size[1] * down, size[2] * across, values.shape[-1]))


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
        and type(layer).call in [kind.call for kind in (*STRIDED, keras.layers.Conv2DTranspose)]
    )


def _convolve_strided(layer: Any, x: tf.Tensor) -> tf.Tensor:
    steps = [slice(None, None, stride) for stride in layer.strides]
    first = layer.data_format == "channels_first"
    read = x[(slice(None), slice(None), *steps)] if first else x[(slice(None), *steps)]
    made = keras.ops.conv(read, layer.kernel, 1, "valid", layer.data_format)
    if layer.bias is None:
        return made
    shape = (1, layer.filters, *[1] * layer.rank) if first else (1, *[1] * layer.rank, layer.filters)
    return made + keras.ops.reshape(layer.bias, shape)


def _spread(layer: Any, x: tf.Tensor) -> tf.Tensor:
    """Return a transposed convolution of one cell: channels mixed, then cells put apart with zeros between them."""
    first = layer.data_format == "channels_first"
    values = tf.transpose(x, (0, 2, 3, 1)) if first else x
    kernel = tf.convert_to_tensor(layer.kernel)[0, 0]  # (filters, channels)
    mixed = tf.tensordot(values, kernel, [[3], [1]])
    made = _put_apart(mixed, *layer.strides)
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
