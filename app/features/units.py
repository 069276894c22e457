"""What the command `features` prints and draws of single units: maps of a layer, or classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.datasets.dataset import as_shown
from app.maps.open_model import OpenModel

if TYPE_CHECKING:
    from app.features.maximisation import Climb
    from app.features.nearest import NearestImages


def nearest_figure(
    opened: OpenModel,
    found: "NearestImages",
    images: np.ndarray,
    labels: Sequence[str],
    layer: str | None,
    units: Sequence[int],
) -> Any:
    """Print and draw the images nearest to each unit; `labels` are the names of the images' classes."""
    from app.features.close_ups import close_ups
    from app.features.figures import UnitRow, draw_nearest
    from app.show.mosaic import Tile, pixels

    rows = []
    for unit in dict.fromkeys(units):
        heading, captions, numbers = _words(opened, found, labels, layer, unit)
        click.echo(f"  {heading}")
        if not len(numbers):
            continue
        inputs = opened.scaled(images[numbers])
        seen = [] if layer is None else close_ups(opened.explainer, inputs, layer, unit)
        crops = [s.seen for s in seen] or list(inputs)
        tiles = [
            Tile(pixels(as_shown(crop, opened.pixels), 0, 1), caption)
            for crop, caption in zip(crops, captions, strict=True)
        ]
        rows.append(UnitRow(heading, tiles, [Tile(s.projection_seen) for s in seen]))
    if not rows:
        raise ValueError(f"no image activates map {', '.join(map(str, units))} of {layer}: nothing to draw")
    notes = ["above each image: its number, its label and the activation"]
    if layer is not None:
        notes.append(
            "each image is cut to what the strongest cell sees; below it the activation carried "
            "back to these pixels by the deconvolutional network"
        )
    what = "classes" if layer is None else f"maps of {layer}"
    return draw_nearest(rows, f"What {opened.name} answers to: the nearest images of {what}", notes)


def _words(
    opened: OpenModel, found: "NearestImages", names: Sequence[str], layer: str | None, unit: int
) -> tuple[str, list[str], np.ndarray]:
    """Return a heading for a unit, a caption for each of its images, and the images' numbers.

    An image that leaves a map at 0 is not near to it; every image has a logit.
    """
    kept = found.values[unit] > (-np.inf if layer is None else 0)
    numbers, values = found.places[unit, kept, 0], found.values[unit, kept]
    labels = [names[n] for n in numbers]
    captions = [
        f"{n} ({label})\n{value:.3g}" for n, label, value in zip(numbers, labels, values, strict=True)
    ]
    if layer is None:
        heading = f"class {opened.names[unit]}: the largest logits of {found.images:,} images"
    else:
        heading = f"map {unit} of {layer}: above 0 for {found.active[unit]:,} of {found.images:,} images"
    if labels:
        heading += f"; strongest {values[0]:.3g}; labelled {tally(labels)}"
    return heading, captions, numbers


def tally(labels: Sequence[str]) -> str:
    """Return labels counted, the most frequent first: `3 (7), 8 (2)`."""
    counted = sorted(set(labels), key=lambda label: (-labels.count(label), labels.index(label)))
    return ", ".join(f"{label} ({labels.count(label)})" for label in counted)


def maximised_classes(
    opened: OpenModel, classes: Sequence[int], how: "Climb"
) -> tuple[Any, dict[str, np.ndarray]]:
    """Print and draw an input for each class."""
    from app.features.figures import draw_maximised
    from app.features.maximisation import maximise_classes
    from app.maps.verdict import percent
    from app.show.mosaic import Tile, pixels

    made = maximise_classes(opened.explainer, classes, opened.bounds, how)
    tiles = []
    for c, each in zip(classes, made, strict=True):
        sure = percent(float(each.probabilities[c]))
        click.echo(
            f"class {opened.names[c]}: logit {each.start:.3g} → {each.score:.3g}; the network "
            f"is {sure} sure that this is {opened.names[c]}"
        )
        caption = f"{opened.names[c]}: logit {each.score:.3g}\n{sure}"
        tiles.append(Tile(pixels(as_shown(each.image, opened.pixels), 0, 1), caption))
    notes = [
        "made from noise by gradient ascent, not taken from any data; would you say the same?",
        how.words(),
    ]
    figure = draw_maximised(tiles, f"What {opened.name} takes for each class most", notes)
    return figure, {
        "classes": np.array(classes),
        "images": np.stack([m.image for m in made]),
        "scores": np.array([m.score for m in made]),
    }


def maximised_maps(
    opened: OpenModel, layer: str | None, units: Sequence[int], how: "Climb"
) -> tuple[Any, dict[str, np.ndarray]]:
    """Print and draw an input for each map of a layer, cut to what the central cell sees."""
    from app.features.close_ups import crop
    from app.features.figures import draw_maximised
    from app.features.maximisation import central_cell, maximise_maps
    from app.maps.feature_layers import find_feature_layer
    from app.maps.placement import placement_of
    from app.show.mosaic import Tile, pixels

    explainer, step = opened.explainer, find_feature_layer(opened.model, layer)
    chosen = list(units) or list(range(step.map_shape[2] or 0))[:10]
    made = maximise_maps(explainer, step.name, chosen, opened.bounds, how)
    images = np.stack([each.image for each in made])
    placement = placement_of(explainer, step.name, images)
    cell = central_cell(*(len(centres) for centres in placement.centres))
    tiles = []
    for unit, each in zip(chosen, made, strict=True):
        click.echo(f"map {unit} of {step.name}: {each.start:.3g} → {each.score:.3g}")
        seen = crop(each.image, placement, *cell)
        tiles.append(Tile(pixels(as_shown(seen, opened.pixels), 0, 1), f"map {unit}: {each.score:.3g}"))
    notes = [
        "made from noise by gradient ascent; shown is what the map's central cell sees, with its "
        "value before the rectifier",
        how.words(),
    ]
    figure = draw_maximised(tiles, f"What maps of {step.name} in {opened.name} answer to most", notes)
    return figure, {"units": np.array(chosen), "images": images, "scores": np.array([m.score for m in made])}
