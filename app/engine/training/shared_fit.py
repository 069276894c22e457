"""Training on several replicas: the same batches, recipes and callbacks as on one, by a loop of our own.

Keras' `fit` fails where the replicas are in several processes (https://github.com/keras-team/keras/issues/20585).
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import tee
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from app.datasets.ahead import read_ahead
from app.datasets.batches import byte_batches, whole_batch
from app.datasets.dataset import Dataset, scale_pixels
from app.datasets.streamed import StreamedImages
from app.engine.training.augmenting import augmenter
from app.engine.training.backup import EpochBackup
from app.engine.training.recipes import Recipe
from app.engine.training.replicas import Replicas
from app.engine.training.slices import Slice, slice_for
from app.engine.training.streaming import BATCHES_AHEAD, rows_of_batches
from app.engine.training.together import Together
from models.pixels import Pixels

Shares = list[tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Images, labels (count, 1) and weights (count,) of each replica of this process."""
Batch = tuple[Shares, int]
"""The shares of this process in a batch, and how many images the whole batch has."""


class ChiefsBackup(EpochBackup):
    """Stands for the backup where another process is the chief: it writes nothing."""

    def __init__(self) -> None:
        super().__init__(Path("no-such-folder"))

    def _read(self) -> None:
        """Find nothing: the chief hands it out."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Note the measures."""
        self.history.append({key: float(value) for key, value in (logs or {}).items()})

    def discard(self) -> None:
        """Forget the measures."""
        self.history = []


def learn(
    model: keras.Model,
    replicas: Replicas,
    batches: Iterator[Batch],
    steps: int,
    epochs: range,
    test: Callable[[Together], dict[str, float]],
    callbacks: Sequence[keras.callbacks.Callback],
    notes_waiting: bool = False,
    keep: Callable[[int], None] | None = None,
) -> None:
    """Train a compiled model epoch by epoch, and call Keras' callbacks as `fit` does.

    Args:
        model: compiled, made in the scope of the replicas.
        replicas: that learn.
        batches: of all epochs, one behind the other.
        steps: batches of an epoch.
        epochs: that are to be trained, counted from 0.
        test: gives the measures on the test images.
        callbacks: those of this process; the chief's restore and keep the state.
        notes_waiting: whether the measures say how long was waited for batches.
        keep: is told how many epochs are kept; None: the team is.
    """
    together, keep = Together(model, replicas), keep or replicas.keep
    watching = keras.callbacks.CallbackList(list(callbacks), model=model)
    watching.on_train_begin()
    replicas.spread([*model.variables, *model.optimizer.variables])
    for epoch in epochs:
        watching.on_epoch_begin(epoch)
        losses, right, seen, waited = 0.0, 0.0, 0, 0.0
        measures: dict[str, float] = {}
        for step in range(steps):
            watching.on_train_batch_begin(step)
            begun = time.perf_counter()
            shares, count = next(batches)
            waited += time.perf_counter() - begun
            of_batch = together.train(shares, count, epoch * steps + step)
            losses, right, seen = losses + of_batch[0], right + of_batch[1], seen + count
            measures = {"accuracy": right / seen, "loss": losses / seen}
            if not step:
                keep(epoch)  # the chief has written the state before it came to this step
            watching.on_train_batch_end(step, measures)
        watching.on_test_begin()
        tested = test(together)
        watching.on_test_end(tested)
        of_epoch = {**measures, **tested, **({"waited": waited} if notes_waiting else {})}
        watching.on_epoch_end(epoch, of_epoch)
        if replicas.is_chief:
            keep(epoch + 1)
    watching.on_train_end()


