"""What the picture of an explained photograph says, before it is drawn: title, classes, captions."""

from dataclasses import dataclass

import numpy as np

from app.datasets.samples import Sample
from app.maps.overlay import STRONGEST
from app.maps.probabilities import Said
from app.maps.verdict import Prediction, percent


@dataclass(frozen=True)
class Photograph:
    """A photograph, what became of it on the way into the network, and what the network says of it."""

    title: str
    """The file's name."""
    before: np.ndarray | None
    """What it looked like before, bytes; None: as the network gets it."""
    entered: str
    """What was done to it, and how its pixels entered."""
    classes: tuple[Said, ...]
    """The likeliest classes, and the explained one."""
    of: int
    """The number of all classes."""
    unit: str
    """What the classes are given: `probability`, or `share of the pixels`."""


def photograph_of(sample: Sample, prediction: Prediction, pixels: str) -> Photograph | None:
    """Return what is said of a photograph; None of an image that has no probabilities of classes.

    Args:
        sample: the image.
        prediction: what the network says.
        pixels: how its pixels entered, in words.
    """
    each = prediction.probabilities
    if each is None:
        return None
    classes = each.likeliest(prediction.explained_index)
    unit = "share of the pixels" if each.is_share else "probability"
    entered = f"{sample.caption}; pixels entered as {pixels}"
    return Photograph(sample.title, sample.before, entered, classes, len(each.values), unit)


def headline(model: str, photograph: Photograph, prediction: Prediction) -> str:
    """Return the title of the picture: what the network sees, and what is explained where that is something else."""
    sees = f"{prediction.name} ({percent(prediction.probability)})"
    title = f"What {model} sees in {photograph.title}: {sees}"
    if prediction.class_index == prediction.explained_index and prediction.explained_name == prediction.name:
        return title
    return f"{title}. The maps explain: {prediction.explained_name}"


LAST_COLOUR = (
    f"maps of pixels: the strongest {STRONGEST * 100:g} % of the pixels share the last colour, or the others "
    "would be too dark to be seen"
)
