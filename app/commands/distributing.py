"""The option --distribute, which commands that train share."""

import click

from app.commands.options import Decorator

DISTRIBUTIONS = ("mirrored", "multiworker")
"""Those of `app.cluster.tf_config`, known before anything of it is loaded."""


def distribute_option() -> Decorator:
    """Return the option --distribute."""
    return click.option(
        "--distribute",
        type=click.Choice(DISTRIBUTIONS),
        help="Train on several devices, each with a copy of the network and a share of each batch. mirrored: all "
        "graphics cards of this machine. multiworker: several processes or machines; start the same command once for "
        "each worker. The environment variable TF_CONFIG names all workers and says which of them this process is. "
        "Only the first worker writes files (docs/scale.md).",
    )
