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
from app.counting.stored.model_files import read_config
from app.counting.stored.reader import read_board
from app.engine.measure import count_layers
from app.engine.store import load_model
from app.engine.build import nn
from test_fields_by_gradient import drawn_field, support

pytestmark = pytest.mark.keras

CODES = [[1, -1, 1], [-1, -1, 1]]
PAIRS = [[0, 1], [1, 2, 0], [2]]
EXAMPLES = {
    "CCells": ((6, 7, 3), {"kernel_size": 3, "saturation": 0.7}),
    "SCells": ((6, 7, 2), {"planes": 3, "kernel_size": 3, "selectivity": 2.0}),
    "ConstantPadding2D": ((4, 5, 2), {"padding": ((1, 2), (0, 3)), "value": -1.0}),
    "GroupedConv2D": (
        (6, 7, 4),
        {"filters": 6, "kernel_size": 3, "groups": 2, "strides": 2, "padding": "same"},
    ),
    "PartialConv2D": (
        (7, 6, 3),
        {"connections": PAIRS, "kernel_size": (3, 2), "strides": 2, "shared_bias": False},
    ),
    "RadialBasis": ((3,), {"codes": CODES}),
    "ScaledTanh": ((4, 3, 2), {"amplitude": 1.5, "slope": 0.5}),
    "Subsampling2D": ((7, 6, 3), {"pool_size": 3}),
    "LocalResponseNormalization": ((5, 6, 7), {"depth_radius": 2, "bias": 2, "alpha": 0.1, "beta": 0.75}),
}
"""For each layer an input's shape and settings that are not its defaults."""


def chain(vocabulary, kind):
    shape, arguments = EXAMPLES[kind]
    layer = getattr(vocabulary, kind)(**arguments, name="own")
    return vocabulary.Sequential([vocabulary.Input(shape, name="image"), layer], name="net")


def with_random_weights(model, seed=0):
    draw = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(draw.uniform(0.1, 1, size=weight.shape))
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
    assert {name for name, p in arguments.items() if p.kind is not p.VAR_KEYWORD} <= {"self", *config}


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


# --- against NumPy ------------------------------------------------------------------------------


def test_a_border_has_its_value():
    x = images("ConstantPadding2D")
    found = nn.ConstantPadding2D(((1, 2), (0, 3)), value=-1.5)(x)
    np.testing.assert_array_equal(found, np.pad(x, ((0, 0), (1, 2), (0, 3), (0, 0)), constant_values=-1.5))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_by_themselves_are_keras_grouped_convolution(groups, padding):
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 4)).astype("float32")
    arguments = {
        "filters": 8,
        "kernel_size": 3,
        "groups": groups,
        "padding": padding,
        "strides": 2,
        "activation": "relu",
    }
    ours, theirs = nn.GroupedConv2D(**arguments), nn.Conv2D(**arguments)
    theirs(x)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


def slide(x, kernel, strides):
    """A valid convolution of one map with one kernel, in loops."""
    height, width = kernel.shape
    rows = range(0, x.shape[0] - height + 1, strides)
    columns = range(0, x.shape[1] - width + 1, strides)
    return np.array([[(x[r : r + height, c : c + width] * kernel).sum() for c in columns] for r in rows])


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("strides", [1, 2])
def test_a_filter_reads_the_listed_maps(strides, shared):
    layer = nn.PartialConv2D(PAIRS, (3, 2), strides, shared_bias=shared)
    x = images("PartialConv2D", count=1)
    layer.build(x.shape)
    draw = np.random.default_rng(0)
    kernel, bias = (draw.normal(size=w.shape) for w in layer.weights)
    layer.set_weights([kernel, bias])
    found, number = layer(x)[0].numpy(), 0
    for f, maps in enumerate(PAIRS):
        expected = bias[..., f]
        for m in maps:
            expected = expected + slide(x[0, ..., m], kernel[..., number], strides)
            number += 1
        np.testing.assert_allclose(found[..., f], expected, atol=1e-4)


def test_a_full_table_is_an_ordinary_convolution():
    x = images("PartialConv2D")
    full = nn.PartialConv2D([[0, 1, 2]] * 4, 3, padding="same")
    conv = nn.Conv2D(4, 3, padding="same")
    full.build(x.shape)
    conv.build(x.shape)
    kernel = full.kernel.numpy().reshape(3, 3, 4, 3).transpose(0, 1, 3, 2)
    conv.set_weights([kernel, full.bias.numpy()])
    np.testing.assert_allclose(full(x), conv(x), atol=1e-5)


def test_sub_sampling_adds_scales_and_shifts():
    layer, x = nn.Subsampling2D(2), np.arange(32.0, dtype="float32").reshape(1, 4, 4, 2)
    layer.build(x.shape)
    layer.set_weights([np.array([2, -1]), np.array([0.5, 3])])
    sums = x.reshape(1, 2, 2, 2, 2, 2).sum(axis=(2, 4))
    np.testing.assert_allclose(layer(x), sums * [2, -1] + [0.5, 3])


