"""Where training begins: how the weights of a layer are drawn.

A unit adds up n products of weights and values. If both are independent, around 0, the variance of the sum is
n·Var(w)·Var(x): the signal keeps its size from layer to layer if Var(w) = 1/n (Xavier), and behind a rectifier, which
halves it, if Var(w) = 2/n (He). What enters a unit is its *fan in* n, what leaves a value its *fan out* m.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

Array = np.ndarray
Initialiser = Callable[[tuple[int, ...], np.random.Generator], Array]


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return fan in and fan out of a kernel: what a unit reads, and how many units read a value.

    A kernel k×k×C×F has k·k·C and k·k·F.

    >>> fans((3, 3, 16, 32)), fans((100, 10))
    ((144, 288), (100, 10))
    """
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    area = math.prod(shape[:-2])
    return area * shape[-2], area * shape[-1]


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights between ±√(6/(n + m)), whose variance is 2/(n + m): Keras' default.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward networks, 2010, eq. 16.
    """
    limit = math.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-limit, limit, shape)


def glorot_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return normal weights of variance 2/(n + m)."""
    return rng.normal(0, math.sqrt(2 / sum(fans(shape))), shape)


def he_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights between ±√(6/n), whose variance is 2/n.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, §2.2.
    """
    limit = math.sqrt(6 / fans(shape)[0])
    return rng.uniform(-limit, limit, shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return normal weights of variance 2/n."""
    return rng.normal(0, math.sqrt(2 / fans(shape)[0]), shape)


def lecun_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights between ±√(3/n), whose variance is 1/n."""
    limit = math.sqrt(3 / fans(shape)[0])
    return rng.uniform(-limit, limit, shape)


def lecun_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return normal weights of variance 1/n.

    Source: LeCun, Bottou, Orr and Müller, Efficient backprop, 1998, §4.6.
    """
    return rng.normal(0, math.sqrt(1 / fans(shape)[0]), shape)


def xavier_of_the_article(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return normal weights divided by n, as article 002 has it: randn(3, 3) / 9.

    Var(a·w) = a²·Var(w): dividing by 9 makes the variance 1/81, and not 1/9 as Xavier's rule has it for n = 9.

    >>> float(round(81 * xavier_of_the_article((3, 3, 1, 100_000), np.random.default_rng(0)).var(), 2))
    1.0
    """
    return rng.normal(0, 1, shape) / fans(shape)[0]


def xavier(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return normal weights divided by √n: for a 3×3 kernel randn(3, 3) / 3, of variance 1/9 = 1/n.

    >>> float(round(9 * xavier((3, 3, 1, 100_000), np.random.default_rng(0)).var(), 2))
    1.0
    """
    return rng.normal(0, 1, shape) / math.sqrt(fans(shape)[0])


def positive(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights between 0 and 2/n, with a sum of about 1: a neocognitron's excitation."""
    return rng.uniform(0, 2 / fans(shape)[0], shape)


def uniform(low: float, high: float) -> Initialiser:
    """Return what draws weights between two numbers."""
    return lambda shape, rng: rng.uniform(low, high, shape)


def normal(deviation: float) -> Initialiser:
    """Return what draws normal weights of this standard deviation, around 0."""
    return lambda shape, rng: rng.normal(0, deviation, shape)


def constant(value: float) -> Initialiser:
    """Return what makes all weights one number.

    >>> constant(0.5)((2,), np.random.default_rng()).tolist()
    [0.5, 0.5]
    """
    return lambda shape, _: np.full(shape, value, float)


zeros, ones = constant(0.0), constant(1.0)

INITIALISERS: dict[str, Initialiser] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
    "xavier": xavier,
    "xavier_of_the_article": xavier_of_the_article,
    "zeros": zeros,
    "ones": ones,
}
"""By name."""


def find_initialiser(wanted: str | Initialiser) -> Initialiser:
    """Return the initialiser of a name; a function is one itself.

    Raises:
        ValueError: there is none of this name.
    """
    if not isinstance(wanted, str):
        return wanted
    if wanted not in INITIALISERS:
        raise ValueError(f"there is no initialiser {wanted!r}; there are {', '.join(INITIALISERS)}")
    return INITIALISERS[wanted]
