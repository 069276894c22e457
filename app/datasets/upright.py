"""EMNIST's files hold every image transposed: whether a data set does is found out, and undone.

Where there are digits, the mean image of each class is compared with MNIST's, upright and transposed; the mean of all
classes is taken off both first, since a blob in the middle is alike for all. The correlation is about 1 for MNIST's own
digits, 0.55 for digits that fill another box, half as much for either in the next best way of lying, and below 0.1
for Fashion-MNIST.
Source: Cohen, Afshar, Tapson and van Schaik, EMNIST, 2017; the files are in the order of MATLAB's columns.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.idx import BUNDLED_MNIST, read_idx

LIKE, MARGIN = 0.35, 0.15
"""Digits are seen as such above the one, and a way of lying is clear where no other comes nearer than the second."""
LETTERS_LIKE_DIGITS = {"I": 1, "S": 5, "Z": 2}
"""Letters that transposing changes as it changes these digits."""
LOOKED_AT = 20_000
"""Images that are looked at."""
WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "upright": lambda images: images,
    "transposed": lambda images: images.swapaxes(1, 2),
    "mirrored": lambda images: images[:, :, ::-1],
    "upside down and mirrored": lambda images: images[:, ::-1],
    "upside down": lambda images: images[:, ::-1, ::-1],
    "turned by a quarter to the right": lambda images: np.rot90(images, 1, (1, 2)),
    "turned by a quarter to the left": lambda images: np.rot90(images, -1, (1, 2)),
    "turned by a quarter and mirrored": lambda images: np.rot90(images, 2, (1, 2)).swapaxes(1, 2),
}
"""How images may lie, and what brings them upright."""
DIGITS = {str(digit): digit for digit in range(10)}


def is_of_emnist(*files: Path | None) -> bool:
    """Return whether a file of images, or the mapping beside it, is called as EMNIST's are.

    >>> is_of_emnist(Path("emnist-letters-train-images-idx3-ubyte.gz")), is_of_emnist(Path("fashion-mnist_train.csv"))
    (True, False)
    """
    return any(file and re.match(r"emnist([^a-z]|$)", file.name.lower()) for file in files)


def turn_upright(data: Dataset, is_emnist: bool) -> Dataset:
    """Return the data set with its images upright, and a note where something was found out.

    EMNIST's images are turned unless their signs clearly lie otherwise; those of other names only where all ten
    digits are there and clearly transposed.

    Args:
        data: images and labels as their files hold them.
        is_emnist: whether the files are called as EMNIST's are.
    """
    if data.image_shape != (28, 28, 1):
        return data
    witnesses = _witnesses(data.class_names, is_emnist)
    seen = _find_way(data, witnesses)
    if is_emnist and seen not in (None, "transposed"):
        how = (
            "these already stand upright, as MNIST's digits do" if seen == "upright" else f"these are {seen}"
        )
        said = f"Images left as they are: EMNIST's files hold them transposed, but {how}."
        return replace(data, notes=(*data.notes, said))
    if not is_emnist and (seen != "transposed" or data.classes != len(witnesses)):
        return data
    said = "EMNIST's files hold them transposed" if is_emnist else "they were transposed"
    said += (
        ", as comparing with MNIST's digits shows" if seen else "; these are taken for such by their names"
    )
    return replace(
        data,
        train_images=np.ascontiguousarray(np.swapaxes(data.train_images, 1, 2)),
        test_images=np.ascontiguousarray(np.swapaxes(data.test_images, 1, 2)),
        notes=(*data.notes, f"Images turned upright: {said}."),
    )


def _witnesses(names: tuple[str, ...], is_emnist: bool) -> dict[int, int]:
    """Return the classes that can be compared, each with its digit; none where any of them is missing."""
    for known in (DIGITS, LETTERS_LIKE_DIGITS) if is_emnist else (DIGITS,):
        if set(known) <= set(names):
            return {names.index(name): digit for name, digit in known.items()}
    return {}


def _find_way(data: Dataset, witnesses: Mapping[int, int]) -> str | None:
    """Return how the classes lie beside MNIST's digits; None where that is not clear.

    Three letters tell upright from transposed alone: I, S and Z look the same upside down.
    """
    labels, images = data.train_labels[:LOOKED_AT], data.train_images[:LOOKED_AT, ..., 0]
    if not witnesses or not set(witnesses) <= set(labels.tolist()):
        return None
    means = np.stack([images[labels == label].mean(axis=0) for label in witnesses])
    digits = _mnist_means()[list(witnesses.values())]
    means, digits = means - means.mean(axis=0), digits - digits.mean(axis=0)
    if not means.any():
        return None
    ways = list(WAYS)[: None if len(witnesses) == len(DIGITS) else 2]
    agreement = [float(np.corrcoef(WAYS[way](means).ravel(), digits.ravel())[0, 1]) for way in ways]
    second, best = sorted(agreement)[-2:]
    return ways[agreement.index(best)] if best > LIKE and best > second + MARGIN else None


@cache
def _mnist_means() -> np.ndarray:
    """Return the mean test image of each digit of MNIST."""
    images, labels = (
        read_idx(BUNDLED_MNIST / f"t10k-{kind}-ubyte.gz", dimensions)
        for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1))
    )
    return np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