def fit_together(
    model: keras.Model,
    data: Dataset,
    recipe: Recipe,
    seed: int,
    pixels: Pixels,
    backup: EpochBackup,
    replicas: Replicas,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """Train a compiled model by a recipe on several replicas, from the chief's newest state on.

    Args:
        model: compiled, made in the scope of the replicas.
        data: the same in all processes; each reads only its share.
        recipe: its batches are those of all replicas together.
        seed: of the order of the images, and of what is drawn at random.
        pixels: how they enter the network.
        backup: the chief's; what it has is handed out.
        replicas: that learn.
        callbacks: of this process, `backup` among them on the chief.
    """
    per_epoch, _ = recipe.steps(len(data.train_images))
    stop = threading.Event()
    reading = (data, recipe, seed, backup.finished_epochs, pixels, replicas, stop)
    batches = training_shares(*reading)
    try:
        learn(
            model,
            replicas,
            batches,
            per_epoch,
            range(backup.finished_epochs, recipe.epochs),
            lambda together: measure_together(together, data, pixels, stop),
            callbacks,
            notes_waiting=isinstance(data.train_images, StreamedImages),
        )
    finally:
        stop.set()
        if isinstance(batches, Generator):
            batches.close()


def training_shares(
    data: Dataset,
    recipe: Recipe,
    seed: int,
    first_epoch: int,
    pixels: Pixels,
    replicas: Replicas,
    stop: threading.Event | None = None,
) -> Iterator[Batch]:
    """Yield the shares of this process in the batches from `first_epoch` on; nothing else is read.

    What augmentation does depends on seed, step and replica alone.

    Raises:
        ValueError: a picture cannot be read any more; the message names the file.
    """
    start = first_epoch * recipe.steps(len(data.train_images))[0]
    augment = augmenter(recipe.augmentation, seed) if recipe.augmentation else None
    numbers, sliced = tee(
        (number, len(rows), slice_for(rows, replicas.count, replicas.mine))
        for number, rows in enumerate(rows_of_batches(len(data.train_images), recipe, seed, start), start)
    )
    images = byte_batches(data.train_images, (_rows(slices) for _, _, slices in sliced), stop)

    def changed(part: np.ndarray, number: int, which: int) -> np.ndarray:
        if augment is None:
            return part
        step = tf.constant(number * replicas.count + which, tf.int64)
        made: np.ndarray = augment(tf.constant(part, tf.float32), step).numpy()
        return made

    def prepared(batch: tuple[tuple[int, int, list[Slice]], np.ndarray]) -> Batch:
        (number, count, slices), bytes_ = batch
        parts = np.split(bytes_, len(slices))
        return [
            (
                scale_pixels(changed(part, number, which), pixels),
                data.train_labels[each.rows][:, np.newaxis],
                each.weights,
            )
            for part, which, each in zip(parts, replicas.mine, slices, strict=True)
        ], count

    return read_ahead(prepared, zip(numbers, images, strict=False), BATCHES_AHEAD, threads=1)


def _rows(slices: Sequence[Slice]) -> np.ndarray:
    return np.concatenate([each.rows for each in slices])


def measure_together(
    together: Together, data: Dataset, pixels: Pixels, stop: threading.Event | None = None
) -> dict[str, float]:
    """Return loss and accuracy on the test images, of which each replica takes its share."""
    replicas, size, count = together.replicas, whole_batch(data.image_shape), len(data.test_images)
    sliced = [
        slice_for(np.arange(at, min(at + size, count)), replicas.count, replicas.mine)
        for at in range(0, count, size)
    ]
    sums = np.zeros(2)
    images = byte_batches(data.test_images, map(_rows, sliced), stop)
    for slices, batch in zip(sliced, images, strict=True):
        parts = np.split(scale_pixels(batch, pixels), len(slices))
        labels = (data.test_labels[each.rows][:, np.newaxis] for each in slices)
        sums += together.test(list(zip(parts, labels, (each.weights for each in slices), strict=True)))
    losses, right = replicas.add_up(sums)
    penalties = float(sum(map(float, together.model.losses)))
    return {"val_loss": float(losses) / count + penalties, "val_accuracy": float(right) / count}
