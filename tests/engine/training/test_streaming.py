"""Training from pictures in files: as from the same array, resumable, and its waiting is measured."""

import app.engine  # noqa: F401, I001

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from app.datasets.augmentation import LIGHT
from app.datasets.batches import keep_pictures
from app.datasets.dataset import Dataset
from app.datasets.streamed import StreamedImages
from app.engine.build import build_model
from app.engine.store import hash_weights
from app.engine.training.backup import EpochBackup
from app.engine.training.fit import fit, make_repeatable, training_batches
from app.engine.training.recipes import RECIPES
from app.engine.training.streaming import Feeder, streamed_batches, validation_batches, validation_steps
from models import CATALOGUE
from models.pixels import Pixels

pytestmark = pytest.mark.keras
RECIPE = dataclasses.replace(RECIPES["fast"], epochs=3, passes=3, batch_size=10)
PIXELS = Pixels((-0.5, 0.5))


@pytest.fixture(scope="module")
def array(mnist):
    """Twenty-five digits of 14×14 pixels: three batches a pass, the last one of five."""
    parts = {
        name: getattr(mnist, name)[:25, ::2, ::2] if "images" in name else getattr(mnist, name)[:25]
        for name in ("train_images", "train_labels", "test_images", "test_labels")
    }
    return dataclasses.replace(mnist, **parts)


@pytest.fixture(scope="module")
def files(array, tmp_path_factory) -> Dataset:
    """The same digits as files."""
    folder = tmp_path_factory.mktemp("digits")

    def write(part):
        images = getattr(array, f"{part}_images")
        paths = [folder / f"{part}-{i}.png" for i in range(len(images))]
        for path, pixels in zip(paths, images, strict=True):
            Image.fromarray(pixels[..., 0]).save(path)
        return StreamedImages(paths, (14, 14, 1))

    return dataclasses.replace(array, train_images=write("train"), test_images=write("test"))


def train(data, folder, recipe=RECIPE, progress=lambda *_: None, callbacks=()):
    """keras_vis_mnist has dropout, so its random state must come back too."""
    make_repeatable(4)
    model = build_model(CATALOGUE["keras_vis_mnist"], input_shape=(14, 14, 1))
    return model, fit(model, data, recipe, 4, EpochBackup(folder), progress, PIXELS, callbacks)


@pytest.fixture(scope="module")
def streamed(files, tmp_path_factory):
    """A run of three epochs on the files, with augmentation."""
    recipe = dataclasses.replace(RECIPE, augmentation=LIGHT)
    return train(files, tmp_path_factory.mktemp("streamed"), recipe)


@pytest.mark.parametrize("augmentation", [None, LIGHT])
def test_files_and_array_give_the_same_batches(array, files, augmentation):
    recipe = dataclasses.replace(RECIPE, augmentation=augmentation)
    for first in (0, 2):
        ours = list(streamed_batches(files, recipe, 5, first, PIXELS))
        same = list(training_batches(array, recipe, 5, first, PIXELS))
        assert len(ours) == len(same) == 3 * (3 - first)
        for (images, labels), (others, theirs) in zip(ours, same, strict=True):
            np.testing.assert_array_equal(labels, theirs)
            np.testing.assert_allclose(images, others, rtol=0, atol=1e-6 if augmentation else 0)


def test_they_train_the_same_weights(array, streamed, tmp_path):
    model, history = streamed
    other, measures = train(array, tmp_path, dataclasses.replace(RECIPE, augmentation=LIGHT))
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [e[name] for e in history] == pytest.approx([e[name] for e in measures], abs=1e-6)


def test_augmentation_is_not_in_the_model_and_changes_what_is_learnt(streamed, array, tmp_path):
    model, _ = streamed
    plain, _ = train(array, tmp_path)
    assert [layer.name for layer in model.layers] == [layer.name for layer in plain.layers]
    assert hash_weights(plain) != hash_weights(model)


class StopHereError(Exception):
    pass


