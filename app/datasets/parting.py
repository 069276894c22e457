"""Training and test pictures: parted by what they show, so that no picture and its copy lie on both sides."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.datasets.holdout import GROUP_SHARE, hold_out_groups
from app.datasets.looks import Look
from app.datasets.twins import Group, find_twins

OF_A_FILM = (0.4, 0.15, 0.0)
"""Tolerances with which pictures that all look alike, as those of a film, are compared once more, until some differ."""


@dataclass(frozen=True, eq=False)
class Parted:
    """Which pictures are test pictures."""

    is_test: np.ndarray
    group: Group
    """A number for each picture; those of one number look the same, and lie on one side."""
    films: tuple[int, ...] = ()
    """Classes whose pictures all look alike, and were parted all the same."""


def part_pictures(
    looks: Sequence[Look], contents: Sequence[str | None], labels: np.ndarray, group: Group
) -> Parted:
    """Return which pictures are held out: about one in five of each class, and of twins all or none.

    Of a film, each picture is a twin of the next, and a class of such pictures would have no test pictures, or hardly
    any. Its pictures are compared once more with less tolerance: then only copies stay together.

    Args:
        looks: what was seen of each picture.
        contents: hashes of files, as `find_twins` takes them.
        labels: the class of each picture.
        group: what `find_twins` found.
    """
    keys = [hashlib.sha256(look.likeness.tobytes()).digest() for look in looks]
    is_test, group, films = hold_out_groups(labels, group, keys), group.copy(), []
    numbers, classes = np.unique(np.unique(np.stack([group, labels], 1), axis=0)[:, 0], return_counts=True)
    is_shared = np.isin(group, numbers[classes > 1])
    for label in np.unique(labels):
        of_class = np.flatnonzero((labels == label) & ~is_shared)
        for tolerance in OF_A_FILM:
            if 2 * int(is_test[of_class].sum()) >= round(len(of_class) / GROUP_SHARE):
                break
            places = of_class.tolist()
            closer = find_twins([looks[i] for i in places], [contents[i] for i in places], tolerance)
            found = hold_out_groups(labels[of_class], closer, [keys[i] for i in places])
            if found.sum() > is_test[of_class].sum():
                is_test[of_class], group[of_class] = found, of_class[closer]
                films.append(int(label))
    return Parted(is_test, group, tuple(dict.fromkeys(films)))
