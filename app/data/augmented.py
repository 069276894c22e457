"""Pictures of a data set as an augmentation changes them, beside the originals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.data.pictures import examples
from app.datasets.augmentation import Augmentation, find_augmentation, name_of
from app.datasets.dataset import Dataset
from app.show.results import ShowsFigure

ROWS, COPIES = 4, 5
"""Originals that are shown, and copies of each."""


@dataclass(frozen=True, eq=False)
class ShownAugmentation(ShowsFigure):
    """Training images beside copies that were changed as a training changes them."""

    name: str
    """What the data are called."""
    augmentation: Augmentation
    originals: np.ndarray
    """Bytes, (rows, height, width, channels)."""
    copies: np.ndarray
    """Bytes, (rows, copies, height, width, channels)."""
    labels: tuple[str, ...]
    """The class of each original."""

    @property
    def title(self) -> str:
        """What the figure is called."""
        known = name_of(self.augmentation)
        return f"{self.name}, augmentation{f' {known!r}' if known else ''}: {self.augmentation.words()}"

    def draw(self) -> Any:
        """Return each original, and its copies in a row behind it."""
        from app.data.figures import draw_augmentation

        return draw_augmentation(self.originals, self.copies, self.labels, self.title)


def show_augmentation(data: Dataset, given: str | Augmentation, seed: int = 0) -> ShownAugmentation:
    """Return some training images of a data set beside copies as training would see them.

    Args:
        data: the data set.
        given: the augmentation, or its name.
        seed: of what is drawn.

    Raises:
        ValueError: there is no augmentation of that name.
    """
    augmentation = find_augmentation(given)
    places = _spread([place for place, _ in examples(data)])
    originals = np.stack([data.train_images[place] for place in places])
    from app.engine.training.augmenting import augment_images  # TensorFlow

    steps = [augment_images(originals, augmentation, seed, step) for step in range(COPIES)]
    labels = tuple(data.class_names[int(data.train_labels[place])] for place in places)
    return ShownAugmentation(data.name, augmentation, originals, np.stack(steps, axis=1), labels)


def _spread(places: Sequence[int]) -> list[Any]:
    """Return up to `ROWS` places from all over a list."""
    chosen = np.linspace(0, len(places) - 1, min(ROWS, len(places))).round().astype(int)
    return [places[i] for i in chosen]
