"""python -m app.scratch: networks in NumPy."""

from pathlib import Path
from typing import Any

import click

from app.commands.data import data_option
from app.commands.options import SectionedDoor, section, seed_option
from app.commands.paper import figure_options
from app.scratch.request import MOST_UNITS, OPTIMISER_NAMES, TASK_NAMES, answer


@click.command(
    cls=SectionedDoor,
    contradictions=(("--compare", "--spread"), ("--compare", "--perceptron"), ("--spread", "--perceptron")),
    example="python -m app.scratch --perceptron xor",
    usual=("--model", "--compare", "--spread", "--perceptron", "--epochs", "--output"),
)
@section(
    "What is done (without any of these the network is trained)",
    click.option(
        "--model",
        metavar="NAME",
        help="A network of the catalogue, of at most 2 million parameters, 12 million to look at it; python -m "
        "app.params lists them. Default: numpy_cnn, article 002's.",
    ),
    click.option(
        "--compare",
        is_flag=True,
        help="Give Keras the same weights, and show how far apart every tensor is, forward and backward, layer by "
        "layer. Exit code 1 if one is more than 1e-9 of its largest value off, in float64.",
    ),
    click.option(
        "--spread",
        is_flag=True,
        help="Initialisation, seen: how wide values and gradients spread from layer to layer, for weights too small, "
        "right and too large; and what article 002's division by 9 does. Of ten plain layers, or of --model.",
    ),
    click.option(
        "--perceptron",
        type=click.Choice(TASK_NAMES),
        help="Teach a multilayer perceptron by article 001's delta rule, sample by sample: XOR, step by step, or "
        "digits.",
    ),
)
@section(
    "Training",
    data_option(),
    click.option(
        "--epochs", type=click.IntRange(1, 100_000), help="Passes over the data (5; xor 5000, digits 3)."
    ),
    click.option("--batch-size", type=click.IntRange(1, 1_000_000), help="Images a step (32)."),
    click.option(
        "--learning-rate",
        type=click.FloatRange(0, min_open=True),
        metavar="RATE",
        help="At the first step; it falls to 0 in a straight line (adam 0.003, rmsprop 0.001, sgd 0.02). That of a "
        "perceptron stays as it is (xor 0.5, digits 0.3).",
    ),
    click.option(
        "--optimiser",
        type=click.Choice(OPTIMISER_NAMES),
        help="How a step is made (adam); sgd has momentum 0.9.",
    ),
    click.option(
        "--hidden",
        type=click.IntRange(1, MOST_UNITS),
        metavar="N",
        help="Hidden units of the perceptron (xor 3, digits 50).",
    ),
    seed_option("Of weights, order and noise: the same seed on the same machine gives the same numbers."),
)
@section(
    "The comparison with Keras",
    click.option(
        "--dtype",
        type=click.Choice(["float64", "float32"]),
        help="The numbers in which both compute (float64).",
    ),
)
@section(
    "The spread",
    click.option(
        "--kind",
        type=click.Choice(["dense", "conv"]),
        help="Plain layers of 256 units, or of 16 maps (dense).",
    ),
    click.option("--activation", type=click.Choice(["tanh", "relu"]), help="Behind each of them (tanh)."),
    click.option("--layers", type=click.IntRange(2, 100), metavar="N", help="How many of them (10)."),
)
@section(
    "The picture",
    figure_options(),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        help="Draw the loss curve with the filters before and after, the spread, or the perceptron's error: a folder, "
        "or a file ending in .png, .svg or .pdf. Default: nothing is drawn.",
    ),
)
def main(**options: Any) -> None:
    """Train a network with NumPy alone, every layer forward and backward in a few lines of app/scratch.

    Without options it does again what article 002 does: its network, untrained, is shown 1,000 test images, and is
    right about one time in ten. Then it learns the bundled MNIST, and is tested on the 10,000 test images. Ctrl-C ends
    the training, and what was reached is tested.

    docs/scratch.md reads the layers with you.
    """
    answer(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.scratch")
