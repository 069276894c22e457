"""python -m app.predict: what a trained network says of pictures."""

from typing import Any

import click

from app.commands.options import (
    SectionedDoor,
    all_of,
    batch_size_option,
    head_option,
    image_input_option,
    image_shape_option,
    machine_option,
    model_option,
    pixel_range_option,
    prepare_option,
    regression_option,
    section,
    verbose_option,
)
from app.commands.outputs import OutputFile
from app.commands.workers import workers_options
from app.predict.request import answer
from app.predict.rows import FORMATS

predict_options = all_of(
    (
        section(
            "Which model",
            model_option(),
            pixel_range_option(),
            image_shape_option(),
            image_input_option("The input that is the image, where a model has several."),
            head_option("The output that is asked, where a model has several."),
            regression_option(),
            machine_option(),
        ),
        section(
            "Which pictures",
            prepare_option(
                "digit: pictures are prepared as the digits or letters that the network learnt from; resize: only "
                "brought to size. auto: as the model's card says."
            ),
            batch_size_option(32, "Pictures"),
            workers_options("the pictures"),
        ),
        section(
            "How it is written",
            click.option(
                "--top",
                type=click.IntRange(1, 1000),
                default=5,
                show_default=True,
                metavar="N",
                help="The N likeliest classes of each picture.",
            ),
            verbose_option("the next likeliest classes, the remarks and every row"),
            click.option(
                "--format",
                "format_",
                type=click.Choice([*FORMATS]),
                help="How rows are written (default: a table, or after --output's ending).",
            ),
            click.option(
                "--output",
                type=OutputFile(),
                metavar="FILE",
                help="Write the rows into this file instead of the terminal.",
            ),
        ),
    )
)


@click.command(
    cls=SectionedDoor,
    example="python -m app.predict --model mnist my_digits/",
    usual=("--model", "--top", "--prepare", "--format", "--verbose", "--output"),
)
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURES...")
@predict_options
def main(**options: Any) -> None:
    """Say what a trained network takes pictures for: the class, its probability, the likeliest others.

    PICTURES are files, folders, which are searched with all their sub-folders, or - for a list of paths on standard
    input, one a line or each ended by a zero byte. Arrays are taken too: .npy, or .npz with one array of images.

    What cannot be read gets a row that says why, and the rest goes on; the exit code is then 1. Ctrl-C leaves the
    rows that are written; into a .csv or .jsonl file the same command then goes on.
    """
    answer(options)


if __name__ == "__main__":
    main(prog_name="python -m app.predict")
