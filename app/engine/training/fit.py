"""Training: a network, a data set and a recipe become a model and its history."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.datasets.dataset import Dataset, scale_pixels
from app.engine.training.augmenting import augmenter
from app.engine.training.backup import EpochBackup
from app.engine.training.losses import MaximumAPosteriori, without_softmax
from app.engine.training.precision import ValidateInFloat32, computing_in
from app.engine.training.recipes import Recipe
from app.engine.training.replicas import Replicas
from app.engine.training.shared_fit import fit_together
from app.engine.training.streaming import Feeder, order_of_pass, validation_steps
from models.pixels import PLAIN, Pixels

OnStep = Callable[[int, int, int, Mapping[str, float]], None]
"""Called with epoch (from 0), steps done, steps in the epoch and the measures so far."""


class DivergedError(ArithmeticError):
    """The loss is no longer a finite number."""


def make_repeatable(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, and let TensorFlow use only repeatable kernels."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def compile_model(model: keras.Model, recipe: Recipe, images: int) -> keras.Model:
    """Return the model that is to be trained, with its optimiser, loss and measures.

    Labels are integers: the loss is that of one-hot labels, without the vectors. One output unit
    gets the binary loss. The loss `map` takes scores: it trains the same weights without the softmax.

    Raises:
        ValueError: the loss does not fit the network.
    """
    rate: Any = recipe.learning_rate
    if recipe.schedule == "triangle":
        rate = Triangle(recipe.learning_rate, recipe.steps(images)[1])
    settings = {} if recipe.beta_2 is None else {"beta_2": recipe.beta_2}
    optimizers: dict[str, Any] = {
        "rmsprop": keras.optimizers.RMSprop,
        "adam": keras.optimizers.Adam,
        "sgd": partial(keras.optimizers.SGD, momentum=0.9),
    }
    binary = model.output_shape[-1] == 1
    loss: Any = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    if recipe.loss == "map":
        model, loss = without_softmax(model), MaximumAPosteriori()
    optimizer = optimizers[recipe.optimizer](learning_rate=rate, **settings)
    if recipe.is_mixed:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)  # small gradients are 0 in float16
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def begin_biases(model: keras.Model, recipe: Recipe) -> None:
    """Set the biases of hidden dense layers with a ReLU of their own to what the recipe has them begin at."""
    for layer in model.layers[:-1] if recipe.hidden_bias else ():
        if (
            isinstance(layer, keras.layers.Dense)
            and layer.activation is keras.activations.relu
            and layer.use_bias
        ):
            layer.bias.assign(np.full(layer.bias.shape, recipe.hidden_bias))


@keras.saving.register_keras_serializable("convlab")
class Triangle(keras.optimizers.schedules.LearningRateSchedule):
    """Linear to the peak over the first fifth of the steps, then linear to 0.

    rate(t) = peak·t/w for t < w = T/5, else peak·(T − t)/(T − w), with t counted from 1.
    Source: L. Smith, Cyclical learning rates, 2017, shortened to one cycle.
    """

    def __init__(self, peak: float, steps: int) -> None:
        self.peak, self.steps = peak, steps

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0."""
        t = tf.cast(step, tf.float32) + 1.0
        rise = max(1.0, math.floor(self.steps / 5))
        fall = tf.maximum(self.steps + 1.0 - t, 0.0) / (self.steps + 1.0 - rise)
        return self.peak * tf.minimum(t / rise, fall)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"peak": self.peak, "steps": self.steps}


def training_batches(
    data: Dataset, recipe: Recipe, seed: int, first_epoch: int, pixels: Pixels
) -> tf.data.Dataset:
    """Return the batches from `first_epoch` on, shuffled anew for each pass over the images.

    The order of pass p depends on (seed, p) alone, and what augmentation does on (seed, step) alone, so that a
    resumed run sees the batches it would have seen without the interruption.
    """
    images = tf.constant(data.train_images)
    labels = tf.constant(data.train_labels[:, np.newaxis])
    count = len(data.train_images)
    per_epoch, total = recipe.steps(count)
    start = first_epoch * per_epoch
    augment = augmenter(recipe.augmentation, seed) if recipe.augmentation else None

    @tf.autograph.experimental.do_not_convert
    def one_pass(number: Any) -> tf.data.Dataset:
        order = order_of_pass(count, seed, number)
        return tf.data.Dataset.from_tensor_slices(order).batch(recipe.batch_size)

    @tf.autograph.experimental.do_not_convert
    def load(step: Any, order: Any) -> tuple[Any, Any]:
        batch = tf.cast(tf.gather(images, order), tf.float32)
        batch = augment(batch, step) if augment else batch
        return scale_pixels(batch, pixels), tf.gather(labels, order)

    passes = math.ceil(total / math.ceil(count / recipe.batch_size))
    batches = tf.data.Dataset.range(passes).flat_map(one_pass).skip(start)
    return batches.take(total).enumerate(start).map(load).prefetch(4)


