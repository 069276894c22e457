"""python -m app.data: look at a data set before training on it."""

from pathlib import Path

import click

from app.commands.data import data_option
from app.commands.door import Door
from app.commands.options import folder_option, verbose_option
from app.commands.paper import figure_options
from app.data.request import answer
from app.datasets.augmentation import AUGMENTATIONS


@click.command(cls=Door, example="python -m app.data --data folder/of/pictures --augment light")
@data_option()
@click.option(
    "--augment",
    metavar="NAME",
    help="Also draw training images beside augmented copies: "
    + ", ".join(name for name in AUGMENTATIONS)
    + ".",
)
@verbose_option("the tables of arrays, classes and files that are left out")
@figure_options()
@folder_option("Folder for the picture.")
def main(source: str | None, augment: str | None, verbose: bool, output: Path) -> None:
    """Show a data set: shapes or sizes, class balance, files that are left out, a one-hot label, its first images."""
    answer(source, augment, verbose, output)


if __name__ == "__main__":
    main(prog_name="python -m app.data")
