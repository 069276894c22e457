"""python -m app.train: train a network of the catalogue."""

from pathlib import Path
from typing import Any

import click

from app.commands.data import data_option
from app.commands.distributing import distribute_option
from app.commands.door import Door
from app.commands.options import log_options, seed_option, verbose_option
from app.commands.paper import figure_options
from app.datasets.augmentation import AUGMENTATIONS
from app.files.saved import trained_models
from app.train.lines import augmentation_words, own_recipes
from app.train.plan import RECIPE_NAMES
from app.train.request import answer


@click.command(
    cls=Door,
    example="python -m app.train --model mnist --recipe fast",
    usual=("--model", "--recipe", "--epochs", "--data", "--seed", "--output"),
)
@click.option(
    "--model",
    "name",
    metavar="NAME",
    required=True,
    help="A network of the catalogue; python -m app.params lists them.",
)
@click.option(
    "--recipe",
    type=click.Choice(RECIPE_NAMES),
    help="article: rmsprop, batches of 64, 5 epochs, as published. "
    "fast: larger batches and a learning-rate cycle, in a fraction of the time. "
    "sgd: gradient descent with momentum and such a cycle, 8 epochs. "
    "gentle: the same at a lower rate, 16 epochs. "
    "adam: small batches, a high rate in such a cycle and 20 epochs, for a network of few parameters. "
    f"map: 8 epochs at the lower rate, with LeNet-5's own loss. Default: article; {own_recipes()}.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 100_000),
    help="Epochs instead of the recipe's, a pass over the images each; for fast 0.625 of a pass.",
)
@click.option("--batch-size", type=click.IntRange(1, 1_000_000), help="Instead of the recipe's.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(0, min_open=True),
    metavar="RATE",
    help="Instead of the recipe's.",
)
@seed_option("The same seed on the same machine gives the same weights.")
@click.option(
    "--shuffle-labels",
    type=click.IntRange(0, 2**31 - 1),
    metavar="SEED",
    help="Give the training labels to the wrong images, in an order that this seed decides: what comes "
    "out, NAME-shuffled.keras, has learnt nothing of them (python -m app.faith --shuffled).",
)
@click.option(
    "--augment",
    type=click.Choice(list(AUGMENTATIONS)),
    default="none",
    show_default=True,
    help=f"Change the training images at random each time they are shown: {augmentation_words()}. Not for digits and "
    "letters: both flip left and right.",
)
@click.option(
    "--mixed-precision",
    is_flag=True,
    help="Compute in float16 where that is safe: faster on recent graphics cards, many times slower without one. The "
    "saved model is float32.",
)
@distribute_option()
@data_option()
@figure_options()
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=trained_models,
    help="Folder for the model, its card and its pictures (saved_models).",
)
@click.option("--restart", is_flag=True, help="Forget an interrupted run and start over.")
@click.option(
    "--keep-epochs",
    is_flag=True,
    help="Keep the model before training and after each epoch in NAME-epochs, for python -m "
    "app.saliency --over-epochs.",
)
@log_options()
@verbose_option("the measures of every epoch")
def main(name: str, source: str | None, folder: Path, verbose: bool, **options: Any) -> None:
    """Train a network and leave NAME.keras, its card and two pictures.

    The test images are measured after each epoch; nothing is chosen by them.

    A run that is killed at any moment leaves the previous model as it was, and the same command goes
    on from the last finished epoch.
    """
    answer(name, source, folder, verbose, **options)


if __name__ == "__main__":
    main(prog_name="python -m app.train")
