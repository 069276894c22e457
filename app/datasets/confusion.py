"""Which classes a network confuses: the confusion matrix, and its most frequent mistakes."""

from collections.abc import Sequence

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return how many images of each class (row) were taken for each class (column), (classes, classes)."""
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def most_confused(matrix: np.ndarray, names: Sequence[str], count: int = 5) -> list[tuple[str, str, int]]:
    """Return the most frequent mistakes as (true class, taken for, how often).

    >>> most_confused(np.array([[5, 2], [1, 9]]), ("cat", "dog"))
    [('cat', 'dog', 2), ('dog', 'cat', 1)]
    """
    mistakes = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    pairs = [np.unravel_index(flat, matrix.shape) for flat in order]
    return [(names[i], names[j], int(mistakes[i, j])) for i, j in pairs if mistakes[i, j]]
