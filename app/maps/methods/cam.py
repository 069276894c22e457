"""Class-activation maps: where the last maps of the network hold evidence for a class.

With A_k map k of a layer, G_k = ∂S/∂A_k and sums over all its cells i:

- Grad-CAM: Σ_k α_k A_k, α_k the mean of G_k (Selvaraju et al. 2017, eq. 1 and 2);
- Grad-CAM++: Σ_k w_k A_k, w_k = Σ_i a_ki max(0, e^S G_ki), a_ki = G² / (2 G² + G³ Σ_i A_ki), divided by
  Σ_i a_ki (Chattopadhay et al. 2018, eq. 19, with the authors' normalisation); e^S is held within e^±50;
- LayerCAM: Σ_k max(0, G_k) · A_k, cell by cell (Jiang et al. 2021, eq. 5 and 6);
- HiResCAM: Σ_k G_k · A_k, cell by cell (Draelos and Carin 2020);
- Eigen-CAM: A projected on its first principal direction, no class asked for (Muhammad and Yeasin 2020);
- Score-CAM: Σ_k p_k A_k, without a gradient (Wang et al. 2020);
- guided Grad-CAM: the picture of Grad-CAM times guided backpropagation (Selvaraju et al. 2017).

The picture of each is max(0, ·).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from app.maps.explainer import Arrays, Explainer
from app.maps.feature_layers import find_feature_steps, layer_maps
from app.maps.methods.masking import class_probability
from app.maps.methods.method import Method, RawMaps, Settings
from app.maps.placement import Placement, place_cells, placement_of

CellRule = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Makes of A and G, (images, rows, columns, maps), and S, (images,), the cells (images, rows, columns)."""


