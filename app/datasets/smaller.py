"""Less of a data set: fewer images, and smaller ones, for experiments that must not take long."""

import math

import numpy as np

from app.datasets.dataset import Dataset

SMALLEST = 8
"""Cells a side: three stages of a network leave 2×2 of them."""


def shrink(data: Dataset, train: int, test: int, side: int) -> Dataset:
    """Return up to so many training and test images, no side longer than `side` pixels.

    Images are drawn by chance, the same ones each time. A larger image becomes smaller by the mean of
    blocks of f×f pixels, f the least whole number that makes it fit; what is left over at the end is cut
    off. Fewer images are taken as they are.

    Raises:
        ValueError: the images are, or would become, smaller than 8×8.
    """
    height, width, _ = data.image_shape
    factor = max(1, math.ceil(max(height, width) / side))
    if min(height, width) // factor < SMALLEST:
        made = f", and {height // factor}×{width // factor} once they are small enough to be quick"
        raise ValueError(
            f"the images of {data.name} are {height}×{width}{made if factor > 1 else ''}; at least "
            f"{SMALLEST}×{SMALLEST} are needed here"
        )
    drawn = [
        np.random.default_rng(0).permutation(len(labels))[:count]
        for labels, count in ((data.train_labels, train), (data.test_labels, test))
    ]
    return Dataset(
        data.name,
        data.source,
        _pool(data.train_images[drawn[0]], factor),
        data.train_labels[drawn[0]],
        _pool(data.test_images[drawn[1]], factor),
        data.test_labels[drawn[1]],
        data.class_names,
        data.notes,
    )


def _pool(images: np.ndarray, factor: int) -> np.ndarray:
    """Return the means of blocks of factor × factor pixels, as bytes."""
    if factor == 1:
        return images
    count, height, width, channels = images.shape
    rows, columns = height // factor, width // factor
    whole = images[:, : rows * factor, : columns * factor].astype(np.float32)
    blocks = whole.reshape(count, rows, factor, columns, factor, channels)
    return np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)
