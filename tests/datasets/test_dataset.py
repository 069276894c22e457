import dataclasses

import numpy as np
import pytest
from conftest import refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.dataset import make_dataset, scale_pixels, swap_colours
from models import PRETRAINED, Pixels

GREY = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = np.array([0, 2, 1])
SOURCE = "folder/file.npz"


def make(images=GREY, labels=LABELS, test=None, names=None):
    return make_dataset("some", SOURCE, (images, labels), test or (images, labels), names)


def refusal_of(*arguments, **options):
    message = refusal(make, *arguments, **options)
    assert SOURCE in message
    return message


def test_what_goes_in_comes_out():
    data = make(GREY, LABELS, (GREY[:2] + 9, LABELS[:2]), ("a", "b", "c", "spare"))
    np.testing.assert_array_equal(data.train_images[..., 0], GREY)
    np.testing.assert_array_equal(data.test_images[..., 0], GREY[:2] + 9)
    np.testing.assert_array_equal(data.train_labels, LABELS)
    assert data.train_images.dtype == np.uint8
    assert data.image_shape == (4, 5, 1)
    assert data.classes == 4
    assert data.class_names == ("a", "b", "c", "spare")


def test_classes_without_names_are_numbered_up_to_the_largest_label():
    assert make(test=(GREY[:1], np.array([5]))).class_names == ("0", "1", "2", "3", "4", "5")


def test_colour_and_a_channel_axis_are_kept():
    for channels in (1, 3):
        images = np.repeat(GREY[..., np.newaxis], channels, axis=-1)
        data = make(images)
        np.testing.assert_array_equal(data.train_images, images)


def test_three_ways_to_write_labels_mean_the_same():
    one_hot = [[int(label == k) for k in range(3)] for label in LABELS]
    for labels in (
        LABELS,
        LABELS[:, np.newaxis],
        np.array(one_hot),
        np.array(one_hot, float),
        LABELS.astype(np.uint8),
        LABELS.astype(float),
    ):
        np.testing.assert_array_equal(make(labels=labels).train_labels, [0, 2, 1])


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_pixels_as_fractions_become_bytes_again(kind):
    levels = np.arange(256).reshape(1, 16, 16)
    data = make((levels / 255).astype(kind), np.array([0]))
    np.testing.assert_array_equal(data.train_images[..., 0], levels)
    between = np.random.default_rng(0).random((1, 16, 16)).astype(kind)
    found = make(between, np.array([0])).train_images[..., 0]
    assert np.abs(found - between.astype(float) * 255).max() < 0.6  # the nearest byte


@pytest.mark.parametrize("kind", [np.int64, np.float32, np.uint16])
def test_pixels_up_to_255_are_taken_as_they_are(kind):
    images = GREY.astype(kind)
    images[0, 0, 0] = 255
    np.testing.assert_array_equal(make(images).train_images[..., 0], images)


def test_black_and_white_without_grey_becomes_0_and_255():
    images = GREY > 9
    np.testing.assert_array_equal(make(images).train_images[..., 0], np.where(images, 255, 0))


@pytest.mark.parametrize(
    ("images", "what"),
    [
        (np.zeros((3, 20)), "training images have the shape (3, 20); expected (count, height"),
        (np.zeros((3, 4, 5, 2)), "shape (3, 4, 5, 2)"),
        (np.zeros((3, 1, 4, 5)), "shape (3, 1, 4, 5)"),
        (np.zeros((3, 4, 5, 4)), "1 or 3"),
        (GREY.astype(float) - 1, "pixels run from -1 to 58; expected 0…1 or 0…255"),
        (GREY.astype(float) * 10, "pixels run from 0 to 590"),
        (GREY.astype(np.int64) - 1, "pixels run from -1 to 58"),
        (np.full((3, 4, 5), np.nan), "images must be finite numbers"),
        (np.full((3, 4, 5), np.inf), "images must be finite numbers"),
        (np.full((3, 4, 5), "a"), "images must be finite numbers, not <U1"),
        (np.full((3, 4, 5), None), "images must be finite numbers, not object"),
        (np.full((3, 4, 5), 1j), "images must be finite numbers, not complex128"),
        (GREY[:0], "there are no images"),
        (GREY[:2], "training: 2 images and 3 labels"),
    ],
)
def test_images_that_are_none_are_refused(images, what):
    labels = LABELS[:0] if "no images" in what else LABELS
    assert what in refusal_of(images, labels, (GREY, LABELS))


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(3, 0, 5), (3, 4, 0, 3)])
def test_images_without_pixels_are_refused(shape, kind):
    assert "training" in refusal_of(np.zeros(shape, kind))


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (np.array([0, -1, 1]), "labels must count from 0; there is a -1"),
        (np.array([0, 0.5, 1]), "labels must be whole numbers; there are fractions"),
        (np.array([0, np.nan, 1]), "labels must be whole numbers"),
        (np.array(["cat", "dog", "cat"]), "labels must be whole numbers, not <U3"),
        (np.array([0, None, 1]), "labels must be whole numbers, not object"),
        (np.zeros((3, 2, 2), int), "labels have the shape (3, 2, 2); expected one per image"),
        (np.array(3), "labels have the shape ()"),
        (np.array([0, 1]), "3 images and 2 labels"),
        (np.array([[1, 1], [0, 1], [1, 0]]), "labels"),
        (np.array([[0, 0], [0, 1], [1, 0]]), "labels"),
        (np.array([[0.3, 0.7], [0.6, 0.4], [0.5, 0.5]]), "labels"),
    ],
)
def test_labels_that_are_none_are_refused(labels, what):
    assert what in refusal_of(labels=labels, test=(GREY, LABELS))


