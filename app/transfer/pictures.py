"""The pictures of a transfer: how many of each class, what the frozen part reads, in which order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, tee

import numpy as np

from app.datasets.augmentation import AUGMENTATIONS
from app.datasets.batches import byte_batches
from app.datasets.dataset import Dataset, scale_pixels
from app.datasets.streamed import Images, StreamedImages
from models.pixels import Pixels

BATCH = 16
"""Pictures that the frozen part is given at a time."""


def choose_pictures(data: Dataset, per_class: int | None, seed: int) -> Dataset:
    """Return the data set with at most so many training pictures of each class, drawn by the seed.

    Raises:
        ValueError: there are fewer than two classes, or a class has no training picture.
    """
    if data.classes < 2:
        lines = (f"{data.name} has only one class; there is nothing to tell apart", *data.notes)
        raise ValueError(". ".join(line.rstrip(".") for line in lines))
    counts = np.bincount(data.train_labels, minlength=data.classes)
    if not counts.all():
        missing = data.class_names[int(counts.argmin())]
        raise ValueError(
            f"{data.name} has no training picture of the class {missing}; the head cannot learn it"
        )
    if per_class is None:
        return data
    order = np.random.default_rng(seed).permutation(len(data.train_labels))
    chosen = [order[data.train_labels[order] == label][:per_class] for label in range(data.classes)]
    rows = np.sort(np.concatenate(chosen))
    images = data.train_images
    some = images.chosen(rows) if isinstance(images, StreamedImages) else images[rows]
    return replace(data, train_images=some, train_labels=data.train_labels[rows])


class ScaledImages:
    """Images as a network takes them, by slices and arrays of indices; pictures in files are read when asked for."""

    def __init__(self, images: Images, pixels: Pixels) -> None:
        self.images, self.pixels = images, pixels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: slice | np.ndarray) -> np.ndarray:
        scaled: np.ndarray = scale_pixels(np.asarray(self.images[index]), self.pixels)
        return scaled


@dataclass(frozen=True)
class Group:
    """Pictures that the frozen part is given at a time."""

    copy: int
    """0: training pictures; then their copies; the last one: test pictures."""
    number: int
    """Of the batch among those of its copy."""
    first: int
    end: int
    """Which pictures."""

    def __len__(self) -> int:
        return self.end - self.first


def frozen_groups(data: Dataset, copies: int, start: int) -> Iterator[Group]:
    """Yield the pictures that the frozen part reads: training pictures, their copies, test pictures.

    A group never holds two of these.

    Args:
        data: fitted to the network.
        copies: of each training picture.
        start: rows that are done.
    """
    place = 0
    for copy, images in enumerate([data.train_images] * (1 + copies) + [data.test_images]):
        first = max(0, start - place)
        place += len(images)
        for number, at in enumerate(range(first, len(images), BATCH), first // BATCH):
            yield Group(copy, number, at, min(at + BATCH, len(images)))


def frozen_batches(
    data: Dataset, pixels: Pixels, copies: int, augment: str, seed: int, groups: Iterable[Group]
) -> Iterator[np.ndarray]:
    """Yield the pictures of groups as the frozen part takes them.

    A copy depends on seed, copy and batch alone; so a pass that was stopped behind a batch goes on as it would have
    gone.

    Args:
        data: fitted to the network.
        pixels: how pictures enter the network.
        copies: of each training picture.
        augment: the augmentation of the copies.
        seed: of the copies.
        groups: in their order; each process may have its own.
    """
    for copy, some in groupby(groups, lambda group: group.copy):
        images = data.test_images if copy > copies else data.train_images
        wanted, same = tee(some)
        batches = byte_batches(images, (np.arange(each.first, each.end) for each in wanted))
        for group, batch in zip(same, batches, strict=False):
            changed = _copy(batch, augment, seed, copy, group.number) if 0 < copy <= copies else batch
            yield scale_pixels(changed, pixels)


def _copy(batch: np.ndarray, augment: str, seed: int, copy: int, number: int) -> np.ndarray:
    from app.engine.training.augmenting import augment_images

    return augment_images(batch, AUGMENTATIONS[augment], seed=seed + copy, step=number)
