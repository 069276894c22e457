"""The layers of a network whose feature maps show where something is in the image."""

import math

import numpy as np

from app.maps.explainer import Arrays, Explainer
from app.program.program import Program
from app.program.steps import Step


def feature_layers(model: Program) -> list[Step]:
    """Return the steps that put out maps of more than one cell and depend on the image."""
    reached, found = {model.image}, []
    for step in model.steps:
        if reached.intersection(step.inputs()):
            reached.update(step.outputs)
            if any(n is None or n > 1 for n in step.map_shape[:2]):
                found.append(step)
    return found


def last_spatial_step(model: Program) -> Step:
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


def ways_out(model: Program) -> list[Step]:
    """Return the last spatial step of each way to the output: of each member of an ensemble, of each pooled branch.

    A step is one if something that is no map is made of it and leads to the output without becoming a map again, as
    the weights of a squeeze-and-excitation block do.
    """
    found = {step.outputs[0] for step in feature_layers(model)}
    open_ways = {model.output}  # slots that lead to the output without a map on the way
    exits = []
    for step in reversed(model.steps):
        leads = bool(open_ways.intersection(step.outputs))
        if leads and step.outputs[0] in found:
            exits.append(step)
        elif leads:
            open_ways.update(step.inputs())
    return exits[::-1]


def find_feature_steps(model: Program, layer: str | None) -> list[Step]:
    """Return the steps whose maps a class-activation map is made of: one, or the last ones of all ways to the output.

    Where the network leads to its output in several ways that end in maps of one size, as an ensemble of like members
    does, their maps are taken side by side; the map is then the sum of the members' own. Otherwise it is the layer
    called `layer`, or the last spatial one.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    if layer is None and not model.is_per_pixel:
        exits = ways_out(model)
        if len(exits) > 1 and len({step.map_shape[:2] for step in exits}) == 1:
            return exits
    return [find_feature_layer(model, layer)]


def find_feature_layer(model: Program, layer: str | None) -> Step:
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


def layer_maps(explainer: Explainer, images: np.ndarray, layer: str | None = None) -> np.ndarray:
    """Return the maps of a layer, or of all ways to the output side by side, (images, rows, columns, maps)."""
    steps = find_feature_steps(explainer.model, layer)

    def function(x: np.ndarray) -> Arrays:
        return (np.concatenate(explainer.machine.maps(x, steps), axis=-1),)

    return explainer.apply(function, [images])[0]
