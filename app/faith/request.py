"""What was asked of the command, checked before TensorFlow is loaded; the report delivered."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.commands.data import open_and_tell
from app.commands.options import take
from app.commands.outputs import OUTPUT, leave_picture, prepare_folder
from app.commands.reports import choose_format, deliver
from app.datasets.samples import fit_data
from app.faith.asked import TESTS, FaithRequest, choose_methods
from app.faith.trust import run_trust
from app.maps.open_model import ModelChoice, OpenModel
from app.shards.dask_workers import WorkersChoice
from app.shards.helpers import Helpers


def answer(
    source: str | None, shuffled: str | None, pictures: Path | None, verbose: bool, **options: Any
) -> None:
    """Test what the command line asks for, and deliver the report and the pictures.

    Raises:
        ValueError: options that do not go together, or images that do not fit the model.
    """
    tests = [test for test in TESTS if options.pop(test)] or list(TESTS)
    choice, asked = take(ModelChoice, options), FaithRequest(**take_asked(options), tests=tests)
    helpers = Helpers(take(WorkersChoice, options), output_folder(options["output"]))
    choose_format(options["format_"], options["output"])
    if shuffled is not None and "sanity" not in tests:
        raise ValueError("--shuffled belongs to --sanity; without it there is nothing to compare")
    opened = OpenModel(choice)
    other = None if shuffled is None else OpenModel(ModelChoice(shuffled))
    choose_methods(opened.facts, asked.methods)
    data = open_and_tell(opened.facts.data if source is None else source)
    if len(opened.facts.input_shape or ()) == 3:
        fit_data(data, opened.shape)
    if pictures is not None:
        prepare_folder(pictures)
    if options["output"] is not None:
        prepare_folder(options["output"].parent)
    helpers.workers.start_loading()
    how = command_line(choice, asked, min(asked.count, len(data.test_images)), source, shuffled)
    report = run_trust(opened, data, asked, how, other, helpers)
    is_short = not verbose and options["output"] is None and options["format_"] is None
    deliver(report.summary() if is_short else report.document(), **options)
    if pictures is not None:
        _draw(report.figures(), pictures)
    click.echo(f"Tested in {report.results.seconds:.0f} s", err=True)


def output_folder(output: Path | None) -> Path:
    """Return the folder below which workers leave what they find: that of the report, else `output`."""
    return OUTPUT if output is None else output.parent


def take_asked(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that say what is tested, taken out of all options."""
    return {name: options.pop(name) for name in ("count", "methods", "layer", "draws", "seed")}


def _draw(figures: Mapping[str, Any], folder: Path) -> None:
    for kind, figure in figures.items():
        leave_picture(figure, folder / f"faith-{kind}.png", err=True)


def command_line(
    choice: ModelChoice, asked: FaithRequest, count: int, source: str | None, shuffled: str | None
) -> str:
    """Return the command that makes this report again."""
    words = ["python -m app.faith", f"--model {choice.name}", f"--count {count}"]
    words += [f"--{test}" for test in asked.tests] if len(asked.tests) < len(TESTS) else []
    given: dict[str, Any] = {
        "data": source,
        "pixel-range": choice.pixel_range and "{:g} {:g}".format(*choice.pixel_range.range),
        "method": list(asked.methods),
        "layer": asked.layer,
        "engine": choice.machine,
        "shuffled": shuffled,
        "seed": asked.seed or None,
        "draws": None if asked.draws == FaithRequest.draws else asked.draws,
    }
    for option, value in given.items():
        values = value if isinstance(value, list) else [value]
        words += [f"--{option} {each}" for each in values if each not in (None, "")]
    return f"Made by: {' '.join(words)}. Each image is explained for the class that the network predicts."
