"""python -m app.saliency: see what a trained network looks at, and how far to trust the picture."""

from typing import Any

import click

from app.commands.options import SectionedDoor
from app.saliency.options import CONTRADICTIONS, map_options
from app.saliency.request import answer


@click.command(
    cls=SectionedDoor,
    contradictions=CONTRADICTIONS,
    example="python -m app.saliency --model mnist --class 3",
    usual=("--model", "--class", "--image", "--index", "--method", "--all-classes", "--output"),
)
@map_options
def main(**options: Any) -> None:
    """Draw what a network looks at: gradients, class-activation maps and their family.

    The maps explain the logit of a class, whatever way the model spells its softmax. With each map
    comes its verdict: what the network predicts, which tensor the map is made of, its largest raw
    value, and whether there was any evidence at all.
    """
    answer(options)


if __name__ == "__main__":
    main(prog_name="python -m app.saliency")
