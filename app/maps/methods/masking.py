"""Maps without gradients: parts of the image are hidden, and the score is looked at again."""

import numpy as np

from app.maps.explainer import Arrays, Explainer
from app.maps.methods.method import Method, RawMaps, Settings
from app.program.heads import Head

ROUNDING = 16 * float(np.finfo(np.float32).eps)
"""A fall by less than this part of the score is none, but the difference between two roundings: some processors round
equal rows of a batch differently, by their place in it."""


def class_probability(outputs: np.ndarray, targets: np.ndarray, head: Head) -> np.ndarray:
    """Return the probability of what is explained, or the difference of two, (rows,).

    Quantities have none: their score is returned.

    Args:
        outputs: what the model puts out, its head applied, (rows, units).
        targets: a row of `Explainer.targets` for each.
        head: the model's head.
    """
    values = head.as_probabilities(outputs)
    if head.is_binary:  # z and −z, or 2z and −2z where one class is held against the other
        one, step = targets[:, 0], values[:, 1] - 0.5
        return np.asarray(one * step + np.where(np.abs(one) == 1, 0.5, 0.0))
    return np.asarray((values * targets).sum(axis=-1))


def occlusion(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    patch: tuple[int, int],
    stride: int,
    fill: float | tuple[float, ...] = 0.0,
) -> np.ndarray:
    """Return how far the score falls when a pixel is hidden, signed, (images, height, width, 1).

    A patch slides over the image and is filled with one value; each pixel gets the mean of
    S(image) − S(image with the patch hidden) over the patches that hide it. The last patch of a row or
    column ends at the border, so every pixel is hidden at least once. A fall below `ROUNDING` of the score
    counts as 0. Source: Zeiler and Fergus 2014, §4.2.

    Raises:
        ValueError: the patch is larger than the image, or the stride leaves gaps between patches.
    """
    places = _places(images.shape[1:3], patch, stride)

    def function(x: np.ndarray, t: np.ndarray, masks: np.ndarray, value: np.ndarray) -> Arrays:
        made = x[:, None] * (1 - masks[None]) + value[0] * masks[None]
        logits = explainer.machine.outputs(made.reshape(-1, *x.shape[1:]), head=False)
        scores = (logits * np.repeat(t, len(masks), axis=0)).sum(axis=-1)
        return (scores.reshape(-1, len(masks)),)

    summed, times = np.zeros(images.shape[:3]), np.zeros(images.shape[1:3])
    for block in explainer.blocks(images, len(places)):
        masks = np.zeros((1 + len(block), *images.shape[1:3], 1))
        for mask, number in zip(masks[1:], block, strict=True):
            mask[places[number]] = 1
        shared = [masks, np.array([fill])]
        scores = explainer.apply(function, [images, targets], shared)[0]
        drops = scores[:, :1] - scores[:, 1:]  # nothing hidden, in one batch with the others
        drops[np.abs(drops) < ROUNDING * np.abs(scores).max(axis=1, keepdims=True)] = 0
        for number, drop in zip(block, drops.T, strict=True):
            summed[:, *places[number]] += drop[:, None, None]
            times[places[number]] += 1
    return (summed / times)[..., np.newaxis]


def _places(size: tuple[int, ...], patch: tuple[int, int], stride: int) -> list[tuple[slice, slice]]:
    """Return the rows and columns that each patch hides."""
    height, width = size
    if not (1 <= patch[0] <= height and 1 <= patch[1] <= width):
        raise ValueError(f"a patch of {patch[0]}×{patch[1]} does not fit an image of {height}×{width}")
    if stride < 1 or any(stride > p for n, p in zip(size, patch, strict=True) if p < n):
        raise ValueError(f"a stride of {stride} leaves pixels between patches of {patch[0]}×{patch[1]}")
    tops, lefts = (_starts(n, p, stride) for n, p in zip(size, patch, strict=True))
    return [np.s_[top : top + patch[0], left : left + patch[1]] for top in tops for left in lefts]


def _starts(size: int, patch: int, stride: int) -> list[int]:
    starts = list(range(0, size - patch + 1, stride))
    return starts if starts[-1] == size - patch else [*starts, size - patch]


def _occlusion(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:
    height, width = x.shape[1:3]
    shorter = width if height == 1 else min(height, width)  # a series has one row
    side = s.patch or min(max(2, round(shorter / 8)), shorter)
    stride = s.stride or max(1, side // 2)
    patch = (min(side, height), side) if height == 1 else (side, side)
    return RawMaps(occlusion(e, x, t, patch, stride, s.baseline))


METHODS = (
    Method(
        "occlusion",
        "occlusion",
        "Zeiler and Fergus 2014",
        _occlusion,
        shows="positive",
        settings=("patch", "stride", "baseline"),
        hides_pixels=True,
    ),
)
