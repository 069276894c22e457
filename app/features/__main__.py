"""python -m app.features: what is inside a trained network, layer by layer and unit by unit."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from app.commands.data import data_option, open_data
from app.commands.door import DoorGroup
from app.commands.inputs import ImageChoice, choose_images
from app.commands.options import (
    Decorator,
    all_of,
    image_option,
    index_option,
    model_option,
    picture_option,
    pixel_range_option,
    prepare_option,
    raw_option,
)
from app.commands.outputs import OutputFiles, leave_picture, slug
from app.datasets.samples import Sample, check_fit
from app.features.units import maximised_classes, maximised_maps, nearest_figure
from app.maps.open_model import ModelChoice, OpenModel
from models import Pixels

IMAGE = (
    image_option(),
    index_option(" (0)."),
    click.option(
        "--class", "class_text", metavar="CLASS", help="The first test image of a class, by number or name."
    ),
    prepare_option("How --image is fitted: as MNIST's digits were, or only resized."),
    data_option("Test images."),
    pixel_range_option(),
)
ONE_IMAGE = (("--image", "--index"), ("--image", "--class"), ("--index", "--class"), ("--image", "--data"))
"""Options that name an image, of which one is enough."""
CLASS_OR_LAYER = (("--class", "--layer"), ("--class", "--unit"))
FILES = (picture_option(), raw_option("numbers"))
LAYER = click.option("--layer", metavar="NAME", help="The layer. Default: the last one with maps.")
UNITS = click.option(
    "--unit",
    "units",
    multiple=True,
    type=click.IntRange(0),
    metavar="N",
    help="A map of the layer, by number from 0; may be repeated.",
)
CLASSES = click.option(
    "--class",
    "class_texts",
    multiple=True,
    metavar="CLASS",
    help="A class instead of a map, by number or name; may be repeated.",
)


def count(default: int, most: int, words: str) -> Decorator:
    """Return the option --count."""
    bounds = click.IntRange(1, most)
    return click.option("--count", type=bounds, default=default, show_default=True, metavar="N", help=words)


@click.group(cls=DoorGroup, epilog="Example: python -m app.features maps --model mnist --class 3")
def main() -> None:
    """Look inside a trained network: five questions, a command each.

    \b
    maps      what does every layer make of this image?
    filters   what do the filters look like?
    nearest   which images of a data set does a map, or a class, answer to most?
    project   what in this image did a map answer to?
    maximise  which input, made from noise, does a class or a map answer to most?

    Maps, filters and nearest images are what they are. Projections and maximised inputs are
    made by a method that adds something of its own; docs/features.md says what to believe.
    """


@main.command(
    contradictions=ONE_IMAGE,
    epilog="Example: python -m app.features maps --model mnist --class 3 --layer conv1",
)
@all_of(
    (
        model_option(),
        *IMAGE,
        click.option("--layer", metavar="NAME", help="All maps of one layer. Default: a row for each layer."),
        count(8, 32, "Maps in a row, where there is a row for each layer."),
        *FILES,
    )
)
def maps(name: str, layer: str | None, count: int, output: Path, raw: Path | None, **image: Any) -> None:
    """Draw what every layer makes of one image: its feature maps.

    Each row has colours of its own, with numbers at the bar; where values are on both sides of 0, 0 is grey.
    Maps that are 0 everywhere for this image are hatched and counted.
    """
    files = OutputFiles(output, raw)
    opened = open_model(name, image.pop("pixel_range"))
    files.prepare()
    subject = choose_image(opened, **image)
    model = opened.model  # first of all TensorFlow, quietly
    from app.features import figures
    from app.features.feature_maps import feature_maps

    explainer = opened.explainer
    inputs = opened.scaled(subject.pixels[np.newaxis])
    found = feature_maps(explainer, inputs, None if layer is None else [layer])[0]
    said = opened.answer(model.probabilities(inputs)[0])
    click.echo(f"{subject.title} ({subject.caption}): {said}")
    for each in found:
        first, *others = each.sentences()
        click.echo(f"  {each.layer}: {first}")
        for line in others:
            click.echo(f"    {line}")
    title = f"What {opened.name} makes of {subject.title}"
    notes = [f"{subject.caption}; {said}"]
    if layer is not None:
        figure = figures.draw_layer(subject.pixels, found[0], title, notes + found[0].sentences()[1:])
    else:
        chosen = figures.choose_rows(len(found))
        if len(chosen) < len(found):
            notes.append(f"{len(chosen)} of {len(found)} layers with maps, from first to last")
        figure = figures.draw_layers(subject.pixels, [found[i] for i in chosen], count, title, notes)
    leave_picture(figure, files.picture(slug("maps", opened.name, subject.title, layer)))
    files.save_raw({"image": inputs[0], **{m.layer.replace("/", "."): m.values for m in found}})


@main.command(epilog="Example: python -m app.features filters --model mnist")
@all_of(
    (
        model_option(),
        click.option("--layer", metavar="NAME", help="A convolution. Default: the first."),
        *FILES,
    )
)
def filters(name: str, layer: str | None, output: Path, raw: Path | None) -> None:
    """Draw the filters of a convolution.

    Filters of a grey image show their weights, 0 in the middle of the colours; those of a coloured one
    show their weights as colours, grey for 0. Filters over many maps have no picture: drawn is, for
    each place of the window, the norm of the weights, which says where in its window a filter looks.
    """
    files = OutputFiles(output, raw)
    opened = open_model(name)
    files.prepare()
    model = opened.model  # first of all TensorFlow, quietly
    from app.features.figures import draw_filters
    from app.features.filters import find_filters

    found = find_filters(model, layer)
    click.echo(f"{found.layer}: {found.sentences()[0]}")
    for line in found.sentences()[1:]:
        click.echo(f"  {line}")
    pictures = found.pictures()
    unit = {"signed": "weight", "norms": "√(Σ w²)", "colours": ""}[found.form]
    notes = found.sentences()
    if found.form == "colours":
        notes.append("red, green and blue are ½ + w / (2 max |w|): grey is 0, the scale is the same for all")
    figure = draw_filters(pictures, unit, f"Filters of {found.layer} in {opened.name}", notes)
    leave_picture(figure, files.picture(slug("filters", opened.name, found.layer)))
    files.save_raw({"weights": found.weights})


@main.command(
    contradictions=CLASS_OR_LAYER,
    epilog="Example: python -m app.features nearest --model mnist --layer conv3 --unit 21",
)
@all_of(
    (
        model_option(),
        LAYER,
        UNITS,
        CLASSES,
        count(9, 20, "Images for each map."),
        click.option(
            "--part",
            type=click.Choice(["training", "test"]),
            default="training",
            show_default=True,
            help="Which images of the data.",
        ),
        data_option("The images."),
        pixel_range_option(),
        *FILES,
    )
)
def nearest(
    name: str,
    layer: str | None,
    units: tuple[int, ...],
    class_texts: tuple[str, ...],
    count: int,
    part: str,
    source: str | None,
    pixel_range: Pixels | None,
    output: Path,
    raw: Path | None,
) -> None:
    """Find the images of a data set that a map, or a class, answers to most.

    Drawn of each image is what the map's strongest cell sees, and below it what the activation comes from,
    carried back by ZFNet's deconvolutional network. Without --unit: the four maps with the strongest cells.
    """
    files = OutputFiles(output, raw)
    opened = open_model(name, pixel_range)
    classes = [opened.find_class(text) for text in class_texts]
    files.prepare()
    data = open_data(source)
    check_fit(data, opened.shape)
    images, labels = (
        (data.train_images, data.train_labels) if part == "training" else (data.test_images, data.test_labels)
    )
    model = opened.model  # first of all TensorFlow, quietly
    from app.features.nearest import nearest_images
    from app.maps.feature_layers import find_feature_layer

    chosen_layer = None if class_texts else find_feature_layer(model, layer).name
    if chosen_layer is not None:
        check_units(opened, chosen_layer, units)
    found = nearest_images(opened.explainer, batches(opened, images), chosen_layer, count)
    chosen = [c for c in classes if c is not None] or list(units) or found.strongest(4)
    what = "classes" if chosen_layer is None else f"maps of {chosen_layer}"
    click.echo(f"{what}, {part} images of {data.name}: {found.sentence()}")
    names = [data.class_names[label] for label in labels]
    figure = nearest_figure(opened, found, images, names, chosen_layer, chosen)
    name = slug("nearest", opened.name, chosen_layer or "class", *map(str, chosen))
    leave_picture(figure, files.picture(name))
    files.save_raw({"values": found.values, "places": found.places, "active": found.active})


def batches(opened: OpenModel, images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images as the network takes them, as many at a time as fit."""
    size = opened.explainer.rows_at_once(images.shape[1:])
    for start in range(0, len(images), size):
        yield opened.scaled(images[start : start + size])


