"""The networks from 2014 on: they see what the chalkboard says, and their parts do what they should."""

import app.engine  # noqa: F401, I001

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.counting.chalkboard import nn as chalk
from app.engine.build import build_model
from app.engine.build import nn as keras_nn
from models import CATALOGUE

pytestmark = pytest.mark.keras


def build_small(name, shape):
    keras.utils.set_random_seed(3)
    return build_model(CATALOGUE[name], 5 if CATALOGUE[name].outputs else None, shape)


def images_for(model, count=4):
    draw = np.random.default_rng(5)
    return draw.uniform(size=(count, *model.input_shape[1:])).astype("float32")


AVERAGING = SimpleNamespace(
    **{**vars(keras_nn), "MaxPooling2D": keras.layers.AveragePooling2D, "ReLU": keras.layers.Identity}
)
"""A maximum passes its gradient to one cell and a rectifier may pass none; these pass it to all."""
BRANCHED = {
    "inception_block": (12, 10, 2),
    "resnet18": (70, 64, 1),
    "resnet18_option_a": (64, 70, 1),
    "plain18": (64, 64, 1),
    "resnet50": (40, 40, 1),
    "resnet50_v1_5": (40, 40, 1),
    "resnet20": (20, 16, 1),
    "plain20": (16, 20, 1),
    "densenet40_12": (20, 16, 1),
    "dense_block": (12, 12, 2),
}


SLOW = ("plain18", "resnet50", "resnet50_v1_5", "densenet40_12")
"""Their layers are those of plain20, resnet20 and dense_block."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in BRANCHED]
)
def test_receptive_fields_equal_the_support_of_a_gradient(name):
    """With positive weights a pixel has a gradient exactly where it is seen."""
    network, shape = CATALOGUE[name], BRANCHED[name]
    model = network.builder(AVERAGING, input_shape=shape)
    draw = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            sizes = [w.shape for w in layer.get_weights()]
            layer.set_weights([draw.uniform(1, 2, s) / np.prod(s[:-1]) for s in sizes])
    sheet = network.builder(chalk, input_shape=shape).sheet()
    image = tf.constant(draw.uniform(0.5, 1, (1, *shape)), "float32")
    last = [row for row in sheet.rows if len(row.output_shape) == 3 and "zeros" not in row.name][-1]
    merged = [row for row in sheet.rows if row.kind in ("Add", "Concatenate")]
    maps = [*merged[::4], last]
    for row in maps:
        part = keras.Model(model.input, model.get_layer(row.name).output)
        with tf.GradientTape() as tape:
            tape.watch(image)
            cell = tf.reduce_sum(part(image)[0, 0, -1])
        support = np.asarray(tape.gradient(cell, image))[0, ..., 0] != 0
        for axis, index in ((0, 0), (1, -1)):
            touched = np.flatnonzero(support.any(axis=1 - axis))
            assert (touched[0], touched[-1]) == row.field.axes[axis].windows[index], row.name


def test_the_zeros_of_option_a_are_zeros_beside_every_second_cell():
    model = build_small("resnet18_option_a", (64, 64, 3))
    for stage in (3, 4, 5):
        before = model.get_layer(f"conv{stage}_1_shortcut_sample").input
        after = model.get_layer(f"conv{stage}_1_shortcut_padding").output
        x, y = keras.Model(model.input, [before, after])(images_for(model))
        channels = x.shape[-1]
        assert np.array_equal(y[..., :channels], x[:, ::2, ::2])
        assert y.shape[-1] == 2 * channels
        assert not np.any(y[..., channels:])


def test_the_auto_encoder_draws_while_training_and_takes_the_mean_afterwards():
    model = build_small("vae_mnist", (12, 8, 1))
    names = ("z", "mean", "log_variance", "picture")
    inside = keras.Model(model.input, [model.get_layer(n).output for n in names])
    images = np.repeat(images_for(model, 1), 4000, axis=0)
    z, mean, log_variance, picture = (np.asarray(y) for y in inside(images, training=True))
    deviation = np.exp(log_variance[0] / 2)
    assert np.allclose(z.mean(axis=0), mean[0], atol=0.1 * deviation.max())
    assert np.allclose(z.std(axis=0), deviation, rtol=0.1)
    z, mean, _, again = (np.asarray(y) for y in inside(images[:2]))
    assert np.array_equal(z, mean)
    assert not np.allclose(picture[0], again[0], atol=1e-7)
    assert 0 <= again.min() <= again.max() <= 1


def test_ceiling_and_same_are_one_where_sizes_are_even():
    """GoogLeNet's poolings: Caffe rounds up, which is a border on the far side alone."""
    x = np.random.default_rng(0).normal(size=(1, 14, 28, 3)).astype("float32")
    same = keras.layers.MaxPooling2D(3, 2, padding="same")(x)
    border = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=-np.inf)
    assert np.array_equal(same, keras.layers.MaxPooling2D(3, 2)(border))
