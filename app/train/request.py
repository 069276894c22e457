"""What was asked of the command, checked before TensorFlow is loaded; what came out, printed."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.data import open_data
from app.commands.door import CheckFailedError
from app.commands.options import take
from app.files.folders import prepare_folder, prepare_logs
from app.train.plan import TrainingSettings, check_trainable, plan_training, training_facts
from models import Network, find_network

if TYPE_CHECKING:
    from app.cluster.team import Team
    from app.cluster.tf_config import Distribution
    from app.datasets.dataset import Dataset
    from app.train.results import Training


def answer(name: str, source: str | None, folder: Path, verbose: bool, **options: Any) -> None:
    """Train the network that the command line asks for, and say what came out.

    Raises:
        ValueError: what cannot be trained, or not so.
        CheckFailedError: the loss is no longer finite.
    """
    from app.cluster.tf_config import find_distribution

    settings, distribution = take(TrainingSettings, options), find_distribution(options.pop("distribute"))
    network, rate = find_network(name), settings.learning_rate
    check_trainable(network)
    if rate is not None and not math.isfinite(rate):
        raise ValueError(f"--learning-rate must be a finite number, not {rate}")
    if distribution is None or distribution.is_chief:
        prepare_folder(folder)
        prepare_logs(options["csv_log"], options["tensorboard"])
    data = open_data(network.data if source is None else source)
    from app.cluster.team import LostWorkerError, taking_part

    try:
        with taking_part(distribution, lambda: training_facts(network, data, settings), click.echo) as team:
            training = _train(network, data, settings, folder, distribution, team, options)
    except LostWorkerError as error:
        raise CheckFailedError(str(error)) from error
    if team is not None and not team.cluster.is_chief:
        click.echo(f"Done; {team.cluster.name(0)} has written the model")
        return
    from app.show.tables import print_parts

    print_parts(training.lines() if verbose else training.summary())


def _train(
    network: Network,
    data: "Dataset",
    settings: TrainingSettings,
    folder: Path,
    distribution: "Distribution | None",
    team: "Team | None",
    options: dict[str, Any],
) -> "Training":
    """Train a network.

    Raises:
        CheckFailedError: the loss is no longer finite.
    """
    run = plan_training(network, data, settings)
    from app.engine.training.fit import DivergedError
    from app.train.run import TrainingPlace, train

    ways = ("--restart", "--learning-rate")
    place = TrainingPlace(folder, **options, ways=ways, distribution=distribution, team=team)
    try:
        return train(run, place)
    except DivergedError as error:
        raise CheckFailedError(str(error)) from error
