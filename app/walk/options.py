"""The options of the walks, and the group of commands in which a network's name is a command too."""

import re
from pathlib import Path
from typing import Any

import click

from app.commands.door import DoorGroup
from app.commands.options import Decorator, all_of
from app.commands.outputs import OutputFile
from app.commands.paper import figure_options

ENDINGS = (
    ".html (a page with a slider), .gif (an animation), .png, .svg or .pdf (one step), .txt, .json or .npz"
)


class Sizes(click.ParamType):
    """One number for both axes, or two for rows and columns, typed as `2x1`; with `words` allowed too."""

    name = "sizes"

    def __init__(self, least: int = 1, words: tuple[str, ...] = ()) -> None:
        self.least, self.words = least, words

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Any:
        """Return the two numbers, or the word.

        Raises:
            ValueError: it is neither.
        """
        if not isinstance(value, str) or value in self.words:
            return value
        option = param.opts[0] if param is not None else "this"
        found = re.fullmatch(r"\s*(\d{1,6})\s*(?:[x×,]\s*(\d{1,6})\s*)?", value)
        if not found:
            words = f", or {' or '.join(self.words)}" if self.words else ""
            raise ValueError(
                f"{option} {value!r} is no size: give a whole number up to 999999, or two as 2x1{words}"
            )
        sizes = int(found[1]), int(found[2] or found[1])
        if min(sizes) < self.least:
            raise ValueError(f"{option} must be {self.least} or more, not {min(sizes)}")
        return sizes


class Cell(click.ParamType):
    """Row and column, typed as `4,7`; one number is the step of a series."""

    name = "cell"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> tuple[int, ...]:
        """Return the numbers.

        Raises:
            ValueError: they are none.
        """
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in value.split(",")]
        if not 1 <= len(words) <= 2 or not all(word.isascii() and word.isdecimal() for word in words):
            raise ValueError(f"--cell {value!r} is no cell; give row and column, as 4,7")
        return tuple(map(int, words))


ARRAY = (
    'Numbers, as "1 0 1; 0 1 0; 1 0 1" (rows parted by ; and channels by |); a .csv, .npy or picture file; mnist:18, a '
    "test image; arange:4x4, random:5x5x3; or a name"
)


def array_option(name: str, words: str) -> Decorator:
    """Return an option that takes an array."""
    return click.option(name, metavar="ARRAY", help=words)


def padding_option(cells: str) -> Decorator:
    """Return the option --padding; `cells` says what its numbers count."""
    words = f"valid, same, or {cells} (valid)."
    return click.option("--padding", type=Sizes(0, ("valid", "same")), help=words)


def shown_options() -> Decorator:
    """Return the options of how the steps are shown."""
    return all_of(
        (
            click.option(
                "--output",
                type=OutputFile(),
                metavar="FILE",
                help=f"Write the steps, by the ending: {ENDINGS}. Default: they are printed.",
            ),
            click.option(
                "--step",
                type=click.IntRange(1),
                metavar="N",
                help="One step, from 1. A still without it: the last that has a window.",
            ),
            click.option("--every-step", is_flag=True, help="Print every step, however many there are."),
            figure_options(),
        )
    )


def backward_option(words: str = "Go one step back: the gradient by the inputs and weights.") -> Decorator:
    """Return the option --backward."""
    return click.option("--backward", is_flag=True, help=words)


def gradient_option() -> Decorator:
    """Return the option --gradient."""
    return array_option("--gradient", "With --backward: the gradient by the output. Default: 1 everywhere.")


SECTIONS = {
    "Operations": "conv pool transposed dense activation softmax loss delta",
    "Networks": "network residual",
    "Pictures": "pixels filtered curves fields dots stretch table block growth descent scores bias",
    "Before and beside convolutional networks": "hopfield kohonen art boxes",
}
"""The commands in the order of the help."""


class WalkGroup(DoorGroup):
    """Operations by name; whatever else stands in their place is a network's name, or a model file."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in teaching order."""
        return [name for names in SECTIONS.values() for name in names.split()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands, section by section, each with its whole first sentence."""
        from app.commands.helping import whole_words

        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, whole_words(self.commands[name])) for name in names.split()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the operation that is asked for; `network` where a network is.

        Raises:
            ValueError: it is neither.
        """
        name = args[0]
        if name.startswith("-") or self.get_command(ctx, name) is not None:
            return super().resolve_command(ctx, args)
        from models import CATALOGUE

        if (
            name not in CATALOGUE
            and not Path(name).exists()
            and Path(name).suffix not in (".keras", ".h5", ".hdf5")
        ):
            from app.files.saved import find_model

            try:
                find_model(name)
            except ValueError:
                known = ", ".join(SECTIONS["Operations"].split())
                raise ValueError(
                    f"{name!r} is no operation ({known}), no network of the catalogue, and no model file"
                ) from None
        return "network", self.commands["network"], ["--model", name, *args[1:]]