class Watch(keras.callbacks.Callback):
    """Reports progress, times the epochs and stops a run whose numbers are no longer finite.

    It also sets the random state of dropout at the start of each epoch, to one that depends on the
    seed and the epoch alone: Keras does not keep that state with the weights.
    """

    def __init__(self, steps: int, progress: OnStep) -> None:
        super().__init__()
        self.steps, self.progress = steps, progress
        self._epoch = 0
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Set the random state and start the clock."""
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                variable.assign([np.asarray(variable)[0], epoch << 20])
        self._epoch, self._started = epoch, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Check the loss."""
        if not math.isfinite(logs["loss"]):
            raise DivergedError(
                f"the loss became {logs['loss']} in epoch {self._epoch + 1}, step {batch + 1}"
            )
        self.progress(self._epoch, batch + 1, self.steps, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Check the weights, and note the wall time among the measures of the epoch."""
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            raise DivergedError(f"a weight became infinite or not a number in epoch {epoch + 1}")
        logs["seconds"] = time.perf_counter() - self._started


def fit(
    model: keras.Model,
    data: Dataset,
    recipe: Recipe,
    seed: int,
    backup: EpochBackup,
    progress: OnStep,
    pixels: Pixels = PLAIN,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    logs: Sequence[keras.callbacks.Callback] = (),
    replicas: Replicas | None = None,
) -> list[dict[str, float]]:
    """Train `model`, from the newest state in `backup` on; return the measures of each epoch.

    They are loss, accuracy, val_loss, val_accuracy (on the test images; nothing is chosen by them)
    and seconds of wall time, those of epochs before an interruption included. Where pictures are streamed, `waited` is
    how many of these seconds the network waited for them.

    Args:
        callbacks: called after each epoch before its state is kept.
        logs: called after each epoch once its state is kept.
        replicas: on which it is trained, made in their scope; None: on one device, by Keras' `fit`.

    Raises:
        DivergedError: the loss is not finite; the state is discarded.
        ValueError: the recipe's loss does not fit the network, or a picture cannot be read any more.
    """
    with replicas.scope() if replicas else contextlib.nullcontext():
        trained = compile_model(model, recipe, len(data.train_images))
    per_epoch, _ = recipe.steps(len(data.train_images))
    if replicas is not None:
        backup.history = replicas.share_facts(backup.history)
        watching = [Watch(per_epoch, progress), *callbacks, backup, *logs]
        try:
            fit_together(trained, data, recipe, seed, pixels, backup, replicas, watching)
        except DivergedError:
            backup.discard()
            raise
        return list(backup.history)
    first = backup.finished_epochs
    if first < recipe.epochs:
        feeder = Feeder(data, recipe, seed, pixels)
        is_streamed, given = feeder.is_streamed, feeder.placeholder
        training = given if is_streamed else training_batches(data, recipe, seed, first, pixels)
        try:
            with _precision(trained, recipe) as exactly, feeder.feeding(trained, first):
                trained.fit(
                    training,
                    epochs=recipe.epochs,
                    initial_epoch=first,
                    steps_per_epoch=per_epoch,
                    validation_data=given,
                    validation_steps=validation_steps(data),
                    callbacks=[Watch(per_epoch, progress), feeder, *exactly, *callbacks, backup, *logs],
                    shuffle=False,  # the batches come shuffled
                    verbose=0,
                )
        except DivergedError:
            backup.discard()
            raise
    else:
        backup.set_model(trained)
        backup.on_train_begin()
    return list(backup.history)


@contextlib.contextmanager
def _precision(model: keras.Model, recipe: Recipe) -> Iterator[list[keras.callbacks.Callback]]:
    """Have a model learn in the numbers of its recipe; give what makes its tests exact."""
    if not recipe.is_mixed:
        yield []
        return
    with computing_in(model, "mixed_float16"):
        yield [ValidateInFloat32()]
