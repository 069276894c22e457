"""python -m app.pretrained: a network with weights that were published for it."""

from pathlib import Path

import click

from app.commands.apart import Limits
from app.commands.door import Door
from app.commands.options import isolate_option
from app.files.saved import trained_models
from app.pretrained.request import EXAMPLE, answer


@click.command(cls=Door, example=EXAMPLE.removeprefix("Example: "))
@click.argument("name", metavar="[NETWORK]", required=False)
@click.option(
    "--weights",
    metavar="FILE",
    help="Weights of the same network, trained by anybody: .h5, .weights.h5 or .keras of keras.applications; of "
    "EfficientNet-Lite a .pth file. Default: the published file, from an installed package or Keras' cache, or "
    "fetched into the cache (33 to 575 MB).",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=trained_models,
    help="Folder for the model and its card (saved_models).",
)
@click.option("--replace", is_flag=True, help="Lose a trained model of this name in that folder.")
@isolate_option(Limits())
def main(name: str | None, weights: str | None, output: Path, replace: bool) -> None:
    """Fill a network with weights trained on ImageNet and leave NETWORK.keras and its card.

    The weights of EfficientNet-Lite0 are installed with ConvLab, and every command that opens the network fills it
    when it is first used; other sizes come by pip. VGG, ResNet and DenseNet of the catalogue are layer by layer the
    networks of keras.applications, so that its published weights fit. The card keeps how pictures must enter the
    network, and what its 1,000 classes are called: then python -m app.saliency --model NETWORK --image cat.jpg
    --class "tiger cat" works. Without NETWORK, the networks are listed.
    """
    answer(name, weights, output, replace)


if __name__ == "__main__":
    main(prog_name="python -m app.pretrained")
