"""Gradient maps against finite differences and closed forms."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import drawn, explainer, in_float64, linear, pictures, raw_map, two_convolutions
from spellings import SIZE, flat

from app.maps.methods.method import combine_channels

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture(scope="module")
def double():
    """A network in float64, with its image and the gradient of each class by finite differences."""
    explained = explainer(in_float64(lambda: drawn(flat())))
    image = pictures(1)
    step = 1e-6
    steps = np.eye(image.size).reshape(-1, *SIZE) * step
    ahead, behind = explained.model.logits(image + steps), explained.model.logits(image - steps)
    slopes = ((ahead - behind) / (2 * step)).T.reshape(3, *SIZE)
    assert np.abs(slopes).max() > 1e-2
    return explained, image, slopes


@pytest.mark.parametrize("c", [0, 1, 2])
def test_vanilla_equals_finite_differences_in_float64(double, c):
    explained, image, slopes = double
    values = raw_map("vanilla", explained, image, [c])
    assert values.dtype == np.float64
    np.testing.assert_allclose(values[0], slopes[c], atol=1e-7)
    with pytest.raises(AssertionError):  # the witness would notice the gradient of another class
        np.testing.assert_allclose(values[0], slopes[(c + 1) % 3], atol=1e-7)


def test_gradient_times_input_equals_finite_differences(double):
    explained, image, slopes = double
    values = raw_map("gradient-input", explained, image, [1])
    np.testing.assert_allclose(values[0], image[0] * slopes[1], atol=1e-7)


def test_why_one_class_and_not_another_is_the_slope_of_the_difference(double):
    explained, image, slopes = double
    values = raw_map("vanilla", explained, image, [2], against=0)
    np.testing.assert_allclose(values[0], slopes[2] - slopes[0], atol=1e-7)
    assert values.min() < 0 < values.max()


@pytest.mark.parametrize("method", ["vanilla", "guided", "relu"])
def test_a_linear_model_has_its_weights_as_map(method):
    weights = np.random.default_rng(2).normal(0, 1, (4, 4, 3, 2)).astype("float32")
    explained = explainer(linear(weights, 7.0))
    values = raw_map(method, explained, pictures(2, (4, 4, 3)), [0, 1])
    np.testing.assert_allclose(values, np.moveaxis(weights, -1, 0), atol=1e-7)
    against = raw_map(method, explained, pictures(1, (4, 4, 3)), [0], against=1)
    np.testing.assert_allclose(against[0], weights[..., 0] - weights[..., 1], atol=1e-6)


def test_gradient_times_input_of_a_linear_model_sums_to_its_score():
    weights = np.random.default_rng(2).normal(0, 1, (4, 4, 3, 2)).astype("float32")
    images = pictures(2, (4, 4, 3))
    values = raw_map("gradient-input", explainer(linear(weights)), images, [0, 1])
    expected = images * np.moveaxis(weights, -1, 0)
    np.testing.assert_allclose(values, expected, atol=1e-6)
    scores = np.tensordot(images, weights, 3)[[0, 1], [0, 1]]
    np.testing.assert_allclose(values.sum(axis=(1, 2, 3)), scores, atol=1e-5)


def two_layers(w1, w2, w3):
    """w3 · relu(w2 · relu(w1 · x)) at one pixel, written out as 1×1 convolutions."""
    image = keras.Input((1, 1, 3))
    x = layers.Conv2D(4, 1, use_bias=False, activation="relu")(image)
    x = layers.Conv2D(3, 1, use_bias=False, activation="relu")(x)
    model = keras.Model(image, layers.Dense(2, use_bias=False)(layers.Flatten()(x)))
    model.set_weights([w1[None, None], w2[None, None], w3])
    return model


@pytest.mark.parametrize("method", ["vanilla", "guided", "relu"])
def test_the_rules_are_their_closed_form(method):
    draw = np.random.default_rng(5)
    w1, w2, w3 = (draw.normal(0, 1, s).astype("float32") for s in ((3, 4), (4, 3), (3, 2)))
    images = draw.uniform(-1, 1, (20, 1, 1, 3)).astype("float32")
    actual = raw_map(method, explainer(two_layers(w1, w2, w3)), images, [1] * 20)[:, 0, 0]
    before1 = images[:, 0, 0] @ w1
    before2 = np.maximum(before1, 0) @ w2

    def through(gradient, before):
        passes = np.ones_like(before, bool)
        if method in ("vanilla", "guided"):
            passes &= before > 0
        if method in ("guided", "relu"):
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
    explained = explainer(model)
    for method, expected in (("vanilla", [0, 1, 0]), ("guided", [0, 1, 0]), ("relu", [1, 1, 1])):
        values = raw_map(method, explained, images, [0, 0, 0]).ravel()
        assert values.tolist() == expected, method


def test_the_logit_is_explained_not_the_saturated_probability():
    model = drawn(flat(), scale=4.0)
    images = pictures(1)
    assert model.predict(images, verbose=0).max() > 1 - 1e-6
    values = raw_map("vanilla", explainer(model), images, [0])
    same = raw_map("vanilla", explainer(drawn(flat(softmax="none"), scale=4.0)), images, [0])
    np.testing.assert_array_equal(values, same)
    assert np.abs(values).max() > 1


def test_a_quantity_is_explained_as_it_is_put_out():
    model = two_convolutions()
    images = pictures(2)
    quantities = explainer(model, is_regression=True)
    assert quantities.model.head.kind == "value"
    np.testing.assert_array_equal(
        raw_map("vanilla", quantities, images, [2, 0]), raw_map("vanilla", explainer(model), images, [2, 0])
    )


def test_colour_channels():
    gradients = np.array([[[[3.0, -4.0, 1.0]]]])
    assert combine_channels(gradients, "max")[0, 0, 0] == 4
    assert combine_channels(gradients, "mean")[0, 0, 0] == pytest.approx(8 / 3)
    assert combine_channels(gradients, "channels").tolist() == [[[[3, 4, 1]]]]
