"""Gradient maps against finite differences, closed forms and tf-keras-vis."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from spellings import SIZE, flat

from app.engine.replay import replay
from app.visualisation.gradients import combine_channels, input_gradients

pytestmark = pytest.mark.keras
layers = keras.layers


def test_vanilla_equals_finite_differences_in_float64():
    keras.config.set_dtype_policy("float64")
    try:
        keras.utils.set_random_seed(3)
        model = replay(flat())
    finally:
        keras.config.set_dtype_policy("float32")
    image = np.random.default_rng(0).uniform(0.1, 0.9, (1, *SIZE))
    gradient = input_gradients(model, image, [1])[0]
    step = 1e-6
    steps = np.eye(image.size).reshape(-1, *SIZE) * step
    ahead, behind = model.logits(image + steps)[:, 1], model.logits(image - steps)[:, 1]
    expected = ((ahead - behind) / (2 * step)).reshape(SIZE)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(gradient, expected, atol=1e-7)
    with pytest.raises(AssertionError):  # the witness would notice the gradient of another class
        np.testing.assert_allclose(input_gradients(model, image, [0])[0], expected, atol=1e-7)


def test_a_linear_model_has_its_weights_as_map():
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, layers.Dense(2, activation="softmax")(layers.Flatten()(image)))
    weights = model.get_weights()[0]
    gradients = input_gradients(replay(model), np.zeros((2, 4, 4, 3)), [0, 1])
    for c in (0, 1):
        np.testing.assert_allclose(gradients[c], weights[:, c].reshape(4, 4, 3), atol=1e-7)


def two_layers(w1, w2, w3):
    """w3 · relu(w2 · relu(w1 · x)) at one pixel, written out as 1×1 convolutions."""
    image = keras.Input((1, 1, 3))
    x = layers.Conv2D(4, 1, use_bias=False, activation="relu")(image)
    x = layers.Conv2D(3, 1, use_bias=False, activation="relu")(x)
    model = keras.Model(image, layers.Dense(2, use_bias=False)(layers.Flatten()(x)))
    model.set_weights([w1[None, None], w2[None, None], w3])
    return model


@pytest.mark.parametrize("rule", ["plain", "guided", "rectified"])
def test_the_rules_are_their_closed_form(rule):
    draw = np.random.default_rng(5)
    w1, w2, w3 = (draw.normal(0, 1, s).astype("float32") for s in ((3, 4), (4, 3), (3, 2)))
    images = draw.uniform(-1, 1, (20, 1, 1, 3)).astype("float32")
    model = replay(two_layers(w1, w2, w3))
    actual = input_gradients(model, images, [1] * 20, rule)[:, 0, 0]
    before1 = images[:, 0, 0] @ w1
    before2 = np.maximum(before1, 0) @ w2

    def through(gradient, before):
        passes = np.ones_like(before, bool)
        if rule in ("plain", "guided"):
            passes &= before > 0
        if rule in ("guided", "rectified"):
            passes &= gradient > 0
        return np.where(passes, gradient, 0)

    gradient = np.tile(w3[:, 1], (20, 1))
    gradient = through(gradient, before2) @ w2.T
    expected = through(gradient, before1) @ w1.T
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_relu6_passes_no_gradient_above_six():
    image = keras.Input((1, 1, 1))
    x = layers.Flatten()(layers.Activation("relu6")(image))
    model = keras.Model(image, layers.Dense(2, use_bias=False)(x))
    model.set_weights([np.ones((1, 2), "float32")])
    images = np.array([-1.0, 3.0, 7.0]).reshape(3, 1, 1, 1)
    replayed = replay(model)
    for rule, expected in (("plain", [0, 1, 0]), ("guided", [0, 1, 0]), ("rectified", [1, 1, 1])):
        values = input_gradients(replayed, images, [0, 0, 0], rule).ravel()
        assert values.tolist() == expected, rule


def test_colour_channels():
    gradients = np.array([[[[3.0, -4.0, 1.0]]]])
    assert combine_channels(gradients, "max")[0, 0, 0] == 4
    assert combine_channels(gradients, "mean")[0, 0, 0] == pytest.approx(8 / 3)
    assert combine_channels(gradients, "channels").tolist() == [[[[3, 4, 1]]]]


def test_an_image_that_does_not_matter_has_a_zero_map():
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(image)))
    model.set_weights([np.zeros((16, 2)), np.ones(2)])
    assert not input_gradients(replay(model), np.ones((1, 4, 4, 1)), [0]).any()


@pytest.mark.filterwarnings("ignore:The structure of `inputs`")
def test_vanilla_equals_tf_keras_vis():
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.scores import CategoricalScore

    keras.utils.set_random_seed(7)
    model = replay(flat())
    images = np.random.default_rng(0).uniform(0, 1, (3, *SIZE)).astype("float32")
    saliency = Saliency(model.to_model(), clone=False)
    theirs = saliency(CategoricalScore([2, 0, 1]), images, normalize_map=False)
    ours = combine_channels(input_gradients(model, images, [2, 0, 1]))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours.max() > 1e-2
