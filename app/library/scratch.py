"""Networks in NumPy: the layers, training, the comparison with Keras, initialisation seen, the perceptron."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.library.arguments import as_network, check_whole
from app.library.sentences import in_python
from app.scratch import vocabulary
from models import Network

if TYPE_CHECKING:
    from app.scratch.network import Model
    from app.scratch.perceptron_results import PerceptronTraining
    from app.scratch.results import KerasComparison, ScratchTraining
    from app.scratch.spread_results import InitialSpread


class nn:  # noqa: N801
    """The vocabulary in which networks are written, read with NumPy: `Input`, `Sequential`, `Model` and the layers.

    They have Keras' names, arguments and defaults, so that a network is written as for `keras.layers`; what comes out
    computes with NumPy alone, forward and backward. Nothing is made of `nn` itself: it only holds the names.

    >>> import app as lab
    >>> nn = lab.nn
    >>> model = nn.Sequential([nn.Input((8, 8, 1)), nn.Conv2D(4, 3, activation="relu"), nn.Flatten(), nn.Dense(2)])
    >>> model.parameters
    330
    >>> import numpy as np
    >>> run = model.forward(np.ones((5, 8, 8, 1)))
    >>> gradients = run.backward({model.outputs[0]: np.ones((5, 2))})
    >>> run.outputs[0].shape, gradients[model.inputs[0]].shape
    ((5, 2), (5, 8, 8, 1))
    """

    Input = staticmethod(vocabulary.nn.Input)
    Sequential: Any
    Model: Any


for _name, _layer in vars(vocabulary.nn).items():
    if _name != "Input":
        setattr(nn, _name, _layer)


def build_in_numpy(
    network: str | Network,
    classes: int | None = None,
    input_shape: Sequence[int] | None = None,
    seed: int = 0,
    dtype: Literal["float32", "float64"] = "float32",
) -> "Model":
    """Build a network of the catalogue that computes with NumPy alone, with fresh weights.

    Args:
        network: a name of `lab.networks()`.
        classes: output units, where they are to differ from the published ones.
        input_shape: height, width in pixels and channels, likewise.
        seed: of the weights; the same seed draws the same.
        dtype: of the weights, `"float32"` or `"float64"`.

    Returns:
        A network: called on images it puts out what it says of them; `forward(images)` is a run, in which
        `run["conv1"]` is what a layer made of them and `run.backward({slot: gradient})` leads gradients back.

    Raises:
        ValueError: there is no such network, it has a layer that NumPy lacks, or does not fit shape or classes.
        TypeError: `network` is no name.

    >>> import app as lab
    >>> model = lab.build_in_numpy("lenet5_modern", classes=5, input_shape=(28, 28, 1))
    >>> model.parameters, model(lab.open_data("mnist").test_images[:3] / 255).shape
    (61281, (3, 5))
    """
    from app.scratch.build import build_network

    check_whole("seed", seed)
    _check_choice("dtype", dtype, ("float32", "float64"))
    shape = None if input_shape is None else tuple(input_shape)
    return build_network(as_network(network), classes, shape, seed, dtype)


@in_python()
def write_program(model: Any, path: str | Path) -> Path:
    """Write a network as a program, for machines in other languages: steps, settings and weights in one JSON text.

    Args:
        model: whatever `lab.load` takes, or a network in NumPy.
        path: the file, replaced whole or not at all. What it holds says `app/program/written.py`.

    Returns:
        The file.

    Raises:
        ValueError: it has a layer that NumPy lacks, or something else than one image goes in or one row of classes
            comes out.

    >>> import app as lab
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     network = lab.read_program(lab.write_program("mnist", f"{folder}/mnist.json"))
    >>> network(lab.open_data("mnist").test_images[:3] / 255).argmax(axis=1).tolist()
    [7, 2, 1]
    """
    from app.program import written
    from app.scratch.network import Model
    from app.scratch.writing import as_program

    if isinstance(model, Model):
        program = as_program(model)
    else:
        from app.library.model import load

        program = load(model, engine="numpy").explainer.model
    path = Path(path)
    written.write_program(program, path)
    return path


@in_python()
def read_program(path: str | Path) -> "Model":
    """Read a written program as a network in NumPy: it computes, leads gradients back, and can be trained.

    Args:
        path: a file that `lab.write_program` wrote, here or elsewhere. It is read as data: nothing in it is run.

    Raises:
        ValueError: it is no such file, or it contradicts itself.

    >>> import app as lab
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     network = lab.read_program(lab.write_program(lab.build_in_numpy("x_or_not_x"), f"{folder}/x.json"))
    >>> network.parameters, network.nodes[0].name
    (95, 'conv:linear')
    """
    from app.program.written import read_written
    from app.scratch.machine import NumpyMachine

    network = NumpyMachine(read_written(Path(path))).network
    for layer in network.layers:
        layer.is_learning = True
    return network


def train_in_numpy(
    network: str | Network = "numpy_cnn",
    data: Any = None,
    epochs: int = 5,
    batch_size: int = 32,
    learning_rate: float | None = None,
    optimiser: Literal["adam", "rmsprop", "sgd"] = "adam",
    seed: int = 0,
) -> "ScratchTraining":
    """Train a network of the catalogue with NumPy alone: article 002 done again, and to its end.

    First the untrained network is shown 1,000 test images, and its loss is printed as the article prints it. The
    weights of `numpy_cnn` begin as the article draws them, those of others as Keras draws them. Nothing is written.
    Ctrl-C ends the training; what was reached is tested, and returned.

    Args:
        network: a name of `lab.networks()`, of at most 2 million parameters.
        data: whatever `lab.open_data` takes; MNIST without it, and `"x_or_not_x"` for the network of that name.
        epochs: passes over the training images.
        batch_size: images a step.
        learning_rate: at the first step; it falls to 0 in a straight line. Without it the optimiser's own.
        optimiser: `"adam"`, `"rmsprop"` or `"sgd"`, which has a momentum of 0.9.
        seed: of the weights and of the order of the images.

    Returns:
        A training: `.test_accuracy` is a share 0…1, `.model` the network; `plot()` draws the loss curve, and the first
        filters before and after.

    Raises:
        ValueError: a network that is too large or does not fit the data, or a number out of range.
        TypeError: `network` is no name, or a number is none.
        ArithmeticError: the loss is no longer finite.

    >>> import app as lab, contextlib, io
    >>> images, labels = lab.open_data("mnist").test_images[:640], lab.open_data("mnist").test_labels[:640]
    >>> with contextlib.redirect_stdout(io.StringIO()):
    ...     training = lab.train_in_numpy(data=((images, labels), (images, labels)), epochs=3)
    >>> training.course.steps, round(training.untrained[0].loss, 1), training.test_accuracy > 0.5
    (60, 2.3, True)
    """
    from app.commands.data import open_data
    from app.scratch.fit import FitSettings, check_trainable, plan_fit
    from app.scratch.optimisers import OPTIMISERS

    entry = as_network(network)
    check_trainable(entry)
    check_whole("epochs", epochs, 1, 100_000)
    check_whole("batch_size", batch_size, 1, 1_000_000)
    check_whole("seed", seed)
    _check_rate(learning_rate)
    _check_choice("optimiser", optimiser, tuple(OPTIMISERS))
    settings = FitSettings(epochs, batch_size, learning_rate, optimiser, seed)
    with in_python():
        plan = plan_fit(entry, open_data(entry.data if data is None else data), settings)
        from app.scratch.run import run_training

        return run_training(plan)


def compare_with_keras(
    network: str | Network, dtype: Literal["float64", "float32"] = "float64", seed: int = 0
) -> "KerasComparison":
    """Put the same weights through NumPy and through Keras, and see how far apart every tensor is.

    Args:
        network: a name of `lab.networks()`, of at most 12 million parameters.
        dtype: the numbers in which both compute.
        seed: of weights, images, and of the gradient that is led back.

    Returns:
        A comparison: `.agrees`, `.worst` is the row with the largest difference; iterate over it for the rows.

    Raises:
        ValueError: there is no such network, it is too large, or has a layer that NumPy lacks.
        TypeError: `network` is no name.

    >>> import app as lab
    >>> comparison = lab.compare_with_keras("x_or_not_x")
    >>> comparison.agrees, comparison.worst.worst < 1e-12
    (True, True)
    """
    from app.scratch.run import run_comparison

    check_whole("seed", seed)
    _check_choice("dtype", dtype, ("float64", "float32"))
    return run_comparison(as_network(network), dtype, seed)


def initial_spread(
    network: str | Network | None = None,
    kind: Literal["dense", "conv"] = "dense",
    activation: Literal["tanh", "relu"] = "tanh",
    layers: int = 10,
    seed: int = 0,
) -> "InitialSpread":
    """Measure how wide values and gradients spread, layer by layer, for weights too small, right and too large.

    Args:
        network: a name of `lab.networks()`, of at most 12 million parameters. Without it a plain one, as told by:
        kind: `"dense"` layers of 256 units, or `"conv"`, 3×3 kernels to 16 maps.
        activation: `"tanh"` or `"relu"`, behind each of them.
        layers: how many of them, from 2 to 100.
        seed: of weights, inputs and gradients.

    Returns:
        A spread: `.rows` has the standard deviations of each layer, `.division` what dividing by 9 and by 3 makes of a
        3×3 kernel, as article 002 would have it; `plot()` draws the layers.

    Raises:
        ValueError: there is no such network, it is too large, has a layer that NumPy lacks, or a setting is unknown.
        TypeError: `network` is no name, or a number is none.

    >>> import app as lab
    >>> spread = lab.initial_spread(layers=5)
    >>> small, right, large = spread.rows[-1].values
    >>> small < 0.01, 0.1 < right < 1, [round(1 / each.variance) for each in spread.division]
    (True, True, [81, 9])
    """
    from app.scratch.run import run_spread

    check_whole("layers", layers, 2, 100)
    check_whole("seed", seed)
    _check_choice("kind", kind, ("dense", "conv"))
    _check_choice("activation", activation, ("tanh", "relu"))
    return run_spread(None if network is None else as_network(network), kind, activation, layers, seed)


def train_perceptron(
    task: Literal["xor", "digits"] = "xor",
    hidden: int | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int = 0,
    data: Any = None,
) -> "PerceptronTraining":
    """Teach a multilayer perceptron by article 001's delta rule, sample by sample.

    Err_j = O_j(1 − O_j)(T_j − O_j) at the output, Err_j = O_j(1 − O_j)·Σ_k Err_k·w_jk inside; Δw_ij = l·Err_j·O_i and
    Δθ_j = l·Err_j.

    Args:
        task: `"xor"`, or `"digits"`, the pixels of images.
        hidden: hidden units (xor 3, digits 50).
        epochs: passes over the samples (xor 5,000, digits 3).
        learning_rate: l (xor 0.5, digits 0.3).
        seed: of weights, biases and the order of the samples.
        data: for digits, whatever `lab.open_data` takes; MNIST without it.

    Returns:
        A training: `.net` is the perceptron, `.epochs` how it did, `.steps` the first epoch of XOR sample by sample;
        `plot()` draws the error.

    Raises:
        ValueError: an unknown task, data for XOR, or a number out of range.
        TypeError: a number is none.

    >>> import app as lab
    >>> training = lab.train_perceptron("xor", epochs=1000)
    >>> training.accuracy, [round(output) for output in training.epochs[-1].outputs]
    (1.0, [0, 1, 1, 0])
    """
    from app.commands.data import open_data
    from app.scratch.perceptron import TASKS
    from app.scratch.run import run_perceptron

    _check_choice("task", task, tuple(TASKS))
    if task == "xor" and data is not None:
        raise ValueError("xor has its own four samples; leave out data")
    check_whole("seed", seed)
    for name, value, most in (("hidden", hidden, 10_000), ("epochs", epochs, 100_000)):
        if value is not None:
            check_whole(name, value, 1, most)
    _check_rate(learning_rate)
    told: dict[str, Any] = {"hidden": hidden, "epochs": epochs, "rate": learning_rate, "seed": seed}
    settings = replace(TASKS[task], **{name: value for name, value in told.items() if value is not None})
    with in_python():
        return run_perceptron(settings, None if task == "xor" else open_data(data))


def _check_rate(rate: Any) -> None:
    if rate is None:
        return
    if isinstance(rate, (bool, str)) or not hasattr(rate, "__float__"):
        raise TypeError(f"learning_rate is a number, not {rate!r}")
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"learning_rate is a finite number above 0, not {rate}")


def _check_choice(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
