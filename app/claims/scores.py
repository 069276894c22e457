"""Arithmetic on scores: activations, losses, one-hot rows, slopes by finite differences."""

import math
from collections.abc import Callable, Sequence

from app.counting.count import Count


def relu(values: Sequence[float]) -> list[float]:
    """Return max(0, x) of each value."""
    return [max(0, x) for x in values]


def sigmoid(x: float) -> float:
    """Return 1 / (1 + e^−x), between 0 and 1."""
    return 1 / (1 + math.exp(-x))


def logit(p: float) -> float:
    """Return ln(p / (1 − p)), the number whose sigmoid is `p`."""
    return math.log(p / (1 - p))


def softmax(scores: Sequence[float]) -> list[float]:
    """Return e^s_i / Σ e^s_j: positive numbers with the sum 1."""
    powers = [math.exp(s - max(scores)) for s in scores]
    return [power / sum(powers) for power in powers]


def one_hot(label: int, classes: int) -> list[int]:
    """Return a row of 0 with a 1 at `label`, counted from 0."""
    return [int(i == label) for i in range(classes)]


def percentages(shares: Sequence[float]) -> list[float]:
    """Return the parts of a whole in per cent: 100·x / Σ x."""
    return [100 * share / math.fsum(shares) for share in shares]


def log_loss(label: int, p: float) -> float:
    """Return −(y·ln p + (1 − y)·ln(1 − p)) for one image of label `y`, 0 or 1."""
    return -(label * math.log(p) + (1 - label) * math.log(1 - p))


def cross_entropy(target: Sequence[float], predicted: Sequence[float]) -> float:
    """Return −Σ t_i·ln p_i."""
    return -sum(t * math.log(p) for t, p in zip(target, predicted, strict=True) if t)


def squared_error(target: Sequence[float], predicted: Sequence[float]) -> float:
    """Return ½·Σ (t_i − o_i)²."""
    return sum((t - o) ** 2 for t, o in zip(target, predicted, strict=True)) / 2


def differences_times(target: Sequence[float], predicted: Sequence[float], factor: float) -> float:
    """Return Σ (t_i − o_i)·factor."""
    return sum((t - o) * factor for t, o in zip(target, predicted, strict=True))


STEP = 2.0**-16
"""Half the distance of a finite difference: a power of two, so that x ± STEP loses no digits."""


def slope(function: Callable[[float], float], x: float) -> float:
    """Return the derivative at `x` by a central difference: (f(x + h) − f(x − h)) / 2h."""
    return (function(x + STEP) - function(x - STEP)) / (2 * STEP)


def score_gradient(scores: Sequence[float], class_index: int) -> list[float]:
    """Return the derivative of the score of one class by each score, by finite differences."""

    def chosen(i: int, s: float) -> float:
        return [*scores[:i], s, *scores[i + 1 :]][class_index]

    return [slope(lambda s, i=i: chosen(i, s), score) for i, score in enumerate(scores)]  # type: ignore[misc]


def step_down(function: Callable[[float], float], x: float, rate: float) -> float:
    """Return `x` after one step against the slope: x − η·f'(x)."""
    return x - rate * slope(function, x)


def size_bytes(parameters: int, bytes_each: int = 4) -> Count:
    """Return the bytes of `parameters` numbers; 4 each in float32."""
    return Count(parameters * bytes_each, f"{parameters:,}·{bytes_each}")
