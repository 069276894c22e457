"""Each thing that the command does, carried out, with its progress."""

import time
from collections.abc import Iterator

import numpy as np

from app.datasets.dataset import Dataset
from app.scratch.beside_keras import compare
from app.scratch.fit import FitPlan, Measure, choose_objective, fit, look_untrained, measure
from app.scratch.losses import one_hot
from app.scratch.network import Model
from app.scratch.perceptron import XOR, Perceptron, PerceptronSettings, orders, train_epoch
from app.scratch.perceptron_results import EpochOfPerceptron, PerceptronTraining
from app.scratch.results import KerasComparison, ScratchTraining, untrained_lines, untrained_summary
from app.scratch.spread import check_division, spread_of_network, spread_of_plain
from app.scratch.spread_results import InitialSpread
from app.show import tables
from app.show.progress import Progress
from models import Network

Array = np.ndarray
LISTED = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
"""Epochs of XOR that are listed."""


def run_training(plan: FitPlan) -> ScratchTraining:
    """Look at a network untrained, train it, and test it; Ctrl-C ends the training, and what was reached is tested.

    Raises:
        DivergedError: the loss is no longer finite.
    """
    console, settings, data = tables.make_console(), plan.settings, plan.data
    model = plan.build()
    objective = choose_objective(model)
    before = _filters(model)
    console.print(
        f"Training {plan.network.name} ({model.parameters:,} parameters) on {data.name} in NumPy: {settings.words()}; "
        f"{objective.name}"
    )
    untrained = tuple(look_untrained(model, objective, plan))
    for line in (*untrained_lines(untrained), untrained_summary(untrained, data.classes)):
        console.print(line)
    steps = settings.epochs * -(-len(data.train_labels) // settings.batch_size)
    with Progress(
        console, f"epoch 1/{settings.epochs}", total=steps, doing="steps,", words="left, loss …"
    ) as progress:

        def report(done: int, so_far: Measure) -> None:
            number = min(done * settings.epochs // steps + 1, settings.epochs)
            progress.update(
                done,
                what=f"epoch {number}/{settings.epochs}",
                words=f"left, loss {so_far.loss:.4f}, accuracy {so_far.accuracy:.4f}",
                line=f"epoch {number} of {settings.epochs}: {steps // settings.epochs:,} steps …",
            )

        course = fit(model, objective, plan, report)
    test = measure(model, objective, (data.test_images, data.test_labels), plan.network.pixels, data.classes)
    after = _filters(model)
    return ScratchTraining(
        model,
        plan.network.name,
        data.name,
        settings.words(),
        objective.name,
        untrained,
        course,
        test,
        data.classes,
        len(data.test_labels),
        None if before is None or after is None else (before, after),
    )


def _filters(model: Model) -> Array | None:
    """Return a copy of the first kernel that slides over two axes, None where there is none."""
    for layer in model.layers:
        kernel = layer.weights.get("kernel")
        if kernel is not None and kernel.ndim == 4:
            return kernel.copy()
    return None


def run_comparison(network: Network, dtype: str = "float64", seed: int = 0) -> KerasComparison:
    """Compare a network in NumPy with the same in Keras, tensor by tensor.

    Raises:
        ValueError: it is too large, or has a layer that NumPy lacks.
    """
    rows = tuple(compare(network, dtype, seed))
    parameters = sum(int(np.prod(row.shape)) for row in rows if row.forward is None)
    return KerasComparison(network.name, dtype, parameters, rows, seed)


def run_spread(
    network: Network | None = None,
    kind: str = "dense",
    activation: str = "tanh",
    depth: int = 10,
    seed: int = 0,
) -> InitialSpread:
    """Measure the spread in a network, or in a plain one of `depth` layers.

    Raises:
        ValueError: the network is too large, has a layer that NumPy lacks, or there is no such kind or activation.
    """
    if network is not None:
        found = spread_of_network(network, seed)
        name = network.name
    else:
        found = spread_of_plain(kind, activation, depth, seed)
        name = f"{found[0].name} with {activation}"
    _, rows, gain = found
    return InitialSpread(name, tuple(rows), gain, check_division(seed), seed)


def run_perceptron(settings: PerceptronSettings, data: Dataset | None = None) -> PerceptronTraining:
    """Teach a perceptron XOR, or the images of a data set; Ctrl-C ends it with what was reached."""
    (inputs, targets), (test_inputs, test_targets) = _samples(settings, data)
    net = Perceptron((inputs.shape[1], settings.hidden, targets.shape[1]), settings.seed, settings.width)
    is_xor = settings.task == "xor"
    listed = {*LISTED, settings.epochs} if is_xor else set(range(settings.epochs + 1))
    steps = []
    if is_xor:  # the first epoch, on a perceptron of its own
        twin = Perceptron(net.sizes, settings.seed, settings.width)
        order = next(orders(len(inputs), settings.seed))
        steps = [(inputs[i], targets[i], twin.learn(inputs[i], targets[i], settings.rate)) for i in order]

    def look(epoch: int) -> EpochOfPerceptron:
        outputs = tuple(net.forward(inputs)[-1][:, 0].tolist()) if is_xor else ()
        error, accuracy = net.error(test_inputs, test_targets), net.accuracy(test_inputs, test_targets)
        return EpochOfPerceptron(epoch, error, accuracy, outputs)

    epochs, is_stopped, done, started = [look(0)], False, 0, time.process_time()
    try:
        for done in _epochs(net, inputs, targets, settings):
            if done in listed:
                epochs.append(look(done))
    except KeyboardInterrupt:
        is_stopped = True
        if epochs[-1].epoch != done:
            epochs.append(look(done))
    seconds = time.process_time() - started
    return PerceptronTraining(
        net, settings.task, settings.rate, tuple(epochs), tuple(steps), seconds, is_stopped, settings.seed
    )


def _epochs(net: Perceptron, inputs: Array, targets: Array, settings: PerceptronSettings) -> Iterator[int]:
    """Train, and give the number of each epoch that is done."""
    total = settings.epochs * len(inputs)
    what = f"epoch 1/{settings.epochs}"
    with Progress(
        tables.make_console(), what, total=total, doing="samples,", waits=settings.task == "xor"
    ) as progress:
        every = orders(len(inputs), settings.seed)
        for number in range(1, settings.epochs + 1):
            before, words = (number - 1) * len(inputs), f"epoch {number}/{settings.epochs}"

            def report(done: int, before: int = before, words: str = words, number: int = number) -> None:
                line = f"epoch {number} of {settings.epochs}: {len(inputs):,} samples …"
                progress.update(before + done, what=words, line=line)

            train_epoch(net, inputs, targets, settings.rate, next(every), report)
            yield number


def _samples(
    settings: PerceptronSettings, data: Dataset | None
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return inputs and targets to learn from, and to be tested on."""
    if settings.task == "xor" or data is None:
        return XOR, XOR
    parts = ((data.train_images, data.train_labels), (data.test_images, data.test_labels))
    (learn, test) = (
        (
            np.asarray(images).reshape(len(images), -1) / np.float64(255),
            one_hot(labels, data.classes, "float64"),
        )
        for images, labels in parts
    )
    return learn, test
