"""The options that say who does the work of a command on many pictures."""

from collections.abc import Callable
from typing import Any

import click

from app.commands.options import all_of


def workers_options(what: str) -> Callable[[Any], Any]:
    """Return --workers and --scheduler, which become a `WorkersChoice`.

    Args:
        what: the work that is shared out: `the pictures of --images`.
    """
    return all_of(
        (
            click.option(
                "--workers",
                type=click.IntRange(1, 1000),
                metavar="N",
                help=f"Share {what} out among N processes of this machine, each with one thread. Take at most as many "
                "as the machine has cores, and fewer where memory is short; graphics cards are not used. The results "
                "are the same bytes for any N. Needs: pip install -r requirements-cluster.txt.",
            ),
            click.option(
                "--scheduler",
                metavar="ADDRESS",
                help=f"Share {what} out among the workers of a Dask cluster that runs already, by its address, as "
                "tcp://host:8786. The workers need the same version of ConvLab, and the same files under the same "
                "paths (docs/scale.md).",
            ),
        )
    )