@pytest.mark.parametrize("part", ["training", "test"])
def test_the_message_says_which_part_is_wrong(part):
    wrong, right = (GREY, LABELS - 1), (GREY, LABELS)
    pairs = (wrong, right) if part == "training" else (right, wrong)
    with pytest.raises(ValueError, match=f"{SOURCE}: {part} labels"):
        make_dataset("some", SOURCE, *pairs)


def test_training_and_test_images_have_one_size():
    message = refusal_of(test=(np.zeros((3, 4, 6), np.uint8), LABELS))
    assert "training images are 4×5×1, test images 4×6×1" in message


def test_every_label_needs_a_name():
    assert "there are 2 class names and a label 2" in refusal_of(names=("a", "b"))
    assert make(names=("a", "b", "c")).classes == 3


def test_the_hash_is_of_the_content():
    data = make()
    assert data.sha256 == make(GREY.copy(), LABELS.astype(np.uint8)).sha256
    assert data.sha256 == dataclasses.replace(data, name="other", source="elsewhere").sha256


@pytest.mark.parametrize("field", ["train_images", "train_labels", "test_images", "test_labels"])
def test_the_hash_sees_every_value(field):
    data = make()
    changed = getattr(data, field).copy()
    changed.flat[-1] += 1
    assert dataclasses.replace(data, **{field: changed}).sha256 != data.sha256


def test_the_hash_sees_the_shape():
    data = make()
    turned = data.train_images.reshape(3, 5, 4, 1)
    assert dataclasses.replace(data, train_images=turned).sha256 != data.sha256


@settings(deadline=None)
@given(st.integers(0, 255), st.sampled_from([(0.0, 1.0), (-0.5, 0.5), (-1.0, 1.0), (0.0, 255.0)]))
def test_pixels_are_scaled_between_black_and_white(value, pixel_range):
    low, high = pixel_range
    for kind in (np.uint8, np.float64):
        scaled = scale_pixels(np.array([[0], [value], [255]], kind), Pixels(pixel_range))[:, 0]
        wanted = [low, low + value * (high - low) / 255, high]
        np.testing.assert_allclose(scaled, wanted, rtol=1e-6, atol=1e-6 * (high - low))
        assert scaled.dtype == (np.float32 if kind is np.uint8 else np.float64)


def test_scaling_leaves_the_images_alone():
    before = GREY.copy()
    scale_pixels(GREY, Pixels((-0.5, 0.5)))
    np.testing.assert_array_equal(GREY, before)


def test_shuffled_labels_are_the_same_labels_on_other_images(mnist):
    shuffled = mnist.with_shuffled_labels(4)
    assert (np.bincount(shuffled.train_labels) == np.bincount(mnist.train_labels)).all()
    assert 0.08 < (shuffled.train_labels == mnist.train_labels).mean() < 0.12
    assert shuffled.train_images is mnist.train_images
    assert (shuffled.test_labels == mnist.test_labels).all()
    assert shuffled.sha256 != mnist.sha256
    assert (mnist.with_shuffled_labels(4).train_labels == shuffled.train_labels).all()


def keras_prepares(network, images):
    import app.engine  # noqa: F401, I001
    import keras

    module = getattr(keras.applications, PRETRAINED[network].module)
    return module.preprocess_input(images.astype(np.float32))


@pytest.mark.keras
@pytest.mark.parametrize("network", PRETRAINED)
def test_pictures_are_prepared_as_keras_prepares_them(network):
    images = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 3), np.uint8)
    ours = scale_pixels(images, PRETRAINED[network].pixels)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, keras_prepares(network, images), rtol=0, atol=1e-5)
    plain = scale_pixels(images, Pixels())
    assert np.abs(plain - keras_prepares(network, images)).max() > 0.5


@pytest.mark.keras
def test_a_tensor_is_prepared_like_an_array():
    import tensorflow as tf

    images = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 3)).astype(np.float32)
    for pixels in (PRETRAINED["vgg16"].pixels, PRETRAINED["densenet121"].pixels, Pixels((-1, 1))):
        prepared = scale_pixels(tf.constant(images), pixels)
        np.testing.assert_allclose(prepared, scale_pixels(images, pixels), rtol=0, atol=1e-5)


def test_colours_that_were_swapped_can_be_swapped_back():
    blue = np.array([[[0, 0, 255]]], np.uint8)
    swapped = scale_pixels(blue, Pixels((0, 255), order="BGR"))
    assert swapped.tolist() == [[[255, 0, 0]]]
    assert swap_colours(swapped, Pixels(order="BGR")).tolist() == blue.tolist()
    assert swap_colours(swapped, Pixels()) is swapped


@pytest.mark.parametrize(
    "pixels", [Pixels(mean=(1.0, 2.0, 3.0)), Pixels(std=(1.0, 2.0, 3.0)), Pixels(order="BGR")]
)
def test_grey_cannot_be_prepared_as_colour(pixels):
    with pytest.raises(ValueError, match="need 3 channels, not 1"):
        scale_pixels(GREY[..., np.newaxis], pixels)


@pytest.mark.parametrize(
    "changes",
    [
        {"range": (1, 0)},
        {"range": (0, float("inf"))},
        {"mean": (float("nan"),)},
        {"std": (0,)},
        {"order": "RBG"},
    ],
)
def test_pixels_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValueError, match="pixels need"):
        Pixels(**changes)


def test_pixels_are_said_in_words():
    assert Pixels((-0.5, 0.5)).words() == "-0.5…0.5"
    assert PRETRAINED["resnet50"].pixels.words() == "0…255, as BGR, minus 103.939, 116.779, 123.68"
    assert PRETRAINED["densenet121"].pixels.words() == (
        "0…1, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225"
    )
