"""Pictures changed at random while a network learns: Keras' preprocessing layers, drawn by seed and step alone."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.datasets.augmentation import Augmentation

DRAWS = 8
"""Room for so many draws of one layer in one step; Keras' layers need one or two."""


def augmentation_layers(augmentation: Augmentation, seed: int = 0) -> list[keras.layers.Layer]:
    """Return the Keras layers that change pictures as an augmentation says, in this order; none where it is nothing.

    They take pixels 0…255, and fill what comes in from outside with the picture's mirror image. Called by
    themselves they change pictures only with `training=True`, and go on from one draw to the next.
    """
    made, common = keras.layers, {"seed": seed, "dtype": "float32"}
    by_shade = {**common, "value_range": (0, 255)}
    layers = {
        "flip": lambda _: made.RandomFlip("horizontal", **common),
        "rotation": lambda degrees: made.RandomRotation(degrees / 360, **common),
        "zoom": lambda share: made.RandomZoom(share, **common),
        "translation": lambda share: made.RandomTranslation(share, share, **common),
        "contrast": lambda share: made.RandomContrast(share, **by_shade),
        "brightness": lambda share: made.RandomBrightness(share, **by_shade),
    }
    limits = augmentation.to_dict()
    return [make(limits[name]) for name, make in layers.items() if limits[name]]


class _Draws(keras.random.SeedGenerator):
    """What a layer asks for its seeds: they depend on two numbers alone, and no state is kept."""

    def __init__(self, seed: int, number: Any) -> None:
        self._seed, self._number, self._count = seed, number, 0

    def next(self, ordered: bool = True) -> Any:  # noqa: ARG002
        """Return the seed of the next draw."""
        draw, self._count = self._count, self._count + 1
        return tf.stack([tf.constant(self._seed, tf.int32), self._number + draw])


def augmenter(augmentation: Augmentation, seed: int) -> Callable[[Any, Any], Any] | None:
    """Return a function of a batch of pixels 0…255, as float32, and the number of the step; None for no augmentation.

    What it does depends on seed and step alone, so that a run that was interrupted goes on as it would have gone.
    """
    layers = augmentation_layers(augmentation, seed)

    def augment(images: Any, step: Any) -> Any:
        for place, layer in enumerate(layers):
            number = (tf.cast(step, tf.int32) * len(layers) + place) * DRAWS
            change = layer.get_random_transformation(images, training=True, seed=_Draws(seed, number))
            images = layer.transform_images(images, change, training=True)
        return tf.clip_by_value(images, 0.0, 255.0)

    return augment if layers else None


def augment_images(
    images: np.ndarray, augmentation: Augmentation, seed: int = 0, step: int = 0
) -> np.ndarray:
    """Return images as a step of training would see them.

    Args:
        images: bytes, (count, height, width, channels).
        augmentation: how far they may be changed.
        seed: of the training.
        step: of the training, from 0.

    Returns:
        Bytes of the same shape.
    """
    augment = augmenter(augmentation, seed)
    if augment is None:
        return images
    changed = augment(tf.constant(images, tf.float32), tf.constant(step))
    return np.rint(changed.numpy()).astype(np.uint8)
