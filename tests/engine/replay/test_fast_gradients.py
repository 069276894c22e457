"""The faster gradient is TensorFlow's own, borders included."""

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


ONE_CELL = {
    "1D": (lambda s, p: layers.Conv1D(4, 1, strides=s, padding=p, bias_initializer="ones"), (2, 9, 3)),
    "2D": (lambda s, p: layers.Conv2D(4, 1, strides=s, padding=p, bias_initializer="ones"), (2, 9, 8, 3)),
    "3D": (lambda s, p: layers.Conv3D(4, 1, strides=s, padding=p), (2, 5, 6, 7, 2)),
    "groups": (lambda s, p: layers.Conv2D(4, 1, strides=s, padding=p, groups=2), (2, 9, 8, 6)),
    "transposed": (
        lambda s, p: layers.Conv2DTranspose(4, 1, strides=s, padding=p, bias_initializer="ones"),
        (2, 5, 4, 3),
    ),
}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("name", ONE_CELL)
def test_one_cell_with_a_stride(name, stride, padding):
    """TensorFlow's own gradient is computed in a compiled function, where it does no harm."""
    make, shape = ONE_CELL[name]
    layer = make(stride, padding)
    draw = np.random.default_rng(0)
    x = tf.constant(draw.normal(0, 1, shape), tf.float32)
    layer.build(shape)
    weights = tf.constant(draw.normal(0, 1, layer.compute_output_shape(shape)), tf.float32)

    def gradient(function):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            score = tf.reduce_sum(y * weights)
        return y, tape.gradient(score, x)

    quick = faster(layer, (None, *shape[1:]))
    for ours, theirs in zip(gradient(quick), tf.function(gradient)(layer), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


RESIDUAL = """
import app.engine
import keras, numpy as np, app as lab
from keras import layers as L
kind, stride, padding = {settings!r}
image = keras.Input((31, 30, 3))
x = L.Conv2D(5, 3, activation="relu")(image)
for filters in (8, 16, 32):
    if kind == "transposed":
        x = L.Conv2DTranspose(filters, 1, strides=stride, padding=padding)(L.MaxPooling2D(stride)(x))
    else:
        x = L.Conv2D(filters, 1, strides=stride, padding=padding)(x)
model = keras.Model(image, L.Dense(3)(L.GlobalAveragePooling2D()(x)))
seen = lab.explain(model, np.zeros((2, 31, 30, 3), np.uint8), methods=["guided", "relu", "vanilla"])
print(np.isfinite(seen.maps["guided"]).all())
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "transposed"])
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_no_gradient_ends_the_process(command, kind, stride, padding):
    done = command("-c", RESIDUAL.format(settings=(kind, stride, padding)))
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr[-300:]


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
