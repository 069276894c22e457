"""Maps without gradients: parts of the image are hidden, and the score is looked at again."""

import numpy as np
import tensorflow as tf

from app.engine.compiling import Tensors
from app.engine.heads import Head
from app.visualisation.cam import layer_maps
from app.visualisation.explainer import Explainer
from app.visualisation.placement import Placement


def class_probability(logits: tf.Tensor, targets: tf.Tensor, head: Head) -> tf.Tensor:
    """Return the probability of what is explained, or a difference of two, (rows,).

    Quantities have none: their score is returned.
    """
    if head.kind == "value":
        return tf.reduce_sum(logits * targets, axis=-1)
    if head.is_binary:
        return tf.sigmoid(logits * targets)[:, 0]
    made = tf.sigmoid(logits) if head.kind == "sigmoid" else tf.nn.softmax(logits)
    return tf.reduce_sum(made * targets, axis=-1)


def score_cam(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    placement: Placement,
    layer: str | None = None,
) -> np.ndarray:
    """Return Σ_k p_k A_k, signed, (images, rows, columns).

    p_k is the probability of the class when the image is multiplied by map k, drawn over the image and
    stretched to 0…1. Source: Wang et al., Score-CAM, 2020, with the probability as weight, as in their code.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image.
        placement: where the cells of the maps lie on the image.
        layer: name of the step whose maps are used; the last spatial one if it is None.
    """
    maps = layer_maps(explainer, images, layer)
    rows, columns = placement.matrices()

    def function(x: tf.Tensor, a: tf.Tensor, t: tf.Tensor, which: tf.Tensor,
                 r: tf.Tensor, c: tf.Tensor) -> Tensors:  # fmt: skip
        chosen = tf.gather(a, which, axis=-1)
        masks = tf.einsum("hr,brck->bkhc", r, chosen)
        masks = tf.einsum("bkhc,wc->bkhw", masks, c)
        low = tf.reduce_min(masks, (2, 3), keepdims=True)
        high = tf.reduce_max(masks, (2, 3), keepdims=True)
        masks = (masks - low) / (high - low + 1e-7)
        hidden = tf.reshape(x[:, None] * masks[..., None], (-1, *x.shape[1:]))
        copies = tf.shape(which)[0]
        logits = explainer.model.run(explainer.model.start(hidden))[explainer.model.output]
        weights = class_probability(logits, tf.repeat(t, copies, axis=0), explainer.model.head)
        return (tf.reshape(weights, (-1, copies)),)

    parts = [
        explainer.apply(("scorecam", layer), function, [images, maps, targets],
                        [np.array(numbers), rows, columns])[0]
        for numbers in explainer.blocks(images, maps.shape[-1])
    ]  # fmt: skip
    return np.asarray(np.einsum("bk,brck->brc", np.concatenate(parts, axis=1), maps))


def occlusion(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    patch: tuple[int, int],
    stride: int,
    fill: float = 0.0,
) -> np.ndarray:
    """Return how far the score falls when a pixel is hidden, signed, (images, height, width, 1).

    A patch slides over the image and is filled with one value; each pixel gets the mean of
    S(image) − S(image with the patch hidden) over the patches that hide it. The last patch of a row or
    column ends at the border, so every pixel is hidden at least once. Source: Zeiler and Fergus 2014, §4.2.

    Raises:
        ValueError: the patch is larger than the image, or the stride leaves gaps between patches.
    """
    height, width = images.shape[1:3]
    if not (1 <= patch[0] <= height and 1 <= patch[1] <= width):
        raise ValueError(
            f"a patch of {patch[0]}×{patch[1]} does not fit an image of {height}×{width}"
        )
    if not 1 <= stride <= min(patch):
        raise ValueError(
            f"a stride of {stride} leaves pixels between patches of {patch[0]}×{patch[1]}"
        )
    tops, lefts = (_starts(n, p, stride) for n, p in zip((height, width), patch, strict=True))
    corners = [(top, left) for top in tops for left in lefts]
    hidden = np.zeros((len(corners), height, width, 1))
    for mask, (top, left) in zip(hidden, corners, strict=True):
        mask[top : top + patch[0], left : left + patch[1]] = 1

    def function(x: tf.Tensor, t: tf.Tensor, masks: tf.Tensor, value: tf.Tensor) -> Tensors:
        made = x[:, None] * (1 - masks[None]) + value[0] * masks[None]
        made = tf.reshape(made, (-1, *x.shape[1:]))
        copies = tf.shape(masks)[0]
        logits = explainer.model.run(explainer.model.start(made))[explainer.model.output]
        scores = tf.reduce_sum(logits * tf.repeat(t, copies, axis=0), axis=-1)
        return (tf.reshape(scores, (-1, copies)),)

    value = np.array([fill])
    parts = [
        explainer.apply("occlusion", function, [images, targets], [hidden[list(block)], value])[0]
        for block in explainer.blocks(images, len(corners))
    ]
    whole = (explainer.logits(images) * targets).sum(axis=1, keepdims=True)
    drops = whole - np.concatenate(parts, axis=1)
    summed = np.tensordot(drops, hidden, axes=(1, 0))
    return np.asarray(summed / hidden.sum(axis=0))


def _starts(size: int, patch: int, stride: int) -> list[int]:
    starts = list(range(0, size - patch + 1, stride))
    return starts if starts[-1] == size - patch else [*starts, size - patch]
