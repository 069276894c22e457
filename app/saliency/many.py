"""Maps of many images, a chunk at a time: arrays, and no pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from app.datasets.samples import Sample
from app.maps.methods import METHODS
from app.saliency.run import MapRun

MANY = 1000
"""Images that are reckoned with where nobody says how many."""


def compute_maps(
    run: MapRun, chunks: Iterable[Sequence[Sample]], labels: Sequence[int | None] = ()
) -> dict[str, np.ndarray]:
    """Return the unscaled maps of all images, by method, (images, …).

    Args:
        run: the model and the question.
        chunks: the images, some at a time; only one chunk is in memory.
        labels: the class of each image; () for the one that the question names.

    Raises:
        ValueError: there are no images, or not one label for each.
    """
    run = replace(run, images=len(labels) or MANY)
    methods = [METHODS[name] for name in run.question.chosen_methods]
    parts: dict[str, list[np.ndarray]] = {method.name: [] for method in methods}
    explainer, rest, seen = run.explainer, iter(labels), 0
    if run.question.engine == "tf-keras-vis":
        raise ValueError("the maps of many images are computed by our own engine; explain a few by the other")
    for samples in chunks:
        wanted = list(islice(rest, len(samples))) if labels else [run.wanted] * len(samples)
        if len(wanted) != len(samples):
            raise ValueError(f"there are {len(labels)} labels and more images; give one label for each")
        inputs = run.opened.inputs_of(samples)
        classes = run.classes(inputs, wanted, explainer)
        against = None if run.against is None else [run.against] * len(samples)
        targets = explainer.targets(classes, against)
        settings = run.question.settings(run.opened, inputs.shape[-1])
        for method in methods:
            parts[method.name].append(method.compute(explainer, inputs, targets, settings).raw)
        seen += len(samples)
    if not seen:
        raise ValueError("there are no images; give at least one")
    if labels and seen != len(labels):
        raise ValueError(f"there are {len(labels)} labels and {seen} images; give one label for each")
    return {name: np.concatenate(found) for name, found in parts.items()}
