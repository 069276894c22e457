"""Random small networks: every row by hand equals Keras."""

import app.engine  # noqa: F401, I001

import random

import keras
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn as chalk
from app.counting.comparison import compare_rows
from app.counting.layers import CUSTOM_LAYERS, LAYERS
from app.engine.measure import count_layers
from workings import counts_of, calculated
from random_models import EXAMPLES, KINDS, MERGES, choose, kinds_for, shapes

pytestmark = pytest.mark.keras
REFUSALS = (ValueError, ZeroDivisionError, RuntimeError, tf.errors.OpError)


def call(layer, kind, inputs):
    """Attention is called on a query and a value; Keras takes them apart, the chalkboard together."""
    if kind != "MultiHeadAttention":
        return layer(inputs)
    return layer(inputs, inputs) if isinstance(layer, keras.Layer) else layer([inputs, inputs])


def build(vocabulary, kind, arguments, inputs):
    """Return what comes out, or None if the layer is refused."""
    try:
        return call(getattr(vocabulary, kind)(**arguments), kind, inputs)
    except REFUSALS:
        return None


def check(examples, property_, *strategies):
    how = settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck))
    how(given(*strategies)(property_))()


@pytest.mark.parametrize("examples", [8, pytest.param(25, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_every_layer_counts_as_in_keras(kind, examples):
    check(examples, lambda data: layer_counts_as_in_keras(kind, data), st.data())


def layer_counts_as_in_keras(kind, data):
    shapes = [shape for shape in EXAMPLES.values() if kind in kinds_for(shape)]
    shape = data.draw(st.sampled_from(shapes))
    arguments = {**data.draw(kinds_for(shape)[kind]), "name": "layer"}
    ours, theirs = chalk.Input(shape, name="image"), keras.Input(shape, name="image")
    after = [build(v, kind, arguments, x) for v, x in ((chalk, ours), (keras.layers, theirs))]
    assert after[1] is None or after[0] is not None
    if None not in after:
        rows = chalk.Model(ours, after[0]).sheet().rows
        assert all(calculated(count.working) == count for row in rows for count in counts_of(row))
        assert compare_rows(rows, count_layers(keras.Model(theirs, after[1]))) == []


def test_every_layer_of_the_chalkboard_is_drawn_or_merged():
    left = {"Dot", "Embedding", *CUSTOM_LAYERS}  # their own tests
    drawn = {*KINDS, *MERGES, *left}
    assert {kind for kind in LAYERS if not kind.startswith("Random")} <= drawn | {"Masking", "Solarization"}


@pytest.mark.parametrize("examples", [60, pytest.param(200, marks=pytest.mark.slow)])
def test_every_row_of_a_random_network_equals_keras(examples):
    check(examples, rows_equal_keras, st.integers(0, 2**63), st.integers(1, 7), st.data())


def rows_equal_keras(seed, depth, data):
    draw = random.Random(seed)
    shape = shapes(draw)
    starts = (chalk.Input(shape, name="image"), keras.Input(shape, name="image"))
    both, earlier = starts, [starts]
    for number in range(depth):
        partner = next((p for p in earlier[:-1] if p[0].shape == both[0].shape), None)
        if partner and draw.random() < 0.3:
            kind, arguments = draw.choice(MERGES), {}
            inputs = tuple([one, other] for one, other in zip(both, partner, strict=True))
        else:
            kind, arguments = choose(draw, data, tuple(map(int, both[0].shape)))
            inputs = both
        arguments = {**arguments, "name": f"layer{number}"}
        theirs = build(keras.layers, kind, arguments, inputs[1])
        ours = build(chalk, kind, arguments, inputs[0])
        if theirs is None or ours is None:
            # what TensorFlow cannot run on this machine may still be counted
            assert theirs is None or ours is not None, (kind, arguments, both[0].shape)
            break
        both = (ours, theirs)
        earlier.append(both)
    board = chalk.Model(starts[0], both[0], name="net")
    model = keras.Model(starts[1], both[1], name="net")
    assert compare_rows(board.sheet().rows, count_layers(model)) == []
    for row in board.sheet().rows:
        assert sum(weight.size for weight in row.weights) == row.parameters
        for count in counts_of(row):
            assert calculated(count.working) == count, (row, count.working)
