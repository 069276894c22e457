"""What was asked of the commands: the calculation made, its steps printed or written."""

from pathlib import Path
from typing import Any

import click

from app.commands.options import take
from app.files.folders import prepare_folder, shown


def show_operation(
    operation: str, /, output: Path | None, step: int | None, every_step: bool, **settings: Any
) -> None:
    """Make the walk of an operation, and show it.

    Raises:
        ValueError: arrays or settings that make no sense.
    """
    from app.walk.operations import OPERATIONS

    given = {key: value for key, value in settings.items() if value is not None}
    leave(OPERATIONS[operation](**given), output, step, every_step)


def show_network(
    output: Path | None,
    step: int | None,
    every_step: bool,
    layer: str | None,
    cell: tuple[int, ...] | None,
    unit: int | None,
    image: str | None,
    index: int | None,
    class_text: str | None,
    source: str | None,
    prepare: str,
    **options: Any,
) -> None:
    """Make the walk of a network, or of one of its numbers, and show it.

    Raises:
        ValueError: there is no such model, image, layer or number.
    """
    if layer is None and (cell is not None or unit is not None):
        raise ValueError("--cell and --filter are of a layer: give --layer NAME too")
    from app.maps.open_model import ModelChoice, OpenModel
    from app.walk.networks import choose_image, network_steps

    opened = OpenModel(take(ModelChoice, options))
    chosen = choose_image(opened, image, index, class_text, source, prepare)
    leave(network_steps(opened, chosen, layer, cell, unit).walk, output, step, every_step)


def leave(walk: Any, output: Path | None, step: int | None, every_step: bool) -> None:
    """Print the steps, or write them into a file and say where it is."""
    from app.show.frames.showing import STEP_ENDINGS
    from app.walk.results import Steps

    steps = Steps(walk)
    if step is not None and step > len(steps):
        raise ValueError(f"there are steps 1 to {len(steps)}, not {step}")
    if output is None:
        click.echo(steps.text(every_step, step))
        return
    if output.suffix.lower() in STEP_ENDINGS:
        prepare_folder(output.parent)
    path = steps.save(output, step=step)
    click.echo(f"{walk.title}.")
    for line in walk.conclusion:
        click.echo(line)
    if output.suffix.lower() == ".gif":
        from app.show.frames.figures import MOST_PICTURES

        if len(steps) > MOST_PICTURES:
            click.echo(
                f"The animation shows {MOST_PICTURES} of {len(steps):,} steps; a page (.html) has all of them."
            )
    click.echo(f"Steps: {shown(path)}")
