"""python -m app: the list of commands. Only the one that is asked for is loaded."""

from importlib import import_module
from pathlib import Path

import click

from app import __version__
from app.commands.door import DoorGroup

ORDER = (
    "params",
    "calculate",
    "claims",
    "worksheet",
    "exercises",
    "walk",
    "lab",
    "data",
    "scratch",
    "train",
    "transfer",
    "predict",
    "evaluate",
    "features",
    "experiment",
    "pretrained",
    "saliency",
    "faith",
    "export",
)
"""The commands in teaching order; one that is not named here comes last."""


def commands() -> dict[str, str]:
    """Return what each command is for, by name: the words of its folder's `__init__.py`."""
    here = Path(__file__).parent
    found = sorted(path.parent.name for path in here.glob("*/__main__.py"))
    found.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return {name: _words(name) for name in found}


def _words(name: str) -> str:
    text = import_module(f"app.{name}").__doc__ or ""
    return text.strip().partition(": ")[2].rstrip(".")


class Doors(DoorGroup):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in teaching order."""
        return list(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if not cmd_name.isidentifier() or not (Path(__file__).parent / cmd_name / "__main__.py").is_file():
            return None
        command: click.Command = import_module(f"app.{cmd_name}.__main__").main
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without loading them."""
        with formatter.section("Commands (each is started as python -m app.COMMAND)"):
            formatter.write_dl(list(commands().items()))


@click.command(cls=Doors, example="python -m app.params mnist")
@click.version_option(__version__, prog_name="ConvLab")
def main() -> None:
    """ConvLab: a laboratory for convolutional networks.

    Every count it prints can be checked by hand, and every picture it draws says how far it can be
    trusted.
    """


if __name__ == "__main__":
    main(prog_name="python -m app")
