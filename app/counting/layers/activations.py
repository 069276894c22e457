"""Activations: functions of each value, or of each vector of channels."""

from collections.abc import Sequence
from typing import Any

from app.counting.count import Count, product_count
from app.counting.layers.base import Elementwise, Layer
from app.counting.layers.shapes import OverAxes, find_axis
from app.counting.rows import Shape, Weight


def activation_name(activation: Any) -> str | None:
    """Return the name of an activation as Keras stores it: a word, a function or a layer; None for others."""
    if isinstance(activation, dict):
        inner = activation.get("config")
        activation = inner if isinstance(inner, str) else activation.get("class_name")
    return activation or "linear" if isinstance(activation, str | None) else None


class Activation(Layer):
    """A function of each value (or, for softmax, of each vector of channels)."""

    def __init__(self, activation: Any, **common: Any) -> None:
        super().__init__(**common)
        self.activation = activation_name(activation) or str(activation)

    def settings(self) -> str:
        """Return the function."""
        return self.activation


class ReLU(Elementwise):
    """max(0, x)."""

    family = "rectifier"
    activation = "relu"


class LeakyReLU(Elementwise):
    """x for x > 0, slope·x otherwise."""

    family = "rectifier"
    activation = "leaky_relu"


class ELU(Elementwise):
    """x for x > 0, α·(eˣ − 1) otherwise."""

    family = "rectifier"
    activation = "elu"
    is_taught = False


class PReLU(Layer):
    """x for x > 0, α·x otherwise, with a learned α for each value, or for each along `shared_axes`."""

    family = "rectifier"
    activation = "prelu"
    is_taught = False

    def __init__(self, shared_axes: Sequence[int] | int | None = None, **common: Any) -> None:
        super().__init__(**common)
        shared = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes or ())
        self.shared_axes = tuple(shared)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return α: the sizes of the map, 1 along the shared axes."""
        shared = {find_axis(axis, inputs[0], self.kind) for axis in self.shared_axes}
        shape = tuple(1 if i in shared else n for i, n in enumerate(inputs[0]))
        return (Weight("alpha", shape),)

    def trainable(self, *inputs: Shape) -> Count:
        """Return the size of α."""
        (alpha,) = self.weights(*inputs)
        return product_count(*alpha.shape)

    def settings(self) -> str:
        """Return the shared axes."""
        return f"shared along {', '.join(map(str, self.shared_axes))}" if self.shared_axes else ""


class Softmax(OverAxes):
    """e^x, divided by the sum over one or several axes."""

    activation = "softmax"
