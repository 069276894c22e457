"""What the replay computes another way is what Keras computes, borders included."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.replay.fast_gradients import faster

pytestmark = pytest.mark.keras
layers = keras.layers


def gradients(function, x, weights):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        score = tf.reduce_sum(y * weights[: tf.size(y)].reshape(y.shape))
    return np.asarray(y), np.asarray(tape.gradient(score, x))


def compare(layer, shape):
    draw = np.random.default_rng(hash(shape) % 1000)
    x = draw.normal(0, 1, shape)
    x = tf.constant(x, tf.float32)
    layer(x)
    quick = faster(layer, (None, *shape[1:]))
    assert quick is not None
    weights = draw.normal(0, 1, 100_000).astype("float32")
    for ours, theirs in zip(gradients(quick, x, weights), gradients(layer, x, weights), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, (5, 4)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_first_convolution(padding, kernel, channels):
    layer = layers.Conv2D(4, kernel, padding=padding, bias_initializer="random_normal")
    compare(layer, (2, 9, 7, channels))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [2, 3, 4])
def test_a_transposed_one_of_one_cell(stride, padding):
    """Against its definition: Keras' own may end the process."""
    layer = layers.Conv2DTranspose(4, 1, strides=stride, padding=padding, bias_initializer="ones")
    layer.build((2, 5, 4, 3))
    draw = np.random.default_rng(0)
    x = tf.constant(draw.normal(0, 1, (2, 5, 4, 3)), tf.float32)
    weights = draw.normal(0, 1, 10_000).astype("float32")
    made, gradient = gradients(faster(layer, (None, 5, 4, 3)), x, weights)
    kernel = np.asarray(layer.kernel)[0, 0]  # (filters, channels)
    expected = np.ones((2, 5 * stride, 4 * stride, 4))
    expected[:, ::stride, ::stride] += np.asarray(x) @ kernel.T
    above = weights[: expected.size].reshape(expected.shape)[:, ::stride, ::stride]
    np.testing.assert_allclose(made, expected, atol=1e-5)
    np.testing.assert_allclose(gradient, above @ kernel, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv2D(2, 3, strides=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3, dilation_rate=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3), (None, 8, 8, 8)),
        (layers.Conv2D(2, 3, activation="relu"), (None, 8, 8, 1)),
        (layers.MaxPooling2D(), (None, 8, 8, 1)),
    ],
)
def test_other_layers_keep_their_own_gradient(layer, shape):
    assert faster(layer, shape) is None
