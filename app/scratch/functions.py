"""Functions of single values, each beside its slope: what a unit does with its sum.

A function returns y = f(x) and another function, which works f′(x) out when backward wants it.
"""

import math
from collections.abc import Callable

import numpy as np

Array = np.ndarray
Slope = Callable[[], Array]
Function = Callable[[Array], tuple[Array, Slope]]
SELU = 1.6732632423543772, 1.0507009873554805
"""α and λ: with them values keep mean 0 and variance 1 from layer to layer (Klambauer et al. 2017)."""


def single(number: float) -> float:
    """Return a number rounded to float32, as TensorFlow takes some of Keras' numbers, whatever x is.

    >>> single(0.5), single(0.1) == 0.1
    (0.5, False)
    """
    return float(np.float32(number))


def logistic(x: Array) -> Array:
    """Return σ(x) = 1/(1 + e^−x), so written that no power overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def linear(x: Array) -> tuple[Array, Slope]:
    """y = x; y′ = 1."""
    return x, lambda: np.ones_like(x)


def sigmoid(x: Array) -> tuple[Array, Slope]:
    """y = σ(x) = 1/(1 + e^−x); y′ = y·(1 − y)."""
    y = logistic(x)
    return y, lambda: y * (1 - y)


def tanh(x: Array) -> tuple[Array, Slope]:
    """y = tanh x; y′ = 1 − y²."""
    y = np.tanh(x)
    return y, lambda: 1 - y * y


def exponential(x: Array) -> tuple[Array, Slope]:
    """y = e^x; y′ = y."""
    y = np.exp(x)
    return y, lambda: y


def softplus(x: Array) -> tuple[Array, Slope]:
    """y = log(1 + e^x); y′ = σ(x)."""
    return np.logaddexp(0, x).astype(x.dtype), lambda: logistic(x)


def softsign(x: Array) -> tuple[Array, Slope]:
    """y = x/(1 + |x|); y′ = 1/(1 + |x|)²."""
    return x / (1 + np.abs(x)), lambda: (1 + np.abs(x)) ** -2


def silu(x: Array) -> tuple[Array, Slope]:
    """y = x·σ(x); y′ = σ(x)·(1 + x·(1 − σ(x)))."""
    s = logistic(x)
    return x * s, lambda: s * (1 + x * (1 - s))


def gelu(x: Array) -> tuple[Array, Slope]:
    """y = x·Φ(x), Φ the share of a normal distribution below x; y′ = Φ(x) + x·e^(−x²/2)/√(2π)."""
    z = x * single(math.sqrt(0.5))
    below = (1 + np.vectorize(math.erf, otypes=[x.dtype])(z)) / 2
    return x * below, lambda: below + z * np.exp(-z * z) / math.sqrt(math.pi)


def mish(x: Array) -> tuple[Array, Slope]:
    """y = x·t, t = tanh(log(1 + e^x)); y′ = t + x·(1 − t²)·σ(x)."""
    t = np.tanh(np.logaddexp(0, x)).astype(x.dtype)
    return x * t, lambda: t + x * (1 - t * t) * logistic(x)


def hard_sigmoid(x: Array) -> tuple[Array, Slope]:
    """y = (x + 3)/6 between 0 and 1; y′ = 1/6 there."""
    return np.clip(x + 3, 0, 6) / 6, lambda: (np.abs(x) < 3) / x.dtype.type(6)


def hard_silu(x: Array) -> tuple[Array, Slope]:
    """y = x·h, h the hard sigmoid; y′ = h + x·h′."""
    h, slope = hard_sigmoid(x)
    return x * h, lambda: h + x * slope()


def elu(x: Array, alpha: float = 1.0) -> tuple[Array, Slope]:
    """y = x where x is positive, else α·(e^x − 1); y′ = 1, else y + α."""
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return y, lambda: np.where(x > 0, 1, y + alpha).astype(x.dtype)


def selu(x: Array) -> tuple[Array, Slope]:
    """y = λ·ELU(x), λ and α from `SELU`; at 0 the slope is λ."""
    (y, slope), scale = elu(x, SELU[0]), SELU[1]
    return scale * y, lambda: scale * np.where(x == 0, 1, slope())


FUNCTIONS: dict[str, Function] = {
    "linear": linear,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "exponential": exponential,
    "softplus": softplus,
    "softsign": softsign,
    "silu": silu,
    "swish": silu,
    "gelu": gelu,
    "mish": mish,
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "hard_swish": hard_silu,
    "elu": elu,
    "selu": selu,
}
"""By Keras' names."""
ACTIVATIONS = (*FUNCTIONS, "relu", "relu6", "leaky_relu", "softmax", "log_softmax")
"""All names that an activation may have; the last are layers of their own."""