def test_untrained_sub_sampling_takes_the_mean():
    x = images("Subsampling2D")
    np.testing.assert_allclose(nn.Subsampling2D(3)(x), nn.AveragePooling2D(3)(x), atol=1e-6)


def test_distances_to_codes():
    x = np.array([[1, -1, 1], [0, 2, 0]], "float32")
    np.testing.assert_allclose(nn.RadialBasis(CODES)(x), [[0, 4], [11, 11]])


def test_codes_are_not_trained():
    layer = nn.RadialBasis(CODES)
    layer(np.zeros((1, 3), "float32"))
    assert not layer.trainable_weights
    np.testing.assert_array_equal(layer.non_trainable_weights[0], CODES)


def test_the_squashing_function_keeps_one():
    x = np.linspace(-3, 3, 13).astype("float32")[None]
    np.testing.assert_allclose(nn.ScaledTanh()(x), 1.7159 * np.tanh(2 * x / 3), rtol=1e-6)
    np.testing.assert_allclose(nn.ScaledTanh()(np.array([[1.0, -1.0]])), [[1, -1]], atol=1e-4)


def near(k):
    """0.9 for each cell of distance from the middle, with sum 1."""
    weights = [[0.9 ** np.hypot(r - (k - 1) / 2, c - (k - 1) / 2) for c in range(k)] for r in range(k)]
    return np.array(weights) / np.sum(weights)


def test_s_cells_divide_excitation_by_inhibition():
    x, r = np.abs(images("SCells", count=1)), 2.0
    model = with_random_weights(chain(nn, "SCells"))
    a, b = (w.numpy() for w in model.weights)
    found, planes = model(x)[0].numpy(), range(2)
    v = np.sqrt(sum(slide(x[0, ..., m] ** 2, near(3) / 2, 1) for m in planes))
    for p in range(3):
        excited = 1 + sum(slide(x[0, ..., m], a[:, :, m, p], 1) for m in planes)
        expected = r * np.maximum(excited / (1 + r / (1 + r) * b[p] * v) - 1, 0)
        np.testing.assert_allclose(found[..., p], expected, rtol=1e-4)


def test_c_cells_blur_and_compare_with_the_other_planes():
    x = np.abs(images("CCells", count=1))
    excited = np.stack([slide(x[0, ..., m], near(3), 1) for m in range(3)], axis=-1)
    answer = np.maximum((1 + excited) / (1 + excited.mean(axis=-1, keepdims=True)) - 1, 0)
    found = nn.CCells(3, saturation=0.7)(x)[0]
    np.testing.assert_allclose(found, answer / (0.7 + answer), rtol=1e-3, atol=1e-6)


def test_s_cells_have_a_finite_gradient_in_the_dark():
    x = tf.zeros((1, 4, 4, 1))
    layer = nn.SCells(2, 3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        answer = tf.reduce_sum(layer(x))
    assert np.isfinite(tape.gradient(answer, x)).all()


# --- what does not fit --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "what"),
    [
        ([], "table of connections is empty"),
        ([[0], []], "different maps to read"),
        ([[0, 0]], "different maps to read"),
        ([["0"]], "by number"),
        ([[3]], "name map 3; there are 3"),
        ([[-1]], "name map -1"),
    ],
)
def test_tables_that_make_no_sense_are_refused(pairs, what):
    with pytest.raises(ValueError, match=what):
        chalk.PartialConv2D(pairs, 3)(chalk.Input((7, 6, 3)))


@pytest.mark.parametrize("vocabulary", [chalk, nn])
def test_codes_of_another_length_are_refused(vocabulary):
    with pytest.raises(ValueError, match="codes of"):
        vocabulary.RadialBasis(CODES)(vocabulary.Input((4,)))


def test_a_map_that_is_not_there_is_refused_by_keras_too():
    with pytest.raises(ValueError, match="name map 3; there are 3"):
        nn.PartialConv2D([[3]], 3)(nn.Input((7, 6, 3)))


# --- what a cell sees ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "CCells",
        "SCells",
        "ConstantPadding2D",
        "GroupedConv2D",
        "PartialConv2D",
        "ScaledTanh",
        "Subsampling2D",
        "LocalResponseNormalization",
    ],
)
def test_a_field_is_the_support_of_a_gradient(kind):
    model = chain(nn, kind)
    for weight in model.weights:
        weight.assign(np.random.default_rng(0).uniform(0.5, 1, weight.shape))
    field = chain(chalk, kind).sheet().row("own").field
    shape = EXAMPLES[kind][0]
    found = support(model, shape)
    places = model.output_shape[1:-1]
    assert np.array_equal(drawn_field(field, places, shape[:-1]), found)
