"""Test images for a data set that comes without: a fixed part of its training images."""

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]
"""Images and their labels."""
SHARE = 7
"""One image of so many is held out, as MNIST's 10,000 of 70,000."""


def hold_out(images: np.ndarray, labels: np.ndarray, source: str) -> tuple[Pair, Pair, str]:
    """Return training and test images, and a sentence that says so.

    They are drawn by chance, the same ones each time, and keep their order.

    Raises:
        ValueError: images and labels do not belong together, or there is only one.
    """
    if images.ndim < 3 or len(images) != len(labels):
        raise ValueError(f"{source}: {len(images):,} images and {len(labels):,} labels")
    if len(images) < 2:
        raise ValueError(f"{source}: there are no test images, and too few others to hold some out")
    count = max(1, len(images) // SHARE)
    is_test = np.zeros(len(images), bool)
    is_test[np.random.default_rng(0).permutation(len(images))[:count]] = True
    said = (
        f"{count:,} of the {len(images):,} labelled images are held out as test images, always the same ones"
    )
    return (images[~is_test], labels[~is_test]), (images[is_test], labels[is_test]), said
