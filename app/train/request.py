"""What was asked of the command, checked before TensorFlow is loaded; what came out, printed."""

import math
from pathlib import Path
from typing import Any

from app.commands.data import open_data
from app.commands.door import CheckFailedError
from app.commands.options import take
from app.files.folders import prepare_folder, prepare_logs
from app.train.plan import TrainingSettings, check_trainable, plan_training
from models import find_network


def answer(name: str, source: str | None, folder: Path, verbose: bool, **options: Any) -> None:
    """Train the network that the command line asks for, and say what came out.

    Raises:
        ValueError: what cannot be trained, or not so.
        CheckFailedError: the loss is no longer finite.
    """
    settings = take(TrainingSettings, options)
    network, rate = find_network(name), settings.learning_rate
    check_trainable(network)
    if rate is not None and not math.isfinite(rate):
        raise ValueError(f"--learning-rate must be a finite number, not {rate}")
    prepare_folder(folder)
    prepare_logs(options["csv_log"], options["tensorboard"])
    data = open_data(network.data if source is None else source)
    run = plan_training(network, data, settings)
    from app.engine.training.fit import DivergedError
    from app.show.tables import print_parts
    from app.train.run import TrainingPlace, train

    place = TrainingPlace(folder, **options, ways=("--restart", "--learning-rate"))
    try:
        training = train(run, place)
    except DivergedError as error:
        raise CheckFailedError(str(error)) from error
    print_parts(training.lines() if verbose else training.summary())
