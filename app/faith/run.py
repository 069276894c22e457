"""What is tested, and what the pictures of its maps say of each pixel or cell."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from app.maps.explainer import Explainer
from app.maps.methods.method import Method, RawMaps, Settings
from app.maps.placement import find_unseen, place_cells, placement_of
from app.shards.shard import cut

ROUNDING = 1e-5
"""Share of a map's largest value below which float32 arithmetic leaves nothing but rounding."""
ALL = slice(None)
IMAGES, IMAGE_BYTES = 64, 1 << 28
"""Images that are tested together: at most so many, and so many bytes of their maps' ranks."""
RANK_BYTES = 16
"""Bytes of a pixel's ranks, with and without the sign."""

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
    numbers: Sequence[int] | None = None
    """Where these are some images of many: the number of each among all, from 0; None: these are all."""
    total: int = 0
    """How many there are in all, if `numbers` says which of them these are."""
    _seen: dict[tuple[int, ...], np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many images are tested in all."""
        return len(self.images) if self.numbers is None else self.total

    @cached_property
    def own_numbers(self) -> np.ndarray:
        """The number of each image among all, (images,)."""
        return np.arange(len(self.images)) if self.numbers is None else np.array(self.numbers, np.int64)

    @property
    def at_once(self) -> int:
        """How many images are tested together; it depends on their size and the number of methods alone."""
        height, width = self.images.shape[1:3]
        return max(1, min(IMAGES, IMAGE_BYTES // (RANK_BYTES * height * width * max(1, len(self.methods)))))

    def part(self, images: np.ndarray, classes: Sequence[int], numbers: Sequence[int]) -> "FaithRun":
        """Return the same tests of some images of all, by their numbers."""
        return replace(self, images=images, classes=classes, numbers=numbers, total=self.count)

    def parts(self) -> "Iterator[FaithRun]":
        """Yield the run in parts of as many images as are tested together."""
        for numbers in cut(range(len(self.images)), self.at_once):
            rows = slice(numbers[0], numbers[-1] + 1)
            yield self.part(self.images[rows], self.classes[rows], numbers)

    @cached_property
    def targets(self) -> np.ndarray:
        """What is explained, a row an image."""
        return self.explainer.targets(self.classes)

    @property
    def seen(self) -> np.ndarray:
        """Which pixels the network looks at at all; elsewhere every map is 0, (height, width)."""
        height, width = self.images.shape[1:3]
        if (height, width) not in self._seen:
            self._seen[height, width] = np.logical_not(find_unseen(self.explainer.model, (height, width)))
        return self._seen[height, width]

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
