"""The paper below the ink of a photograph, by windows that slide over it.

The paper is what is left of a picture when everything is taken away that is narrower than a window: for dark ink the
largest value of each window, then the smallest of these (a closing); for light ink the other way round (an opening).
Both leave the edge of a shadow or of a table where it is, which no blur does.
Source: Serra, Image Analysis and Mathematical Morphology, 1982 (closing, opening, top-hat).
"""

import math

import numpy as np


def slide(values: np.ndarray, side: int, take: np.ufunc) -> np.ndarray:
    """Return the largest (np.maximum) or the smallest value of every window of side×side that lies inside.

    >>> slide(np.array([[0, 0, 5], [0, 0, 0], [7, 0, 0]]), 2, np.maximum).tolist()
    [[0, 5], [7, 0]]
    """
    for axis in (0, 1):
        reach = 1
        while reach < side:  # windows of 1, 2, 4, … pixels, each from two of half the length
            step = min(reach, side - reach)
            lines = np.moveaxis(values, axis, 0)
            values = np.moveaxis(take(lines[:-step], lines[step:]), 0, axis)
            reach += step
    return values


def widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return the mask with all pixels that lie up to `reach` rows and columns from it.

    >>> widened(np.array([[True, False, False]]), 1).tolist()
    [[True, True, False]]
    """
    return slide(np.pad(mask, reach), 2 * reach + 1, np.maximum)


def steps(grey: np.ndarray) -> np.ndarray:
    """Return the largest less the smallest value of the 3×3 pixels around each one: how sharp an edge is there."""
    around = np.pad(grey, 1, mode="edge")
    return slide(around, 3, np.maximum) - slide(around, 3, np.minimum)


def estimate_paper(grey: np.ndarray, side: int, is_dark: bool) -> np.ndarray:
    """Return the picture without what is narrower than `side` pixels and darker, or lighter, than what is around it.

    >>> page = np.full((5, 5), 200); page[:, 2] = 30
    >>> int(estimate_paper(page, 3, is_dark=True).min())
    200
    """
    around = np.pad(grey, side - 1, mode="edge")
    first, second = (np.maximum, np.minimum) if is_dark else (np.minimum, np.maximum)
    return slide(slide(around, side, first), side, second)


def box_mean(values: np.ndarray, radius: int) -> np.ndarray:
    """Return the mean of the 2·radius + 1 pixels around each pixel in both directions, the border repeated.

    >>> box_mean(np.array([[0.0, 3.0, 0.0]]), 1).tolist()
    [[1.0, 1.0, 1.0]]
    """
    width = 2 * radius + 1
    for axis in (0, 1):
        pads = [(0, 0), (0, 0)]
        pads[axis] = (radius + 1, radius)
        sums = np.moveaxis(np.cumsum(np.pad(values, pads, mode="edge"), axis=axis, dtype=np.float64), axis, 0)
        values = np.moveaxis((sums[width:] - sums[:-width]) / width, 0, axis)
    return values


def measure_noise(grey: np.ndarray) -> float:
    """Return the spread of a picture's noise, σ = median |x_i − (x_(i−1) + x_(i+1))/2| / 0.6745 / √1.5, down columns.

    More than half of these differences lie on plain paper, and no slope of the light is in them.

    >>> measure_noise(np.arange(30.0).reshape(10, 3))
    0.0
    """
    if len(grey) < 3:
        return 0.0
    values = grey.astype(np.float32)
    return float(np.median(np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2))) / 0.6745 / math.sqrt(1.5)


def smoothed(grey: np.ndarray, noise: float) -> np.ndarray:
    """Return the mean of a few neighbours, of more where there is more noise; without noise the picture itself."""
    values = grey.astype(np.float32)
    if noise <= 1 or min(grey.shape) <= 8:
        return values
    return box_mean(values, 1 if noise <= 6 else 2).astype(np.float32)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Return numbers as whole ones from 0 to 255."""
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
