"""Layers called directly: the same numbers as through Keras' whole call, and the whole call where it matters."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.replay.calling import PLAIN, call_operation

pytestmark = pytest.mark.keras
L = keras.layers
draw = np.random.default_rng(0)
IMAGES = tf.constant(draw.normal(0, 1, (2, 6, 5, 3)).astype("float32"))
OTHERS = tf.constant(draw.normal(0, 1, (2, 6, 5, 3)).astype("float32"))
MADE = {
    "Activation": lambda: L.Activation("tanh"),
    "ReLU": lambda: L.ReLU(6.0),
    "Conv2D": lambda: L.Conv2D(4, 3, strides=2, padding="same"),
    "DepthwiseConv2D": lambda: L.DepthwiseConv2D(3, depth_multiplier=2),
    "Dense": lambda: L.Dense(4, activation="relu"),
    "Dropout": lambda: L.Dropout(0.5),
    "Reshape": lambda: L.Reshape((5, 18)),
    "MaxPooling2D": lambda: L.MaxPooling2D(2),
    "AveragePooling2D": lambda: L.AveragePooling2D(2),
}
MERGING = ("Add", "Average", "Concatenate", "Multiply")


def called_both_ways(layer, given, monkeypatch, **keywords):
    """What comes out with and without Keras' call; and whether Keras' call was left out."""
    expected = layer(given, **keywords)  # builds it, too
    if layer.weights:
        layer.set_weights([draw.uniform(0.5, 1, w.shape) for w in layer.weights])
        expected = layer(given, **keywords)
    calls = []
    whole = keras.Layer.__call__
    with monkeypatch.context() as patch:
        patch.setattr(
            keras.Layer, "__call__", lambda self, *a, **k: calls.append(self) or whole(self, *a, **k)
        )
        actual = call_operation(layer, (given,), keywords)
    return np.asarray(actual), np.asarray(expected), not calls


@pytest.mark.parametrize("kind", sorted(kind.__name__ for kind in PLAIN))
def test_a_layer_puts_out_the_same(kind, monkeypatch):
    layer = MADE.get(kind, getattr(L, kind))()
    given = [IMAGES, OTHERS] if kind in MERGING else IMAGES
    more = {"training": False} if kind in ("BatchNormalization", "Dropout") else {}
    actual, expected, is_direct = called_both_ways(layer, given, monkeypatch, **more)
    np.testing.assert_array_equal(actual, expected)
    assert is_direct


def test_what_keras_does_around_a_call_is_done_where_it_matters(monkeypatch):
    masked = tf.constant(draw.normal(0, 1, (2, 4, 3)).astype("float32"))
    masked._keras_mask = tf.constant([[True, True, False, False]] * 2)
    doubles = tf.cast(IMAGES, "float64")
    int8 = L.Dense(4)
    int8.build((2, 6, 5, 3))
    int8.quantize("int8")
    for layer, given, more in (
        (L.BatchNormalization(), masked, {"training": False}),
        (L.Conv2D(2, 3), doubles, {}),  # its inputs are converted
        (L.Conv2D(2, 3, dtype="mixed_bfloat16"), IMAGES, {}),
        (L.Conv1D(2, 2), IMAGES[:, 0], {}),  # not one of those that are known
    ):
        actual, expected, is_direct = called_both_ways(layer, given, monkeypatch, **more)
        np.testing.assert_array_equal(actual, expected)
        assert not is_direct, layer
    np.testing.assert_array_equal(call_operation(int8, (IMAGES,), {}), int8(IMAGES))


def test_tensors_given_by_name_are_looked_at_as_the_others_are():
    """As in `layer(inputs=x)`: converted where they are of another precision, their masks passed on."""
    convolution, norm = L.Conv2D(2, 3), L.BatchNormalization()
    convolution.build(IMAGES.shape)
    doubles = {"inputs": tf.cast(IMAGES, "float64")}
    np.testing.assert_array_equal(call_operation(convolution, (), doubles), convolution(IMAGES))
    masked = tf.constant(draw.normal(0, 1, (2, 4, 3)).astype("float32"))
    masked._keras_mask = tf.constant([[True, True, False, False]] * 2)
    norm.build(masked.shape)
    out = call_operation(norm, (), {"inputs": masked, "training": False})
    np.testing.assert_array_equal(out._keras_mask, masked._keras_mask)


def test_a_class_of_ones_own_is_called_as_keras_does(monkeypatch):
    class Mine(L.Conv2D):
        def call(self, x):
            return 2 * super().call(x)

    actual, expected, is_direct = called_both_ways(Mine(2, 3), IMAGES, monkeypatch)
    np.testing.assert_array_equal(actual, expected)
    assert not is_direct
