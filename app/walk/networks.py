"""A network's walk: the image that it is about, and the network made ready."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.little_arrays import named_arrays
from app.datasets.samples import Sample, first_of_class, fit_data, test_image
from app.maps.class_matching import labels_of, shared_classes
from app.maps.open_model import OpenModel
from app.walk.given import read_image
from app.walk.results import Steps


@dataclass(frozen=True)
class Chosen:
    """The image of a walk."""

    inputs: np.ndarray
    """As the network takes it, (height, width, channels)."""
    title: str
    label: int | None = None
    """Its class, where it is known."""


def choose_image(
    opened: OpenModel,
    image: Any = None,
    index: int | None = None,
    class_text: str | None = None,
    source: Any = None,
    prepare: str = "auto",
) -> Chosen:
    """Return the image that is meant: an array, a picture, a test image, the first of a class.

    Raises:
        ValueError: there is no such image, or it does not fit the network.
    """
    if image is not None:
        return _own_image(opened, image, prepare)
    from app.commands.data import open_data

    if opened.shape[0] == 1:
        raise ValueError("the network takes a series; give one as --image, a .csv or .npy file")
    data = open_data(opened.facts.data if source is None else source)
    data = fit_data(data, opened.shape, opened.ink(prepare))
    known = opened.find_class(class_text)
    if known is not None:
        sample = first_of_class(data, labels_of(data, opened.names, [known])[0])
    else:
        sample = test_image(data, index or 0)
        known = shared_classes(data.class_names, opened.names).get(int(data.test_labels[index or 0]))
    return Chosen(opened.inputs_of([sample])[0], f"{sample.title} ({sample.caption})", known)


def _own_image(opened: OpenModel, image: Any, prepare: str) -> Chosen:
    """Return an image that somebody gives: numbers enter as they are, a picture as the network takes pictures."""
    if isinstance(image, (str, Path)) and Path(image).suffix and str(image) not in named_arrays():
        from app.datasets.given import given_samples

        ink = opened.ink(prepare)
        samples = given_samples(Path(image), opened.shape, opened.pixels, ink)
        if len(samples) > 1:
            raise ValueError(f"{image} holds {len(samples):,} images; a walk shows one")
        return Chosen(opened.inputs_of(samples)[0], samples[0].title)
    title = str(image) if isinstance(image, str) else "the image"
    if not isinstance(image, str):
        from app.datasets.given import given_samples

        found: list[Sample] = given_samples(image, opened.shape, opened.pixels, opened.ink(prepare))
        if len(found) > 1:
            raise ValueError(f"there are {len(found):,} images; a walk shows one")
        return Chosen(opened.inputs_of(found)[0], found[0].title)
    values = read_image(image)
    shape = opened.shape
    if len(shape) != values.ndim or any(
        n is not None and n != m for n, m in zip(shape, values.shape, strict=True)
    ):
        wanted = "×".join("any" if n is None else str(n) for n in shape)
        raise ValueError(
            f"the network takes images of {wanted}, {title!r} is {'×'.join(map(str, values.shape))}"
        )
    return Chosen(values, title)


def network_steps(
    opened: OpenModel,
    chosen: Chosen,
    layer: str | None = None,
    cell: tuple[int, ...] | None = None,
    unit: int | None = None,
) -> Steps:
    """Return the steps of a network on an image, or the working of one of its numbers.

    Raises:
        ValueError: there is no such layer or number, or it is of a kind that cannot be worked out.
    """
    from app.workings.networks import walk_cell, walk_network

    machine = opened.explainer.machine
    if layer is not None:
        walk = walk_cell(machine, chosen.inputs, layer, cell, unit)
        return Steps(walk.with_title(f"{opened.name}, {walk.title}, {chosen.title}"))
    return Steps(
        walk_network(machine, chosen.inputs, opened.name, opened.names, chosen.label).with_title(
            f"{opened.name} on {chosen.title}, number by number"
        )
    )
