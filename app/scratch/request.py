"""What was asked of the command, checked before anything is opened; what came out, printed."""

import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from app.commands.data import open_and_tell, open_data
from app.commands.door import CheckFailedError
from app.commands.options import take
from app.commands.outputs import OutputFiles, leave_picture, slug
from app.show.results import ShowsReport
from models import find_network

OPTIMISER_NAMES = ("sgd", "rmsprop", "adam")
"""Those of `app.scratch.optimisers`, known before NumPy is loaded."""
TASK_NAMES = ("xor", "digits")
"""Those of `app.scratch.perceptron`."""
TRAINING, COMPARE, SPREAD, PERCEPTRON = "training", "--compare", "--spread", "--perceptron"
GOES_WITH = {
    "model": (TRAINING, COMPARE, SPREAD),
    "data": (TRAINING, PERCEPTRON),
    "epochs": (TRAINING, PERCEPTRON),
    "batch_size": (TRAINING,),
    "learning_rate": (TRAINING, PERCEPTRON),
    "optimiser": (TRAINING,),
    "dtype": (COMPARE,),
    "kind": (SPREAD,),
    "activation": (SPREAD,),
    "layers": (SPREAD,),
    "hidden": (PERCEPTRON,),
    "output": (TRAINING, SPREAD, PERCEPTRON),
}
"""What each option is an option of."""
MOST_UNITS = 10_000
"""Hidden units, at most."""


def answer(
    compare: bool,
    spread: bool,
    perceptron: str | None,
    source: str | None,
    output: Path | None,
    **options: Any,
) -> None:
    """Do what the command line asks for, and say what came out.

    Raises:
        ValueError: options that contradict each other, a network that is too large or does not fit, or bad data.
        CheckFailedError: NumPy and Keras do not agree, or the loss is no longer finite.
    """
    options["data"] = source
    given = {"output": output, **options}
    way = COMPARE if compare else SPREAD if spread else PERCEPTRON if perceptron else TRAINING
    check_options(way, {name for name, value in given.items() if name != "seed" and value is not None})
    check_rate(options["learning_rate"])
    network = find_network(options["model"] or "numpy_cnn")
    files = OutputFiles(output) if output else None
    if files:
        files.prepare()
    if way in (PERCEPTRON, TRAINING):
        os.environ.setdefault(
            "OPENBLAS_NUM_THREADS", "1"
        )  # read once, with NumPy: small products wait for threads
    if way == COMPARE:
        _compare(network, options["dtype"] or "float64", options["seed"])
    elif way == SPREAD:
        _spread(network if options["model"] else None, files, options)
    elif perceptron:
        _perceptron(perceptron, files, options)
    else:
        _train(network, files, options)


def check_options(way: str, given: set[str]) -> None:
    """Refuse an option that belongs to something else than what is done.

    Raises:
        ValueError: one does.
    """
    for name in sorted(given, key=list(GOES_WITH).index):
        option, ways = f"--{name.replace('_', '-')}", GOES_WITH[name]
        if way in ways:
            continue
        if way == TRAINING:
            raise ValueError(f"{option} goes with {' and '.join(ways)}")
        raise ValueError(f"{option} and {way} contradict each other; give one of them")
    for name in ("kind", "activation", "layers"):
        if way == SPREAD and {"model", name} <= given:
            raise ValueError(f"--model and --{name} contradict each other; give one of them")


def check_rate(rate: float | None) -> None:
    """Refuse a learning rate that is no number.

    Raises:
        ValueError: it is NaN or infinite.
    """
    if rate is not None and not math.isfinite(rate):
        raise ValueError(f"--learning-rate must be a finite number, not {rate}")


def _train(network: Any, files: OutputFiles | None, options: dict[str, Any]) -> None:
    from app.scratch.fit import DivergedError, FitSettings, check_trainable, plan_fit

    check_trainable(network)
    settings = take(FitSettings, {name: value for name, value in options.items() if value is not None})
    source = network.data if options["data"] is None else options["data"]
    plan = plan_fit(network, open_data(source), settings)
    for note in plan.data.notes:
        click.echo(note, err=True)
    from app.scratch.run import run_training

    try:
        training = run_training(plan)
    except DivergedError as error:
        raise CheckFailedError(str(error)) from error
    for line in training.closing_lines():
        click.echo(line)
    _leave(training, files, network.name)
    _end(training.is_stopped)


def _compare(network: Any, dtype: str, seed: int) -> None:
    from app.scratch.run import run_comparison

    comparison = run_comparison(network, dtype, seed)
    _print(comparison)
    if not comparison.agrees:
        raise CheckFailedError(f"NumPy and Keras differ in {comparison.worst.name}")


def _spread(network: Any, files: OutputFiles | None, options: dict[str, Any]) -> None:
    from app.scratch.run import run_spread

    kind, activation = options["kind"] or "dense", options["activation"] or "tanh"
    found = run_spread(network, kind, activation, options["layers"] or 10, options["seed"])
    _print(found)
    _leave(found, files, "spread", found.name)


def _perceptron(task: str, files: OutputFiles | None, options: dict[str, Any]) -> None:
    from app.scratch.perceptron import TASKS

    if task == "xor" and options["data"] is not None:
        raise ValueError("--perceptron xor and --data contradict each other; give one of them")
    changes = {"hidden": "hidden", "epochs": "epochs", "learning_rate": "rate", "seed": "seed"}
    asked = {field: options[name] for name, field in changes.items() if options[name] is not None}
    settings = replace(TASKS[task], **asked)
    data = None if task == "xor" else open_and_tell(options["data"])
    from app.scratch.run import run_perceptron

    training = run_perceptron(settings, data)
    _print(training)
    _leave(training, files, "perceptron", task)
    _end(training.is_stopped)


def _print(result: ShowsReport) -> None:
    click.echo(f"{result}")


def _leave(result: Any, files: OutputFiles | None, *names: str) -> None:
    """Write the picture, if one was asked for."""
    if files:
        leave_picture(result.plot(), files.picture(slug("scratch", *names)), files.is_picture)


def _end(is_stopped: bool) -> None:
    """Leave with the exit code of an interrupted command, once everything is said."""
    if is_stopped:
        raise click.exceptions.Exit(130)
