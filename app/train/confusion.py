"""Which classes a network confuses."""

from collections.abc import Sequence

import numpy as np


def most_confused(matrix: np.ndarray, names: Sequence[str], count: int = 5) -> list[tuple[str, str, int]]:
    """Return the most frequent mistakes as (true class, taken for, how often)."""
    mistakes = matrix - np.diag(np.diag(matrix))
    order = np.argsort(mistakes, axis=None, kind="stable")[::-1][:count]
    pairs = [np.unravel_index(flat, matrix.shape) for flat in order]
    return [(names[i], names[j], int(mistakes[i, j])) for i, j in pairs if mistakes[i, j]]


def confused_line(matrix: np.ndarray, names: Sequence[str]) -> str:
    """Return the three most frequent mistakes in words."""
    confused = most_confused(matrix, names, 3)
    pairs = ", ".join(f"{true} taken for {taken} ({n}×)" for true, taken, n in confused)
    return f"Most confused: {pairs or 'no mistakes'}"
