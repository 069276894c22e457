"""What must hold of maps for any weights and any images."""

import app.engine  # noqa: F401, I001

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from map_models import FEW, drawn, explainer, pictures, raw_map
from spellings import flat

from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
GRADIENTS = ("vanilla", "gradient-input", "smoothgrad", "integrated", "gradcam", "hirescam")
"""Linear in the gradient, so linear in what is explained."""
seeds = st.integers(0, 10_000)
quick = settings(max_examples=3, deadline=None, database=None)


@pytest.fixture(scope="module", autouse=True)
def uncompiled():
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def network():
    """One explainer, whose weights are drawn anew for each example."""
    return explainer(flat())


def redraw(explained, seed, change=None):
    """Give the replay's own copy weights drawn from a seed, changed by `change(kernel, bias)`."""
    weighted = [s.operation for s in explained.model.steps if getattr(s.operation, "weights", [])]
    draw = np.random.default_rng(seed)
    for operation in weighted:
        values = [draw.normal(0, 0.3, w.shape) for w in operation.weights]
        if change is not None and operation is weighted[-1]:
            values = change(*values)
        operation.set_weights(values)
    return explained


def maps_of(explained, seed, methods, classes=(0, 2), against=None):
    images = pictures(len(classes), seed=seed)
    return {m: raw_map(m, explained, images, classes, against, **FEW) for m in methods}


def assert_same(actual, expected, factor=1.0):
    for method, values in expected.items():
        tolerance = 1e-5 * max(1.0, factor * np.abs(values).max())
        np.testing.assert_allclose(actual[method], factor * values, atol=tolerance, err_msg=method)


@quick
@given(seed=seeds)
def test_a_contrast_is_the_difference_of_the_maps(network, seed):
    redraw(network, seed)
    one = maps_of(network, seed, GRADIENTS, (0, 2))
    other = maps_of(network, seed, GRADIENTS, (1, 1))
    contrast = maps_of(network, seed, GRADIENTS, (0, 2), against=1)
    assert_same(contrast, {m: one[m] - other[m] for m in GRADIENTS})


@quick
@given(seed=seeds, factor=st.floats(0.1, 10))
def test_scores_times_a_factor_are_maps_times_it(network, seed, factor):
    methods = (*GRADIENTS, "guided", "relu", "layercam", "occlusion")
    plain = maps_of(redraw(network, seed), seed, methods)
    scaled = redraw(network, seed, lambda kernel, bias: [factor * kernel, factor * bias])
    assert_same(maps_of(scaled, seed, methods), plain, factor)


@quick
@given(seed=seeds, constant=st.floats(-3, 3))
def test_a_constant_in_the_bias_changes_no_map(network, seed, constant):
    """But Score-CAM's weights are probabilities, and Grad-CAM++ explains e^S: it grows by e^constant."""
    methods = tuple(m for m in METHODS if m not in ("scorecam", "gradcam++"))
    plain = maps_of(redraw(network, seed), seed, (*methods, "gradcam++"))
    shifted = redraw(network, seed, lambda kernel, bias: [kernel, bias + constant])
    actual = maps_of(shifted, seed, (*methods, "gradcam++"))
    assert_same(actual, {m: plain[m] for m in methods})
    assert_same(actual, {"gradcam++": plain["gradcam++"]}, np.exp(constant))


@quick
@given(seed=seeds, order=st.permutations([0, 1, 2]))
def test_images_in_another_order_have_their_maps_in_that_order(network, seed, order):
    redraw(network, seed)
    images, classes = pictures(3, seed=seed), np.array([2, 0, 1])
    for method in METHODS:
        maps = raw_map(method, network, images, classes, **FEW)
        turned = raw_map(method, network, images[order], classes[order], **FEW)
        np.testing.assert_allclose(turned, maps[order], atol=1e-5, err_msg=method)


def test_a_network_that_is_turned_around_sees_the_picture_turned_around():
    """Filters and pixels mirrored left to right: the same scores, and the map mirrored."""
    model = drawn(flat())
    weights = [w[:, ::-1] if w.ndim == 4 else w for w in model.get_weights()]
    weights[4] = weights[4].reshape(3, 3, 5, 3)[:, ::-1].reshape(45, 3)
    mirrored = flat()
    mirrored.set_weights(weights)
    images = pictures(1)
    one, other = explainer(model), explainer(mirrored)
    # noise is not mirrored, nor is what a pooling passes to the first of several zeros
    for method in set(METHODS) - {"smoothgrad", "smoothgrad-squared", "vargrad", "relu"}:
        maps = raw_map(method, one, images, [1], steps=3, patch=4)
        turned = raw_map(method, other, images[:, :, ::-1], [1], steps=3, patch=4)
        assert np.abs(maps).max() > 1e-4
        np.testing.assert_allclose(turned, maps[:, :, ::-1], atol=1e-5, err_msg=method)
