"""The early networks: their parts are those of the papers."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.counting.chalkboard import nn as chalk
from app.engine.replay.replay import replay
from app.engine.build import build_model, outline_model
from models import CATALOGUE
from models.lecun1989 import H2_READS
from models.lenet5 import C3_READS, CLOSENESS, DIGITS_7X12, digit_codes

pytestmark = pytest.mark.keras

# --- LeNet-5 and its forerunner -----------------------------------------------------------------


def test_the_table_of_pairs_is_the_papers():
    """Six maps read three neighbours, six four neighbours, three two pairs, one all."""
    assert [len(maps) for maps in C3_READS] == [3] * 6 + [4] * 9 + [6]
    for f in range(6):
        assert set(C3_READS[f]) == {f, (f + 1) % 6, (f + 2) % 6}
        assert set(C3_READS[f + 6]) == {(f + step) % 6 for step in range(4)}
    for f in range(3):
        assert set(C3_READS[f + 12]) == {(f + step) % 6 for step in (0, 1, 3, 4)}
    reads = [sum(m in maps for maps in C3_READS) for m in range(6)]
    assert reads == [10] * 6


def test_each_map_of_h2_reads_eight_of_twelve():
    assert [len(set(maps)) for maps in H2_READS] == [8] * 12
    assert {m for maps in H2_READS for m in maps} == set(range(12))


def test_the_codes_are_ten_different_pictures():
    codes = digit_codes(10)
    assert [len(code) for code in codes] == [84] * 10
    assert {value for code in codes for value in code} == {-1, 1}
    assert all(len(line) == 7 for picture in DIGITS_7X12 for line in picture.split("|"))
    apart = [
        sum(a != b for a, b in zip(one, other, strict=True))
        for i, one in enumerate(codes)
        for other in codes[:i]
    ]
    assert min(apart) >= 4


@pytest.mark.parametrize("classes", [1, 11, 26])
def test_codes_for_other_than_digits_are_refused(classes):
    with pytest.raises(ValueError, match=r"so not for .* classes; take lenet5_modern"):
        CATALOGUE["lenet5"].builder(chalk, classes=classes)


def test_the_nearest_code_has_the_highest_probability():
    model = build_model(CATALOGUE["lenet5"])
    images = np.random.default_rng(0).uniform(-0.1, 1.175, (8, 32, 32, 1)).astype("float32")
    distances = keras.Model(model.inputs[0], model.get_layer("output").output)(images).numpy()
    np.testing.assert_array_equal(model(images).numpy().argmax(1), distances.argmin(1))
    replayed = replay(model)
    np.testing.assert_allclose(replayed.logits(images), -CLOSENESS * distances, rtol=1e-4)


@pytest.mark.parametrize("name", ["lenet5", "lenet5_modern", "lecun1989"])
def test_mnists_size_is_brought_to_the_papers_without_a_parameter(name):
    network = CATALOGUE[name]
    small = network.builder(chalk, input_shape=(28, 28, 1)).sheet()
    whole = network.builder(chalk).sheet()
    assert (small.trainable, small.non_trainable) == (whole.trainable, whole.non_trainable)
    assert outline_model(network, input_shape=(28, 28, 1)).count_params() == whole.parameters


def test_the_border_of_lenet_is_background():
    model = build_model(CATALOGUE["lenet5"], input_shape=(28, 28, 1))
    bordered = keras.Model(model.inputs[0], model.get_layer("border").output)
    image = bordered(np.ones((1, 28, 28, 1), "float32")).numpy()[0, ..., 0]
    assert image.shape == (32, 32)
    np.testing.assert_allclose(image[:2], -0.1)
    np.testing.assert_allclose(image[2:-2, 2:-2], 1)


# --- AlexNet and what came after ----------------------------------------------------------------


def learned(name, quantity="parameters"):
    rows = CATALOGUE[name].builder(chalk).sheet().rows
    return [int(getattr(row, quantity)) for row in rows if row.parameters]


def test_alexnets_layers_and_their_neurons():
    assert learned("alexnet") == [
        34_944,
        307_456,
        885_120,
        663_936,
        442_624,
        37_752_832,
        16_781_312,
        4_097_000,
    ]
    rows = CATALOGUE["alexnet"].builder(chalk).sheet().rows
    neurons = [int(np.prod(row.output_shape)) for row in rows if row.parameters]
    assert sum(neurons) == 659_272  # the abstract's 650,000
    assert neurons[0] == 290_400  # the paper prints 253,440


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("alexnet", [55, 27, 13, 13, 13]),
        ("alexnet_one_weird_trick", [55, 27, 13, 13, 13]),
        ("zfnet", [110, 26, 13, 13, 13]),
        ("nin_imagenet", [54, 54, 54, 27, 27, 27, 13, 13, 13, 6, 6, 6]),
        ("nin_cifar10", [32, 32, 32, 16, 16, 16, 8, 8, 8]),
    ],
)
def test_the_maps_have_the_published_sizes(name, sizes):
    rows = CATALOGUE[name].builder(chalk).sheet().rows
    assert [row.output_shape[0] for row in rows if "Conv2D" in row.kind] == sizes


def test_the_neocognitrons_layers_are_the_papers():
    rows = CATALOGUE["neocognitron"].builder(chalk).sheet().rows
    cells = [row for row in rows if row.kind in ("SCells", "CCells")]
    assert [row.output_shape for row in cells] == [(n, n, 24) for n in (16, 10, 8, 6, 2, 1)]
    assert learned("neocognitron") == [624, 14_424, 14_424]


def test_what_the_neocognitrons_cells_see_is_the_support_of_a_gradient():
    """Without inhibition of S-cells all of them are active; of the C-cells those above the mean."""
    model, draw = build_model(CATALOGUE["neocognitron"]), np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(draw.uniform(0, 0.1, weight.shape) * (len(weight.shape) == 4))
    sheet = CATALOGUE["neocognitron"].builder(chalk).sheet()
    x = tf.constant(draw.uniform(0.5, 1, (1, 16, 16, 1)), tf.float32)
    for layer in model.layers[:-1]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = keras.Model(model.inputs[0], layer.output)(x)
            middle = y.shape[1] // 2
            cell = tf.reduce_sum(y[0, 0, middle] * draw.uniform(1, 2, y.shape[-1]))
        support = np.asarray(tape.gradient(cell, x))[0, ..., 0] != 0
        field = sheet.row(layer.name).field
        if field.axes[0].windows[0] is None:  # a corner of padding
            assert not support.any()
            continue
        for axis, index in ((0, 0), (1, middle)):
            touched = np.flatnonzero(support.any(axis=1 - axis))
            assert (touched[0], touched[-1]) == field.axes[axis].windows[index], layer.name
