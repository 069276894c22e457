import dataclasses

import pytest

from app.counting.chalkboard import nn
from app.counting.comparison import LayerCount, compare_rows
from models import CATALOGUE

ROWS = CATALOGUE["mnist"].builder(nn).sheet().rows


def second_witness(rows):
    return [
        LayerCount(row.name, row.kind, row.output_shape, int(row.trainable), int(row.non_trainable))
        for row in rows
    ]


def changed(layer, **values):
    return [
        dataclasses.replace(count, **values) if count.name == layer else count
        for count in second_witness(ROWS)
    ]


@pytest.mark.parametrize("name", CATALOGUE)
def test_two_equal_counts_do_not_differ(name):
    rows = CATALOGUE[name].builder(nn).sheet().rows
    assert compare_rows(rows, second_witness(rows)) == []
    assert compare_rows(rows, reversed(second_witness(rows))) == []


@pytest.mark.parametrize(
    ("quantity", "ours", "theirs"),
    [
        ("kind", "Conv2D", "DepthwiseConv2D"),
        ("output_shape", (11, 11, 64), (12, 11, 64)),
        ("trainable", 18_496, 18_497),
        ("non_trainable", 0, 2),
    ],
)
def test_every_quantity_is_compared(quantity, ours, theirs):
    found = compare_rows(ROWS, changed("conv2", **{quantity: theirs}))
    assert len(found) == 1
    label = quantity.replace("_", " ")
    assert (found[0].layer, found[0].quantity) == ("conv2", label)
    assert str(found[0]) == f"conv2: {label} is {ours} by hand, {theirs} in Keras"


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_a_missing_and_a_spare_layer_are_reported_as_such(name):
    fewer = [count for count in second_witness(ROWS) if count.name != name]
    assert [str(d) for d in compare_rows(ROWS, fewer)] == [
        f"{name}: the layer is there by hand, missing in Keras"
    ]
    without = [row for row in ROWS if row.name != name]
    assert [str(d) for d in compare_rows(without, second_witness(ROWS))] == [
        f"{name}: the layer is missing by hand, there in Keras"
    ]


def test_a_renamed_layer_is_missing_and_spare():
    found = compare_rows(ROWS, changed("pool1", name="pooling"))
    assert {(d.layer, d.ours, d.theirs) for d in found} == {
        ("pool1", "there", "missing"),
        ("pooling", "missing", "there"),
    }


def test_strides_that_no_total_shows_are_found():
    """The stride in the first or in the second convolution: equal totals, different rows."""

    def build(first, second):
        return nn.Sequential(
            [
                nn.Input((8, 8, 3)),
                nn.Conv2D(4, 1, strides=first, name="a"),
                nn.Conv2D(4, 3, strides=second, padding="same", name="b"),
            ]
        ).sheet()

    right, wrong = build(1, 2), build(2, 1)
    assert right.parameters == wrong.parameters
    assert right.output_shapes == wrong.output_shapes
    found = compare_rows(right.rows, second_witness(wrong.rows))
    assert [(d.layer, d.quantity, d.ours, d.theirs) for d in found] == [
        ("a", "output shape", (8, 8, 4), (4, 4, 4))
    ]


def test_a_second_layer_of_the_same_name_is_not_overlooked():
    spare = LayerCount("conv2", "Conv2D", (1, 1, 1), 999, 0)
    assert compare_rows(ROWS, [spare, *second_witness(ROWS)])
    assert compare_rows(ROWS, [*second_witness(ROWS), spare])
