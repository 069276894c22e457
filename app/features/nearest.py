"""The images of a data set that activate a unit most: ZFNet's way of asking what a unit answers to.

A unit is a map of a layer, whose strongest cell counts, or a class, whose logit counts. Images come in
batches and only the best are kept, so that 60,000 images take no more memory than one batch. Source:
Zeiler and Fergus 2014, §4.1 and figure 2.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from app.features.results import listed
from app.maps.explainer import Arrays, Explainer
from app.maps.feature_layers import find_feature_layer


@dataclass(frozen=True)
class NearestImages:
    """The images nearest to every unit of a layer, strongest first."""

    values: np.ndarray
    """(units, count): the activations; −∞ where there were fewer images than asked for."""
    places: np.ndarray
    """(units, count, 3): number of the image, row and column of its strongest cell."""
    images: int
    """How many images were seen."""
    active: np.ndarray
    """(units,): in how many of them the unit's strongest cell, or its logit, was above 0."""

    def strongest(self, count: int) -> list[int]:
        """Return the numbers of the `count` units with the largest activation, the largest first."""
        return [int(u) for u in np.argsort(-self.values[:, 0], kind="stable")[:count]]

    @property
    def silent(self) -> tuple[int, ...]:
        """The units that were above 0 for no image."""
        return tuple(int(u) for u in np.flatnonzero(self.active == 0))

    def sentence(self) -> str:
        """Return how many units were silent for every image."""
        units = len(self.values)
        if not self.silent:
            return f"each of the {units} is above 0 for at least one of {self.images:,} images"
        return (
            f"{len(self.silent)} of {units} are above 0 for none of {self.images:,} images "
            f"({listed(self.silent)})"
        )


def nearest_images(
    explainer: Explainer, batches: Iterable[np.ndarray], layer: str | None, count: int
) -> NearestImages:
    """Return the `count` images that activate each unit most; of equal ones the earlier.

    Args:
        explainer: the replayed model.
        batches: arrays (images, height, width, channels), scaled as the model takes them.
        layer: name of the step whose maps are the units; None: the units are the classes.
        count: how many images to keep for each unit.

    Raises:
        ValueError: no step has that name, or it has no map; or there are no images.
    """
    measured = _of_classes(explainer, batches) if layer is None else _of_maps(explainer, batches, layer)
    best: tuple[np.ndarray, np.ndarray] | None = None
    active: np.ndarray | int = 0
    seen = 0
    for values, cells in measured:
        if not np.isfinite(values).all():
            raise ValueError("an activation is not finite; check the model's weights")
        numbers = np.broadcast_to(np.arange(seen, seen + len(values)), values.T.shape)
        places = np.stack([numbers, *np.moveaxis(cells, -1, 0).swapaxes(1, 2)], axis=-1)
        best = _keep(best, values.T, places, count)
        active = active + (values > 0).sum(axis=0)
        seen += len(values)
    if best is None:
        raise ValueError("there are no images to look at")
    return NearestImages(best[0], best[1], seen, np.asarray(active))


def _keep(
    best: tuple[np.ndarray, np.ndarray] | None, values: np.ndarray, places: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest `count` of what was kept and what came, by unit; the sort is stable."""
    if best is None:
        room = (len(values), count)
        best = np.full(room, -np.inf), np.zeros((*room, 3), int)
    values, places = np.hstack([best[0], values]), np.hstack([best[1], places])
    order = np.argsort(-values, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(values, order, 1), np.take_along_axis(places, order[..., None], 1)


def _of_maps(
    explainer: Explainer, batches: Iterable[np.ndarray], layer: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each batch the largest cell of every map, (images, maps), and its row and column."""
    step = find_feature_layer(explainer.model, layer)

    def function(x: np.ndarray) -> Arrays:
        (maps,) = explainer.machine.maps(x, [step])
        flat = maps.reshape(len(maps), -1, maps.shape[3])
        cells = flat.argmax(axis=1)
        values = np.take_along_axis(flat, cells[:, None], axis=1)[:, 0]
        return values, np.stack(np.divmod(cells, maps.shape[2]), axis=-1)

    for images in batches:
        values, cells = explainer.apply(function, [images])
        yield values, cells


def _of_classes(
    explainer: Explainer, batches: Iterable[np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each batch the score of every class, (images, classes); a class has no place."""
    targets = explainer.targets(range(explainer.model.classes))
    for images in batches:
        scores = explainer.logits(images) @ targets.T
        yield scores, np.zeros((*scores.shape, 2), int)
