"""The options of the experiments."""

from typing import Any

import click

from app.commands.data import data_option
from app.commands.options import all_of, folder_option, verbose_option
from app.commands.paper import figure_options
from app.experiment.catalogue import MOST_SEEDS


def output_option(command: Any) -> Any:
    """Give a command the options --output and --verbose."""
    words = "Folder for the figure, the numbers and the finished runs."
    return all_of((verbose_option("every table and sentence"), figure_options(), folder_option(words)))(
        command
    )


def training_options(command: Any) -> Any:
    """Give a command the options of the experiments that train."""
    return data_option()(drawing_options(command))


def drawing_options(command: Any) -> Any:
    """Give a command the options of an experiment that trains on pictures of its own."""
    options = (
        click.option(
            "--seeds",
            type=click.IntRange(1, MOST_SEEDS),
            metavar="N",
            help="Seeds 0 to N − 1 (fewer than 3 show no spread, and nothing is claimed).",
        ),
        click.option(
            "--quick",
            is_flag=True,
            help="A smoke run in seconds: it shows that everything works, and no effect.",
        ),
        click.option("--restart", is_flag=True, help="Forget the finished runs and start over."),
        output_option,
    )
    return all_of(options)(command)
