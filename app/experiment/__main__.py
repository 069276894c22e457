"""python -m app.experiment: the experiments that article 004 tells of, done again."""

from pathlib import Path
from typing import Any

import click

from app.commands.door import DoorGroup
from app.experiment.options import drawing_options, output_option, training_options
from app.experiment.request import answer, answer_timeline


@click.group(cls=DoorGroup, example="python -m app.experiment vanishing-gradient --quick")
def main() -> None:
    """Do again what article 004 tells of, and see whether the effect shows.

    Each experiment writes a figure and every number as JSON, prints a table and one sentence that
    follows from the numbers. Networks are trained with several seeds; two of them are called
    different only if every run of the one is better than every run of the other. Finished runs are kept,
    so a killed experiment goes on where it was, and more seeds add only what is missing.

    docs/experiments.md tells what came out.
    """


@main.command("plain-vs-residual")
@training_options
def plain_vs_residual(**options: Any) -> None:
    """Does a deep network train worse than a shallow one, and do shortcuts help?

    Plain and residual networks of 8 and of 44 layers, all with batch normalisation, trained alike on
    2,000 images of at most 16×16 pixels for ten epochs: the loss on the training images themselves, as in
    the paper's figures 1 and 6. The deep ones have every chance to be as good as the shallow ones.

    Three seeds; under five minutes on two cores that have nothing else to do.
    """
    answer("plain-vs-residual", **options)


@main.command("vanishing-gradient")
@training_options
def vanishing_gradient(**options: Any) -> None:
    """How large is the gradient of the loss in each layer, and what do shortcuts change?

    Five networks of 44 layers, plain and with shortcuts, with and without batch normalisation: the
    norm of the gradient by each block's output and by each kernel, before training and after 50 steps.

    Five seeds; under three minutes on two cores that have nothing else to do.
    """
    answer("vanishing-gradient", **options)


@main.command("resnet-vs-densenet")
@training_options
def resnet_vs_densenet(**options: Any) -> None:
    """Which is more accurate with as many parameters, a ResNet or a DenseNet?

    ResNets of 20 layers and DenseNet-BCs of 28, three sizes each, matched within a tenth, trained alike on
    1,000 images of at most 16×16 pixels: accuracy on 5,000 test images against parameters, and against
    multiply-accumulates, of which a DenseNet needs more.

    Three seeds; under six minutes on two cores that have nothing else to do.
    """
    answer("resnet-vs-densenet", **options)


@main.command("x_or_not_x")
@drawing_options
def x_or_not_x(**options: Any) -> None:
    """Does a convolution know an X that was moved or changed, where a dense network does not?

    Article 000's network and a dense one of as many parameters, on drawn pictures of 5×5 and 9×9 pixels, trained on
    centred X or on moved ones, tested on X that are centred, moved, turned, scaled, bent and noisy. And how strongly
    filters answer to these, the article's and trained ones. NumPy alone.

    Five seeds; about a minute and a half on two cores that have nothing else to do.
    """
    answer("x_or_not_x", **options)


@main.command("imagenet-timeline")
@output_option
def imagenet_timeline(output: Path, verbose: bool) -> None:
    """Which error did the winners of the ImageNet challenge have, and what does the article say?

    Nothing is trained: the winners' published top-5 errors from 2010 to 2016, each with its source,
    and beside them the article's figures, judged as in python -m app.claims. Takes a second.
    """
    answer_timeline(output, verbose)


@main.command("variational-autoencoder")
@training_options
def variational_autoencoder(**options: Any) -> None:
    """Can two numbers stand for a digit, and can new digits be made from two numbers?

    A variational auto-encoder: strided convolutions encode an image in two numbers, transposed convolutions
    make a picture of two numbers. Trained on 12,000 images of at most 28×28 pixels for ten epochs; how many
    nats a test image costs, digits beside what is made of them, and digits made from the whole latent plane.

    Three seeds; under three minutes on two cores that have nothing else to do.
    """
    answer("variational-autoencoder", **options)


if __name__ == "__main__":
    main(prog_name="python -m app.experiment")
