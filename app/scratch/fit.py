"""Training in NumPy: forward, loss, backward, a step, and the next batch; what decides a run is checked before."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.counting.chalkboard import nn as chalkboard
from app.datasets.dataset import Dataset, scale_pixels
from app.datasets.fitting import fit_to_data
from app.datasets.streamed import Images
from app.scratch import losses
from app.scratch.build import build_network
from app.scratch.losses import Array, Loss
from app.scratch.network import Model
from app.scratch.optimisers import OPTIMISERS, Optimiser
from app.scratch.vocabulary import LAYERS
from models import Network, Pixels

MOST_TRAINED = 2_000_000
"""Parameters up to which a network is trained here: a step of more would take NumPy too long."""
FIRST_IMAGES = 1000
"""Test images that the article shows its untrained network."""
BLOCK = 100
"""Images, and in training steps, over which a line of the article's, or a point of the curve, is a mean."""
RATES = {"sgd": 0.02, "rmsprop": 0.001, "adam": 0.003}
"""The learning rate of each optimiser, where none is given."""


class DivergedError(ArithmeticError):
    """The loss is no longer a finite number."""


@dataclass(frozen=True)
class FitSettings:
    """How a network is trained."""

    epochs: int = 5
    batch_size: int = 32
    learning_rate: float | None = None
    """At the first step; it falls to 0 in a straight line. None: the optimiser's own."""
    optimiser: str = "adam"
    seed: int = 0
    """Of the weights and of the order of the images."""

    @property
    def rate(self) -> float:
        """The learning rate at the first step."""
        return RATES[self.optimiser] if self.learning_rate is None else self.learning_rate

    def words(self) -> str:
        """Return them as people say it."""
        passes = f"{self.epochs} epoch{'s' * (self.epochs > 1)}"
        rate = f"learning rate from {self.rate:g} down to 0"
        return f"{self.optimiser}, {rate}, batches of {self.batch_size}, {passes}, seed {self.seed}"


@dataclass(frozen=True)
class FitPlan:
    """Everything that decides what comes out of a training run."""

    network: Network
    data: Dataset
    settings: FitSettings
    arguments: Mapping[str, Any]
    """The builder's arguments that differ from the published network."""

    @property
    def is_of_the_article(self) -> bool:
        """Whether article 002 writes this network, and says how its weights are drawn."""
        return self.network.name == "numpy_cnn"

    def build(self) -> Model:
        """Return the network with fresh weights; that of the article as the article draws them."""
        settings = self.settings
        model = build_network(
            self.network, self.arguments.get("classes"), self.arguments.get("input_shape"), seed=settings.seed
        )
        if self.is_of_the_article:
            model.initialise(settings.seed, kernel="xavier_of_the_article")
        return model


def check_size(network: Network, arguments: Mapping[str, Any], most: int, doing: str) -> None:
    """Refuse a network that is too large, or has a layer that NumPy lacks; nothing is built for that.

    Raises:
        ValueError: it is; the message says the limit, or names the layer.
    """
    rows = network.builder(chalkboard, **arguments).sheet().rows
    parameters = sum(int(row.trainable + row.non_trainable) for row in rows)
    if parameters > most:
        raise ValueError(
            f"{network.name} has {parameters:,} parameters; NumPy is fast enough for {doing} up to {most:,}"
        )
    lacking = [row for row in rows if row.kind not in LAYERS and row.kind != "InputLayer"]
    if lacking:
        raise ValueError(
            f"{network.name} has a layer {lacking[0].name} of the kind {lacking[0].kind}, which NumPy lacks"
        )


def check_trainable(network: Network) -> None:
    """Refuse a network that puts no image into one class, or is too large whatever the data; nothing is opened for it.

    Raises:
        ValueError: it is such a network.
    """
    if network.task or not network.outputs:
        does = network.task or "has no output layer to train"
        raise ValueError(f"{network.name} {does}; what is trained here puts an image into one class")
    check_size(network, {}, MOST_TRAINED, "training")


def plan_fit(network: Network, data: Dataset, settings: FitSettings) -> FitPlan:
    """Return the run that trains a network on data; everything that can be wrong with it is found here.

    Raises:
        ValueError: the network is too large, puts no image into one class, or does not fit the data.
    """
    check_trainable(network)
    arguments = fit_to_data(network, data)
    check_size(network, arguments, MOST_TRAINED, "training")
    return FitPlan(network, data, settings, arguments)


@dataclass(frozen=True)
class Objective:
    """What is made small: a loss, and the slot of the network by whose values it is worked out."""

    name: str
    loss: Loss
    slot: int
    threshold: float | None = None
    """Of one unit that answers for two classes, the value above which it says the second."""

    def targets(self, labels: Array, classes: int) -> Array:
        """Return what the units should say: (images, units)."""
        if self.threshold is not None:
            return labels[:, np.newaxis].astype(np.float32)
        return losses.one_hot(labels, classes)

    def decide(self, values: Array) -> Array:
        """Return the class that each row of values says."""
        if self.threshold is not None:
            return (values[:, 0] > self.threshold).astype(int)
        decided: Array = values.argmax(axis=-1)
        return decided


def choose_objective(model: Model) -> Objective:
    """Return the loss that goes with the network's last layer.

    Behind a softmax it is the cross-entropy, behind one sigmoid unit the log loss; both enter before it, where the
    gradient is p − t. Behind anything else it is the squared error.
    """
    (slot,) = model.outputs
    last = next(node for node in model.nodes if node.output == slot)
    settings = last.layer.settings
    function = str(settings.get("activation") if last.layer.kind == "Activation" else last.layer.kind).lower()
    if function == "softmax" and settings.get("axis", -1) in (-1, len(last.shape)):
        return Objective("cross-entropy", losses.softmax_cross_entropy, last.inputs[0])
    if function == "sigmoid" and last.shape == (1,):
        return Objective("log loss", losses.sigmoid_log_loss, last.inputs[0], threshold=0.0)
    return Objective("squared error", losses.squared_error, slot, 0.5 if last.shape == (1,) else None)


