"""What changes from one network to another is found, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn
from app.params.changes import align_rows, find_changes


def rows(*layers, image=(16, 16, 1)):
    return nn.Sequential([nn.Input(image, name="image"), *layers]).sheet().rows


def conv(filters=4, kernel_size=3, name=None, **more):
    return nn.Conv2D(filters, kernel_size, name=name, **more)


def summary(changes):
    return [
        (c.first.name if c.first else None, c.second.name if c.second else None, c.quantities)
        for c in changes
    ]


def test_equal_networks_have_no_changes_whatever_the_names():
    assert find_changes(rows(conv(name="a")), rows(conv(name="b"))) == []
    (change,) = find_changes(rows(conv(name="a")), rows(conv(name="b")), with_names=True)
    assert change.quantities == ("name",)


def test_a_layer_that_is_put_in_moves_no_other():
    one = rows(conv(name="a"), nn.Flatten(name="f"), nn.Dense(5, name="d"))
    other = rows(conv(name="a"), nn.Dropout(0.5, name="drop"), nn.Flatten(name="f"), nn.Dense(5, name="d"))
    assert summary(find_changes(one, other)) == [(None, "drop", ())]
    assert summary(find_changes(other, one)) == [("drop", None, ())]


def test_a_stride_shows_in_shape_work_and_centres():
    (change,) = find_changes(rows(conv(padding="same")), rows(conv(padding="same", strides=2)))
    assert {"output shape", "MACs", "centres"} <= set(change.quantities)
    assert "parameters" not in change.quantities


def test_a_shifted_window_of_the_same_size_is_seen():
    """Padding (0, 2) and (2, 0) make the same shapes; what the cells look at is shifted."""
    one, other = (rows(nn.ZeroPadding2D(((a, 2 - a), (1, 1))), conv(padding="valid")) for a in (0, 2))
    assert summary(find_changes(one, other))[-1][2][-1] == "centres"


def test_a_convolution_that_grows_changes_what_follows():
    one = rows(conv(4, name="a"), nn.Flatten(name="f"), nn.Dense(5, name="d"))
    other = rows(conv(8, name="a"), nn.Flatten(name="f"), nn.Dense(5, name="d"))
    assert [c[0] for c in summary(find_changes(one, other))] == ["a", "f", "d"]


def test_another_kind_of_pooling_takes_the_place_of_the_first():
    one, other = rows(nn.MaxPooling2D(2, name="p")), rows(nn.AveragePooling2D(2, name="q"))
    (change,) = find_changes(one, other)
    assert "kind" in change.quantities
    assert summary(find_changes(rows(conv(name="c")), rows(nn.Flatten(name="f")))) == [
        ("c", None, ()),
        (None, "f", ()),
    ]


kinds = st.lists(st.sampled_from(["conv", "same", "drop", "relu"]), max_size=8)


def build(names):
    make = {
        "conv": lambda: conv(4, 1),
        "same": lambda: conv(4, 3, padding="same"),
        "drop": lambda: nn.Dropout(0.1),
        "relu": nn.ReLU,
    }
    return rows(*(make[name]() for name in names), image=(4, 4, 4))


@settings(deadline=None)
@given(kinds, kinds)
def test_an_alignment_holds_every_row_once_and_in_order(one, other):
    first, second = build(one), build(other)
    pairs = align_rows(first, second)
    assert [a for a, _ in pairs if a] == list(first)
    assert [b for _, b in pairs if b] == list(second)


@settings(deadline=None)
@given(kinds)
def test_a_network_does_not_differ_from_itself(names):
    assert find_changes(build(names), build(names)) == []


@settings(deadline=None)
@given(kinds, st.data())
def test_one_layer_taken_out_is_one_change(names, data):
    names = [*names, "conv"]
    place = data.draw(st.integers(0, len(names) - 1))
    changes = find_changes(build(names), build(names[:place] + names[place + 1 :]))
    removed = [c for c in changes if c.second is None]
    assert len(removed) == 1
    assert not [c for c in changes if c.first is None]


@pytest.mark.parametrize("count", [3000])
def test_thousands_of_rows_are_compared(count):
    from app.counting.rows import Row

    many = tuple(Row(f"r{i}", "Dense", (1,)) for i in range(count))
    assert len(find_changes(many, many[:-1])) == 1
