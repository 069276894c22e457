"""The layers of a network whose feature maps show where something is in the image."""

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

    from app.engine.compiling import Tensors
    from app.engine.replay.rectifiers import Rule
    from app.engine.replay.steps import Replay, Step
    from app.maps.explainer import Explainer


def feature_layers(model: "Replay") -> list["Step"]:
    """Return the steps that put out maps of more than one cell and depend on the image."""
    reached, found = {model.image}, []
    for step in model.steps:
        if reached.intersection(step.inputs()):
            reached.update(step.outputs)
            if any(n is None or n > 1 for n in step.map_shape[:2]):
                found.append(step)
    return found


def last_spatial_step(model: "Replay") -> "Step":
    """Return the last step before the maps are pooled or flattened away.

    It is the last of the steps that lead to the output with a map of more than one cell, so that in
    a network of parallel branches it is where they have come together, not inside one of them. Where the output
    itself has a class for each pixel, it is the last step with the fewest cells, the narrowest place of the network:
    the output's own maps would only repeat what it says.

    Raises:
        ValueError: there is no such step.
    """
    found = feature_layers(model)
    if not found:
        raise ValueError("no layer of the model has a map of more than one cell: Grad-CAM needs one")
    if not model.is_per_pixel:
        return found[-1]
    inner = [step for step in found if (step.map_shape[2] or 0) > model.head.units] or found
    sizes = [math.prod(n or 0 for n in step.map_shape[:2]) for step in inner]
    return [step for step, size in zip(inner, sizes, strict=True) if size == min(sizes)][-1]


def find_feature_layer(model: "Replay", layer: str | None) -> "Step":
    """Return the step called `layer`, or the last spatial one.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    if layer is None:
        return last_spatial_step(model)
    found = feature_layers(model)
    for step in found:
        if step.name == layer:
            return step
    known = any(step.name == layer for step in model.steps)
    what = "has no map of the image with more than one cell" if known else "is not in the model"
    names = ", ".join(step.name for step in found if not step.name.endswith(":linear"))
    raise ValueError(f"layer {layer!r} {what}; layers with maps: {names or 'none'}")


def run_to(model: "Replay", step: "Step", images: "tf.Tensor", rule: "Rule" = "plain") -> "tf.Tensor":
    """Return the maps that a step makes of images, (images, rows, columns, maps); later steps do not run."""
    stop = model.position(step.outputs[0]) + 1
    values = model.run(model.start(images), rule=rule, steps=slice(stop))
    return step.to_maps(values[step.outputs[0]])


def layer_maps(explainer: "Explainer", images: np.ndarray, layer: str | None = None) -> np.ndarray:
    """Return the maps of a layer, (images, rows, columns, maps)."""
    step = find_feature_layer(explainer.model, layer)

    def function(x: "tf.Tensor") -> "Tensors":
        return (run_to(explainer.model, step, x),)

    return explainer.apply(("maps", step.name), function, [images])[0]