@dataclass(frozen=True)
class Measure:
    """How a network does on some images."""

    loss: float
    """The mean over them."""
    accuracy: float
    """The share that is put into the right class, 0…1."""


@dataclass
class Course:
    """How a training run went."""

    curve: list[tuple[int, float]] = field(default_factory=list)
    """(steps made, mean loss of the last `BLOCK` of them)."""
    epochs: list[dict[str, float]] = field(default_factory=list)
    """loss, accuracy and seconds of processor time of each whole epoch; means while it was trained."""
    steps: int = 0
    steps_an_epoch: int = 1
    seconds: float = 0.0
    """Of processor time, over all cores."""
    is_stopped: bool = False
    """Whether somebody stopped it before its end."""


Report = Callable[[int, Measure], None]
"""Told the number of steps that were made, and the measures of the epoch so far."""


def measure(
    model: Model, objective: Objective, data: tuple[Images, Array], pixels: Pixels, classes: int
) -> Measure:
    """Return loss and accuracy on images.

    Args:
        model: a network.
        objective: what it was trained for.
        data: bytes (images, height, width, channels), and labels (images,).
        pixels: how they enter it.
        classes: how many there are.
    """
    loss, right = 0.0, 0
    for images, labels in _batches(*data, 200):
        values = model.forward(scale_pixels(images, pixels), upto=(objective.slot,)).values[objective.slot]
        loss += objective.loss(values, objective.targets(labels, classes))[0] * len(labels)
        right += int((objective.decide(values) == labels).sum())
    return Measure(loss / len(data[1]), right / len(data[1]))


def look_untrained(model: Model, objective: Objective, plan: FitPlan) -> list[Measure]:
    """Return how the network does on the first test images before it has learnt anything, hundred by hundred."""
    data = plan.data
    first = (data.test_images[:FIRST_IMAGES], data.test_labels[:FIRST_IMAGES])
    return [
        measure(model, objective, block, plan.network.pixels, data.classes)
        for block in _batches(*first, BLOCK)
    ]


def _batches(images: Images, labels: Array, size: int) -> Iterator[tuple[Array, Array]]:
    for start in range(0, len(labels), size):
        yield images[start : start + size], labels[start : start + size]


def train_step(
    model: Model, objective: Objective, images: Array, targets: Array, optimiser: Optimiser
) -> tuple[float, Array]:
    """Learn from one batch: forward, loss, backward, step. Return the loss and the values that it was made of.

    Args:
        model: which is changed.
        objective: what is to be made small.
        images: as they enter the network, (batch, height, width, channels).
        targets: (batch, units).
        optimiser: what makes a step of the gradients.
    """
    run = model.forward(images, training=True)
    values = run.values[objective.slot]
    loss, gradient = objective.loss(values, targets)
    model.clear_gradients()
    run.backward({objective.slot: gradient})
    optimiser.step(model.layers)
    return loss, values


def fit(model: Model, objective: Objective, plan: FitPlan, report: Report | None = None) -> Course:
    """Train a network; Ctrl-C ends it with what was reached.

    The order of the images depends on (seed, epoch) alone.

    Raises:
        DivergedError: the loss is no longer finite.
    """
    data, settings, pixels = plan.data, plan.settings, plan.network.pixels
    optimiser = OPTIMISERS[settings.optimiser](settings.rate)
    in_epoch = math.ceil(len(data.train_labels) / settings.batch_size)
    course, all_steps = Course(steps_an_epoch=in_epoch), in_epoch * settings.epochs
    started = time.process_time()
    try:
        for epoch in range(settings.epochs):
            seen, loss_sum, right, block = 0, 0.0, 0, []
            begun = time.process_time()
            for batch in _order(plan, epoch, settings.batch_size):
                labels = data.train_labels[batch]
                optimiser.rate = settings.rate * (1 - course.steps / all_steps)
                images = scale_pixels(data.train_images[batch], pixels)
                targets = objective.targets(labels, data.classes)
                with np.errstate(over="ignore", invalid="ignore"):  # the loss says it, once
                    loss, values = train_step(model, objective, images, targets, optimiser)
                course.steps += 1
                if not math.isfinite(loss):
                    raise DivergedError(
                        f"the loss is {loss} at step {course.steps:,}; try a smaller --learning-rate than "
                        f"{settings.rate:g}"
                    )
                seen, loss_sum = seen + len(labels), loss_sum + loss * len(labels)
                right += int((objective.decide(values) == labels).sum())
                block.append(loss)
                if len(block) == BLOCK or course.steps % in_epoch == 0:
                    course.curve.append((course.steps, float(np.mean(block))))
                    block = []
                if report:
                    report(course.steps, Measure(loss_sum / seen, right / seen))
            seconds = time.process_time() - begun
            course.epochs.append({"loss": loss_sum / seen, "accuracy": right / seen, "seconds": seconds})
    except KeyboardInterrupt:
        course.is_stopped = True
    course.seconds = time.process_time() - started
    return course


def _order(plan: FitPlan, epoch: int, size: int) -> Sequence[Array]:
    """Return the numbers of the images, batch by batch, of one epoch."""
    order = np.random.default_rng((plan.settings.seed, epoch)).permutation(len(plan.data.train_labels))
    return [order[start : start + size] for start in range(0, len(order), size)]
