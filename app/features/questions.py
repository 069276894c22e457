"""The five questions that can be asked of what is inside a network; each answer shows itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.samples import Sample, fit_data
from app.datasets.streamed import Images
from app.features.layer_answers import Filters, ImageMaps
from app.features.unit_answers import Maximised, Nearest, NearestRow, Projections
from app.maps.open_model import OpenModel
from app.maps.probabilities import Probabilities

Part = Literal["training", "test"]


def check_convolution(opened: OpenModel) -> None:
    """Check that a model has something inside to look at.

    Raises:
        ValueError: it has no convolution.
    """
    if not opened.facts.has_convolution:
        raise ValueError(f"{opened.facts} has no convolution, so no maps and no filters")


def look_at_maps(opened: OpenModel, sample: Sample, layer: str | None = None, count: int = 8) -> ImageMaps:
    """Return what every layer, or one, makes of an image.

    Raises:
        ValueError: there is no such layer, or it has no maps.
    """
    from app.features.feature_maps import feature_maps

    inputs = opened.inputs_of([sample])
    found = feature_maps(opened.explainer, inputs, None if layer is None else [layer])[0]
    said, probabilities = _prediction(opened, inputs)
    return ImageMaps(opened.name, sample, inputs[0], said, tuple(found), layer, count, probabilities)


def _prediction(opened: OpenModel, inputs: np.ndarray) -> tuple[str, Probabilities | None]:
    """Return what the network says of an image, in words and as the probabilities of all classes."""
    row = opened.explainer.probabilities(inputs)[0]
    return opened.answer(row), Probabilities.of(opened.model.head, row, opened.names)


def look_at_filters(opened: OpenModel, layer: str | None = None) -> Filters:
    """Return the filters of a convolution, by default the first.

    Raises:
        ValueError: there is no such convolution, or its filters have no shape to draw.
    """
    model = opened.model
    from app.features.filters import find_filters

    return Filters(opened.name, find_filters(model, layer))


def find_nearest(
    opened: OpenModel,
    data: Dataset,
    part: Part = "training",
    layer: str | None = None,
    units: Sequence[int] = (),
    classes: Sequence[int] = (),
    count: int = 9,
) -> Nearest:
    """Return the images of a data set that maps of a layer, or classes, answer to most.

    Args:
        opened: the model.
        data: the images.
        part: which of them.
        layer: the layer; None: the last one with maps.
        units: numbers of its maps; (): the four with the strongest cells.
        classes: classes instead of maps.
        count: images for each.

    Raises:
        ValueError: the images do not fit the model, or there is no such layer or map.
    """
    data = fit_data(data, opened.shape, opened.ink("auto"))
    images, labels = (
        (data.train_images, data.train_labels) if part == "training" else (data.test_images, data.test_labels)
    )
    from app.features.close_ups import close_ups
    from app.features.nearest import nearest_images
    from app.maps.feature_layers import find_feature_layer

    explainer = opened.explainer_by(passes=len(images))

    chosen_layer = None if classes else find_feature_layer(explainer.model, layer).name
    if chosen_layer is not None:
        check_units(opened, chosen_layer, units)
    found = nearest_images(
        explainer, _batches(opened, images, explainer.rows_at_once(images.shape[1:])), chosen_layer, count
    )
    chosen = [*(classes or units or found.strongest(4))]
    rows = []
    for unit in dict.fromkeys(chosen):
        # an image that leaves a map at 0 is not near to it; every image has a logit
        kept = found.values[unit] > (-np.inf if chosen_layer is None else 0)
        numbers, values = found.places[unit, kept, 0], found.values[unit, kept]
        inputs = opened.scaled(images[numbers])
        seen = close_ups(explainer, inputs, chosen_layer, unit) if chosen_layer and len(numbers) else []
        names = tuple(data.class_names[labels[n]] for n in numbers)
        crops = [each.seen for each in seen] or [*inputs]
        rows.append(NearestRow(unit, numbers, values, names, crops, [each.projection_seen for each in seen]))
    return Nearest(
        opened.name,
        data.name,
        part,
        chosen_layer,
        tuple(chosen),
        found,
        tuple(rows),
        opened.pixels,
        opened.names,
    )


def _batches(opened: OpenModel, images: Images, size: int) -> Iterator[np.ndarray]:
    """Yield the images as the network takes them, so many at a time."""
    for start in range(0, len(images), size):
        yield opened.scaled(images[start : start + size])


def check_units(opened: OpenModel, layer: str, units: Sequence[int]) -> None:
    """Refuse numbers that the layer's maps do not have."""
    from app.maps.feature_layers import find_feature_layer

    most = find_feature_layer(opened.model, layer).map_shape[2] or 0
    for unit in units:
        if not 0 <= unit < most:
            raise ValueError(f"layer {layer} has the maps 0 to {most - 1}, not {unit}")


