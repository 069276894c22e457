"""python -m app.evaluate: how well a trained network does."""

from typing import Any

import click

from app.commands.data import data_option
from app.commands.options import (
    SectionedDoor,
    all_of,
    batch_size_option,
    folder_option,
    head_option,
    image_input_option,
    image_shape_option,
    machine_option,
    model_option,
    pixel_range_option,
    prepare_option,
    section,
    verbose_option,
)
from app.commands.paper import figure_options
from app.commands.workers import workers_options
from app.evaluate.request import answer
from app.evaluate.run import PARTS, SHOWN
from app.maps.methods import METHODS

evaluate_options = all_of(
    (
        section(
            "Which model",
            model_option(),
            pixel_range_option(),
            image_shape_option(),
            image_input_option("The input that is the image, where a model has several."),
            head_option("The output that is asked, where a model has several."),
            machine_option(),
        ),
        section(
            "Which images",
            data_option("Images with labels.", "the data that the network learnt from, if at hand"),
            click.option(
                "--part",
                type=click.Choice(PARTS),
                help="Which of them. Default: the test images; of a folder without train/ and test/ all of them, or, "
                "if the model was trained on it, those that were held out.",
            ),
            prepare_option(
                "digit: pictures in files are prepared as the digits or letters that the network learnt from; resize: "
                "only brought to size. auto: as the model's card says."
            ),
            batch_size_option(64, "Images"),
            workers_options("the images"),
        ),
        section(
            "How it is shown",
            click.option(
                "--mistakes",
                type=click.IntRange(0, 100),
                default=SHOWN,
                show_default=True,
                metavar="N",
                help="The N mistakes that the network is surest of, each with a map.",
            ),
            click.option(
                "--method",
                type=click.Choice([*METHODS]),
                metavar="METHOD",
                help="The map of each mistake. Default: gradcam, or vanilla for a network without maps.",
            ),
            verbose_option("every table of the report"),
            figure_options(),
            folder_option("Folder for the pictures, the reports and the prediction for each image."),
        ),
    )
)


@click.command(
    cls=SectionedDoor,
    example="python -m app.evaluate --model mnist",
    usual=("--model", "--data", "--part", "--mistakes", "--verbose", "--output"),
)
@evaluate_options
def main(**options: Any) -> None:
    """Say how well a trained network does on images whose classes are known.

    Accuracy with its 95 % interval; precision, recall and F1 of each class; which classes are confused; whether what
    the network is sure of is right (reliability curve, expected calibration error, log loss, Brier score); and the
    mistakes that it is surest of, each with a map of what speaks for the wrong class.

    Classes of the model and of the data are matched by their names where both have names, else by number.
    """
    answer(options)


if __name__ == "__main__":
    main(prog_name="python -m app.evaluate")
