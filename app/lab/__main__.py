"""python -m app.lab: draw, look inside a network, take the page home."""

from pathlib import Path
from typing import Any

import click

from app.commands.apart import Limits
from app.commands.data import OWN_DATA, data_option
from app.commands.door import Door
from app.commands.options import (
    head_option,
    image_shape_option,
    isolate_option,
    pixel_range_option,
    prepare_option,
)
from app.commands.outputs import OutputFile
from app.lab.request import answer

A_WEEK = 7 * 24 * 3600


@click.command(
    cls=Door,
    example="python -m app.lab --model mnist",
    usual=("--model", "--image", "--data", "--export", "--port", "--no-browser"),
    contradictions=(("--export", "--port"), ("--export", "--host"), ("--export", "--no-browser")),
)
@click.option(
    "--model",
    "name",
    metavar="NAME|FILE",
    default="mnist",
    show_default=True,
    help="A trained network of the catalogue, or any .keras or .h5 file.",
)
@click.option(
    "--image",
    "pictures",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A picture that the page offers; may be given several times.",
)
@data_option("One test image of each class is offered.", OWN_DATA)
@click.option(
    "--export",
    type=OutputFile(),
    metavar="FILE.html",
    help="Write the page into one file, with the weights in it: it opens without a network and without Python.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at. The default is seen by this machine alone.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option("--float16", "is_half", is_flag=True, help="Keep weights in half precision: half as large.")
@click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="The language of the page: English or Chinese.",
)
@prepare_option("How pictures are fitted: as the digits or letters that the network learnt from, or resized.")
@head_option("Which output is shown, where the model has several.")
@pixel_range_option()
@image_shape_option()
@isolate_option(Limits(seconds=A_WEEK))
def main(**options: Any) -> None:
    """Open a page in the browser on which a network answers while you draw.

    It shows the prediction, the maps of every layer, where the network finds evidence for a class, and
    the arithmetic of any number that you click. Layers can be changed on paper. The server runs on
    this machine alone until Ctrl-C.
    """
    answer(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.lab")
