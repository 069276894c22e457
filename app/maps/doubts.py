"""Reasons to doubt that a prediction means anything: one sentence each, never silence."""

import math
from collections.abc import Sequence

import numpy as np

from app.datasets.dataset import scale_pixels
from app.datasets.digits import resize_sign
from app.datasets.samples import Sample
from app.maps.explainer import Explainer
from app.maps.open_model import OpenModel
from app.maps.verdict import percent
from models import Pixels

UNDECIDED = 0.97
"""Share of the entropy of even shares above which probabilities are next to even: 60 % of two, 22 % of ten."""
UNSURE, SURE = 0.6, 0.9
"""Largest probability below which another pixel range is tried, and above which it is named."""
CLEAR = 0.98
"""Least pooled probability of a clear digit (`doubt_digits`)."""
NEXT_TO_BLACK = 0.1
"""Total variation of the probabilities from those of a black image, below which the network hardly sees this one."""
RANGES = (Pixels((0.0, 255.0)), Pixels((-1.0, 1.0)))
"""What else pixels of 0…255 may enter as."""


def doubt_prediction(probabilities: np.ndarray) -> str:
    """Return what there is to say of probabilities, (classes,), that are next to uniform."""
    classes = len(probabilities)
    if classes < 2:
        return ""
    p = probabilities.astype(np.float64).clip(1e-12, 1)
    if -(p * np.log(p)).sum() < UNDECIDED * math.log(classes):
        return ""
    return (
        f"the network is undecided: it gives {percent(float(p.max()))} to the likeliest of {classes:,} classes, and "
        f"even shares would be {percent(1 / classes)}; a map then explains next to nothing"
    )


def pool(probabilities: Sequence[float]) -> float:
    """Return several probabilities of one thing as one: 1 / (1 + exp(-x)), with x the mean of their log(p / (1 - p)).

    Unlike a mean it tells 99.9 % from 99 %. Source: Satopää et al., *Combining multiple probability predictions using a
    simple logit model*, 2014, with a = 1.

    >>> round(pool([0.9, 0.9]), 3), round(pool([0.5, 0.99]), 3)
    (0.9, 0.909)
    """
    p = np.clip(np.asarray(probabilities, np.float64), 1e-6, 1 - 1e-6)
    return float(1 / (1 + np.exp(-np.log(p / (1 - p)).mean())))


def doubt_digits(
    opened: OpenModel, explainer: Explainer, samples: Sequence[Sample], probabilities: np.ndarray
) -> list[str]:
    """Return what there is to say of digits of somebody's own of which a network is less sure than of clear ones.

    Each is asked again a sixth larger and a sixth smaller, and the three probabilities are pooled. Of MNIST's 10,000
    test images that leaves 78 of the 87 that the shipped network misreads below `CLEAR`, and 329 of the 9,913
    others. Of other images nothing is said.

    Args:
        opened: the model.
        explainer: the same, or another of the same network.
        samples: the images.
        probabilities: what the network says of them, (images, classes).
    """
    said = [""] * len(samples)
    head, shares = explainer.model.head, np.asarray(probabilities, np.float64)
    digits = [i for i, sample in enumerate(samples) if sample.is_digit and abs(shares[i].sum() - 1) < 0.01]
    if not digits or shares.shape[1] < 2 or head.kind in ("value", "pixels"):
        return said
    resized = np.concatenate([resize_sign(samples[i].pixels) for i in digits])
    again = np.asarray(head.as_probabilities(explainer.outputs(opened.scaled(resized))))
    for i, others in zip(digits, again.reshape(len(digits), 2, -1), strict=True):
        best = int(shares[i].argmax())
        now = float(shares[i, best])
        pooled = pool([now, *others[:, best]])
        if pooled < CLEAR:
            said[i] = (
                f"the network is less sure than of a clear digit: {percent(now)} for {opened.names[best]}, "
                f"{percent(pooled)} together with what it says of it a little larger and smaller; clear ones have over "
                f"{100 * CLEAR:.0f} %"
            )
    return said


def doubt_range(opened: OpenModel, explainer: Explainer, sample: Sample, largest: float) -> str:
    """Return which other pixel range makes a network sure of an image of which it is not, where no range is stated.

    0…255 is only tried where the network says of the image what it says of a black one: then it hardly sees it.

    Args:
        opened: the model.
        explainer: the same, or another of the same network.
        sample: the image.
        largest: the largest probability that the network gives it; where that is large, nothing more is run.
    """
    head = explainer.model.head
    is_told = opened.is_range_stated or sample.inputs is not None or head.kind in ("value", "pixels")
    if is_told or largest >= UNSURE:
        return ""

    def ask(pixels: np.ndarray, as_: Pixels) -> np.ndarray:
        scaled = np.asarray(scale_pixels(pixels[np.newaxis], as_))
        return np.asarray(head.as_probabilities(explainer.outputs(scaled))[0])

    now = ask(sample.pixels, opened.pixels)
    black = ask(np.zeros_like(sample.pixels), opened.pixels)
    hardly_sees = np.abs(now - black).sum() / 2 < NEXT_TO_BLACK
    for other in RANGES if hardly_sees else RANGES[1:]:
        found = ask(sample.pixels, other)
        if found.max() >= SURE:
            best = int(found.argmax())
            return (
                f"nothing states how pixels enter; as {other.words()} instead of {opened.pixels.words()} the network "
                f"would be sure of {opened.names[best]} ({percent(float(found[best]))}), as an untrained one may be "
                "too: set the pixel range if it was trained so"
            )
    return ""
