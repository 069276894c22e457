"""Test images for a data set that comes without: a fixed part of its training images."""

from collections.abc import Sequence

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]
"""Images and their labels."""
SHARE = 7
"""One image of so many is held out, as MNIST's 10,000 of 70,000."""
GROUP_SHARE = 5
"""The same of pictures in folders, of which there are few."""


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


def hold_out_groups(labels: np.ndarray, groups: np.ndarray, keys: Sequence[bytes]) -> np.ndarray:
    """Return which images are held out: about one in five of each class, no group of them on both sides.

    The choice follows the keys, which come from what the images show, and neither their names nor their number:
    an image that is added moves few of the others to the other side. A group of several classes is never held out.

    Args:
        labels: the class of each image.
        groups: a number for each image; those that look the same have the same one.
        keys: bytes that are as good as random, one for each image.

    >>> hold_out_groups(np.zeros(5, int), np.arange(5), [b"d", b"b", b"a", b"e", b"c"]).tolist()
    [False, False, True, False, False]
    """
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(i)
    ordered = sorted(members.values(), key=lambda group: min(keys[i] for i in group))
    is_test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        of_class = [group for group in ordered if (labels[group] == label).all()]
        wanted = max(1, round(int((labels == label).sum()) / GROUP_SHARE))
        taken: list[int] = []
        for group in of_class:
            if len(taken) + len(group) <= wanted:
                taken += group
        if not taken and len(of_class) > 1:
            taken = min(of_class, key=len)
        if len(taken) < (labels == label).sum():
            is_test[taken] = True
    return is_test
