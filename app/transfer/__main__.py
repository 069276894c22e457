"""python -m app.transfer: a classifier for your own pictures, from a network that was trained on others."""

from pathlib import Path
from typing import Any

import click

from app.commands.apart import Limits
from app.commands.data import data_option
from app.commands.distributing import distribute_option
from app.commands.door import Door
from app.commands.options import (
    image_shape_option,
    isolate_option,
    log_options,
    pixel_range_option,
    prepare_option,
    seed_option,
    verbose_option,
)
from app.commands.paper import figure_options
from app.files.saved import trained_models
from app.maps.open_model import ModelChoice
from app.transfer.plan import BACKBONE, TransferSettings
from app.transfer.request import answer
from models import Pixels

DEFAULTS = TransferSettings()


@click.command(
    cls=Door,
    example="python -m app.transfer --data flowers/ --name flowers",
    usual=("--data", "--backbone", "--name", "--epochs", "--per-class", "--against-scratch"),
)
@data_option("The pictures.", required=True)
@click.option(
    "--backbone",
    metavar="NAME|FILE",
    default=BACKBONE,
    show_default=True,
    help="The trained network: one of the catalogue, trained or with published weights, or any .keras or .h5 file.",
)
@pixel_range_option()
@image_shape_option()
@prepare_option(
    "digit: pictures in files are prepared as the digits or letters that the trained network learnt from; resize: only "
    "brought to size. auto: as its card says."
)
@click.option(
    "--layer", help="Layer whose output the new head reads. Default: the last maps before the classifier."
)
@click.option("--name", help="What the model is called, for --model NAME elsewhere. Default: after the data.")
@click.option(
    "--epochs",
    type=int,
    default=DEFAULTS.epochs,
    show_default=True,
    help="Epochs of the first phase. They are quick: the features are computed once.",
)
@click.option(
    "--learning-rate",
    type=float,
    metavar="RATE",
    help="Of the first phase. Default: 0.001 over the root mean square of the features.",
)
@click.option(
    "--fine-tune/--no-fine-tune", default=True, show_default=True, help="Whether there is a second phase."
)
@click.option(
    "--unfreeze",
    type=int,
    metavar="COUNT",
    help="Last convolutions that learn in the second phase. Default: those whose maps have the last size, at most 4.",
)
@click.option("--fine-tune-epochs", type=int, default=DEFAULTS.fine_tune_epochs, show_default=True)
@click.option(
    "--fine-tune-rate",
    type=float,
    default=DEFAULTS.fine_tune_rate,
    show_default=True,
    help="Of the second phase.",
)
@click.option("--per-class", type=int, metavar="COUNT", help="Take so many training pictures of each class.")
@click.option(
    "--copies",
    type=int,
    default=0,
    show_default=True,
    help="Augmented copies of each training picture; their features are computed once, too.",
)
@click.option(
    "--augment", default=DEFAULTS.augment, show_default=True, help="How the copies differ: light or strong."
)
@click.option("--one-output", is_flag=True, help="One output unit for two classes, with a sigmoid.")
@click.option(
    "--against-scratch",
    is_flag=True,
    help="Train the same network without the borrowed weights, too. This takes far longer: no features can be kept.",
)
@click.option("--scratch-epochs", type=int, default=DEFAULTS.scratch_epochs, show_default=True)
@seed_option("The same seed on the same machine gives the same weights.")
@distribute_option()
@figure_options()
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=trained_models,
    help="Folder for the model, its card and a picture (saved_models).",
)
@click.option("--replace", is_flag=True, help="Lose another model of this name in that folder.")
@click.option("--restart", is_flag=True, help="Forget an interrupted run and start over.")
@log_options()
@verbose_option("the table of the phases")
@isolate_option(Limits())
def main(
    source: str,
    backbone: str,
    pixel_range: Pixels | None,
    image_shape: tuple[int, ...] | None,
    name: str | None,
    folder: Path,
    verbose: bool,
    **options: Any,
) -> None:
    """Make a classifier for your own pictures from a network that was trained on others.

    Phase 1: the network is frozen, and what its last maps say of each picture is computed once. A new head learns from
    that, in seconds. Phase 2: the last convolutions learn too, at a far lower rate; batch normalisations stay as they
    are.

    DATA is a folder with a sub-folder of pictures for each class. A run that is stopped goes on with the same command.
    """
    answer(
        source, ModelChoice(backbone, pixel_range, image_shape=image_shape), name, folder, verbose, **options
    )


if __name__ == "__main__":
    main(prog_name="python -m app.transfer")