def test_a_resumed_run_ends_with_the_same_weights(files, streamed, tmp_path):
    recipe = dataclasses.replace(RECIPE, augmentation=LIGHT)

    def stop(epoch, step, steps, measures):
        if (epoch, step) == (1, 2):
            raise StopHereError

    with pytest.raises(StopHereError):
        train(files, tmp_path, recipe, stop)
    resumed, again = train(keep_pictures(files), tmp_path, recipe)
    model, history = streamed
    assert hash_weights(resumed) == hash_weights(model)
    assert [e["loss"] for e in again] == [e["loss"] for e in history]


def test_the_network_that_is_left_trains_on_as_any_other(streamed, array):
    model, _ = streamed
    images = array.train_images.astype(np.float32)
    copy = keras.models.clone_model(model)
    copy.compile("sgd", "sparse_categorical_crossentropy")
    copy.fit(images, array.train_labels, epochs=1, verbose=0)
    assert model.train_function is None
    assert model.test_function is None


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_picture_that_vanishes_ends_the_run_by_its_name(files, tmp_path, part, monkeypatch):
    monkeypatch.setattr("app.datasets.batches.AHEAD_BYTES", 0)
    recipe = dataclasses.replace(RECIPE, epochs=6, passes=6)
    paths = []
    for name in ("train_images", "test_images"):
        for i, path in enumerate(getattr(files, name).files):
            paths.append(tmp_path / f"{name}-{i}.png")
            paths[-1].write_bytes(path.read_bytes())
    data = dataclasses.replace(
        files,
        train_images=StreamedImages(paths[:25], (14, 14, 1)),
        test_images=StreamedImages(paths[25:], (14, 14, 1)),
    )
    victim = paths[7 if part == "train" else 30]

    def vanish(epoch, step, steps, measures):
        if (epoch, step) == (0, 3):
            victim.write_text("no picture")

    with pytest.raises(ValueError, match=r".") as caught:
        train(data, tmp_path / "run", recipe, vanish)
    assert str(victim) in str(caught.value)
    assert EpochBackup(tmp_path / "run").finished_epochs < 6


def test_the_meter_counts_the_time_in_next_and_no_other(files):
    """A clock that the reader advances by 3 s and the step by 1 s: 3 of 4 seconds are waited."""
    now = [0.0]

    def batches(seconds):
        while True:
            now[0] += seconds
            yield tf.zeros((2, 14, 14, 1)), tf.zeros((2, 1), tf.int64)

    def step(_):
        now[0] += 1.0

    tf.config.run_functions_eagerly(True)
    try:
        for seconds in (3.0, 0.0):
            meter, logs, began = Feeder(files, RECIPE, 0, PIXELS, clock=lambda: now[0]), {}, now[0]
            reader = batches(seconds)
            function = meter._fed(step, lambda reader=reader: reader)
            meter.on_epoch_begin(0)
            for _ in range(5):
                function(None)
            meter.on_epoch_end(0, logs)
            assert logs["waited"] / (now[0] - began) == pytest.approx(seconds / (seconds + 1))
    finally:
        tf.config.run_functions_eagerly(False)


def test_every_epoch_says_how_long_it_waited(streamed):
    _, history = streamed
    assert all(0 < epoch["waited"] < epoch["seconds"] for epoch in history)


def test_an_epoch_without_pictures_in_files_waits_for_none(array, tmp_path):
    _, history = train(array, tmp_path, dataclasses.replace(RECIPE, epochs=1, passes=1))
    assert "waited" not in history[0]


def test_test_images_come_in_batches_that_know_their_number(array, files, monkeypatch):
    monkeypatch.setattr("app.datasets.batches.BATCH_BYTES", 4 * 196 * 8)
    for data in (array, files):
        batches = list(validation_batches(data, PIXELS))
        assert len(batches) == validation_steps(data) == 4
        images = np.concatenate([x for x, _ in batches])
        np.testing.assert_allclose(images, array.test_images / 255 - 0.5, atol=1e-6)
        np.testing.assert_array_equal(np.concatenate([y for _, y in batches])[:, 0], array.test_labels)
