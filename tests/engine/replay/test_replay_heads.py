"""Softmax, sigmoid and none in every spelling: the logits are the same, and so are the maps."""

import numpy as np
import pytest
from replaying import assert_computes, assert_same_maps, images_of, randomise

import keras  # isort: skip
from app.engine.replay.replay import Choice, replay

pytestmark = pytest.mark.keras
layers, ops = keras.layers, keras.ops
SIZE = (8, 8, 1)
IMAGES = images_of(2, *SIZE)


def network(head, units=3, layer=None):
    """A convolution and a Dense, with `head` on the scores."""
    image = keras.Input(SIZE)
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(image))
    return randomise(keras.Model(image, head((layer or layers.Dense(units))(x))))


def over_sum(z):
    e = ops.exp(z)
    return e / ops.sum(e, axis=-1, keepdims=True)


def over_sum_stable(z):
    e = ops.exp(z - ops.stop_gradient(ops.max(z, axis=-1, keepdims=True)))
    return ops.divide(e, ops.sum(e, axis=1, keepdims=True))


def over_sum_unstopped(z):
    return over_sum(z - ops.max(z, axis=1, keepdims=True))


@keras.saving.register_keras_serializable("tests")
class OwnSoftmax(layers.Layer):
    def call(self, z):
        return ops.softmax(z)


SOFTMAXES = {
    "Activation": layers.Activation("softmax"),
    "Softmax": layers.Softmax(),
    "Softmax over axis 1": layers.Softmax(axis=1),
    "ops": ops.softmax,
    "ops over axis 1": lambda z: ops.softmax(z, axis=1),
    "activations": keras.activations.softmax,
    "twice the type": lambda z: ops.cast(layers.Activation("softmax", dtype="float64")(z), "float32"),
    "then Reshape": lambda z: layers.Reshape((3,))(layers.Softmax()(z)),
    "then Flatten": lambda z: layers.Flatten()(ops.softmax(z)),
    "then Identity": lambda z: layers.Identity()(layers.Dropout(0.5)(ops.softmax(z))),
    "then expanded and squeezed": lambda z: ops.squeeze(ops.expand_dims(ops.softmax(z), 1), 1),
    "exp over sum": over_sum,
    "exp over sum, stable": over_sum_stable,
    "exp over sum, maximum not stopped": over_sum_unstopped,
    "exp of log_softmax": lambda z: ops.exp(ops.log_softmax(z)),
    "exp of z less logsumexp": lambda z: ops.exp(z - ops.logsumexp(z, axis=-1, keepdims=True)),
    "a layer of its own": OwnSoftmax(),
    "Lambda": layers.Lambda(lambda z: ops.softmax(z)),
    "of shape 1×1": lambda z: layers.Reshape((1, 1, 3))(ops.softmax(z)),
    "before 1×1": lambda z: layers.Softmax()(layers.Reshape((1, 1, 3))(z)),
}


@pytest.mark.parametrize("name", SOFTMAXES)
def test_every_spelling_of_softmax_gives_the_same_maps(name):
    fused = network(lambda z: z, layer=layers.Dense(3, activation="softmax"))
    model = network(SOFTMAXES[name])
    replayed = replay(model)
    assert replayed.head.kind == "softmax"
    np.testing.assert_allclose(replayed.probabilities(IMAGES), fused.predict(IMAGES, verbose=0), atol=1e-6)
    np.testing.assert_allclose(replayed.logits(IMAGES), replay(fused).logits(IMAGES), atol=1e-5)
    assert_same_maps(model, fused, IMAGES)


LOGS = {
    "Activation": layers.Activation("log_softmax"),
    "ops": ops.log_softmax,
    "log of softmax": lambda z: ops.log(ops.softmax(z)),
    "z less logsumexp": lambda z: z - ops.logsumexp(z, axis=-1, keepdims=True),
    "log of a quotient": lambda z: ops.log(over_sum(z)),
}


@pytest.mark.parametrize("name", LOGS)
def test_every_spelling_of_log_softmax_explains_the_logit(name):
    fused = network(lambda z: z, layer=layers.Dense(3, activation="softmax"))
    model = network(LOGS[name])
    assert replay(model).head.kind == "log_softmax"
    np.testing.assert_allclose(
        replay(model).probabilities(IMAGES), fused.predict(IMAGES, verbose=0), atol=1e-6
    )
    assert_same_maps(model, fused, IMAGES)


