"""What was asked of the command, checked before TensorFlow is loaded; what came out, printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.data import open_data
from app.commands.door import CheckFailedError
from app.commands.options import take
from app.commands.outputs import slug
from app.files.folders import prepare_folder, prepare_logs
from app.maps.open_model import ModelChoice, OpenModel
from app.transfer.plan import TransferPlace, TransferSettings, transfer_facts
from models import CATALOGUE

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset
    from app.transfer.results import Transferred


def name_model(name: str | None, data_name: str) -> str:
    """Return what the model is to be called: as asked, else after its data.

    Raises:
        ValueError: it is a network of the catalogue, or no name of a file.
    """
    made = slug(name or data_name) or "transferred"
    if name is not None and made != name:
        raise ValueError(f"--name {name!r} is no plain name of a file; try {made}")
    if made in CATALOGUE:
        if name is None:
            return f"{made}-transferred"
        raise ValueError(f"--name {made} is a network of the catalogue; give another one")
    return made


def answer(
    source: str, backbone: ModelChoice, name: str | None, folder: Path, verbose: bool, **options: Any
) -> None:
    """Make the classifier that the command line asks for, and say how well it does.

    Raises:
        ValueError: a network or pictures that cannot be taken.
        CheckFailedError: the loss is no longer finite.
    """
    from app.cluster.tf_config import find_distribution

    settings, distribution = (
        take(TransferSettings, options).checked(),
        find_distribution(options.pop("distribute")),
    )
    if distribution is None or distribution.is_chief:
        prepare_folder(folder)
        prepare_logs(options["csv_log"], options["tensorboard"])
    if name is not None:
        name_model(name, "")
    opened = OpenModel(backbone)
    data = open_data(source)
    called = name_model(name, data.name)
    from app.cluster.team import LostWorkerError, taking_part

    try:
        with taking_part(
            distribution, lambda: transfer_facts(opened, data, settings, called), click.echo
        ) as team:
            place = TransferPlace(
                folder,
                called,
                **options,
                advice="another --name, or --replace",
                distribution=distribution,
                team=team,
            )
            made = _transfer(opened, data, settings, place)
    except LostWorkerError as error:
        raise CheckFailedError(str(error)) from error
    if team is not None and not team.cluster.is_chief:
        click.echo(f"Done; {team.cluster.name(0)} has written the model")
        return
    from app.show.canvas import save_figure
    from app.show.tables import print_parts

    save_figure(made.plot(), made.files["curves"])
    print_parts(made.parts() if verbose else made.summary())


def _transfer(
    opened: OpenModel, data: "Dataset", settings: TransferSettings, place: TransferPlace
) -> "Transferred":
    """Make the classifier.

    Raises:
        CheckFailedError: the loss is no longer finite.
    """
    from app.engine.training.fit import DivergedError
    from app.transfer.run import transfer

    try:
        return transfer(opened, data, settings, place)
    except KeyboardInterrupt:
        click.echo("Stopped. What is done is kept: the same command goes on", err=True)
        raise
    except DivergedError as error:
        raise CheckFailedError(f"{error}; nothing was saved. Try a smaller --learning-rate") from error