def project(
    opened: OpenModel, sample: Sample, layer: str | None = None, units: Sequence[int] = ()
) -> Projections:
    """Return the strongest cells of maps carried back to one image by ZFNet's deconvolutional network.

    Args:
        opened: the model.
        sample: the image.
        layer: the layer; None: the last one with maps.
        units: numbers of its maps; (): the nine with the strongest cells.

    Raises:
        ValueError: there is no such layer or map.
    """
    model = opened.model
    from app.features.close_ups import close_ups
    from app.features.feature_maps import feature_maps
    from app.maps.feature_layers import find_feature_layer

    inputs, chosen = opened.inputs_of([sample]), find_feature_layer(model, layer).name
    check_units(opened, chosen, units)
    layer_maps = feature_maps(opened.explainer, inputs, [chosen])[0][0]
    wanted = dict.fromkeys(units or layer_maps.strongest(9))
    seen = {unit: close_ups(opened.explainer, inputs, chosen, unit)[0] for unit in wanted}
    said, probabilities = _prediction(opened, inputs)
    return Projections(opened.name, sample, inputs[0], said, chosen, seen, probabilities)


def maximise(
    opened: OpenModel,
    classes: Sequence[int] = (),
    layer: str | None = None,
    units: Sequence[int] = (),
    climb: Mapping[str, Any] | None = None,
    asked: Sequence[str | None] = (),
) -> Maximised:
    """Return inputs, made from noise, that classes or maps answer to most (by tf-keras-vis).

    Args:
        opened: the model.
        classes: numbers of classes; () without layer and units: the first ten.
        layer: the layer whose maps are asked instead; None with units: the last one with maps.
        units: numbers of its maps; (): the first ten.
        climb: settings of `app.features.maximisation.Climb`; what is missing has defaults for the image's size.
        asked: what the result's file is called after.

    Raises:
        ValueError: there is no such layer, map or class.
    """
    import app.engine  # noqa: F401  # first of all TensorFlow, quietly
    from app.features.close_ups import crop
    from app.features.maximisation import central_cell, maximise_classes, maximise_maps, settle_climb
    from app.maps.feature_layers import find_feature_layer
    from app.maps.placement import placement_of

    is_of_class, explainer = layer is None and not units, opened.explainer
    model = explainer.model
    if model.is_series:
        raise ValueError(
            "the network takes series, and nothing says between which values they run: no input is made"
        )
    if is_of_class and model.is_per_pixel:
        raise ValueError(
            "the network has a class for each pixel, and noise has no pixel of it to begin with; maximise maps: --layer"
        )
    how = settle_climb(model, is_of_class, climb or {})
    if is_of_class:
        name, chosen = None, [*classes] or [*range(len(opened.names))][:10]
        made = maximise_classes(explainer, chosen, opened.bounds, how)
        crops = [each.image for each in made]
    else:
        step = find_feature_layer(model, layer)
        name, chosen = step.name, [*units] or [*range(step.map_shape[2] or 0)][:10]
        made = maximise_maps(explainer, step.name, chosen, opened.bounds, how)
        placement = placement_of(explainer, step.name, np.stack([each.image for each in made]))
        cell = central_cell(*(len(centres) for centres in placement.centres))
        crops = [crop(each.image, placement, *cell) for each in made]
    return Maximised(
        opened.name,
        name,
        tuple(chosen),
        tuple(made),
        crops,
        how.words(),
        opened.pixels,
        opened.names,
        tuple(
            Probabilities.of(model.head, each.probabilities, opened.names) if is_of_class else None
            for each in made
        ),
        tuple(asked),
    )
