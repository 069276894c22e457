"""Grad-CAM: where the last maps of the network hold evidence for a class.

α_k = mean over the map of ∂S_c/∂A_k;  L = max(0, Σ_k α_k A_k).
Source: Selvaraju et al., Grad-CAM, 2017, equations 1 and 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from app.engine.steps import Replay, Slot, Step
from app.visualisation.scores import class_scores


@dataclass(frozen=True)
class ActivationMap:
    """Class-activation cells, unscaled."""

    cells: np.ndarray
    """L, (batch, rows, columns), in units of the score; never negative."""
    signed: np.ndarray
    """Σ_k α_k A_k before the rectification, of the same shape."""
    tensor: str
    """Name of the step whose maps A were used."""
    slot: Slot


def last_spatial_step(model: Replay) -> Step:
    """Return the last step before the maps are pooled or flattened away.

    It is the last of the steps that lead to the output with a map of more than one cell, so that in
    a network of parallel branches it is where they have come together, not inside one of them.

    Raises:
        ValueError: there is no such step.
    """
    needed = {model.output}
    for step in reversed(model.steps):
        if any(slot in needed for slot in step.outputs):
            if is_map(step):
                return step
            needed.update(step.inputs())
    raise ValueError("no layer of the model has a map of more than one cell: Grad-CAM needs one")


def is_map(step: Step) -> bool:
    """Return whether the step puts out maps of more than one cell."""
    return len(step.shape) == 4 and any(n is None or n > 1 for n in step.shape[1:3])


def find_map(model: Replay, layer: str | None) -> Step:
    """Return the step called `layer`, or the last spatial one.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    if layer is None:
        return last_spatial_step(model)
    maps = [step for step in model.steps if is_map(step)]
    for step in maps:
        if step.name == layer:
            return step
    known = any(step.name == layer for step in model.steps)
    what = "has no map of more than one cell" if known else "is not in the model"
    names = ", ".join(step.name for step in maps if not step.name.endswith(":linear"))
    raise ValueError(f"layer {layer!r} {what}; layers with maps: {names or 'none'}")


def grad_cam(
    model: Replay, images: np.ndarray, classes: Sequence[int], layer: str | None = None
) -> ActivationMap:
    """Return the Grad-CAM cells of each image for its class.

    Args:
        model: the replayed model.
        images: (batch, height, width, channels), scaled as the model takes them.
        classes: the class c to explain, one for each image.
        layer: name of the step whose maps are used; the last spatial one if it is None.

    Raises:
        ValueError: the model has no suitable maps.
    """
    step = find_map(model, layer)
    slot = step.outputs[0]
    inputs = model.as_input(images)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        values = model.run(inputs)
        scores = class_scores(values[model.output], classes, model.head)
    maps = values[slot]
    gradients = tape.gradient(scores, maps, unconnected_gradients="zero")
    weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
    signed = np.asarray(tf.reduce_sum(weights * maps, axis=-1))
    return ActivationMap(np.maximum(signed, 0), signed, step.name, slot)
