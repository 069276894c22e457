"""Steps that several replicas take together: the arithmetic of a batch that is divided."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.engine  # noqa: F401
from app.datasets.augmentation import find_augmentation
from app.datasets.dataset import make_dataset
from app.datasets.streamed import StreamedImages
from app.engine.training import slices as slices_module
from app.engine.training.backup import EpochBackup
from app.engine.training.fit import fit, make_repeatable, training_batches
from app.engine.training.losses import MaximumAPosteriori
from app.engine.training.recipes import RECIPES
from app.engine.training.replicas import Replicas, alone
from app.engine.training.shared_fit import training_shares
from app.engine.training.slices import slice_batch, slice_for
from app.engine.training.together import Together, batch_sums
from models.pixels import Pixels

pytestmark = pytest.mark.keras
RNG = np.random.default_rng(0)


@given(st.integers(1, 70), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_each_image_of_a_batch_counts_once_and_all_slices_are_of_one_size(count, replicas):
    rows = RNG.permutation(count)
    found = [slice_batch(rows, replicas, which) for which in range(replicas)]
    assert len({(each.rows.shape, each.weights.shape) for each in found}) == 1
    counted = np.concatenate([each.rows[each.weights == 1] for each in found])
    assert counted.tolist() == rows.tolist()
    assert all(np.isin(each.weights, (0, 1)).all() for each in found)
    assert len(found[0].rows) * replicas < count + replicas


@pytest.fixture(scope="module")
def data():
    images = RNG.integers(0, 256, (53, 8, 8, 1)).astype(np.uint8)
    labels = np.arange(53) % 3
    return make_dataset("noise", "drawn", (images, labels), (images[:23], labels[:23]))


def network(seed=0, more=()):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
            *more,
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


RECIPE = RECIPES["article"].changed(epochs=3, batch_size=16)
"""Batches of 16, 16, 16 and 5."""


class InTurn(Replicas):
    """Several replicas, of which each step is done one after the other: sums as TensorFlow would make them."""

    def __init__(self, count):
        super().__init__(alone().strategy)
        self.count, self.mine = count, range(count)


def weights_by_hand(data, model, replicas):
    """Train by gradient descent, with the gradient of each step added up over the slices of all replicas."""
    import tensorflow as tf

    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for shares, count in training_shares(data, RECIPE, 0, 0, Pixels(), InTurn(replicas)):
        gradients = [0.0] * len(model.trainable_variables)
        for images, labels, weights in shares:
            with tf.GradientTape() as tape:
                losses, _ = batch_sums(
                    keras.losses.sparse_categorical_crossentropy,
                    labels,
                    model(images, training=True),
                    weights,
                )
                total = losses / count + sum(model.losses) / replicas
            found = tape.gradient(total, [each.value for each in model.trainable_variables])
            gradients = [one + np.asarray(other) for one, other in zip(gradients, found, strict=True)]
        model.optimizer.apply([tf.constant(each) for each in gradients], model.trainable_variables)
    return model.get_weights()


def weights_by_keras(data, model):
    """Train by Keras' own fit, in one process."""
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    batches = training_batches(data, RECIPE, 0, 0, Pixels())
    model.fit(batches, steps_per_epoch=4, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()


def difference(one, other):
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def expected(data):
    return weights_by_keras(data, network())


@pytest.mark.parametrize("replicas", [1, 2, 3, 7])
def test_divided_batches_train_the_weights_that_keras_trains(data, expected, replicas):
    assert difference(weights_by_hand(data, network(), replicas), expected) < 1e-5


def test_a_wrong_weight_of_what_fills_a_slice_is_seen(data, expected, monkeypatch):
    """The comparison would find it if the image that only fills a slice were counted."""
    right = slices_module.slice_batch

    def wrong(*asked):
        found = right(*asked)
        return slices_module.Slice(found.rows, np.ones_like(found.weights))

    monkeypatch.setattr(slices_module, "slice_batch", wrong)
    assert difference(weights_by_hand(data, network(), 2), expected) > 1e-4


def test_a_loss_that_is_divided_by_the_slice_is_seen(data, expected, monkeypatch):
    """As if each replica took the mean over its own images: the last batch of 5 is 3 and 2."""
    import sys

    right = training_shares

    def wrong(*asked):
        for shares, _ in right(*asked):
            yield shares, max(len(weights) for _, _, weights in shares) * len(shares)

    monkeypatch.setattr(sys.modules[__name__], "training_shares", wrong)
    assert difference(weights_by_hand(data, network(), 2), expected) > 1e-4


@pytest.mark.parametrize("name", ["article", "fast", "sgd"])
def test_our_loop_trains_what_fit_trains(data, tmp_path, name):
    """A single replica: weights, measures and states as by Keras' fit."""
    recipe = RECIPES[name].changed(epochs=2, batch_size=16)
    found = {}
    for place, replicas in (("keras", None), ("ours", alone())):
        make_repeatable(0)
        model = network()
        backup = EpochBackup(tmp_path / place)
        history = fit(model, data, recipe, 0, backup, lambda *_: None, replicas=replicas)
        found[place] = (model.get_weights(), history)
    assert difference(found["ours"][0], found["keras"][0]) < 1e-5
    for ours, theirs in zip(found["ours"][1], found["keras"][1], strict=True):
        assert ours.keys() == theirs.keys()
        for measure in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert ours[measure] == pytest.approx(theirs[measure], abs=1e-5), measure


@pytest.mark.parametrize("units", [1, 4])
def test_sums_are_those_of_keras(units):
    outputs = RNG.random((9, units)).astype(np.float32) + 0.1
    outputs = outputs / (outputs.sum(axis=1, keepdims=True) if units > 1 else 1.3)
    labels, weights = RNG.integers(0, max(units, 2), (9, 1)), np.array([1] * 7 + [0] * 2, np.float32)
    name = "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
    losses, right = batch_sums(keras.losses.get(name), labels, outputs, weights)
    assert float(losses) == pytest.approx(7 * float(np.mean(keras.losses.get(name)(labels[:7], outputs[:7]))))
    chosen = (outputs > 0.5) if units == 1 else outputs.argmax(axis=1)[:, np.newaxis]
    assert float(right) == (chosen == labels)[:7].sum()


def test_the_criterion_of_lenet5_is_a_loss_of_each_image():
    scores, labels = RNG.normal(size=(6, 10)).astype(np.float32), RNG.integers(0, 10, (6, 1))
    criterion = MaximumAPosteriori()
    losses, _ = batch_sums(criterion.call, labels, scores, np.ones(6, np.float32))
    assert float(losses) == pytest.approx(6 * float(criterion(labels, scores)), rel=1e-5)


def test_what_is_drawn_depends_on_seed_step_and_replica(data):
    recipe = RECIPE.changed(augmentation=find_augmentation("strong"))

    def images(replicas, seed=0, first_epoch=0):
        batches = training_shares(data, recipe, seed, first_epoch, Pixels(), replicas)
        return [[share[0] for share in shares] for shares, _ in batches]

    def flat(*asked, **how):
        return np.concatenate([part.ravel() for parts in images(*asked, **how) for part in parts])

    whole = flat(InTurn(2))
    assert np.array_equal(whole, flat(InTurn(2)))
    later = flat(InTurn(2), first_epoch=1)
    assert np.array_equal(whole[-len(later) :], later)
    assert not np.array_equal(whole, flat(InTurn(2), seed=1))
    one = data.train_images[[0] * 32], np.arange(32) % 3
    same = make_dataset("same", "drawn", one, (data.test_images, data.test_labels))
    (first, second), _ = next(training_shares(same, recipe, 0, 0, Pixels(), InTurn(2)))
    assert not np.array_equal(first[0], second[0])


def test_pictures_that_are_read_when_needed_give_the_same_shares(data):
    """Each process reads the pictures of its own slices, and no others."""
    read = []

    class Noted(StreamedImages):
        def read(self, index):
            read.append(index)
            return super().read(index)

    streamed = replace(data, train_images=Noted(data.train_images, (8, 8, 1)))
    second = InTurn(2)
    second.mine = range(1, 2)
    found = [list(training_shares(given, RECIPE, 0, 0, Pixels(), second)) for given in (data, streamed)]
    for (ours, count), (theirs, same) in zip(*found, strict=True):
        assert count == same
        assert len(ours) == len(theirs) == 1
        assert all(np.array_equal(a, b) for a, b in zip(ours[0], theirs[0], strict=True))
    assert len(read) == 3 * (8 + 8 + 8 + 3)


def test_dropout_draws_anew_in_each_step_and_alike_in_the_same(data):
    model = network(more=[keras.layers.Dropout(0.5)])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    together = Together(model, alone())
    images = data.train_images[:16].astype(np.float32) / 255
    share = (images, data.train_labels[:16, np.newaxis], np.ones(16, np.float32))
    losses = [together.train([share], 16, step)[0] for step in (0, 1, 0)]
    assert losses[0] == losses[2]
    assert losses[0] != losses[1]


def test_normalisations_follow_the_batches(data):
    """Their statistics are those that Keras' own step leaves."""
    images = data.train_images[:16].astype(np.float32) / 255
    labels = data.train_labels[:16, np.newaxis]
    found = []
    for is_ours in (True, False):
        model = network(more=[keras.layers.BatchNormalization()])
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
        if is_ours:
            Together(model, alone()).train([(images, labels, np.ones(16, np.float32))], 16, 0)
        else:
            model.train_on_batch(images, labels)
        found.append(model.get_weights())
    assert difference(*found) < 1e-6


def test_slices_of_several_replicas_are_those_of_each():
    rows = np.arange(7)
    for found, which in zip(slice_for(rows, 4, [1, 3]), (1, 3), strict=True):
        assert found.rows.tolist() == slice_batch(rows, 4, which).rows.tolist()
