"""Functions that are compiled once they are called often, and those that cannot be."""

import app.engine  # noqa: I001

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

import app as lab
from app.engine.compiling import AS_IT_IS, CompiledFunction

pytestmark = pytest.mark.keras


def test_it_is_compiled_once_after_the_first_calls_for_any_number_of_rows():
    double = CompiledFunction(lambda x, factor: (x * factor,))
    for rows in range(1, AS_IT_IS + 6):
        x = tf.range(2.0 * rows)[:, tf.newaxis]
        np.testing.assert_array_equal(double(x, tf.constant(3.0))[0], 3 * x)
        assert double.traces == (rows > AS_IT_IS)


def test_threads_compile_it_once():
    square = CompiledFunction(lambda x: (x * x,))
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda n: float(square(tf.constant([float(n)]))[0][0]), range(200))
    assert list(made) == [n * n for n in range(200)]
    assert square.traces == 1


@keras.saving.register_keras_serializable("compiling")
class AsksForValues(keras.layers.Layer):
    """Doubles what holds anything above 0: Python asks a tensor, which a graph has no answer for."""

    def call(self, x):
        return 2 * x if tf.reduce_max(x) > 0 else x

    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, x.dtype)


def test_a_layer_that_asks_tensors_for_their_values_is_run_as_it_is_for_good():
    image = keras.Input((12, 12, 1))
    x = AsksForValues()(keras.layers.Conv2D(3, 3)(image))
    net = lab.load(keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(x))), (0, 1))
    picture = np.random.default_rng(0).integers(0, 256, (12, 12, 1)).astype(np.uint8)
    maps = [net.explain(picture, 1, methods=["vanilla"]).maps["vanilla"] for _ in range(AS_IT_IS + 3)]
    assert np.abs(maps[0]).max() > 0
    for each in maps[1:]:
        np.testing.assert_array_equal(each, maps[0])
    assert {c.traces for c in net.explainer_by("tensorflow").machine.compiled.values()} == {0}
