"""python -m app.faith: which maps deserve to be believed."""

from pathlib import Path
from typing import Any

import click

from app.commands.data import OWN_DATA, data_option
from app.commands.door import Door
from app.commands.options import (
    image_shape_option,
    machine_option,
    model_option,
    pixel_range_option,
    seed_option,
    verbose_option,
)
from app.commands.paper import figure_options
from app.commands.reports import report_options
from app.commands.workers import workers_options
from app.faith.request import answer
from app.maps.methods import METHODS


@click.command(
    cls=Door,
    example="python -m app.faith --model mnist --count 50 --sanity",
    usual=("--model", "--count", "--method", "--sanity", "--faithfulness", "--verbose", "--output"),
)
@model_option()
@click.option(
    "--count", type=click.IntRange(1), default=100, show_default=True, help="The first so many test images."
)
@data_option("Test images.", OWN_DATA)
@pixel_range_option()
@image_shape_option()
@machine_option()
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice([*METHODS]),
    metavar="METHOD",
    help=f"Which map; may be repeated: {', '.join(METHODS)}. Default: all of them.",
)
@click.option("--layer", metavar="NAME", help="Layer whose maps the class-activation maps use.")
@click.option("--sanity", is_flag=True, help="Does a map change when the network forgets what it learnt?")
@click.option(
    "--faithfulness", is_flag=True, help="Does the decision fall without the pixels that a map ranks highest?"
)
@click.option("--agree", is_flag=True, help="Does tf-keras-vis compute the same map?")
@click.option(
    "--draws",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Randomised networks for --sanity; the images are dealt out among them.",
)
@click.option(
    "--shuffled",
    metavar="FILE",
    help="For --sanity: the same network trained on shuffled labels "
    "(python -m app.train --shuffle-labels SEED), compared as one more stage.",
)
@seed_option("Of random weights, random orders and noise.")
@workers_options("the images")
@figure_options(width="--picture-width")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Also draw maps while the network forgets, correlations and curves there.",
)
@verbose_option("the tables of every test")
@report_options
def main(**options: Any) -> None:
    """Test maps of a trained network on many images, each explained for its predicted class.

    Without --sanity, --faithfulness or --agree all three are done. With the first two together
    the report says which map to believe, by a rule that it states. No image is used twice, and the
    network's weights are as before at the end.
    """
    answer(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.faith")
