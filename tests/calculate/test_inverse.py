import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calculate.geometry import ReversibleWindow
from app.calculate.inverse import find_ways, nearest_outputs
from app.calculate.transposing import Transposed

POOL_MODES = {
    "valid": ReversibleWindow(1),
    "same": ReversibleWindow(1, 1, "same"),
    "ceil": ReversibleWindow(1, ceil=True),
}


def pool(size, stride, mode):
    return ReversibleWindow(size, stride, POOL_MODES[mode].padding, ceil=POOL_MODES[mode].ceil)


def slide_by_hand(size, kernel, stride, before, after):
    """Count the windows that lie on a padded axis, one by one."""
    count, start = 0, 0
    while start + kernel <= before + size + after:
        count, start = count + 1, start + stride
    return count


def pool_by_hand(size, kernel, stride, mode):
    """Count a pool's windows one by one: `same` starts a window at every stride-th cell."""
    starts = list(range(0, size, stride))
    if mode == "same":
        return len(starts)
    whole = [start for start in starts if start + kernel <= size]
    if mode == "valid":
        return len(whole)
    hanging = [start for start in starts if 0 < start + kernel - size < stride]
    return len(whole) + len(hanging)


def brute_force(wanted, inputs, conv_settings, pool_settings):
    found = set()
    for size, (stride, padding), (k, s, mode) in itertools.product(inputs, conv_settings, pool_settings):
        middle = slide_by_hand(size, 5, stride, padding, padding)
        if middle and pool_by_hand(middle, k, s, mode) == wanted:
            found.add((size, stride, padding, middle, k, s, mode))
    return found


CONVS = list(itertools.product((1, 2), (0, 1, 2, 4)))
POOLS = list(itertools.product((2, 3, 4), (1, 2, 3, 4), POOL_MODES))


def search(wanted, inputs):
    named = {
        (ReversibleWindow(5, stride, (padding, padding)), pool(*settings)): (stride, padding, settings)
        for stride, padding in CONVS
        for settings in POOLS
    }
    ways = find_ways(list(named), (wanted,), inputs)
    found = []
    for way in ways:
        stride, padding, settings = named[way.stages]
        ((middle,),) = way.middles
        found += [(size, stride, padding, middle, *settings) for size in way.inputs[0]]
    assert sum(way.count for way in ways) == len(found) == len(set(found))
    return set(found)


def test_there_are_542_ways_from_a_5x5_convolution_and_a_pool_to_13():
    found = search(13, range(20, 65))
    assert found == brute_force(13, range(20, 65), CONVS, POOLS)
    assert len(found) == 542


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 25))
def test_every_way_is_found_and_no_other(wanted, first, more):
    inputs = range(first, first + more + 1)
    assert search(wanted, inputs) == brute_force(wanted, inputs, CONVS, POOLS)


def test_rows_and_columns_are_searched_apart():
    stages = (ReversibleWindow(5), ReversibleWindow(2, 2))
    (way, *others) = find_ways([stages], (12, 14), range(1, 100))
    assert way.stages == stages
    assert len(others) == 3  # two sizes behind the convolution for rows, two for columns
    inputs = {sizes for w in (way, *others) for sizes in itertools.product(*w.inputs)}
    assert inputs == {(rows, columns) for rows in (28, 29) for columns in (32, 33)}


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 10), st.integers(1, 4), st.integers(1, 4))
def test_the_nearest_outputs_are_those_of_trying_all(wanted, first, more, kernel, stride):
    inputs = range(first, first + more + 1)
    reached = {n * stride + max(kernel - stride, 0) for n in inputs}
    least = min(abs(n - wanted) for n in reached)
    expected = sorted((n,) for n in reached if abs(n - wanted) == least)
    assert nearest_outputs([(Transposed(kernel, stride),)], (wanted,), inputs) == expected


def test_nothing_is_near_where_nothing_fits():
    assert nearest_outputs([(ReversibleWindow(5),)], (3,), range(1, 4)) == []
    assert find_ways([(ReversibleWindow(5),)], (3,), range(1, 4)) == []


def test_sizes_without_bound_cost_nothing():
    (way,) = find_ways([(ReversibleWindow(3, 2),)], (10**9,), range(1, 10**15))
    assert way.inputs == (range(2 * 10**9 + 1, 2 * 10**9 + 3),)


def test_what_nobody_would_read_is_refused():
    with pytest.raises(ValueError, match="more than the 100,000 that are tried"):
        find_ways([(ReversibleWindow(1),)] * 100_001, (3,), range(1, 4))
    with pytest.raises(ValueError, match="more than 10,000 ways"):
        find_ways(
            [(ReversibleWindow(1), ReversibleWindow(1, 10_000), ReversibleWindow(1))] * 2,
            (3,),
            range(1, 10**15),
        )