def check_units(opened: OpenModel, layer: str, units: Sequence[int]) -> None:
    """Refuse numbers that the layer's maps do not have."""
    from app.maps.feature_layers import find_feature_layer

    most = find_feature_layer(opened.model, layer).map_shape[2] or 0
    for unit in units:
        if unit >= most:
            raise ValueError(f"layer {layer} has the maps 0 to {most - 1}, not {unit}")


@main.command(
    contradictions=ONE_IMAGE,
    epilog="Example: python -m app.features project --model mnist --class 3 --layer conv3",
)
@all_of((model_option(), *IMAGE, LAYER, UNITS, *FILES))
def project(
    name: str, layer: str | None, units: tuple[int, ...], output: Path, raw: Path | None, **image: Any
) -> None:
    """Carry the strongest cell of a map back to one image: ZFNet's deconvolutional network.

    Everything else in the layer is set to 0; on the way back a pooling puts values where its maximum was.
    Without --unit: the nine maps with the strongest cells.
    """
    files = OutputFiles(output, raw)
    opened = open_model(name, image.pop("pixel_range"))
    files.prepare()
    subject = choose_image(opened, **image)
    model = opened.model  # first of all TensorFlow, quietly
    from app.features.close_ups import close_ups
    from app.features.feature_maps import feature_maps
    from app.features.figures import draw_projections
    from app.maps.feature_layers import find_feature_layer

    explainer = opened.explainer
    inputs = opened.scaled(subject.pixels[np.newaxis])
    chosen = find_feature_layer(model, layer).name
    check_units(opened, chosen, units)
    layer_maps = feature_maps(explainer, inputs, [chosen])[0][0]
    seen = {
        unit: close_ups(explainer, inputs, chosen, unit)[0]
        for unit in dict.fromkeys(units or layer_maps.strongest(9))
    }
    said = opened.answer(model.probabilities(inputs)[0])
    click.echo(f"{subject.title} ({subject.caption}): {said}")
    for unit, each in seen.items():
        row, column = each.cell
        click.echo(
            f"  map {unit} of {chosen}: {each.value:.3g} at row {row}, column {column}"
            + ("; nothing to carry back" if not each.projection.any() else "")
        )
    notes = [f"{subject.caption}; {said}", "dashed: what the map's strongest cell sees"]
    figure = draw_projections(
        subject.pixels, seen, f"What {chosen} of {opened.name} answers to in {subject.title}", notes
    )
    leave_picture(figure, files.picture(slug("project", opened.name, subject.title, chosen)))
    files.save_raw(
        {
            "image": inputs[0],
            "units": np.array(list(seen)),
            "projections": np.stack([each.projection for each in seen.values()]),
        }
    )


