"""Rectifiers, in every spelling, and the two rules that change their gradient.

With f(x) = max(0, x) and g the gradient that comes from above:

- plain gradient: g where x > 0;
- guided backpropagation: g where x > 0 and g > 0 (Springenberg et al. 2015, §3.4);
- rectified, the deconvnet's rule: g where g > 0, whatever x was (Zeiler and Fergus 2014, §2.1).
"""

from collections.abc import Callable
from typing import Literal

import keras
import tensorflow as tf

Rule = Literal["plain", "guided", "rectified"]

LEFT_ALONE = {
    "leaky_relu",
    "prelu",
    "elu",
    "selu",
    "celu",
    "gelu",
    "silu",
    "swish",
    "mish",
    "softplus",
    "hard_silu",
    "hard_swish",
    "squareplus",
    "crelu",
}
"""Activations of the same purpose for which the two rules are not defined."""


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
    if operation.negative_slope or operation.threshold:
        return "leaky_relu" if operation.negative_slope else "thresholded_relu"
    return "relu" if operation.max_value is None else f"relu{operation.max_value:g}"


def ceiling(operation: keras.Operation) -> float | None:
    """Return the largest value of a rectifier: inf for ReLU, 6 for relu6; None for other steps."""
    name = activation_name(operation)
    if name == "relu":
        return float("inf")
    if name.startswith("relu") and name[4:].replace(".", "", 1).isdigit():
        return float(name[4:])
    return None


def is_left_alone(operation: keras.Operation) -> bool:
    """Return whether the step is an activation in a rectifier's place that the rules do not reach."""
    return activation_name(operation) in LEFT_ALONE | {"thresholded_relu"}


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
