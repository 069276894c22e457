"""The options of the network's picture."""

from collections.abc import Callable
from typing import Any

import click

from app.commands.outputs import OutputFile
from app.commands.paper import figure_options
from app.show.paper import WIDEST

STYLES = ("boxes", "volumes")


def drawing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --draw and --style, and what each figure has; the report's --width becomes that of the picture too."""
    command = figure_options()(command)
    known = command.__click_params__  # type: ignore[attr-defined]
    width = next(option for option in known if option.name == "width" and option.expose_value)
    width.type = click.FloatRange(1)
    width.help = (
        f"Columns that text may take (default: the terminal's); of a picture inches, up to {WIDEST:.0f}."
    )
    known[:] = [option for option in known if "--width" not in option.opts or option is width]
    command = click.option(
        "--style",
        type=click.Choice(STYLES),
        default="boxes",
        help="Of --draw: boxes with words, or volumes: slabs as in the papers, sides after height, width and channels.",
    )(command)
    return click.option(
        "--draw", type=OutputFile(), metavar="FILE", help="Draw the network into this .svg, .png or .pdf."
    )(command)
