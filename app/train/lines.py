"""What a training run says in words: by which recipe, on which inputs, and what was published."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.datasets.augmentation import AUGMENTATIONS, Augmentation
from app.datasets.batches import KEPT_BYTES
from app.datasets.confusion import most_confused
from app.datasets.dataset import Dataset
from app.datasets.streamed import StreamedImages
from app.show.progress import Progress
from models import CATALOGUE, ErrorRate, Network


def own_recipes() -> str:
    """Return the networks that are trained by another recipe than the article's: `map for lenet5`."""
    networks: dict[str, list[str]] = {}
    for network in CATALOGUE.values():
        networks.setdefault(network.recipe, []).append(network.name)
    return "; ".join(
        f"{recipe} for {', '.join(names)}" for recipe, names in networks.items() if recipe != "article"
    )


def augmentation_words() -> str:
    """Return the augmentations that have a name and change something: `light: flipped left to right, …`."""
    return "; ".join(
        f"{name}: {augmentation.words()}"
        for name, augmentation in AUGMENTATIONS.items()
        if not augmentation.changes_nothing
    )


def input_line(network: Network, arguments: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """Return what is done to images of `shape` before the first weight.

    `arguments` build the network for them; if it then has a layer more than the published one, that
    layer brings the images to the published size.
    """
    published, here = (network.builder(nn, **given).sheet().rows for given in ({}, arguments))
    if len(here) > len(published):
        how = network.resized
    elif shape == network.input_shape:
        how = "as published"
    else:
        how = f"as they are; the published network takes {shape_text(network.input_shape)}"
    return f"Inputs: {shape_text(shape)} images, {how}; pixels as {network.pixels.words()}"


def published_line(error: ErrorRate, data: str) -> str:
    """Return what was published, to stand beside the test accuracy on `data`."""
    other = "" if error.data == data else ": other data, not to be compared"
    return (
        f"Published     {1 - error.percent / 100:.4f} ({error.percent:g} % mistakes) on "
        f"{error.data}{other} ({error.source})"
    )


class StepsShown:
    """Shows the steps of a training: how many, how fast, how long yet, and the accuracy so far.

    Args:
        progress: where.
        epochs: in all.
        batch_size: images in a step.
        width: columns of the terminal; where they are too few, how fast it goes is left out.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        progress: Progress,
        epochs: int,
        batch_size: int,
        width: int = 100,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.progress, self.epochs, self.batch_size = progress, epochs, batch_size
        self._width, self._clock = width, clock
        self._epoch, self._first, self._since = -1, 0, 0.0

    def __call__(self, epoch: int, step: int, steps: int, measures: Mapping[str, float]) -> None:
        """Show a step: epoch from 0, steps done in it and in all of it, measures so far."""
        accuracy, total, what = (
            measures.get("accuracy"),
            steps * self.epochs,
            f"epoch {epoch + 1}/{self.epochs}",
        )
        words = [
            "left",
            self._speed(epoch, step),
            "accuracy " + ("…" if accuracy is None else f"{accuracy:.4f}"),
        ]
        if len(f"{what} ━━━━━━━━━━ {total}/{total} steps, 0:00:00 {', '.join(words)}") > self._width:
            del words[1]
        self.progress.update(
            epoch * steps + step,
            what=what,
            total=total,
            words=", ".join(filter(None, words)),
            line=f"epoch {epoch + 1} of {self.epochs}: {steps:,} steps …",
        )

    def _speed(self, epoch: int, step: int) -> str:
        """Return images a second since the first step of the epoch, which may take long to prepare; "" in it."""
        now = self._clock()
        if epoch != self._epoch:
            self._epoch, self._first, self._since = epoch, step, now
        done = (step - self._first) * self.batch_size
        return f"{done / (now - self._since):,.0f} images/s" if done and now > self._since else ""


def epoch_line(number: int, epochs: int, measures: Mapping[str, float]) -> str:
    """Return one finished epoch in words."""
    return (
        f"epoch {number}/{epochs}: training accuracy {measures['accuracy']:.4f}, "
        f"test accuracy {measures['val_accuracy']:.4f}, {measures['seconds']:.1f} s"
    )


MUCH = 0.2
"""A share of the time, waited for pictures, from which on something should be done about it."""


def pictures_line(data: Dataset) -> str | None:
    """Return how pictures come to the network; None where they are arrays."""
    if not isinstance(data.train_images, StreamedImages):
        return None
    height, width, channels = data.image_shape
    count = len(data.train_images) + len(data.test_images)
    fits = count * height * width * channels <= KEPT_BYTES
    often = "read once, then kept in memory" if fits else "read again in each epoch"
    how = "in grey" if channels == 1 else "in colour"
    return f"Pictures: {count:,}, brought to {height}×{width} {how}; {often}"


def waiting_line(share: float, shape: Sequence[int]) -> str:
    """Return the share of the time that a network of a shape waited for pictures, and what to do if that is much."""
    line = f"Waited for pictures: {share:.0%} of the time".replace("%", " %")
    if share < MUCH:
        return line
    return (
        f"{line}. The network is faster than the pictures are read. Smaller files help: save them once at about "
        f"{shape[0]}×{shape[1]} pixels"
    )


MIXED = "Mixed precision: layers compute in float16, weights stay float32"
"""What is said of it."""


def recipe_lines(augmentation: Augmentation | None, is_mixed: bool, has_accelerator: bool) -> list[str]:
    """Return what a recipe asks for besides the usual."""
    lines = [] if augmentation is None else [f"Augmentation: training images are {augmentation.words()}"]
    if is_mixed:
        slow = "" if has_accelerator else ". Without a graphics card that is many times slower than float32"
        lines.append(MIXED + slow)
    return lines


def together_line(replicas: int, workers: int) -> str:
    """Return on how many devices is trained.

    >>> together_line(4, 2)
    'Trained together: 4 replicas in 2 processes; each batch is divided among them'
    """
    among = "each batch is divided among them" if replicas > 1 else "with a single one nothing is divided"
    where = f" in {workers} processes" if workers > 1 else " in this process"
    return f"Trained together: {replicas} replica{'s' * (replicas != 1)}{where}; {among}"


def confused_line(matrix: np.ndarray, names: Sequence[str]) -> str:
    """Return the three most frequent mistakes in words."""
    confused = most_confused(matrix, names, 3)
    pairs = ", ".join(f"{true} taken for {taken} ({n}×)" for true, taken, n in confused)
    return f"Most confused: {pairs or 'no mistakes'}"
