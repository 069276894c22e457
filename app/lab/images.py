"""The images that a page offers: pictures of one's own, one test image of each class, or the first ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.datasets.samples import fit_data, test_image
from app.lab.contents import Chosen
from app.maps.class_matching import shared_classes
from app.maps.open_model import OpenModel


def choose_images(
    opened: OpenModel, source: Any = None, pictures: Sequence[Any] = (), prepare: str = "auto", most: int = 12
) -> list[Chosen]:
    """Return the images to offer, none where nothing is said and the model's own data are not known.

    Args:
        opened: the model.
        source: a data set; None: what the model learnt from, if that is there and fits.
        pictures: files, pictures or arrays of one's own, which are taken before the data's images.
        prepare: how pictures are fitted.
        most: how many images at most.

    Raises:
        ValueError: data that was asked for is not there or does not fit; a picture that is none.
    """
    own = []
    if pictures:
        from app.datasets.given import given_samples

        found = given_samples([*pictures], opened.shape, opened.pixels, opened.ink(prepare))
        own = [Chosen(sample, None) for sample in found]
    asked = opened.facts.data if source is None else source
    if asked is None or len(own) >= most:
        return own[:most]
    from app.commands.data import open_data

    try:
        data = fit_data(open_data(asked), opened.shape, opened.ink(prepare))
    except (ValueError, OSError):
        if source is not None:
            raise
        return own
    known = shared_classes(data.class_names, opened.names)
    labels = np.asarray(data.test_labels)
    present = [c for c in range(data.classes) if (labels == c).any()]
    if len(present) <= most:
        places = [int(np.flatnonzero(labels == c)[0]) for c in present]
    else:
        places = list(range(min(most, len(labels))))
    return [*own, *(Chosen(test_image(data, i), known.get(int(labels[i])), i) for i in places)][:most]
