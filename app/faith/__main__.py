"""python -m app.faith: which maps deserve to be believed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from app.commands.data import data_option, open_data
from app.commands.door import Door
from app.commands.options import model_option, pixel_range_option, seed_option
from app.commands.outputs import prepare_folder, shown
from app.commands.reports import choose_format, deliver, report_options
from app.datasets.dataset import black_pixel
from app.datasets.samples import check_fit
from app.faith.report import faith_report
from app.faith.run import FaithRun
from app.faith.testing import draw_results, run_tests
from app.files.saved import ModelFacts
from app.maps.methods import METHODS
from app.maps.methods.method import Method, Settings
from app.maps.open_model import ModelChoice, OpenModel
from models import Pixels

TESTS = ("sanity", "faithfulness", "agree")


@click.command(cls=Door, epilog="Example: python -m app.faith --model mnist --count 50 --sanity")
@model_option()
@click.option(
    "--count", type=click.IntRange(1), default=100, show_default=True, help="The first so many test images."
)
@data_option("Test images.")
@pixel_range_option()
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice([*METHODS]),
    metavar="METHOD",
    help=f"Which map; may be repeated: {', '.join(METHODS)}. Default: all of them.",
)
@click.option("--layer", metavar="NAME", help="Layer whose maps the class-activation maps use.")
@click.option("--sanity", is_flag=True, help="Does a map change when the network forgets what it learnt?")
@click.option(
    "--faithfulness", is_flag=True, help="Does the decision fall without the pixels that a map ranks highest?"
)
@click.option("--agree", is_flag=True, help="Does tf-keras-vis compute the same map?")
@click.option(
    "--draws",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Randomised networks for --sanity; the images are dealt out among them.",
)
@click.option(
    "--shuffled",
    metavar="FILE",
    help="For --sanity: the same network trained on shuffled labels "
    "(python -m app.train --shuffle-labels SEED), compared as one more stage.",
)
@seed_option("Of random weights, random orders and noise.")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Also draw maps while the network forgets, correlations and curves there.",
)
@report_options
def main(
    name: str,
    count: int,
    source: str | None,
    pixel_range: Pixels | None,
    methods: tuple[str, ...],
    layer: str | None,
    draws: int,
    shuffled: str | None,
    seed: int,
    pictures: Path | None,
    **report: Any,
) -> None:
    """Test maps of a trained network on many images, each explained for its predicted class.

    Without --sanity, --faithfulness or --agree all three are done. With the first two together
    the report says which map to believe, by a rule that it states. No image is used twice, and the
    network's weights are as before at the end.
    """
    tests = [test for test in TESTS if report.pop(test)] or list(TESTS)
    choose_format(report["format_"], report["output"])
    if shuffled is not None and "sanity" not in tests:
        raise ValueError("--shuffled belongs to --sanity; without it there is nothing to compare")
    opened = OpenModel(ModelChoice(name, pixel_range))
    other = None if shuffled is None else OpenModel(ModelChoice(shuffled))
    chosen = choose_methods(opened.facts, methods)
    data = open_data(source)
    if opened.facts.input_shape is not None:
        check_fit(data, opened.facts.input_shape)
    if pictures is not None:
        prepare_folder(pictures)
    if report["output"] is not None:
        prepare_folder(report["output"].parent)
    explainer, forgetful = opened.explainer, None if other is None else other.explainer
    if forgetful and forgetful.model.classes != explainer.model.classes:
        raise ValueError(
            f"{opened.facts} has {explainer.model.classes} classes and --shuffled "
            f"{forgetful.model.classes}; it must be the same network"
        )
    check_fit(data, explainer.model.image_shape)
    images = opened.scaled(data.test_images[:count])
    black = black_pixel(opened.pixels, images.shape[-1])
    settings = Settings(layer=layer, baseline=black, seed=seed)
    classes = explainer.predicted_classes(images)
    run = FaithRun(explainer, images, classes, chosen, settings, draws, forgetful)
    results = run_tests(run, tests)
    title = f"Which map to believe: {opened.name}, {len(run.images):,} test images of {data.name}"
    given = {
        "data": source,
        "pixel-range": pixel_range and "{:g} {:g}".format(*pixel_range.range),
        "method": list(methods),
        "layer": layer,
        "shuffled": shuffled,
        "seed": seed or None,
        "draws": None if draws == 5 else draws,
    }
    how = command_line(name, len(run.images), tests, given)
    deliver(faith_report(title, run, results, how), **report)
    if pictures is not None:
        from app.show.canvas import save_figure

        for kind, figure in draw_results(run, results, data.test_images[0], "test image 0").items():
            path = pictures / f"faith-{kind}.png"
            save_figure(figure, path)
            click.echo(f"Picture: {shown(path)}", err=True)
    click.echo(f"Tested in {results.seconds:.0f} s", err=True)


def choose_methods(facts: ModelFacts, names: Sequence[str]) -> list[Method]:
    """Return the methods to test, each once; without names all that the network allows.

    Raises:
        ValueError: a method needs maps that the network does not have.
    """
    methods = [METHODS[name] for name in dict.fromkeys(names or METHODS)]
    impossible = [] if facts.has_convolution else [method for method in methods if method.uses_maps]
    if names and impossible:
        raise ValueError(
            f"{facts} has no convolution, so no maps for {impossible[0].title}; try --method vanilla"
        )
    return [method for method in methods if method not in impossible]


def command_line(name: str, count: int, tests: Sequence[str], given: Mapping[str, Any]) -> str:
    """Return the command that makes this report again; `given` are options that may be left out."""
    words = ["python -m app.faith", f"--model {name}", f"--count {count}"]
    words += [f"--{test}" for test in tests] if len(tests) < len(TESTS) else []
    for option, value in given.items():
        values = value if isinstance(value, list) else [value]
        words += [f"--{option} {each}" for each in values if each not in (None, "")]
    return f"Made by: {' '.join(words)}. Each image is explained for the class that the network predicts."


if __name__ == "__main__":
    main(prog_name="python -m app.faith")
