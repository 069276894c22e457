"""python -m app.export: a trained model as a file of another format, compared with Keras before it is left."""

from pathlib import Path
from typing import Any

import click

from app.commands.data import data_option
from app.commands.door import Door
from app.commands.options import image_input_option, image_shape_option, model_option, pixel_range_option
from app.export.formats import FORMATS
from app.export.request import answer


@click.command(
    cls=Door,
    contradictions=(("--data", "--image"),),
    example="python -m app.export --model mnist --format litert",
    usual=("--model", "--format", "--output", "--image", "--count", "--replace"),
)
@model_option()
@click.option(
    "--format",
    "format",
    type=click.Choice(list(FORMATS)),
    help="saved_model: a folder that TensorFlow and TensorFlow Serving load. onnx: a .onnx file for ONNX Runtime; "
    "needs requirements-export.txt. litert: a .tflite file for phones and small boards. Default: as --output ends.",
)
@click.option(
    "--output",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file, or for saved_model the folder, to write. Default: output/MODEL.onnx, output/MODEL.tflite or "
    "output/MODEL_saved_model. A card of the same name that ends in .json lies beside it.",
)
@data_option("Test images that the file is tried on.", "the data that the network learnt from, if at hand")
@click.option(
    "--image",
    "images",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A picture of your own that the file is tried on; may be repeated. Random pictures make them up to --count.",
)
@click.option(
    "--count",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Pictures that the file is tried on.",
)
@image_input_option(
    "The input that takes the picture, where a model has several; the others get random numbers."
)
@click.option(
    "--replace", is_flag=True, help="Lose a file or a SavedModel at --output that is no export of this model."
)
@pixel_range_option()
@image_shape_option()
def main(**options: Any) -> None:
    """Write a trained model as a SavedModel, an ONNX or a LiteRT file.

    The file is run at once, by ONNX Runtime, LiteRT's interpreter or TensorFlow, on the same pictures as the model:
    every output must be within 1e-4 of Keras', or the file is not kept. Lines of Python that run the file on a picture
    are printed, with the size and the scale of pixels that the network wants; the card beside the file says the same
    to programs.
    """
    answer(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.export")
