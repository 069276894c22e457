"""The project's own layers: against NumPy, their gradients, their rows, and stored files that reload."""

import app.engine  # noqa: F401, I001

import inspect

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import models.layers
from app.counting.chalkboard import nn as chalk
from app.counting.comparison import compare_rows
from app.counting.layers import CUSTOM_LAYERS
from app.counting.model_files import read_config
from app.counting.reader import read_board
from app.engine.measure import count_layers
from app.engine.store import load_model
from app.engine.vocabulary import nn

pytestmark = pytest.mark.keras

EXAMPLES = {
    "LocalResponseNormalization": (
        (5, 6, 7),
        {"depth_radius": 2, "bias": 2, "alpha": 0.1, "beta": 0.75},
    ),
}
"""For each layer an input's shape and settings that are not its defaults."""


def chain(vocabulary, kind):
    shape, arguments = EXAMPLES[kind]
    layer = getattr(vocabulary, kind)(**arguments, name="own")
    return vocabulary.Sequential([vocabulary.Input(shape, name="image"), layer], name="net")


def with_random_weights(model, seed=0):
    draw = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(draw.normal(size=weight.shape))
    return model


def images(kind, count=2):
    return np.random.default_rng(1).normal(size=(count, *EXAMPLES[kind][0])).astype("float32")


def test_every_layer_has_an_example_and_both_sides():
    assert set(EXAMPLES) == set(CUSTOM_LAYERS) == set(models.layers.__all__)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_row_by_hand_equals_keras(kind):
    rows = chain(chalk, kind).sheet().rows
    assert compare_rows(rows, count_layers(chain(nn, kind))) == []


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_stored_arrays_are_those_of_keras(kind):
    row = chain(chalk, kind).sheet().row("own")
    theirs = [(w.name, tuple(w.shape), w.trainable) for w in chain(nn, kind).weights]
    assert [(w.name, tuple(w.shape), w.is_trained) for w in row.weights] == theirs


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_trainable_weight_gets_a_gradient(kind):
    model = with_random_weights(chain(nn, kind))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(images(kind)) ** 2)
    for gradient in tape.gradient(loss, model.trainable_weights):
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() > 0


RELOAD = """
import sys
import numpy as np
import app.engine
import keras
for path in sys.argv[1:]:
    model = keras.saving.load_model(path, safe_mode=True)
    data = np.load(path + ".npz")
    print(model.name, float(np.abs(model(data["x"]).numpy() - data["y"]).max()))
"""


def test_files_reload_in_a_fresh_process_in_safe_mode(command, tmp_path):
    paths = []
    for kind in EXAMPLES:
        model, x = with_random_weights(chain(nn, kind)), images(kind)
        paths.append(tmp_path / f"{kind}.keras")
        model.save(paths[-1])
        np.savez(f"{paths[-1]}.npz", x=x, y=model(x).numpy())
    done = command("-c", RELOAD, *paths)
    found = [float(line.split()[1]) for line in done.stdout.splitlines()]
    assert len(found) == len(EXAMPLES), done.stderr
    assert max(found) < 1e-6


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_file_is_counted_as_the_network_is(kind, ending, tmp_path):
    model = chain(nn, kind)
    model.save(tmp_path / f"model{ending}")
    row = read_board(read_config(tmp_path / f"model{ending}")).sheet().row("own")
    ours = chain(chalk, kind).sheet().row("own")
    assert row == ours
    assert load_model(tmp_path / f"model{ending}").count_params() == ours.parameters


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_configuration_is_complete(kind):
    arguments = inspect.signature(getattr(nn, kind).__init__).parameters
    config = chain(nn, kind).layers[-1].get_config()
    assert {name for name, p in arguments.items() if p.kind is not p.VAR_KEYWORD} <= {
        "self", *config
    }  # fmt: skip


# --- local response normalisation ---------------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 4), st.floats(0.5, 3), st.floats(0, 1), st.floats(0, 1), st.integers(1, 9))
def test_a_value_is_divided_by_the_activity_beside_it(radius, bias, alpha, beta, channels):
    x = np.random.default_rng(0).normal(size=(2, 3, 2, channels)).astype("float32")
    expected = np.empty_like(x)
    for c in range(channels):
        beside = x[..., max(c - radius, 0) : c + radius + 1]
        expected[..., c] = x[..., c] / (bias + alpha * (beside**2).sum(axis=-1)) ** beta
    found = nn.LocalResponseNormalization(radius, bias, alpha, beta)(x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("vocabulary", [chalk, nn])
def test_normalisation_wants_a_map(vocabulary):
    with pytest.raises(ValueError, match="takes a map"):
        vocabulary.LocalResponseNormalization()(vocabulary.Input((5, 6)))
