"""python -m app.faith: which maps deserve to be believed."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from app.commands.door import DATA_HELP, SAVED_MODELS, Door, open_data, prepare_folder, shown
from app.commands.pictures import MODEL, PIXELS, options
from app.commands.reports import choose_format, deliver, report_options
from app.counting.stored.model_files import verify_contents
from app.datasets.dataset import black_pixel, scale_pixels
from app.datasets.subjects import check_fit
from app.faith.report import faith_report
from app.faith.run import FaithRun
from app.faith.testing import draw_results, run_tests
from app.files.saved import SavedModel, find_model
from app.maps.explainer import Explainer
from app.maps.load import load_explainer
from app.maps.methods import METHODS
from app.maps.methods.method import Method, Settings
from models import Pixels

TESTS = ("sanity", "faithfulness", "agree")


@click.command(cls=Door, epilog="Example: python -m app.faith --model mnist --count 50 --sanity")
@options(MODEL)
@click.option(
    "--count", type=click.IntRange(1), default=100, show_default=True, help="The first so many test images."
)
@click.option("--data", "source", metavar="SOURCE", help="Test images. " + DATA_HELP)
@options(PIXELS)
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
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of random weights, random orders and noise.",
)
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
    pixel_range: tuple[float, float] | None,
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
    low, high = pixel_range or (0.0, 1.0)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"--pixel-range needs two finite numbers, low before high, not {low} {high}")
    choose_format(report["format_"], report["output"])
    if shuffled is not None and "sanity" not in tests:
        raise ValueError("--shuffled belongs to --sanity; without it there is nothing to compare")
    saved = find_model(name, SAVED_MODELS)
    other = None if shuffled is None else find_model(shuffled, SAVED_MODELS)
    chosen = choose_methods(saved, methods)
    data = open_data(source)
    if saved.input_shape is not None:
        check_fit(data, saved.input_shape)
    if pictures is not None:
        prepare_folder(pictures)
    if report["output"] is not None:
        prepare_folder(report["output"].parent)
    pixels = Pixels(pixel_range) if pixel_range else saved.pixels
    explainer, forgetful = load_networks(saved, other)
    check_fit(data, explainer.model.image_shape)
    images = scale_pixels(data.test_images[:count], pixels)
    settings = Settings(layer=layer, baseline=black_pixel(pixels, images.shape[-1]), seed=seed)
    classes = explainer.predicted_classes(images)
    run = FaithRun(explainer, images, classes, chosen, settings, draws, forgetful)
    results = run_tests(run, tests)
    title = f"Which map to believe: {saved.path.stem}, {len(run.images):,} test images of {data.name}"
    given = {
        "data": source,
        "pixel-range": pixel_range and f"{low:g} {high:g}",
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


def choose_methods(saved: SavedModel, names: Sequence[str]) -> list[Method]:
    """Return the methods to test, each once; without names all that the network allows.

    Raises:
        ValueError: the file is damaged, or a method needs maps that the network does not have.
    """
    verify_contents(saved.path)
    methods = [METHODS[name] for name in dict.fromkeys(names or METHODS)]
    impossible = [] if saved.has_convolution else [method for method in methods if method.uses_maps]
    if names and impossible:
        raise ValueError(
            f"{saved.path} has no convolution, so no maps for {impossible[0].title}; try --method vanilla"
        )
    return [method for method in methods if method not in impossible]


def load_networks(saved: SavedModel, shuffled: SavedModel | None) -> tuple[Explainer, Explainer | None]:
    """Load the trained network, and the one that was trained on shuffled labels if there is one.

    Raises:
        ValueError: they differ in their classes.
    """
    explainer, other = load_explainer(saved), load_explainer(shuffled) if shuffled else None
    if other and other.model.classes != explainer.model.classes:
        raise ValueError(
            f"{saved.path} has {explainer.model.classes} classes and --shuffled {other.model.classes}; it must "
            "be the same network"
        )
    return explainer, other


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
