"""python -m app.data: look at a data set before training on it."""

from pathlib import Path

import click

from app.commands.data import data_option
from app.commands.door import Door
from app.commands.options import folder_option
from app.data.request import answer


@click.command(cls=Door, epilog="Example: python -m app.data --data folder/with/idx/files")
@data_option()
@folder_option("Folder for the picture.")
def main(source: str | None, output: Path) -> None:
    """Show a data set: shapes, value ranges, class balance, a one-hot label, its first nine images."""
    answer(source, output)


if __name__ == "__main__":
    main(prog_name="python -m app.data")
