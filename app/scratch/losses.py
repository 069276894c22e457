"""Losses: the number that training makes small, each with its gradient beside it.

A loss is a mean over the N images of a batch; so the row of each image in its gradient, the one by the first argument,
is divided by N.
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Loss = Callable[[Array, Array], tuple[float, Array]]
"""(outputs, targets) -> (loss, gradient by the outputs), both of shape (images, units)."""


def one_hot(labels: Array, classes: int, dtype: str = "float32") -> Array:
    """Return a row for each label, 1 at its class and 0 elsewhere: (images, classes).

    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    return np.eye(classes, dtype=dtype)[labels]


def cross_entropy(probabilities: Array, targets: Array) -> tuple[float, Array]:
    """Return L = −Σ t·ln p / N, the sum over images and classes, and dL/dp = −t / (p·N); N images.

    A probability of 0 counts as the smallest number of its type, so that L stays finite.

    Args:
        probabilities: (images, classes), as a softmax leaves them.
        targets: the same shape, a row sums to 1.

    Source: article 002, L = −ln p_c.

    >>> loss, gradient = cross_entropy(np.array([[0.25, 0.75]]), np.array([[0.0, 1.0]]))
    >>> round(loss, 4), gradient.round(4).tolist()
    (0.2877, [[-0.0, -1.3333]])
    """
    safe = np.maximum(probabilities, np.finfo(probabilities.dtype).tiny)
    return -float((targets * np.log(safe)).sum()) / len(safe), -targets / safe / len(safe)


def softmax_cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """Return L = −Σ t·ln softmax(z) / N and dL/dz = (p − t) / N, where p = softmax(z); N images.

    The chain rule through both, −t/p times p_i·(δ_ij − p_j), comes to p − t: no division, no 0·∞. The largest logit
    is taken off first, which changes no probability and lets no power overflow.

    Args:
        logits: what goes into the softmax, (images, classes).
        targets: the same shape, a row sums to 1.

    >>> loss, gradient = softmax_cross_entropy(np.array([[0.0, 1000.0]]), np.array([[1.0, 0.0]]))
    >>> loss, gradient.tolist()
    (1000.0, [[-1.0, 1.0]])
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=-1, keepdims=True)
    loss = -float((targets * (shifted - np.log(total))).sum()) / len(logits)
    return loss, (powers / total - targets) / len(logits)


def log_loss(probabilities: Array, targets: Array) -> tuple[float, Array]:
    """Return L = −Σ (t·ln p + (1 − t)·ln(1 − p)) / N and dL/dp = ((1 − t)/(1 − p) − t/p) / N; N images.

    Args:
        probabilities: (images, units), as a sigmoid leaves them.
        targets: the same shape, 0 or 1.

    Source: article 000, the log loss of one unit that answers for two classes.

    >>> loss, gradient = log_loss(np.array([[0.75]]), np.array([[1.0]]))
    >>> round(loss, 4), gradient.round(4).tolist()
    (0.2877, [[-1.3333]])
    """
    tiny = np.finfo(probabilities.dtype).tiny
    yes, no = np.maximum(probabilities, tiny), np.maximum(1 - probabilities, tiny)
    loss = -float((targets * np.log(yes) + (1 - targets) * np.log(no)).sum()) / len(yes)
    return loss, ((1 - targets) / no - targets / yes) / len(yes)


def sigmoid_log_loss(logits: Array, targets: Array) -> tuple[float, Array]:
    """Return the log loss of p = sigmoid(z) and dL/dz = p − t.

    L = Σ max(z, 0) − t·z + ln(1 + e^−|z|): the same number, with a power that cannot overflow.

    Args:
        logits: what goes into the sigmoid, (images, units).
        targets: the same shape, 0 or 1.

    >>> loss, gradient = sigmoid_log_loss(np.array([[-1000.0]]), np.array([[1.0]]))
    >>> loss, gradient.tolist()
    (1000.0, [[-1.0]])
    """
    small = np.exp(-np.abs(logits))
    loss = float((np.maximum(logits, 0) - targets * logits + np.log1p(small)).sum()) / len(logits)
    probabilities = np.where(logits >= 0, 1, small) / (1 + small)
    return loss, (probabilities - targets) / len(logits)


def squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return L = ½·Σ (O − T)² / N and dL/dO = (O − T) / N; N images.

    With the half, minus the gradient through a sigmoid is article 001's Err = O·(1 − O)·(T − O).

    Args:
        outputs: (images, units).
        targets: the same shape.

    >>> squared_error(np.array([[0.5, 1.0]]), np.array([[1.0, 1.0]]))
    (0.125, array([[-0.5,  0. ]]))
    """
    difference = outputs - targets
    return float((difference**2).sum()) / 2 / len(outputs), difference / len(outputs)
