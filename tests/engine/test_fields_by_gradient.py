"""Receptive fields against brute force: the support of the gradient of an all-positive network."""

import app.engine  # noqa: F401, I001

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn as chalk
from random_models import layers_for

pytestmark = pytest.mark.keras
SPATIAL = (
    "Conv",
    "DepthwiseConv",
    "SeparableConv",
    "AveragePooling",
    "AdaptiveAveragePooling",
    "ZeroPadding",
    "Cropping",
    "UpSampling",
    "GlobalAveragePooling",
)
MOST_CELLS = 1500
"""Of any map: the witness has a copy of the image, and so of every map, for each cell of the last."""
MERGES = ("Add", "Average", "Concatenate")  # a product with padding has no gradient


@pytest.fixture
def policy():
    """Set the type in which layers compute, for one test."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def spatial_kinds(rank):
    """The linear layers; a maximum passes its gradient to one cell only."""
    kinds = {f"{name}{rank}D" for name in SPATIAL} | {f"Conv{rank}DTranspose"}
    more = {"Resizing": layers_for(2)["Resizing"]} if rank == 2 else {}
    return {kind: s for kind, s in layers_for(rank).items() if kind in kinds} | more


def support(model, shape):
    """For each output position the pixels with a gradient: (positions..., pixels...), boolean.

    One copy of the image for each position, so that one backward pass tells them all.
    """
    draw = np.random.default_rng(0)
    model.set_weights([draw.uniform(0.5, 1, w.shape) for w in model.get_weights()])
    places = model.output_shape[1:-1]
    count = int(np.prod(places))
    images = tf.repeat(
        tf.constant(draw.uniform(0.5, 1, (1, *shape)), keras.config.dtype_policy().compute_dtype),
        count,
        axis=0,
    )
    with tf.GradientTape() as tape:
        tape.watch(images)
        values = tf.reshape(tf.reduce_sum(model(images), axis=-1), (count, count))
        total = tf.reduce_sum(tf.linalg.diag_part(values))
    gradient = tape.gradient(total, images).numpy()
    return (np.abs(gradient).sum(axis=-1) > 0).reshape(*places, *shape[:-1])


def drawn_field(field, places, pixels):
    """What the chalkboard says, drawn out pixel by pixel."""
    drawn = np.zeros((*places, *pixels), bool)
    for part in field.parts:
        masks = [
            np.array(
                [
                    [bits >> (p - first) & 1 if p >= first else 0 for p in range(axis.pixels)]
                    for first, bits in axis.cells
                ],
                bool,
            )
            for axis in part
        ]
        if field.cells == (1,) * len(pixels):  # behind a global pooling
            masks = [
                np.broadcast_to(mask, (n, mask.shape[1]))
                for mask, n in zip(masks, places or (1,) * len(pixels), strict=True)
            ]
        product = masks[0]
        for mask in masks[1:]:
            product = np.multiply.outer(product, mask)
        rank = len(pixels)
        order = [*range(0, 2 * rank, 2), *range(1, 2 * rank, 2)]
        drawn |= product.transpose(order).reshape(drawn.shape)
    return drawn


def grow(draw, data, shape, depth):
    """Return a random network on the chalkboard and in Keras, as (inputs, outputs) twice."""
    rank = len(shape) - 1
    kinds = spatial_kinds(rank)
    starts = (chalk.Input(shape, name="image"), keras.Input(shape, name="image"))
    made = [starts]
    for _ in range(depth):
        both = made[-1]
        partner = next((p for p in made[:-1] if p[0].shape == both[0].shape), None)
        if partner and draw.random() < 0.5:
            kind, arguments = draw.choice(MERGES), {}
            both = tuple([one, other] for one, other in zip(both, partner, strict=True))
        elif len(both[0].shape) == rank + 1:
            kind = draw.choice(sorted(kinds))
            arguments = {k: v for k, v in data.draw(kinds[kind]).items() if k != "data_format"}
            if arguments.get("padding") == "valid" and draw.random() < 0.5:
                arguments["padding"] = "same"
        else:
            break
        try:
            following = tuple(
                getattr(vocabulary, kind)(**arguments)(inputs)
                for vocabulary, inputs in zip((chalk, keras.layers), both, strict=True)
            )
        except (ValueError, RuntimeError, tf.errors.OpError):
            continue  # it does not fit
        if np.prod(following[0].shape[:-1], dtype=int) <= MOST_CELLS:
            made.append(following)
    return starts, made[-1]


@pytest.mark.parametrize("examples", [60, pytest.param(250, marks=pytest.mark.slow)])
def test_a_field_is_the_support_of_a_gradient(examples, policy):
    """In float32 a transposed convolution of one cell with a stride writes beyond its memory (docs/safety.md).

    So float64, except in three dimensions, where TensorFlow has no average in it. The draws are the same every time.
    """

    def field_is_the_support(rank, seed, depth, data):
        policy("float64" if rank < 3 else "float32")
        check_field(rank, seed, depth, data)

    how = settings(
        deadline=None, max_examples=examples, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    numbers = (st.sampled_from([1, 2, 2, 2, 3]), st.integers(0, 2**63), st.integers(1, 5))
    how(given(*numbers, st.data())(field_is_the_support))()


def check_field(rank, seed, depth, data):
    draw = random.Random(seed)
    shape = (*(draw.randint(3, {1: 12, 2: 7, 3: 4}[rank]) for _ in range(rank)), 2)
    starts, (ours, theirs) = grow(draw, data, shape, depth)
    found = support(keras.Model(starts[1], theirs), shape)
    drawn = drawn_field(ours.row.field, tuple(map(int, ours.shape[:-1])), shape[:-1])
    assert np.array_equal(drawn, found)
    seen = found.reshape(-1, *shape[:-1]).any(axis=0)
    unseen = chalk.Model(starts[0], ours).sheet().unseen()["image"]
    assert unseen.count == np.sum(~seen)
    for axis, lines in enumerate(unseen.lines):
        others = tuple(i for i in range(rank) if i != axis)
        assert lines == tuple(np.flatnonzero(~seen.any(axis=others)))


def test_a_gate_of_one_cell_shows_the_whole_image_to_every_cell():
    """Squeeze and excitation: global pooling, a dense layer, a product."""
    made = []
    for vocabulary, image in ((chalk, chalk.Input((6, 5, 2))), (keras.layers, keras.Input((6, 5, 2)))):
        x = vocabulary.Conv2D(2, 3)(image)
        gate = vocabulary.Dense(2)(vocabulary.GlobalAveragePooling2D(keepdims=True)(x))
        made.append((image, vocabulary.Multiply()([x, gate])))
    (_, ours), (image, theirs) = made
    found = support(keras.Model(image, theirs), (6, 5, 2))
    assert found.all()
    assert np.array_equal(drawn_field(ours.row.field, (4, 3), (6, 5)), found)
    assert ours.row.field.whole


def test_stripes_that_cross_leave_holes_that_are_counted():
    """Two strided branches, one across the rows and one across the columns: no box, but a grid."""
    made = []
    for vocabulary, image in ((chalk, chalk.Input((6, 6, 2))), (keras.layers, keras.Input((6, 6, 2)))):
        tall = vocabulary.AveragePooling2D((1, 2), strides=(2, 2))(image)
        wide = vocabulary.AveragePooling2D((2, 1), strides=(2, 2))(image)
        made.append((image, vocabulary.Add()([tall, wide])))
    (start, ours), (image, theirs) = made
    found = support(keras.Model(image, theirs), (6, 6, 2))
    assert np.array_equal(drawn_field(ours.row.field, (3, 3), (6, 6)), found)
    unseen = chalk.Model(start, ours).sheet().unseen()["input_layer"]
    assert unseen.count == np.sum(~found.any(axis=(0, 1))) == 9
    assert unseen.lines == ((), ())
