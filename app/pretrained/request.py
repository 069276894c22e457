"""What was asked of the command: a network to fill, or the list of those that can be."""

from pathlib import Path

import click

EXAMPLE = "Example: python -m app.pretrained resnet50"


def answer(name: str | None, weights: str | None, folder: Path, replace: bool) -> None:
    """Fill the network that the command line asks for, or list what there is.

    Raises:
        ValueError: there are no such weights, they do not fit, or a trained model would be lost.
    """
    from app.pretrained.filling import fill_network, list_pretrained
    from app.show.tables import print_parts
    from models import find_network

    if name is None:
        print_parts([*list_pretrained().parts(), EXAMPLE])
        return
    advice = "another --output, or --replace"
    click.echo(fill_network(find_network(name), weights, folder, replace, advice))
