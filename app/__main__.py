"""python -m app: the list of doors. Only the one that is asked for is loaded."""

import importlib

import click

from app import __version__
from app.commands.door import DoorGroup

DOORS = {
    "params": "count a network by hand and check the count against Keras",
    "calculate": "work out one layer: sizes, padding, cost, receptive field; and the way back",
    "claims": "what five articles claim, each claim recomputed and judged",
    "worksheet": "make worksheets with blanks, and mark them, each mistake named",
    "data": "look at a data set: shapes, classes, pictures",
    "train": "train a network, with pictures of how it went",
    "features": "look inside a network: feature maps, filters, nearest images, made-up inputs",
    "experiment": "do article 004's experiments again: depth, shortcuts, gradients, the ImageNet years",
    "pretrained": "a network with the weights that keras.applications publishes",
    "saliency": "see what a trained network looks at, and how far to trust it",
    "faith": "test which maps deserve to be believed, on many images",
}


class Doors(DoorGroup):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the doors in teaching order."""
        return list(DOORS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one door."""
        if cmd_name not in DOORS:
            return None
        command: click.Command = importlib.import_module(f"app.{cmd_name}.__main__").main
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the doors without loading them."""
        with formatter.section("Commands (each also: python -m app.COMMAND --help)"):
            formatter.write_dl(list(DOORS.items()))


@click.command(cls=Doors, epilog="Begin with: python -m app params mnist")
@click.version_option(__version__, prog_name="ConvLab")
def main() -> None:
    """ConvLab: a laboratory for convolutional networks.

    Every count it prints can be checked by hand, and every picture it draws says how far it can be
    trusted.
    """


if __name__ == "__main__":
    main(prog_name="python -m app")
