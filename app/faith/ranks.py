"""Rank correlation of maps: whether two maps order the pixels alike, whatever their scales."""

import numpy as np


def ranks(maps: np.ndarray) -> np.ndarray:
    """Return the ranks of each map's values, centred and of length 1, (images, values).

    Equal values share the mean of their ranks. A map of one value everywhere has no order: its row is 0.
    """
    rows = maps.reshape(len(maps), -1)
    result = np.zeros(rows.shape)
    for row, values in zip(result, rows, strict=True):
        _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        if len(counts) > 1:
            means = np.cumsum(counts) - (counts - 1) / 2
            row[:] = means[place] - (values.size + 1) / 2
            row /= np.linalg.norm(row)
    return result


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return Spearman's ρ of each pair of rows of `ranks`, −1…1, (images,).

    Where a map has no order, ρ is 0: it agrees with nothing.
    """
    return np.asarray((one * other).sum(axis=1))


def between_images(total: np.ndarray, count: int) -> float | None:
    """Return the mean ρ over all pairs of different images; None where there are not two.

    Σ_{i≠j} r_i·r_j = |Σ_i r_i|² − Σ_i |r_i|², divided by n (n − 1). So the sum of the rows is enough, and many images
    are taken some at a time.

    Args:
        total: Σ_i r_i, the sum of the rows of `ranks`, (values,).
        count: n, how many of the rows have an order; the others are 0.
    """
    if count < 2:
        return None
    return float((total @ total - count) / (count * (count - 1)))
