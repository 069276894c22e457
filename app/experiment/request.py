"""What was asked of the command, checked before TensorFlow is loaded; what came out, printed."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.data import open_and_tell
from app.commands.door import CheckFailedError
from app.experiment.catalogue import data_of
from app.files.folders import prepare_folder

if TYPE_CHECKING:
    from app.experiment.results import ExperimentResult


IN_NUMPY = ("x_or_not_x",)
"""Experiments that NumPy does alone."""


def answer(
    name: str,
    output: Path,
    seeds: int | None,
    quick: bool,
    restart: bool,
    verbose: bool,
    source: str | None = None,
) -> None:
    """Do the experiment that the command line asks for, and print its table and its verdict.

    Raises:
        ValueError: data that do not go with it, or a folder that cannot be written.
        CheckFailedError: the loss of a run is no longer finite.
    """
    prepare_folder(output)
    if name in IN_NUMPY:  # read once, with NumPy: small products would wait for threads
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    data = open_and_tell(data_of(name, source))
    from app.experiment.repeating import plan_repetition, repeat

    repetition = plan_repetition(name, data, seeds, quick, output, restart)
    try:
        result = repeat(repetition)
    except ArithmeticError as error:
        from app.engine.training.fit import DivergedError

        if isinstance(error, DivergedError):
            raise CheckFailedError(str(error)) from error
        raise
    _print(result, verbose)


def answer_timeline(output: Path, verbose: bool) -> None:
    """Print the winners of the ImageNet challenge beside what the article says of them.

    Raises:
        ValueError: the folder cannot be written.
    """
    prepare_folder(output)
    from app.experiment.imagenet_timeline import repeat_timeline

    _print(repeat_timeline(output), verbose)


def _print(result: "ExperimentResult", in_full: bool) -> None:
    from app.show.tables import print_parts

    print_parts(result.parts() if in_full else result.summary())
