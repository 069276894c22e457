"""Feature maps: what every layer makes of an image, and which of its maps stay silent."""

from collections.abc import Sequence

import numpy as np

from app.features.results import LayerMaps
from app.maps.explainer import Explainer
from app.maps.feature_layers import feature_layers, find_feature_layer
from app.program.heads import keeps_values
from app.program.program import Program
from app.program.steps import Step

LINEAR = ":linear"
"""How the name of a step ends that is a layer before its own activation."""


def feature_steps(model: Program) -> list[Step]:
    """Return the steps whose maps are worth a look, in order.

    Left out are layers before their own activation (`find_feature_layer` still finds them) and what only passes
    maps on, such as dropout.

    Raises:
        ValueError: there is none.
    """
    steps = [
        step for step in feature_layers(model) if not step.name.endswith(LINEAR) and not keeps_values(step)
    ]
    if not steps:
        raise ValueError("no layer of the model has a map of more than one cell")
    return steps


def check_units(step: Step, layer: str, units: Sequence[int]) -> int:
    """Return how many maps a layer has.

    Raises:
        ValueError: one of `units` is none of their numbers.
    """
    count = step.map_shape[2] or 0
    for unit in units:
        if not 0 <= unit < count:
            raise ValueError(f"layer {layer!r} has the maps 0 to {count - 1}, not {unit}")
    return count


def feature_maps(
    explainer: Explainer, images: np.ndarray, layers: Sequence[str] | None = None
) -> list[list[LayerMaps]]:
    """Return the maps of many layers, made in one run: for each image, a `LayerMaps` for each layer.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        layers: names of steps; those of `feature_steps` if it is None.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    model = explainer.model
    steps = feature_steps(model) if layers is None else [find_feature_layer(model, each) for each in layers]
    columns = explainer.apply(lambda x: explainer.machine.maps(x, steps), [images])
    names = [step.name for step in steps]
    return [list(map(LayerMaps, names, maps)) for maps in zip(*columns, strict=True)]
