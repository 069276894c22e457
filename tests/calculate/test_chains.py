from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings import calculated

from app.calculate.chains import find_stacks, follow, read_pixels
from app.calculate.geometry import ReversibleWindow

windows = st.builds(
    ReversibleWindow,
    st.integers(1, 4),
    st.integers(1, 3),
    st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(st.integers(0, 2), st.just(1))),
    st.integers(1, 2),
)
bare_windows = st.builds(
    ReversibleWindow, st.integers(1, 4), st.integers(1, 3), st.just("valid"), st.integers(1, 2)
)
chains = st.lists(windows, min_size=1, max_size=3)


def seen_by_hand(chain, pixels):
    """Carry, for every cell, the set of pixels behind it forward through each layer.

    The list is empty where a layer finds no room for its window.
    """
    cells = [{i} for i in range(pixels)]
    for window in chain:
        if not cells:
            return cells
        before, after = window.sides(len(cells))
        padded = [set() for _ in range(before)] + cells + [set() for _ in range(after)]
        cells = [
            set().union(*padded[start : start + window.span : window.dilation])
            for start in range(0, len(padded) - window.span + 1, window.stride)
        ]
    return cells


@settings(deadline=None, max_examples=300)
@given(chains, st.integers(1, 30))
def test_each_cell_reads_the_pixels_that_sets_carried_forward_hold(chain, pixels):
    cells = seen_by_hand(chain, pixels)
    if not cells:
        with pytest.raises(ValueError, match="does not fit"):
            follow(chain, pixels)
        return
    assert follow(chain, pixels)[-1].size == len(cells)
    for index, seen in enumerate(cells):
        assert read_pixels(chain, pixels, {index}) == seen
    assert read_pixels(chain, pixels, range(len(cells))) == set().union(*cells)


@settings(deadline=None, max_examples=300)
@given(st.lists(bare_windows, min_size=1, max_size=3))
def test_without_padding_field_jump_and_start_are_those_of_the_pixels_read(chain):
    cells = seen_by_hand(chain, 200)
    reach = follow(chain, 200)[-1]
    first, second = cells[0], cells[1]
    assert max(first) - min(first) + 1 == reach.field
    assert min(second) - min(first) == reach.jump
    assert Fraction(max(first) + min(first), 2) == reach.start


@settings(deadline=None, max_examples=200)
@given(chains)
def test_padding_shifts_the_first_centre(chain):
    """Cells far from both ends see whole fields, wherever the padding put the first one."""
    cells = seen_by_hand(chain, 200)
    reach = follow(chain, 200)[-1]
    middle = len(cells) // 2
    centre = Fraction(max(cells[middle]) + min(cells[middle]), 2)
    assert centre == reach.start + middle * reach.jump
    assert max(cells[middle]) - min(cells[middle]) + 1 == reach.field


@given(chains)
def test_every_working_gives_its_result(chain):
    for reach in follow(chain):
        assert calculated(reach.field.working) == reach.field
        assert calculated(reach.jump.working) == reach.jump


def test_the_mnist_network_sees_18_pixels():
    """The chain of models/mnist.py, worked out in the article's notes: 3, 4, 8, 10, 18 pixels."""
    conv, pool = ReversibleWindow(3), ReversibleWindow(2, 2)
    found = follow([conv, pool, conv, pool, conv], 28)
    assert [reach.field for reach in found] == [3, 4, 8, 10, 18]
    assert [reach.size for reach in found] == [26, 13, 11, 5, 3]
    assert found[-1].field.sum_line() == "10 + (3 − 1)·4 = 18"
    assert set(range(28)) - read_pixels([conv, pool, conv, pool, conv], 28, range(3)) == {26, 27}


def test_a_start_that_depends_on_the_size_is_left_open():
    same = ReversibleWindow(3, 2, "same")
    assert follow([same, ReversibleWindow(3)])[-1].start is None
    assert follow([same], 28)[0].start == 1
    assert follow([same], 27)[0].start == 0
    assert follow([ReversibleWindow(3, 1, "same")])[0].start == 0


def test_what_is_too_large_to_trace_is_refused():
    with pytest.raises(ValueError, match="too many to trace"):
        read_pixels([ReversibleWindow(5000, 1, "same")], 10_000, range(10_000))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30))
def test_every_stack_of_a_field_is_found(field):
    pieces = [ReversibleWindow(3), ReversibleWindow(5), ReversibleWindow(2, 2)]
    found, nearest = find_stacks(pieces, field, 3)
    stacks = [[i] for i in range(3)]
    stacks += [[*s, i] for s in stacks for i in range(3)]
    stacks += [[*s, i] for s in stacks if len(s) == 2 for i in range(3)]
    fields = {}
    for stack in stacks:
        cells = seen_by_hand([pieces[i] for i in stack], 60)
        fields[tuple(stack)] = max(cells[0]) + 1
    assert found == [stack for stack in sorted(fields, key=lambda s: (len(s), s)) if fields[stack] == field]
    if not found:
        least = min(abs(r - field) for r in fields.values())
        assert nearest == sorted({r for r in fields.values() if abs(r - field) == least})


def test_too_many_stacks_are_refused():
    with pytest.raises(ValueError, match="more than the 100,000"):
        find_stacks([ReversibleWindow(3)] * 10, 9, 6)
