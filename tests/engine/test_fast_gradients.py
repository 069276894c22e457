"""The faster gradients are TensorFlow's own, ties and borders included."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.fast_gradients import faster

pytestmark = pytest.mark.keras
layers = keras.layers


def gradients(function, x, weights):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        score = tf.reduce_sum(y * weights[: tf.size(y)].reshape(y.shape))
    return np.asarray(y), np.asarray(tape.gradient(score, x))


def compare(layer, shape, rounded=False):
    draw = np.random.default_rng(hash(shape) % 1000)
    x = draw.normal(0, 1, shape)
    x = tf.constant(np.round(x) if rounded else x, tf.float32)
    layer(x)
    quick = faster(layer, (None, *shape[1:]))
    assert quick is not None
    weights = draw.normal(0, 1, 100_000).astype("float32")
    for ours, theirs in zip(
        gradients(quick, x, weights), gradients(layer, x, weights), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("shape", [(2, 6, 8, 3), (1, 7, 5, 2), (3, 2, 2, 1)])
@pytest.mark.parametrize("rounded", [False, True], ids=["", "with ties"])
def test_max_pooling(shape, rounded):
    compare(layers.MaxPooling2D(), shape, rounded)


def test_a_constant_image_gives_each_gradient_to_the_first_cell():
    quick = faster(layers.MaxPooling2D(), (None, 4, 4, 1))
    _, gradient = gradients(quick, tf.ones((1, 4, 4, 1)), np.ones(4, "float32"))
    assert gradient[0, ..., 0].tolist() == [[1, 0, 1, 0], [0] * 4] * 2


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, (5, 4)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_first_convolution(padding, kernel, channels):
    layer = layers.Conv2D(4, kernel, padding=padding, bias_initializer="random_normal")
    compare(layer, (2, 9, 7, channels))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.MaxPooling2D(3, 2), (None, 8, 8, 2)),
        (layers.MaxPooling2D(2, 1), (None, 8, 8, 2)),
        (layers.MaxPooling2D(padding="same"), (None, 7, 8, 2)),
        (layers.MaxPooling2D(padding="same"), (None, None, None, 2)),
        (layers.MaxPooling2D(data_format="channels_first"), (None, 2, 8, 8)),
        (layers.Conv2D(2, 3, strides=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3, dilation_rate=2), (None, 8, 8, 1)),
        (layers.Conv2D(2, 3), (None, 8, 8, 8)),
        (layers.Conv2D(2, 3, activation="relu"), (None, 8, 8, 1)),
        (layers.AveragePooling2D(2), (None, 8, 8, 1)),
    ],
)
def test_other_layers_keep_their_own_gradient(layer, shape):
    assert faster(layer, shape) is None
