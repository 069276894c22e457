"""What was asked of the command: a model to export, checked before anything heavy is loaded."""

from pathlib import Path
from typing import Any

import click

from app.commands.options import take
from app.export.formats import find_format
from app.maps.open_model import ModelChoice, OpenModel


def answer(
    format: str | None,
    path: Path | None,
    source: str | None,
    images: tuple[Path, ...],
    count: int,
    replace: bool,
    **options: Any,
) -> None:
    """Export the model that the command line asks for, and say what was written.

    Raises:
        ValueError: the format cannot hold the model, or something else lies there.
        CheckFailedError: the file does not give what Keras gives.
    """
    from app.export.run import ExportRequest, export, prepare

    request = ExportRequest(find_format(format, path), path, source, images, count, replace)
    request.format.verify_installed()
    opened = OpenModel(take(ModelChoice, options))
    prepare(request, opened.name)
    click.echo(export(opened, request))
