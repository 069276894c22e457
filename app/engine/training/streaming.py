"""Pictures that are read while a network learns from them, and how long it waits for them."""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice, tee
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.datasets.ahead import read_ahead
from app.datasets.batches import byte_batches, image_batches, whole_batch
from app.datasets.dataset import Dataset, scale_pixels
from app.datasets.streamed import StreamedImages
from app.engine.training.augmenting import augmenter
from app.engine.training.recipes import Recipe
from models.pixels import Pixels

BATCHES_AHEAD = 2
"""Batches that are prepared before the network asks for them; single pictures of more are read already."""

Batch = tuple[Any, Any]
"""Images as the network takes them, (count, height, width, channels), and labels (count, 1)."""


def order_of_pass(count: int, seed: int, number: Any) -> Any:
    """Return the order of the images in a pass over them: it depends on seed and number alone."""
    return tf.random.experimental.stateless_shuffle(
        tf.range(count), seed=tf.stack([tf.constant(seed, tf.int64), number])
    )


def rows_of_batches(count: int, recipe: Recipe, seed: int, start: int) -> Iterator[np.ndarray]:
    """Yield the indices of the images of each batch of a training, from step `start` on."""
    size, (_, total) = recipe.batch_size, recipe.steps(count)

    def groups() -> Iterator[np.ndarray]:
        for number in range(math.ceil(total / math.ceil(count / size))):
            order = order_of_pass(count, seed, tf.constant(number, tf.int64)).numpy()
            yield from (order[first : first + size] for first in range(0, count, size))

    return islice(groups(), start, total)


def streamed_batches(
    data: Dataset,
    recipe: Recipe,
    seed: int,
    first_epoch: int,
    pixels: Pixels,
    stop: threading.Event | None = None,
) -> Iterator[Batch]:
    """Yield the batches of training from `first_epoch` on, as `training_batches` does for arrays.

    Threads read ahead, no more than fits 32 MB, so that memory does not grow with the number of pictures.

    Args:
        stop: once it is set, nothing more is read ahead.

    Raises:
        ValueError: a picture cannot be read any more; the message names the file.
    """
    count = len(data.train_images)
    start = first_epoch * recipe.steps(count)[0]
    augment = _compiled(augmenter(recipe.augmentation, seed), data) if recipe.augmentation else None

    def prepared(batch: tuple[int, np.ndarray, np.ndarray]) -> Batch:
        step, group, images = batch
        changed = augment(images.astype(np.float32), step).numpy() if augment else images
        return scale_pixels(changed, pixels), data.train_labels[group][:, np.newaxis]

    wanted, same = tee(rows_of_batches(count, recipe, seed, start))
    images = byte_batches(data.train_images, wanted, stop)
    numbered = ((start + i, group, batch) for i, (batch, group) in enumerate(zip(images, same, strict=False)))
    return read_ahead(prepared, numbered, BATCHES_AHEAD, threads=1)


def _compiled(augment: Any, data: Dataset) -> Any:
    """Return what changes pictures, compiled once for batches of any size."""
    signature = [tf.TensorSpec((None, *data.image_shape), tf.float32), tf.TensorSpec((), tf.int64)]
    return augment and tf.function(augment, input_signature=signature, autograph=False)


def validation_batches(data: Dataset, pixels: Pixels, stop: threading.Event | None = None) -> Iterator[Batch]:
    """Yield the test images in their order, a batch in memory at a time.

    Raises:
        ValueError: a picture cannot be read any more; the message names the file.
    """
    size = whole_batch(data.image_shape)
    for number, images in enumerate(image_batches(data.test_images, size, pixels, stop=stop)):
        yield images, data.test_labels[number * size :][: len(images), np.newaxis]


def validation_steps(data: Dataset) -> int:
    """Return how many batches the test images make."""
    return math.ceil(len(data.test_images) / whole_batch(data.image_shape))


class Feeder(keras.callbacks.Callback):
    """Hands a compiled model its batches in Python: those of the tests, and of training where pictures are streamed.

    There it notes in each epoch, as `waited`, how many seconds the network waited for its next batch, in training and
    in the test after it: the time that the training loop spends in `next(batches)`. Its share in `seconds`, the whole
    time of the epoch, is 0 where pictures are always there in time, and 1 where the network never has anything to do.
    """

    def __init__(
        self,
        data: Dataset,
        recipe: Recipe,
        seed: int,
        pixels: Pixels,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        self.data, self.recipe, self.seed, self.pixels = data, recipe, seed, pixels
        self.is_streamed = isinstance(data.train_images, StreamedImages)
        self.placeholder = tf.data.Dataset.range(1).repeat()
        """What Keras is given to count the steps by, where the batches come from here."""
        self._clock, self._stop = clock, threading.Event()
        self._waited = 0.0
        self._training: Iterator[Batch] = iter(())
        self._testing: Iterator[Batch] = iter(())

    @contextlib.contextmanager
    def feeding(self, model: keras.Model, first_epoch: int) -> Iterator[None]:
        """Inside the block a compiled model takes its batches from here."""
        model.make_test_function()
        model.test_function = self._fed(model.test_function, lambda: self._testing)
        if self.is_streamed:
            model.make_train_function()
            model.train_function = self._fed(model.train_function, lambda: self._training)
            asked = (self.data, self.recipe, self.seed, first_epoch, self.pixels, self._stop)
            self._training = streamed_batches(*asked)
        try:
            yield
        finally:
            model.train_function = model.test_function = None  # Keras makes its own anew
            self._stop.set()
            for batches in (self._training, self._testing):
                if hasattr(batches, "close"):
                    batches.close()

    def _fed(
        self, step: Callable[[Any], Any], batches: Callable[[], Iterator[Batch]]
    ) -> Callable[[Any], Any]:
        """Return Keras' step, apart from the wait for its batch; it is compiled once for batches of any size."""
        images, labels = (None, *self.data.image_shape), (None, 1)
        signature = [tf.TensorSpec(images, tf.float32), tf.TensorSpec(labels, tf.int64)]
        compiled = tf.function(lambda *batch: step([batch]), input_signature=signature, autograph=False)

        def function(_: Any) -> Any:
            started = self._clock()
            batch = next(batches())
            self._waited += self._clock() - started
            return compiled(*batch)

        return function

    def on_test_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Begin with the first test image."""
        self._testing = validation_batches(self.data, self.pixels, self._stop)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Begin to count at 0."""
        self._waited = 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Note the seconds among the measures of the epoch."""
        if self.is_streamed:
            logs["waited"] = self._waited