def grad_cam(maps: np.ndarray, gradients: np.ndarray, scores: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return Σ_k α_k A_k, α_k the mean of G_k."""
    weights = gradients.mean(
        axis=(1, 2), keepdims=True, dtype=np.float64
    )  # of 15,000 cells float32 loses digits
    return np.asarray((weights * maps).sum(axis=-1), maps.dtype)


def grad_cam_plus_plus(maps: np.ndarray, gradients: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return Σ_k w_k A_k, w_k = Σ_i a_ki max(0, e^S G_ki)."""
    # G² taken out above and below: G³ of a small gradient is below what a float holds
    below = 2 + gradients * maps.sum(axis=(1, 2), keepdims=True)
    shares = _divided((gradients != 0).astype(maps.dtype), below)
    shares = _divided(shares, shares.sum(axis=(1, 2), keepdims=True))
    factor = np.exp(np.clip(scores, -50, 50))[:, None, None, None]
    weights = (shares * np.maximum(factor * gradients, 0)).sum(axis=(1, 2), keepdims=True)
    return np.asarray((weights * maps).sum(axis=-1))


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return above / below, 0 where below is 0."""
    return np.divide(
        above, below, out=np.zeros(np.broadcast(above, below).shape, above.dtype), where=below != 0
    )


def layer_cam(maps: np.ndarray, gradients: np.ndarray, scores: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return Σ_k max(0, G_k) · A_k, cell by cell."""
    return np.asarray((np.maximum(gradients, 0) * maps).sum(axis=-1))


def hires_cam(maps: np.ndarray, gradients: np.ndarray, scores: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return Σ_k G_k · A_k, cell by cell."""
    return np.asarray((gradients * maps).sum(axis=-1))


def class_activation(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    rule: CellRule = grad_cam,
    layer: str | None = None,
) -> np.ndarray:
    """Return the cells of each image's class-activation map, signed, (images, rows, columns).

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image.
        rule: how maps and gradients become one map.
        layer: name of the step whose maps are used; the last spatial one if it is None.

    Raises:
        ValueError: the model has no suitable maps.
    """
    steps = find_feature_steps(explainer.model, layer)

    def function(x: np.ndarray, t: np.ndarray) -> Arrays:
        return (rule(*explainer.machine.maps_and_gradients(x, t, steps)),)

    return explainer.apply(function, [images, targets])[0]


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


def score_cam(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    placement: Placement,
    layer: str | None = None,
) -> np.ndarray:
    """Return Σ_k p_k A_k, signed, (images, rows, columns).

    p_k is the probability of the class when the image is multiplied by map k, drawn over the image and
    stretched to 0…1. A map that is the same everywhere hides nothing more in one place than in another; it
    is left out. Source: Wang et al., Score-CAM, 2020, with the probability as weight, as in their code.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image.
        placement: where the cells of the maps lie on the image.
        layer: name of the step whose maps are used; the last spatial one if it is None.
    """
    maps = layer_maps(explainer, images, layer)
    rows, columns = placement.matrices
    units = targets.shape[1]

    def function(x: np.ndarray, a: np.ndarray, which: np.ndarray, r: np.ndarray, c: np.ndarray) -> Arrays:
        chosen = np.moveaxis(a[..., which], -1, 1)  # (images, copies, rows, columns)
        masks = r @ chosen @ c.T
        low, high = (end(masks, axis=(2, 3), keepdims=True) for end in (np.min, np.max))
        masks = _divided(masks - low, high - low)
        hidden = (x[:, None] * masks[..., None]).reshape(-1, *x.shape[1:])
        return (explainer.machine.outputs(hidden).reshape(-1, len(which), units),)

    parts = []
    for numbers in explainer.blocks(images, maps.shape[-1]):
        shared = [np.array(numbers), rows, columns]
        outputs = explainer.apply(function, [images, maps], shared)[0].reshape(-1, units)
        told = np.repeat(targets, len(numbers), axis=0)
        weights = class_probability(outputs, told, explainer.model.head)
        parts.append(weights.reshape(len(images), -1))
    weights = np.where(np.ptp(maps, axis=(1, 2)) > 0, np.concatenate(parts, axis=1), 0)
    return np.asarray(np.einsum("bk,brck->brc", weights, maps))


def guided_grad_cam(
    explainer: Explainer, images: np.ndarray, targets: np.ndarray, layer: str | None
) -> np.ndarray:
    """Return guided backpropagation times the picture of Grad-CAM, (images, height, width, channels)."""
    cells = np.maximum(class_activation(explainer, images, targets, grad_cam, layer), 0)
    placed = place_cells(cells, placement_of(explainer, layer, images))
    return np.asarray(placed[..., np.newaxis] * explainer.gradients(images, targets, "guided"))


def _of_rule(name: str, label: str, source: str, rule: CellRule, **facts: Any) -> Method:
    """Return the method that makes maps and gradients cells by `rule`."""

    def compute(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:
        return RawMaps(class_activation(e, x, t, rule, s.layer))

    return Method(name, label, source, compute, **OF_CELLS, **facts)


OF_CELLS: dict[str, Any] = {"shows": "positive", "is_of_cells": True, "settings": ("layer",)}
"""What all class-activation maps have in common."""
METHODS = (
    _of_rule(
        "gradcam",
        "Grad-CAM",
        "Selvaraju et al. 2017",
        grad_cam,
        is_of_article=True,
        witness="gradcam.Gradcam",
    ),
    _of_rule(
        "gradcam++",
        "Grad-CAM++",
        "Chattopadhay et al. 2018",
        grad_cam_plus_plus,
        witness="gradcam_plus_plus.GradcamPlusPlus",
    ),
    _of_rule("layercam", "LayerCAM", "Jiang et al. 2021", layer_cam, witness="layercam.Layercam"),
    _of_rule("hirescam", "HiResCAM", "Draelos and Carin 2020", hires_cam),
    Method(
        "eigencam",
        "Eigen-CAM",
        "Muhammad and Yeasin 2020",
        lambda e, x, t, s: RawMaps(eigen_cam(e, x, s.layer)),  # noqa: ARG005
        asks_for_class=False,
        **OF_CELLS,
    ),
    Method(
        "scorecam",
        "Score-CAM",
        "Wang et al. 2020",
        lambda e, x, t, s: RawMaps(score_cam(e, x, t, placement_of(e, s.layer, x), s.layer)),
        hides_pixels=True,
        witness="scorecam.Scorecam",
        **OF_CELLS,
    ),
    Method(
        "guided-gradcam",
        "guided Grad-CAM",
        "Selvaraju et al. 2017",
        lambda e, x, t, s: RawMaps(guided_grad_cam(e, x, t, s.layer)),
        settings=("layer",),
        rule="guided",
    ),
)
