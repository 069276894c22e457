"""What is tested, and what the pictures of its maps say of each pixel or cell."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from app.maps.explainer import Explainer
from app.maps.methods.method import Method, RawMaps, Settings
from app.maps.placement import find_unseen, place_cells, placement_of

ROUNDING = 1e-5
"""Share of a map's largest value below which float32 arithmetic leaves nothing but rounding."""
ALL = slice(None)

Tick = Callable[[float, str], None]
"""Called with the share of the work that is done, 0…1, and the method that was just worked on."""


def no_tick(share: float, name: str) -> None:
    """Show nothing."""


def counted(tick: Tick, work: int) -> Callable[[str], None]:
    """Return `tick` as a function of the name alone, which counts its calls out of `work`."""
    calls = itertools.count(1)
    return lambda name: tick(next(calls) / work, name)


@dataclass(frozen=True)
class FaithRun:
    """What is tested, and on what."""

    explainer: Explainer
    """The trained network; its weights are as before after every test."""
    images: np.ndarray
    """(images, height, width, channels), scaled as the network takes them."""
    classes: Sequence[int]
    """The class to explain, one an image; it stays the same for a randomised network."""
    methods: Sequence[Method]
    settings: Settings
    """`seed` also decides random weights and orders; `baseline` is what a removed pixel becomes."""
    draws: int = 5
    """Randomised networks; the images are dealt out among them, and if there are fewer images than draws,
    each is looked at by several."""
    shuffled: Explainer | None = None
    """A network of the same shape trained on shuffled labels."""

    @cached_property
    def targets(self) -> np.ndarray:
        """What is explained, a row an image."""
        return self.explainer.targets(self.classes)

    @cached_property
    def seen(self) -> np.ndarray:
        """Which pixels the network looks at at all; elsewhere every map is 0, (height, width)."""
        height, width = self.images.shape[1:3]
        return np.logical_not(find_unseen(self.explainer.model, (height, width)))

    def compute(self, method: Method, rows: Any = ALL, explainer: Explainer | None = None) -> RawMaps:
        """Return the maps of some images, by another network if one is given."""
        images, targets = self.images[rows], self.targets[rows]
        return method.compute(explainer or self.explainer, images, targets, self.settings)

    def pixel_values(self, method: Method, rows: Any = ALL) -> np.ndarray:
        """Return what the pictures of some images say of each pixel, (images, height, width).

        Cells are placed where they look; a pixel that no cell sees gets 0.
        """
        values = without_rounding(method.picture(self.compute(method, rows).raw))
        if not method.is_of_cells:
            return values
        placement = placement_of(self.explainer, self.settings.layer, self.images)
        return without_rounding(place_cells(values, placement))


def without_rounding(values: np.ndarray) -> np.ndarray:
    """Return maps with values of nearly 0, beside the map's largest magnitude, made 0."""
    magnitudes = np.abs(values)
    largest = magnitudes.reshape(len(values), -1).max(axis=1).reshape(-1, 1, 1)
    return np.where(magnitudes <= ROUNDING * largest, 0, values)
