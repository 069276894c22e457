"""The options that every command which draws a figure has: what the figure is drawn for."""

from dataclasses import replace
from typing import Any

import click

from app.commands.options import Decorator, all_of
from app.show.paper import DPI, MOST_DPI, PAPER, WIDEST, on_paper


def figure_options(has_verdict: bool = False, width: str = "--width") -> Decorator:
    """Return --title, --width, --dpi and --slide, which every figure follows; the command does not see them.

    Args:
        has_verdict: whether there are verdicts in the figure, and so --no-verdict too.
        width: what --width is called where a report has a width of its own.
    """
    options = [
        _option(
            "title", "--title", metavar="TEXT", help='Title of the figure instead of its own; "" for none.'
        ),
        _option(
            "width",
            width,
            type=click.FloatRange(1, WIDEST),
            metavar="INCHES",
            help="Width of the figure: 6.3 for a page of A4 with margins. Default: as wide as it needs.",
        ),
        _option(
            "dpi",
            "--dpi",
            type=click.IntRange(20, MOST_DPI),
            metavar="N",
            help=f"Dots an inch of a .png; 300 for print. Default: {DPI}.",
        ),
        _option("is_slide", "--slide", is_flag=True, help="For a slide: 16:9, with large letters."),
    ]
    if has_verdict:
        words = (
            "Leave out the words below the maps, for a book with its own captions; they stay in the terminal."
        )
        options.append(_option("has_verdict", "--no-verdict", flag_value=False, is_flag=True, help=words))
    return all_of(options)


def _option(field: str, flag: str, **settings: Any) -> Decorator:
    """Return an option that sets one field of the paper until the command ends."""

    def note(ctx: click.Context, option: click.Parameter, value: Any) -> None:
        if (
            value is not None
            and ctx.get_parameter_source(option.name or "") is not click.core.ParameterSource.DEFAULT
        ):
            ctx.with_resource(on_paper(replace(PAPER.get(), **{field: value})))

    return click.option(flag, f"paper_{field}", default=None, expose_value=False, callback=note, **settings)
