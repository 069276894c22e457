"""Rectifiers, in every spelling of Keras, and the two rules that change their gradient (`app.program.steps.Rule`)."""

from collections.abc import Callable
from typing import Literal

import keras
import tensorflow as tf

from app.program.steps import LEFT_ALONE, relu_name


def activation_name(operation: keras.Operation) -> str:
    """Return the name of the function that an activation step applies; "" for any other step."""
    if isinstance(operation, keras.layers.Activation):
        function = operation.activation
        if isinstance(function, keras.Operation):
            return activation_name(function)
        return str(getattr(function, "__name__", "")).removesuffix("_v2")  # tf.nn.softmax is softmax_v2
    kind = type(operation).__name__
    module = type(operation).__module__
    if isinstance(operation, keras.layers.ReLU):
        return _relu_name(operation)
    if module.startswith("keras.src.activations") and kind == "ReLU":
        return _relu_name(operation)
    if module.startswith("keras.src.layers.activations") or module.startswith("keras.src.ops.nn"):
        snake = "".join("_" + c.lower() if c.isupper() else c for c in kind).lstrip("_")
        names = {"leaky_re_l_u": "leaky_relu", "p_re_l_u": "prelu", "e_l_u": "elu"}
        name = names.get(snake, snake)
        if name == "leaky_relu" and getattr(operation, "negative_slope", 1) == 0:
            return "relu"
        return name if name in LEFT_ALONE or hasattr(keras.activations, name) else ""
    return ""


def _relu_name(operation: keras.Operation) -> str:
    names = ("negative_slope", "threshold", "max_value")
    return relu_name({name: getattr(operation, name) for name in names})


def rectify(rule: Literal["guided", "rectified"], upper: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return min(max(0, x), upper) with the gradient that `rule` gives it."""

    @tf.custom_gradient
    def rectifier(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        output = tf.nn.relu(x) if upper == float("inf") else tf.clip_by_value(x, 0, upper)

        def gradient(above: tf.Tensor) -> tf.Tensor:
            keep = above > 0
            if rule == "guided":
                keep &= (x > 0) & (x < upper)
            return tf.where(keep, above, tf.zeros_like(above))

        return output, gradient

    return rectifier
