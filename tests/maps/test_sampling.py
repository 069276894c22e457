"""SmoothGrad and its kin against a loop over the same noise; integrated gradients against their sum."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import drawn, explainer, linear, logits_of, pictures, raw_map, tape_gradient, two_convolutions
from spellings import SIZE

from app.maps.methods.sampling import integrated_gradients, smooth_grad

pytestmark = pytest.mark.keras
CLASSES = [2, 0]


@pytest.fixture(scope="module")
def network():
    model = two_convolutions()
    return model, explainer(model)


def noisy_gradients(model, images, targets, samples, noise, seed):
    """The gradient at each noisy version, one after another."""
    gradients = []
    for k in range(samples):
        normal = np.random.default_rng((seed, k)).standard_normal(images.shape[1:])
        versions = [x + noise * (x.max() - x.min()) * normal for x in images]
        gradients.append(tape_gradient(model, np.stack(versions), targets))
    return np.stack(gradients)


@pytest.mark.parametrize("high", [1.0, 255.0])
def test_moments_equal_a_loop_over_the_same_noise(network, high):
    model, explained = network
    images = pictures(2, high=high)
    targets = explained.targets(CLASSES)
    samples = noisy_gradients(model, images, targets, 7, 0.3, seed=5)
    largest = np.abs(samples).max()
    for moment, expected in (
        ("mean", samples.mean(axis=0)),
        ("squared", (samples**2).mean(axis=0)),
        ("variance", samples.var(axis=0)),
    ):
        actual = smooth_grad(explained, images, targets, 7, 0.3, moment, seed=5)
        np.testing.assert_allclose(actual, expected, atol=1e-6 * largest**2, err_msg=moment)
        assert np.abs(actual).max() > 1e-2 * largest**2, moment
    other = smooth_grad(explained, images, targets, 7, 0.3, "mean", seed=6)
    assert np.abs(other - samples.mean(axis=0)).max() > 1e-3


def test_one_sample_without_noise_is_the_gradient(network):
    model, explained = network
    images = pictures(2)
    targets = explained.targets(CLASSES)
    plain = tape_gradient(model, images, targets)
    np.testing.assert_allclose(smooth_grad(explained, images, targets, 3, noise=0.0), plain, atol=1e-6)
    assert not smooth_grad(explained, images, targets, 3, noise=0.0, moment="variance").any()


def test_a_linear_model_has_its_weights_as_mean_and_no_variance():
    weights = np.random.default_rng(2).normal(0, 1, (4, 4, 2, 3)).astype("float32")
    explained = explainer(linear(weights))
    images = pictures(2, (4, 4, 2))
    expected = np.moveaxis(weights[..., CLASSES], -1, 0)
    for method, wanted in (("smoothgrad", expected), ("smoothgrad-squared", expected**2)):
        np.testing.assert_allclose(raw_map(method, explained, images, CLASSES, samples=13), wanted, atol=1e-6)
    assert not raw_map("vargrad", explained, images, CLASSES, samples=13).any()


def test_a_variance_that_is_rounding_alone_is_none():
    """A linear network has one gradient everywhere, but batches of two sizes round it in two ways."""
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(16, 3)(keras.layers.Conv2D(8, 5, padding="same", strides=2)(image))
    model = drawn(keras.Model(image, keras.layers.Dense(3)(keras.layers.Flatten()(x))))
    explained, images = explainer(model), pictures(1, (16, 16, 3))
    explained.rows_at_once(images.shape[1:])
    explained.memory_bytes = 4 * explained._row_bytes[(16, 16)]
    targets = explained.targets([1])
    mean, square, variance = (
        smooth_grad(explained, images, targets, 7, moment=moment)
        for moment in ("mean", "squared", "variance")
    )
    assert np.abs(square - mean**2).max() > 0
    assert not variance.any()


def test_integrated_gradients_are_exact_on_a_linear_model():
    weights = np.random.default_rng(2).normal(0, 1, (4, 4, 2, 3)).astype("float32")
    explained = explainer(linear(weights, 0.7))
    images = pictures(2, (4, 4, 2))
    for baseline in (0.0, 0.4, pictures(1, (4, 4, 2), seed=9)):
        result, gap = integrated_gradients(explained, images, explained.targets(CLASSES), 3, baseline)
        expected = (images - baseline) * np.moveaxis(weights[..., CLASSES], -1, 0)
        np.testing.assert_allclose(result, expected, atol=1e-6)
        np.testing.assert_allclose(gap, 0, atol=1e-5)


@pytest.mark.parametrize("baseline", [0.0, 0.5])
def test_integrated_gradients_equal_the_midpoint_rule_and_say_what_is_missing(network, baseline):
    model, explained = network
    images = pictures(2, seed=3)
    targets = explained.targets(CLASSES)
    start = np.full_like(images, baseline)
    whole = ((logits_of(model, images) - logits_of(model, start)) * targets).sum(axis=1)
    gaps = {}
    for steps in (2, 50):
        total = 0
        for k in range(steps):
            total += tape_gradient(model, start + (k + 0.5) / steps * (images - start), targets)
        expected = (images - start) * total / steps
        result, gaps[steps] = integrated_gradients(explained, images, targets, steps, baseline)
        np.testing.assert_allclose(result, expected, atol=1e-5)
        np.testing.assert_allclose(result.sum(axis=(1, 2, 3)) - gaps[steps], whole, atol=1e-5)
    assert np.abs(whole).min() > 0.1
    assert np.abs(gaps[50]).max() < np.abs(gaps[2]).max() / 5


def test_a_baseline_above_bytes_does_not_wrap_around():
    weights = np.random.default_rng(2).normal(0, 1, (4, 4, 1, 2)).astype("float32")
    explained = explainer(linear(weights))
    images = np.random.default_rng(1).integers(0, 256, (2, 4, 4, 1)).astype("uint8")
    targets = explained.targets([0, 1])
    result, _ = integrated_gradients(explained, images, targets, 2, 255.0)
    expected = (images.astype(float) - 255) * np.moveaxis(weights, -1, 0)
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    for method in ("smoothgrad", "gradient-input", "occlusion"):
        np.testing.assert_allclose(
            raw_map(method, explained, images, [0, 1], samples=3),
            raw_map(method, explained, images.astype(float), [0, 1], samples=3),
            rtol=1e-5,
            err_msg=method,
        )


def test_nothing_to_average_is_refused(network):
    _, explained = network
    images, targets = np.zeros((1, *SIZE)), explained.targets([0])
    with pytest.raises(ValueError, match="a sample or more"):
        smooth_grad(explained, images, targets, samples=0)
    with pytest.raises(ValueError, match="noise from 0"):
        smooth_grad(explained, images, targets, noise=-0.1)
    with pytest.raises(ValueError, match="a step or more, not 0"):
        integrated_gradients(explained, images, targets, steps=0)
