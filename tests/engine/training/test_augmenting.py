"""Augmentation: decided by seed and step alone, within its limits, and nothing where nothing is asked for."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.datasets.augmentation import AUGMENTATIONS, LIGHT, NONE, STRONG, Augmentation
from app.engine.training.augmenting import augment_images, augmentation_layers, augmenter

pytestmark = pytest.mark.keras
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (6, 12, 16, 3)).astype(np.uint8)


def test_seed_and_step_decide():
    first = augment_images(IMAGES, STRONG, seed=3, step=5)
    keras.utils.set_random_seed(99)
    np.testing.assert_array_equal(first, augment_images(IMAGES, STRONG, seed=3, step=5))
    for seed, step in ((3, 6), (4, 5)):
        assert (first != augment_images(IMAGES, STRONG, seed, step)).mean() > 0.5


def test_every_image_of_a_step_is_changed_in_its_own_way():
    same = np.repeat(IMAGES[:1], 6, axis=0)
    assert len(np.unique(augment_images(same, LIGHT), axis=0)) > 3


def test_an_image_is_changed_alike_eagerly_and_in_a_graph():
    augment = augmenter(STRONG, 3)
    batches = tf.data.Dataset.from_tensors(tf.cast(IMAGES, tf.float32)).repeat(7).enumerate()
    *_, last = batches.map(lambda step, images: augment(images, step))
    np.testing.assert_allclose(last, augment(tf.cast(IMAGES, tf.float32), tf.constant(6)), atol=1e-3)


@pytest.mark.parametrize("name", list(AUGMENTATIONS))
def test_shape_and_range_stay(name):
    changed = augment_images(IMAGES, AUGMENTATIONS[name])
    assert changed.shape == IMAGES.shape
    assert changed.dtype == np.uint8
    grey = augment_images(IMAGES[..., :1], AUGMENTATIONS[name])
    assert grey.shape == (*IMAGES.shape[:3], 1)


def test_nothing_is_nothing():
    assert augmenter(NONE, 0) is None
    assert augmentation_layers(NONE) == []
    assert augment_images(IMAGES, NONE) is IMAGES


def test_a_flip_is_a_mirror_image_or_the_image():
    changed = augment_images(np.repeat(IMAGES, 10, axis=0), Augmentation(flip=True))
    before = np.repeat(IMAGES, 10, axis=0)
    flipped = (changed == before[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (flipped | (changed == before).all(axis=(1, 2, 3))).all()
    assert 15 < flipped.sum() < 45


def test_brightness_keeps_to_its_limit():
    grey = np.full((200, 4, 4, 3), 128, np.uint8)
    change = augment_images(grey, Augmentation(brightness=0.1))[:, 0, 0, 0].astype(int) - 128
    assert np.abs(change).max() <= 26
    assert change.min() < -15
    assert change.max() > 15


def test_a_translation_moves_by_its_share_at_most():
    """A white column in the middle of 40 is moved by up to a tenth, 4 columns."""
    images = np.zeros((60, 8, 40, 1), np.uint8)
    images[:, :, 20] = 255
    moved = augment_images(images, Augmentation(translation=0.1)).astype(float)[:, 4, :, 0]
    centres = (moved * np.arange(40)).sum(axis=1) / moved.sum(axis=1)
    assert np.abs(centres - 20).max() <= 4.01
    assert np.ptp(centres) > 4


def test_a_rotation_keeps_to_its_angle():
    """A line through the middle: where it crosses 15 columns further out is its angle."""
    images = np.zeros((40, 41, 41, 1), np.uint8)
    images[:, 19:22] = 255
    turned = augment_images(images, Augmentation(rotation=20)).astype(float)[:, :, 35, 0]
    heights = (turned * np.arange(41)).sum(axis=1) / turned.sum(axis=1) - 20
    angles = np.degrees(np.arctan2(heights, 15))
    assert 10 < np.abs(angles).max() <= 21


def test_the_layers_are_keras_own_and_change_nothing_outside_training():
    layers = augmentation_layers(STRONG, seed=1)
    assert [type(layer).__name__ for layer in layers] == [
        "RandomFlip",
        "RandomRotation",
        "RandomZoom",
        "RandomTranslation",
        "RandomContrast",
        "RandomBrightness",
    ]
    images = IMAGES.astype(np.float32)
    for layer in layers:
        np.testing.assert_array_equal(layer(images, training=False), images)
