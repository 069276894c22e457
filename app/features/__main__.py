"""python -m app.features: what is inside a trained network, layer by layer and unit by unit."""

from typing import Any

import click

from app.commands.data import OWN_DATA, data_option
from app.commands.door import DoorGroup
from app.commands.options import (
    Decorator,
    all_of,
    image_option,
    image_shape_option,
    index_option,
    machine_option,
    model_option,
    picture_option,
    pixel_range_option,
    prepare_option,
    raw_option,
)
from app.commands.paper import figure_options
from app.features.request import ask_filters, ask_maps, ask_maximise, ask_nearest, ask_project

IMAGE = (
    image_option(),
    index_option(" (0)."),
    click.option(
        "--class", "class_text", metavar="CLASS", help="The first test image of a class, by number or name."
    ),
    prepare_option(
        "How --image is fitted: as the digits or letters that the network learnt from, or resized."
    ),
    data_option("Test images.", OWN_DATA),
    pixel_range_option(),
    image_shape_option(),
    machine_option(),
)
ONE_IMAGE = (("--image", "--index"), ("--image", "--class"), ("--index", "--class"), ("--image", "--data"))
"""Options that name an image, of which one is enough."""
CLASS_OR_LAYER = (("--class", "--layer"), ("--class", "--unit"))
FILES = (figure_options(), picture_option(), raw_option("numbers"))
LAYER = click.option("--layer", metavar="NAME", help="The layer. Default: the last one with maps.")
UNITS = click.option(
    "--unit",
    "units",
    multiple=True,
    type=click.IntRange(0),
    metavar="N",
    help="A map of the layer, by number from 0; may be repeated.",
)
CLASSES = click.option(
    "--class",
    "class_texts",
    multiple=True,
    metavar="CLASS",
    help="A class instead of a map, by number or name; may be repeated.",
)


def count(default: int, most: int, words: str) -> Decorator:
    """Return the option --count."""
    bounds = click.IntRange(1, most)
    return click.option("--count", type=bounds, default=default, show_default=True, metavar="N", help=words)


@click.group(cls=DoorGroup, example="python -m app.features maps --model mnist --class 3")
def main() -> None:
    """Look inside a trained network: five questions, a command each.

    \b
    maps      what does every layer make of this image?
    filters   what do the filters look like?
    nearest   which images of a data set does a map, or a class, answer to most?
    project   what in this image did a map answer to?
    maximise  which input, made from noise, does a class or a map answer to most?

    Maps, filters and nearest images are taken from the network as they are. What project and maximise
    draw depends on the method that makes it, too; docs/features.md says what to believe.
    """


@main.command(
    contradictions=ONE_IMAGE,
    example="python -m app.features maps --model mnist --class 3 --layer conv1",
    usual=("--model", "--class", "--index", "--image", "--layer", "--output"),
)
@all_of(
    (
        model_option(),
        *IMAGE,
        click.option("--layer", metavar="NAME", help="All maps of one layer. Default: a row for each layer."),
        count(8, 32, "Maps in a row, where there is a row for each layer."),
        *FILES,
    )
)
def maps(**options: Any) -> None:
    """Draw what every layer makes of one image: its feature maps.

    Each row has colours of its own, with numbers at the bar; where values are on both sides of 0, 0 is grey.
    Maps that are 0 everywhere for this image are hatched and counted.
    """
    ask_maps(**options)


@main.command(example="python -m app.features filters --model mnist")
@all_of(
    (
        model_option(),
        click.option("--layer", metavar="NAME", help="A convolution. Default: the first."),
        *FILES,
    )
)
def filters(**options: Any) -> None:
    """Draw the filters of a convolution.

    Filters of a grey image show their weights, 0 in the middle of the colours; those of a coloured one
    show their weights as colours, grey for 0. Filters over many maps have no picture: drawn is, for
    each place of the window, the norm of the weights, which says where in its window a filter looks.
    """
    ask_filters(**options)


@main.command(
    contradictions=CLASS_OR_LAYER,
    example="python -m app.features nearest --model mnist --layer conv3 --unit 21",
    usual=("--model", "--layer", "--unit", "--class", "--count", "--output"),
)
@all_of(
    (
        model_option(),
        LAYER,
        UNITS,
        CLASSES,
        count(9, 20, "Images for each map."),
        click.option(
            "--part",
            type=click.Choice(["training", "test"]),
            default="training",
            show_default=True,
            help="Which images of the data.",
        ),
        data_option("The images.", OWN_DATA),
        pixel_range_option(),
        image_shape_option(),
        machine_option(),
        *FILES,
    )
)
def nearest(**options: Any) -> None:
    """Find the images of a data set that a map, or a class, answers to most.

    Drawn of each image is what the map's strongest cell sees, and below it what the activation comes from,
    carried back by ZFNet's deconvolutional network. Without --unit: the four maps with the strongest cells.
    """
    ask_nearest(**options)


@main.command(
    contradictions=ONE_IMAGE,
    example="python -m app.features project --model mnist --class 3 --layer conv3",
    usual=("--model", "--class", "--image", "--layer", "--unit", "--output"),
)
@all_of((model_option(), *IMAGE, LAYER, UNITS, *FILES))
def project(**options: Any) -> None:
    """Carry the strongest cell of a map back to one image: ZFNet's deconvolutional network.

    Everything else in the layer is set to 0; on the way back a pooling puts values where its maximum was.
    Without --unit: the nine maps with the strongest cells.
    """
    ask_project(**options)


CLIMB = (
    click.option("--steps", type=click.IntRange(1, 10_000), metavar="N", help="Steps of the ascent."),
    click.option(
        "--total-variation",
        type=click.FloatRange(0),
        metavar="W",
        help="Weight of the penalty on differences between neighbours.",
    ),
    click.option(
        "--norm", type=click.FloatRange(0), metavar="W", help="Weight of the penalty on bright pixels."
    ),
    click.option(
        "--jitter",
        type=click.IntRange(0),
        metavar="N",
        help="Shift the image by up to N pixels in each step.",
    ),
    click.option(
        "--rotation",
        type=click.FloatRange(0, 180),
        metavar="DEGREES",
        help="Turn the image by up to so much in each step.",
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**32 - 1), help="Seed of the noise that the climb begins with (0)."
    ),
)


@main.command(
    contradictions=CLASS_OR_LAYER,
    example="python -m app.features maximise --model mnist --class 3 --class 8",
    usual=("--model", "--class", "--layer", "--unit", "--steps", "--output"),
)
@all_of((model_option(), CLASSES, LAYER, UNITS, *CLIMB, pixel_range_option(), image_shape_option(), *FILES))
def maximise(**options: Any) -> None:
    """Make an input, from noise, that a class or a map answers to most (by tf-keras-vis).

    For a class its logit is raised, for a map its central cell. Without --class, --layer and --unit:
    the first ten classes; with --layer alone: its first ten maps. Weights and steps have defaults
    for the size of the image.
    """
    ask_maximise(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.features")