CLIMB = (
    click.option("--steps", type=click.IntRange(1, 10_000), metavar="N", help="Steps of the ascent."),
    click.option("--total-variation", type=click.FloatRange(0), metavar="W", help="Weight of smoothness."),
    click.option("--norm", type=click.FloatRange(0), metavar="W", help="Weight of emptiness."),
    click.option("--jitter", type=click.IntRange(0), metavar="N", help="Pixels by which each step rolls it."),
    click.option(
        "--rotation", type=click.FloatRange(0, 180), metavar="DEGREES", help="By how much each step turns it."
    ),
    click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the noise it begins with (0)."),
)


@main.command(
    contradictions=CLASS_OR_LAYER,
    epilog="Example: python -m app.features maximise --model mnist --class 3 --class 8",
)
@all_of((model_option(), CLASSES, LAYER, UNITS, *CLIMB, pixel_range_option(), *FILES))
def maximise(
    name: str,
    class_texts: tuple[str, ...],
    layer: str | None,
    units: tuple[int, ...],
    pixel_range: Pixels | None,
    output: Path,
    raw: Path | None,
    **climb: Any,
) -> None:
    """Make an input, from noise, that a class or a map answers to most (by tf-keras-vis).

    For a class its logit is raised, for a map its central cell. Without --class, --layer and --unit:
    the first ten classes; with --layer alone: its first ten maps. Weights and steps have defaults
    for the size of the image.
    """
    files = OutputFiles(output, raw)
    opened = open_model(name, pixel_range)
    classes = [c for c in map(opened.find_class, class_texts) if c is not None]
    files.prepare()
    model = opened.model  # first of all TensorFlow, quietly
    from app.features.maximisation import settle_climb

    how = settle_climb(model, layer is None and not units, climb)
    if layer is None and not units:
        figure, arrays = maximised_classes(opened, classes or list(range(len(opened.names)))[:10], how)
    else:
        figure, arrays = maximised_maps(opened, layer, units, how)
    parts = [layer, *map(str, units)] if layer or units else class_texts
    leave_picture(figure, files.picture(slug("maximise", opened.name, *parts)))
    files.save_raw(arrays)


def open_model(name: str, pixel_range: Pixels | None = None) -> OpenModel:
    """Return a model that has something inside to look at.

    Raises:
        ValueError: it has no convolution.
    """
    opened = OpenModel(ModelChoice(name, pixel_range))
    if not opened.facts.has_convolution:
        raise ValueError(f"{opened.facts} has no convolution, so no maps and no filters")
    return opened


def choose_image(opened: OpenModel, class_text: str | None, **image: Any) -> Sample:
    """Return the user's own picture, test image N, or the first test image of a class."""
    return choose_images(opened, ImageChoice(**image), opened.find_class(class_text))[0]


if __name__ == "__main__":
    main(prog_name="python -m app.features")
