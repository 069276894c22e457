"""Every network of the catalogue, small: it takes other classes and sizes, trains, and reloads."""

import app.engine  # noqa: F401, I001

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from counted_networks import SHEETS

from app.counting.chalkboard import nn as chalk
from app.counting.comparison import compare_rows
from app.counting.stored.count_file import count_file
from app.engine.measure import count_layers
from app.engine.build import build_model
from models import CATALOGUE

pytestmark = pytest.mark.keras
SIZES = (64, 96, 128)
"""Tried one after the other for a network that is published on a larger image."""
CLASSES = 5


@functools.cache
def small(name):
    """Return the classes and the smallest of the shapes that the architecture takes."""
    network = CATALOGUE[name]
    classes = CLASSES if len(network.outputs) > 2 else None
    if max(network.input_shape) <= SIZES[0]:
        shapes = [network.input_shape]
    else:
        shapes = [(size, size, network.input_shape[-1]) for size in SIZES]
    for shape in shapes:
        try:
            network.builder(chalk, **network.arguments(classes, shape))
        except ValueError:  # a window is larger than its map
            continue
        return classes, shape
    raise AssertionError(f"{network.name} takes no image of {SIZES[-1]} pixels")


EVERY = [
    name if len(sheet.rows) <= 80 and sheet.trainable <= 10**7 else pytest.param(name, marks=pytest.mark.slow)
    for name, sheet in SHEETS.items()
]
"""The large ones are slow."""


def build_small(name):
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    return build_model(CATALOGUE[name], *small(name))


def images_for(name, count=4):
    """Return random images in the pixels that the network expects."""
    shape = (count, *small(name)[1])
    low, high = CATALOGUE[name].pixels.range
    return np.random.default_rng(5).uniform(low, high, shape).astype("float32")


@pytest.mark.parametrize("name", EVERY)
def test_one_step_has_a_finite_loss_and_a_gradient_for_every_weight(name):
    model, draw = build_small(name), np.random.default_rng(6)
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(model(images_for(name), training=True))
        loss = sum(tf.reduce_mean((y - draw.normal(size=y.shape)) ** 2) for y in outputs)
    gradients = tape.gradient(loss, model.trainable_weights)
    assert np.isfinite(loss)
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient), weight.path


RELOAD = """
import sys
import numpy as np
import app.engine
import keras
from models import layers
for path in sys.argv[1:]:
    keras.backend.clear_session()
    model = keras.saving.load_model(path, safe_mode=True)
    data = np.load(path + ".npz")
    outputs = keras.tree.flatten(model(data["x"]))
    print(max(float(np.abs(y.numpy() - data[str(i)]).max()) for i, y in enumerate(outputs)))
"""
FEW = ["mnist", "tdnn", "neocognitron", "lecun1989", "lenet5", "vae_mnist", "dense_block"]
"""Layers of our own, layers that draw, branches."""
LIGHT = [name for name, sheet in SHEETS.items() if sheet.trainable <= 10**6]
LARGE = [name for name, sheet in SHEETS.items() if sheet.trainable > 3 * 10**7]
OTHERS = [name for name in SHEETS if name not in (*LIGHT, *LARGE)]
GROUPS = [LIGHT[::2], LIGHT[1::2], *(OTHERS[start::4] for start in range(4)), *([name] for name in LARGE)]
"""Those of a group are reloaded in one process, which imports TensorFlow once."""


def save_and_count(name, folder):
    """Return path, images and outputs of a small network that was saved."""
    model, images, path = build_small(name), images_for(name), folder / f"{name}.keras"
    model.save(path)
    counted = count_file(path)
    assert counted.differences == ()
    assert counted.sheet.unknown == ()
    assert compare_rows(counted.sheet.rows, count_layers(model)) == []
    return path, images, keras.tree.flatten(model(images))


@pytest.mark.parametrize("name", FEW)
def test_a_file_reloads_in_safe_mode_and_is_counted_alike(name, tmp_path):
    """In this process; layers of our own are reloaded in another by test_custom_layers."""
    path, images, outputs = save_and_count(name, tmp_path)
    again = keras.tree.flatten(keras.saving.load_model(path, safe_mode=True)(images))
    assert max(float(np.abs(y - z).max()) for y, z in zip(again, outputs, strict=True)) < 1e-5


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
@pytest.mark.slow
def test_files_reload_in_a_fresh_process_in_safe_mode_and_are_counted_alike(names, command, tmp_path):
    paths = []
    for name in names:
        path, images, outputs = save_and_count(name, tmp_path)
        np.savez(f"{path}.npz", x=images, **{str(i): y for i, y in enumerate(outputs)})
        paths.append(path)
    done = command("-c", RELOAD, *paths)
    differences = [float(line) for line in done.stdout.split()]
    assert len(differences) == len(names), done.stderr
    assert max(differences) < 1e-5
    for path in paths:
        path.unlink()
