"""python -m app.saliency: see what a trained network looks at, and how far to trust the picture."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.door import DATA_HELP, OUTPUT, Door

if TYPE_CHECKING:
    pass

METHODS = ("vanilla", "guided", "relu", "gradcam")


@click.command(cls=Door, epilog="Example: python -m app.saliency --model mnist --class 3")
@click.option(
    "--model",
    "name",
    metavar="NAME|FILE",
    required=True,
    help="A trained network of the catalogue, or any .keras or .h5 file.",
)
@click.option(
    "--class",
    "class_text",
    metavar="CLASS",
    help="The class to explain, by number or name. Without it, the predicted one.",
)
@click.option(
    "--image",
    "image_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A PNG or JPEG of your own. Digits are prepared as MNIST's were.",
)
@click.option(
    "--index",
    type=click.IntRange(0),
    metavar="N",
    help="Test image N, from 0. Without it, the first test image of the class.",
)
@click.option(
    "--all-classes",
    is_flag=True,
    help="One row for each class; with --image or --index, one image for all classes.",
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="Which map; repeat it for several. All four without it.",
)
@click.option("--layer", metavar="NAME", help="Maps that Grad-CAM uses; the last ones without it.")
@click.option(
    "--colour",
    type=click.Choice(["max", "mean", "channels"]),
    default="max",
    show_default=True,
    help="How gradient maps combine colour channels.",
)
@click.option(
    "--prepare",
    type=click.Choice(["auto", "digit", "resize"]),
    default="auto",
    show_default=True,
    help="digit: --image is inverted, cropped, scaled and centred as in "
    "MNIST; resize: only brought to size. auto: digit for 28×28×1 networks.",
)
@click.option(
    "--pixel-range",
    nargs=2,
    type=float,
    metavar="LOW HIGH",
    help="What black and white are worth to the network; from its card without it.",
)
@click.option("--data", "source", metavar="SOURCE", help="Test images. " + DATA_HELP)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=OUTPUT,
    show_default=True,
    help="Folder, or a file ending in .png, .svg or .pdf.",
)
@click.option(
    "--raw",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Also write the unscaled maps.",
)
def main(name: str, class_text: str | None, image_path: Path | None, index: int | None,
         all_classes: bool, methods: tuple[str, ...], layer: str | None, colour: str,
         prepare: str, pixel_range: tuple[float, float] | None, source: str | None, output: Path,
         raw: Path | None) -> None:  # fmt: skip
    """Draw saliency maps of one image: vanilla, guided and rectified gradients, and Grad-CAM.

    The maps explain the logit of a class, whatever way the model spells its softmax. Beside each map
    stands its verdict: what the network predicts, which tensor the map is made of, its largest raw
    value, and whether there was any evidence at all.
    """