SIGMOIDS = {
    "Activation": layers.Activation("sigmoid"),
    "ops": ops.sigmoid,
    "activations": keras.activations.sigmoid,
    "one over one plus exp": lambda z: 1 / (1 + ops.exp(-z)),
    "reciprocal": lambda z: ops.reciprocal(ops.exp(ops.negative(z)) + 1.0),
    "squeezed away": lambda z: ops.squeeze(ops.sigmoid(z), -1),
}


@pytest.mark.parametrize("name", SIGMOIDS)
def test_every_spelling_of_one_sigmoid_unit_answers_for_both_classes(name):
    fused = network(lambda z: z, layer=layers.Dense(1, activation="sigmoid"))
    model = network(SIGMOIDS[name], units=1)
    replayed = assert_computes(model, IMAGES)
    assert (replayed.classes, replayed.head.kind, replayed.head.is_binary) == (2, "sigmoid", True)
    assert_same_maps(model, fused, IMAGES, classes=(0, 1))


@pytest.mark.parametrize("name", [n for n in SIGMOIDS if n != "squeezed away"])
def test_several_sigmoid_units_are_labels_of_their_own(name):
    replayed = assert_computes(network(SIGMOIDS[name], units=4), IMAGES)
    assert (replayed.classes, replayed.head.is_binary) == (4, False)


def test_a_temperature_divides_the_logits():
    cold, plain = network(lambda z: ops.softmax(z / 4.0)), network(ops.softmax)
    np.testing.assert_allclose(replay(cold).logits(IMAGES), replay(plain).logits(IMAGES) / 4, rtol=1e-5)
    assert replay(cold).head.kind == "softmax"


NOT_HEADS = {
    "softmax over cells": lambda z: layers.Flatten()(layers.Softmax(axis=1)(layers.Reshape((3, 2))(z))),
    "two softmaxes averaged": lambda z: (ops.softmax(z) + ops.softmax(-z)) / 2,
    "softmax clipped": lambda z: ops.clip(ops.softmax(z), 1e-3, 1.0),
    "exp over another's sum": lambda z: ops.exp(z) / ops.sum(ops.exp(2 * z), axis=-1, keepdims=True),
    "exp over all images": lambda z: ops.exp(z) / ops.sum(ops.exp(z), keepdims=True),
    "two in place of one": lambda z: 2 / (1 + ops.exp(-z)),
}


@pytest.mark.parametrize("name", NOT_HEADS)
def test_what_only_looks_like_a_head_is_none(name):
    model = network(NOT_HEADS[name], units=6 if "cells" in name else 3)
    replayed = replay(model)
    assert replayed.head.kind == "none"
    np.testing.assert_allclose(replayed.logits(IMAGES), model(IMAGES), atol=1e-5)


def test_probabilities_without_a_softmax_are_taken_for_what_they_are():
    from app.engine.machine import machine_for
    from app.maps.explain import Question, explain_images
    from app.maps.explainer import Explainer

    model = network(NOT_HEADS["two softmaxes averaged"])
    question = Question(("a", "b", "c"), ("vanilla",))
    result = explain_images(Explainer(machine_for(model)), IMAGES, [0, 1], question)[0]
    assert any("looks like probabilities" in note for note in result.notes)
    np.testing.assert_allclose(replay(model).probabilities(IMAGES), model(IMAGES), atol=1e-6)


def test_quantities_by_loss_and_by_choice():
    model = network(lambda z: z, units=1)
    assert replay(model).head.kind == "none"
    assert replay(model).classes == 2
    assert replay(model, Choice(is_regression=True)).head.kind == "value"
    for loss in ("mse", "mean_absolute_error", keras.losses.Huber(), keras.losses.mean_squared_error):
        model.compile("sgd", loss)
        replayed = replay(model)
        assert (replayed.head.kind, replayed.classes) == ("value", 1), loss
        np.testing.assert_allclose(replayed.probabilities(IMAGES), model(IMAGES), atol=1e-5)
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    assert replay(model).head.kind == "none"
    assert replay(model, Choice(is_regression=False)).classes == 2
    fitted = network(ops.sigmoid, units=1)
    fitted.compile("sgd", "mse")  # a class score, whatever it was fitted with
    assert replay(fitted).head.kind == "sigmoid"


def test_one_loss_for_each_output():
    image = keras.Input(SIZE)
    x = layers.Flatten()(image)
    model = keras.Model(image, [layers.Dense(3, name="kind")(x), layers.Dense(2, name="place")(x)])
    for losses in (["categorical_crossentropy", "mae"], {"kind": "categorical_crossentropy", "place": "mae"}):
        model.compile("sgd", losses)
        assert replay(model, Choice(output="kind")).head.kind == "none"
        assert replay(model, Choice(output="place")).head.kind == "value"
