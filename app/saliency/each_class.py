"""One test image of each class, to be explained for its own class: the grid of article 004."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.samples import Sample, fit_data, test_image
from app.maps.class_matching import shared_classes
from app.maps.open_model import OpenModel

MOST_NAMED = 5
"""Classes without an image that are named one by one."""


@dataclass(frozen=True)
class EachClass:
    """The first test image of every class that has one."""

    samples: tuple[Sample, ...]
    classes: tuple[int, ...]
    """The class of each image."""
    note: str = ""
    """Which classes are left out, in a sentence."""


def first_of_each_class(opened: OpenModel, data: Dataset) -> EachClass:
    """Return the first test image of each class of a model, in the order of the classes.

    Raises:
        ValueError: the images do not fit the model, or no class of the model has one.
    """
    data = fit_data(data, opened.shape, opened.ink("auto"))
    classes, first = np.unique(data.test_labels, return_index=True)
    known = shared_classes(data.class_names, opened.names)
    found = {known[int(c)]: int(i) for c, i in zip(classes, first, strict=True) if int(c) in known}
    places = dict(sorted(found.items()))
    if not places:
        raise ValueError(
            f"{data.name} has no test image of any of the network's {len(opened.names):,} classes"
        )
    missing = [name for c, name in enumerate(opened.names) if c not in places]
    samples = tuple(test_image(data, i) for i in places.values())
    return EachClass(samples, tuple(places), _left_out(missing, data.name))


def _left_out(missing: Sequence[str], name: str) -> str:
    if not missing:
        return ""
    if len(missing) > MOST_NAMED:
        return f"{len(missing)} classes are left out: {name} has no test image of them"
    is_one = len(missing) == 1
    return (
        f"{'class' if is_one else 'classes'} {', '.join(missing)} {'is' if is_one else 'are'} left out: "
        f"{name} has no test image of {'it' if is_one else 'them'}"
    )
