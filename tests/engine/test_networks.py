"""The catalogue: every row by hand equals Keras, and a wrong one is reported."""

import app.engine  # noqa: F401, I001

import inspect

import keras
import numpy as np
import pytest
from counted_networks import SHEETS

from app.counting.chalkboard import nn as chalk
from app.counting.comparison import compare_rows
from app.counting.layers import LAYERS
from app.engine.measure import count_layers
from app.engine.build import build_model, outline_model
from app.engine.build import nn as keras_nn
from models import CATALOGUE

pytestmark = pytest.mark.keras
CHAINS = (
    "mnist",
    "worked_example",
    "worked_example_classifier",
    "numpy_cnn",
    "x_or_not_x",
    "keras_vis_mnist",
    "lecun1989",
    "lenet5",
    "lenet5_modern",
    "nin_cifar10",
    "dilated_context",
)
"""Small networks without branches."""


def large_ones_slow(names):
    """Networks of many layers have a sibling of few that is built in the same way."""
    slow = pytest.mark.slow
    return [pytest.param(name, marks=slow) if len(SHEETS[name].rows) > 250 else name for name in names]


@pytest.mark.parametrize("name", large_ones_slow(CATALOGUE))
def test_every_row_agrees_with_keras(name):
    sheet = SHEETS[name]
    model = outline_model(CATALOGUE[name])
    assert compare_rows(sheet.rows, count_layers(model)) == []
    assert sheet.parameters == model.count_params()


@pytest.mark.parametrize("name", large_ones_slow(n for n in CATALOGUE if CATALOGUE[n].outputs))
def test_other_shapes_agree_too(name):
    network = CATALOGUE[name]
    *sizes, channels = network.input_shape
    more = [size + extra for size, extra in zip(sizes, (4, 12), strict=False)]
    shape = (*more, 5 - channels // 2 if len(sizes) == 2 else channels)
    classes = None if network.is_binary else 7
    arguments = network.arguments(classes, shape)
    sheet = network.builder(chalk, **arguments).sheet()
    assert compare_rows(sheet.rows, count_layers(outline_model(network, classes, shape))) == []


@pytest.mark.parametrize("name", CHAINS)
def test_an_outline_is_the_model_without_its_values(name):
    outline, model = outline_model(CATALOGUE[name]), build_model(CATALOGUE[name])
    assert count_layers(outline) == count_layers(model)
    assert [w.shape for w in outline.weights] == [w.shape for w in model.weights]


def test_an_outline_never_gets_values():
    outline = outline_model(CATALOGUE["mnist"])
    with keras.StatelessScope():
        pass  # leaving it, Keras fills every variable that waits for a value
    assert all(weight._value is None for weight in outline.weights)


def spoiled(changes):
    """The vocabulary of Keras with one setting of one layer changed."""
    from types import SimpleNamespace

    def conv(*args, **kwargs):
        if kwargs.get("name") == "conv2":
            bound = inspect.signature(keras.layers.Conv2D).bind(*args, **kwargs)
            return keras.layers.Conv2D(**{**bound.arguments.pop("kwargs", {}), **bound.arguments, **changes})
        return keras.layers.Conv2D(*args, **kwargs)

    return SimpleNamespace(**{**vars(keras_nn), "Conv2D": conv})


@pytest.mark.parametrize(
    ("changes", "quantity"),
    [
        ({"strides": 2}, "output shape"),
        ({"padding": "same"}, "output shape"),
        ({"filters": 63}, "trainable"),
        ({"kernel_size": 2}, "trainable"),
        ({"use_bias": False}, "trainable"),
        ({"trainable": False}, "non trainable"),
    ],
)
def test_a_wrong_layer_is_reported(changes, quantity):
    builder = CATALOGUE["keras_vis_mnist"].builder
    wrong = builder(spoiled(changes))
    found = compare_rows(builder(chalk).sheet().rows, count_layers(wrong))
    assert any(d.layer == "conv2" and d.quantity == quantity for d in found)


def test_a_missing_and_an_extra_layer_are_reported():
    network = CATALOGUE["mnist"]
    rows = network.builder(chalk).sheet().rows
    counted = count_layers(build_model(network))
    assert [str(d.theirs) for d in compare_rows(rows, counted[:-1])] == ["missing"]
    assert [str(d.ours) for d in compare_rows(rows[:-1], counted)] == ["missing"]


def test_the_two_vocabularies_offer_the_same_names_and_defaults():
    assert set(vars(chalk)) == set(vars(keras_nn))
    for name, layer in LAYERS.items():
        theirs = inspect.signature(getattr(keras_nn, name).__init__).parameters
        for parameter in inspect.signature(layer.__init__).parameters.values():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                continue
            if parameter.name in ("self", "name", "data_format"):
                continue
            assert parameter.default is not parameter.empty or parameter.name in theirs
            assert parameter.name in theirs, f"{name}: {parameter.name}"
            ours, real = parameter.default, theirs[parameter.name].default
            if ours != real:
                assert np.all(np.ravel(ours) == np.ravel(real)), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", CHAINS)
def test_receptive_fields_equal_the_support_of_a_gradient(name):
    """In an all-positive network a pixel has a gradient exactly where it is seen.

    Branched networks are in test_deep_networks, the neocognitron's cells, which inhibit each other, in
    test_early_networks.
    """
    import tensorflow as tf

    network = CATALOGUE[name]
    model = build_model(network)
    draw = np.random.default_rng(1)
    model.set_weights([draw.uniform(1, 2, w.shape) / np.prod(w.shape[:-1]) for w in model.get_weights()])
    sheet = SHEETS[name]
    image = np.random.default_rng(0).uniform(0.5, 1, (1, *network.input_shape)).astype("float32")
    x = tf.constant(image)
    for layer in model.layers:
        if isinstance(layer, (keras.layers.MaxPooling2D, keras.layers.Flatten, *SQUASHING)):
            continue  # a maximum passes its gradient to one cell; a flat map sees what the map saw
        smooth = smoothed(model, layer.name)
        field = sheet.row(layer.name).field
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = smooth(x)
            cell = y[0, 0, -1, 0] if len(y.shape) == 4 else y[0, 0]
        support = np.asarray(tape.gradient(cell, x))[0, ..., 0] != 0
        for axis, index in ((0, 0), (1, -1)):
            touched = np.flatnonzero(support.any(axis=1 - axis))
            windows = field.axes[axis]
            expected = windows.windows[index] if len(y.shape) == 4 else windows.seen()
            if support.any():
                assert (touched[0], touched[-1]) == expected, f"{layer.name}, axis {axis}"
            else:  # a corner of padding
                assert field.axes[0].windows[0] is None


SQUASHING = (keras_nn.ScaledTanh, keras_nn.Softmax)
"""Layers whose gradient vanishes where they are saturated; they work at each place by itself."""


def smoothed(model, last):
    """The layers up to `last`, every max-pooling replaced by average-pooling, nothing saturated."""
    x = keras.Input(model.input_shape[1:])
    y = x
    for layer in model.layers:
        if isinstance(layer, keras.layers.MaxPooling2D):
            config = {k: layer.get_config()[k] for k in ("pool_size", "strides", "padding")}
            y = keras.layers.AveragePooling2D(**config)(y)
        elif not isinstance(layer, SQUASHING):
            y = layer(y)
        if layer.name == last:
            break
    return keras.Model(x, y)
