"""Weights that layers share in whatever way count once: models in memory against Keras."""

import app.engine  # noqa: F401, I001

from dataclasses import replace

import keras
import numpy as np
import pytest

from app.params.counts import count_model

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (8, 8, 3)


class Holding(layers.Layer):
    """A layer of one's own around one that it is given, with a Dense of its own."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.dense = inner, layers.Dense(3)

    def call(self, x):
        return self.dense(self.inner(x))


def added(*ways):
    """All ways from one image, added."""
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Flatten()(layers.Add()([way(image) for way in ways])))


def convolution():
    return layers.Conv2D(3, 3, padding="same")


def beside_time_distributed():
    dense = layers.Dense(4)
    return added(layers.TimeDistributed(dense), dense)


def beside_spectral_normalisation():
    conv = convolution()
    return added(layers.SpectralNormalization(conv), conv)


def in_two_layers():
    conv = convolution()
    return added(Holding(conv), Holding(conv))


def in_a_layer_and_the_graph():
    conv = convolution()
    return added(Holding(conv), conv)


class Subclassed(keras.Model):
    """Weights of its own, made at once and when it is built, and a layer that no call reaches."""

    def __init__(self):
        super().__init__()
        self.conv, self.unused = layers.Conv2D(4, 3), layers.Dense(6)
        self.unused.build((None, 6))
        self.first = self.add_weight(shape=(3,), name="first")

    def build(self, shape):
        self.second = self.add_weight(shape=(2,), name="second", trainable=False)
        super().build(shape)

    def call(self, x):
        return keras.ops.mean(self.conv(x), (1, 2))


def weights_of_a_subclass():
    model = Subclassed()
    model(np.zeros((1, *SIZE), "float32"))
    return model


class Functional(keras.Model):
    """A graph, and a weight beside it."""

    def __init__(self):
        image = keras.Input(SIZE)
        super().__init__(image, layers.Dense(3)(layers.Flatten()(layers.Conv2D(4, 3)(image))))
        self.own = self.add_weight(shape=(5,), name="own")


MODELS = {
    beside_time_distributed: (3 + 1) * 4,
    beside_spectral_normalisation: (9 * 3 + 1) * 3 + 3,  # and the vector of the largest singular value
    in_two_layers: (9 * 3 + 1) * 3 + 2 * (3 + 1) * 3,
    in_a_layer_and_the_graph: (9 * 3 + 1) * 3 + (3 + 1) * 3,
    weights_of_a_subclass: (9 * 3 + 1) * 4 + (6 + 1) * 6 + 3 + 2,
    Functional: (9 * 3 + 1) * 4 + (6 * 6 * 4 + 1) * 3 + 5,
}
"""Models, and their parameters by hand."""


def numbers(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_every_weight_counts_once(build):
    model = build()
    count = count_model(model)
    assert count.parameters == model.count_params() == MODELS[build]
    assert (count.trainable, count.non_trainable) == (
        numbers(model.trainable_weights),
        numbers(model.non_trainable_weights),
    )
    check = count.check()
    assert check, str(check)
    assert not count.stored.differences


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_a_weight_too_many_does_not_pass(build):
    """Rows without a formula are filled from the weights; it is the others that are held against Keras."""
    count = count_model(build())
    rows = tuple(row if row.unknown else replace(row, trainable=row.trainable + 1) for row in count.rows)
    check = replace(count, sheet=replace(count.sheet, rows=rows)).check()
    assert not check
    assert len(check.differences) == sum(not row.unknown for row in rows)
