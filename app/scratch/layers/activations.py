"""Activations: what a unit does with its sum, and softmax, which makes shares of several."""

import math
from typing import Any

import numpy as np

from app.scratch.functions import FUNCTIONS, elu, single
from app.scratch.layers.base import Array, Layer, Result, Shape


class Activation(Layer, activation=...):
    """y = f(x), f by its name; ∂L/∂x = g·f′(x). Each function stands beside its slope in `app.scratch.functions`."""

    def begin(self) -> None:
        """Find the layer that computes it, if one does."""
        told, self.activation = self.settings["activation"], None
        self.inner = (
            BY_NAME[told]() if told in [*BY_NAME] else None if isinstance(told, str) else as_layer(told)
        )
        self.ceiling = self.inner.ceiling if self.inner else None

    def forward(self, x: Array, **rule: Any) -> Result:
        """Return f(x)."""
        if self.inner:
            return self.inner.forward(x, **rule)
        y, slope = FUNCTIONS[self.settings["activation"]](x)
        return y, lambda g: (g * slope(),)


class Fused(Layer, activation=None, use_bias=True):
    """A layer with an activation of its own, which `forward` leaves to whoever calls it, and perhaps with a bias."""

    def begin(self) -> None:
        """Make the activation a layer, unless it is none."""
        self.activation = as_layer(self.settings["activation"])

    def bias_shape(self, *shape: int) -> dict[str, Shape]:
        """Return the shape of the bias by its name, if there is one."""
        return {"bias": shape} if self.use_bias else {}

    def with_bias(self, y: Array) -> Array:
        """Return y + b."""
        return y + self.weights["bias"] if self.use_bias else y


class ReLU(Layer, max_value=None, negative_slope=0.0, threshold=0.0):
    """y = x where x is positive, else 0; at most `max_value`. ∂L/∂x = g where 0 < x < max_value, else 0.

    Two other rules are for maps. guided: g only where it is positive too. rectified: g wherever it is positive,
    whatever x was. With a threshold t and a slope s, y = s·(x − t) up to t.
    """

    def begin(self) -> None:
        """Find the largest value; with a slope or a threshold it is no rectifier."""
        self.upper = math.inf if self.max_value is None else single(self.max_value)
        self.ceiling = None if self.negative_slope or self.threshold else self.upper

    def forward(self, x: Array, rule: str = "plain") -> Result:
        """Return the rectified values."""
        t, s, is_leaky = self.threshold, self.negative_slope, self.ceiling is None
        s = s if t or self.max_value is not None else single(s)  # then it is TensorFlow's leaky ReLU
        y = np.minimum(np.maximum(x, 0), self.upper) if self.upper < math.inf else np.maximum(x, 0)

        def by_x(g: Array) -> Array:
            passes = (g > 0) if rule == "rectified" else (x > t) & (x < self.upper)
            passes = passes & (g > 0) if rule == "guided" else passes
            if not is_leaky:
                return np.where(passes, g, 0)
            below = x < t if self.max_value is not None or t else x <= t  # as TensorFlow has it at t itself
            return g * np.where(passes, 1, s * below).astype(g.dtype)

        return np.where(x > t, y, s * (x - t)) if is_leaky else y, self.backward(by_x)


class LeakyReLU(Layer, negative_slope=0.3):
    """y = x where x is positive, else s·x; the slope is 1 or s."""

    def forward(self, x: Array) -> Result:
        """Return the values."""
        s = single(self.negative_slope)
        return np.where(x > 0, x, s * x), lambda g: (np.where(x > 0, g, s * g),)


class PReLU(Layer, shared_axes=None):
    """y = x where x is positive, else α·x, with a learned α for each value, or for all along `shared_axes`."""

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the slopes."""
        return {"alpha": tuple(1 if i in (self.shared_axes or ()) else n for i, n in enumerate(shapes[0], 1))}

    def forward(self, x: Array) -> Result:
        """Return the values."""
        alpha = self.weights["alpha"]
        shared = tuple(axis for axis, n in enumerate(alpha.shape) if n == 1)
        by_alpha = lambda g: np.where(x < 0, g * x, 0).sum(axis=0).sum(axis=shared, keepdims=True)  # noqa: E731
        back = self.backward(lambda g: g * np.where(x > 0, 1, alpha * (x < 0)), alpha=by_alpha)
        return np.where(x > 0, x, alpha * x), back


class ELU(Layer, alpha=1.0):
    """y = x where x is positive, else α·(e^x − 1)."""

    def forward(self, x: Array) -> Result:
        """Return the values."""
        y, slope = elu(x, self.alpha)
        return y, lambda g: (g * slope(),)


class Softmax(Layer, axis=-1):
    """p_i = e^x_i / Σ_j e^x_j along `axis`: positive, with sum 1. ∂L/∂x_i = p_i·(g_i − Σ_j g_j·p_j)."""

    def forward(self, x: Array) -> Result:
        """Return the shares."""
        powers = np.exp(x - x.max(axis=self.axis, keepdims=True))  # at most e⁰
        p = powers / powers.sum(axis=self.axis, keepdims=True)
        return p, lambda g: (p * (g - (g * p).sum(axis=self.axis, keepdims=True)),)


class _LogSoftmax(Layer):
    """y_i = x_i − log Σ_j e^x_j; ∂L/∂x_i = g_i − p_i·Σ_j g_j."""

    def forward(self, x: Array) -> Result:
        """Return the logarithms of the shares."""
        above = x - x.max(axis=-1, keepdims=True)
        y = above - np.log(np.exp(above).sum(axis=-1, keepdims=True))
        return y, lambda g: (g - np.exp(y) * g.sum(axis=-1, keepdims=True),)


BY_NAME: dict[str, Any] = {
    **{"relu": ReLU, "relu6": lambda: ReLU(6.0), "leaky_relu": lambda: LeakyReLU(0.2)},
    **{"softmax": Softmax, "log_softmax": _LogSoftmax},
}
"""Activations that a layer computes, by Keras' names."""


def as_layer(told: Any) -> Layer | None:
    """Return the layer that an activation is, told by a name or as Keras' configuration of a layer, if it is any."""
    kinds = {kind.__name__: kind for kind in (ReLU, LeakyReLU, PReLU, ELU, Softmax, Activation)}
    if not isinstance(told, dict):
        return None if told in (None, "linear") else Activation(told)
    if told.get("class_name") not in kinds:
        raise ValueError(f"the activation {told.get('class_name')}: NumPy has no code for it")
    return kinds[told["class_name"]].from_config(told["config"])
