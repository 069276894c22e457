"""Class-activation maps: where the last maps of the network hold evidence for a class.

With A_k map k of a layer, G_k = ∂S/∂A_k and sums over all its cells i:

- Grad-CAM: Σ_k α_k A_k, α_k the mean of G_k (Selvaraju et al. 2017, eq. 1 and 2);
- Grad-CAM++: Σ_k w_k A_k, w_k = Σ_i a_ki max(0, e^S G_ki), a_ki = G² / (2 G² + G³ Σ_i A_ki), divided by
  Σ_i a_ki (Chattopadhay et al. 2018, eq. 19, with the authors' normalisation); e^S is held within e^±50;
- LayerCAM: Σ_k max(0, G_k) · A_k, cell by cell (Jiang et al. 2021, eq. 5 and 6);
- HiResCAM: Σ_k G_k · A_k, cell by cell (Draelos and Carin 2020);
- Eigen-CAM: A projected on its first principal direction, no class asked for (Muhammad and Yeasin 2020).

The picture of each is max(0, ·).
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from app.engine.compiling import Tensors
from app.engine.replay.steps import Replay, Step
from app.maps.explainer import Explainer


def last_spatial_step(model: Replay) -> Step:
    """Return the last step before the maps are pooled or flattened away.

    It is the last of the steps that lead to the output with a map of more than one cell, so that in
    a network of parallel branches it is where they have come together, not inside one of them.

    Raises:
        ValueError: there is no such step.
    """
    maps = maps_of_image(model)
    if not maps:
        raise ValueError("no layer of the model has a map of more than one cell: Grad-CAM needs one")
    return maps[-1]


def maps_of_image(model: Replay) -> list[Step]:
    """Return the steps that put out maps of more than one cell and depend on the image."""
    reached, maps = {model.image}, []
    for step in model.steps:
        if reached.intersection(step.inputs()):
            reached.update(step.outputs)
            if any(n is None or n > 1 for n in step.map_shape[:2]):
                maps.append(step)
    return maps


def find_map(model: Replay, layer: str | None) -> Step:
    """Return the step called `layer`, or the last spatial one.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    if layer is None:
        return last_spatial_step(model)
    maps = maps_of_image(model)
    for step in maps:
        if step.name == layer:
            return step
    known = any(step.name == layer for step in model.steps)
    what = "has no map of the image with more than one cell" if known else "is not in the model"
    names = ", ".join(step.name for step in maps if not step.name.endswith(":linear"))
    raise ValueError(f"layer {layer!r} {what}; layers with maps: {names or 'none'}")


def maps_and_gradients(
    model: Replay, images: tf.Tensor, targets: tf.Tensor, step: Step
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return A and G, (images, rows, columns, maps), and S, (images,), for tensors.

    What comes before the maps is run without a gradient.
    """
    after = model.position(step.outputs[0]) + 1
    values = model.run(model.start(images), steps=slice(after))
    maps = step.to_maps(values[step.outputs[0]])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(maps)
        values[step.outputs[0]] = step.from_maps(maps)
        logits = model.run(values, steps=slice(after, None))[model.output]
        scores = tf.reduce_sum(logits * targets, axis=-1)
    return maps, tape.gradient(scores, maps, unconnected_gradients="zero"), scores


def _grad_cam(maps: tf.Tensor, gradients: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:  # noqa: ARG001
    return tf.reduce_sum(tf.reduce_mean(gradients, (1, 2), keepdims=True) * maps, -1)


def _grad_cam_plus_plus(maps: tf.Tensor, gradients: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    # G² taken out above and below: G³ of a small gradient is below what a float holds
    below = 2 + gradients * tf.reduce_sum(maps, (1, 2), keepdims=True)
    shares = tf.math.divide_no_nan(tf.cast(gradients != 0, maps.dtype), below)
    shares = tf.math.divide_no_nan(shares, tf.reduce_sum(shares, (1, 2), keepdims=True))
    factor = tf.exp(tf.clip_by_value(scores, -50, 50))[:, None, None, None]
    weights = tf.reduce_sum(shares * tf.nn.relu(factor * gradients), (1, 2), keepdims=True)
    return tf.reduce_sum(weights * maps, -1)


def _layer_cam(maps: tf.Tensor, gradients: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:  # noqa: ARG001
    return tf.reduce_sum(tf.nn.relu(gradients) * maps, -1)


def _hires_cam(maps: tf.Tensor, gradients: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:  # noqa: ARG001
    return tf.reduce_sum(gradients * maps, -1)


RULES: dict[str, Callable[..., tf.Tensor]] = {
    "gradcam": _grad_cam,
    "gradcam++": _grad_cam_plus_plus,
    "layercam": _layer_cam,
    "hirescam": _hires_cam,
}
"""How maps and gradients become one map, by method."""


def class_activation(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    rule: str = "gradcam",
    layer: str | None = None,
) -> np.ndarray:
    """Return the cells of each image's class-activation map, signed, (images, rows, columns).

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image.
        rule: one of `RULES`.
        layer: name of the step whose maps are used; the last spatial one if it is None.

    Raises:
        ValueError: the model has no suitable maps.
    """
    step = find_map(explainer.model, layer)

    def function(x: tf.Tensor, t: tf.Tensor) -> Tensors:
        return (RULES[rule](*maps_and_gradients(explainer.model, x, t, step)),)

    return explainer.apply((rule, step.name), function, [images, targets])[0]


def layer_maps(explainer: Explainer, images: np.ndarray, layer: str | None = None) -> np.ndarray:
    """Return the maps of a layer, (images, rows, columns, maps)."""
    step = find_map(explainer.model, layer)

    def function(x: tf.Tensor) -> Tensors:
        stop = explainer.model.position(step.outputs[0]) + 1
        values = explainer.model.run(explainer.model.start(x), steps=slice(stop))
        return (step.to_maps(values[step.outputs[0]]),)

    return explainer.apply(("maps", step.name), function, [images])[0]


def eigen_cam(explainer: Explainer, images: np.ndarray, layer: str | None = None) -> np.ndarray:
    """Return A v, (images, rows, columns), v the first right singular vector of A as cells × maps.

    v is turned so that Σ A v over all cells is not negative. No class is asked for, so the map is the same
    for all of them.

    Raises:
        ValueError: the model has no suitable maps, or they are not finite.
    """
    maps = layer_maps(explainer, images, layer).astype(np.float64)
    if not np.isfinite(maps).all():
        raise ValueError("the layer's maps hold values that are not finite; check the weights")
    cells = maps.reshape(len(maps), -1, maps.shape[-1])
    first = np.linalg.svd(cells, full_matrices=False)[2][:, 0]
    projected = np.einsum("ick,ik->ic", cells, first)
    signs = np.where(projected.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    return np.asarray((projected * signs).reshape(maps.shape[:3]))
