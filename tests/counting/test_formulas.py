import copy
import itertools
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings import calculated

from app.counting import formulas, windows
from app.counting.count import NONE, Count

sizes = st.integers(1, 24)
kernels = st.integers(1, 6)
strides = st.integers(1, 4)
dilations = st.integers(1, 3)
few = st.integers(1, 4)


def window_starts(size, kernel, stride, dilation):
    """Every start, a stride apart, from which all taps land on the axis."""
    return [
        start
        for start in range(0, size, stride)
        if all(start + tap * dilation < size for tap in range(kernel))
    ]


@settings(deadline=None)
@given(sizes, kernels, dilations)
def test_span_is_the_distance_between_first_and_last_tap(start, kernel, dilation):
    cells = [start + tap * dilation for tap in range(kernel)]
    assert windows.span(kernel, dilation) == len(range(cells[0], cells[-1] + 1))


@settings(deadline=None)
@given(st.integers(0, 18), kernels, strides, dilations)
def test_valid_output_size_counts_the_windows_that_fit(room, kernel, stride, dilation):
    size = 1 + dilation * (kernel - 1) + room
    starts = window_starts(size, kernel, stride, dilation)
    assert starts
    assert formulas.output_size(size, kernel, stride, "valid", dilation) == len(starts)


@settings(deadline=None)
@given(st.data(), st.integers(2, 6), strides, dilations)
def test_a_kernel_that_fits_nowhere_is_refused(data, kernel, stride, dilation):
    size = data.draw(st.integers(1, dilation * (kernel - 1)))
    assert not window_starts(size, kernel, stride, dilation)
    cells = "1 cell" if size == 1 else f"{size} cells"
    with pytest.raises(ValueError, match=rf"kernel of {kernel}.* does not fit into {cells}$"):
        formulas.output_size(size, kernel, stride, "valid", dilation)


def test_a_dilated_kernel_that_does_not_fit_is_explained():
    with pytest.raises(ValueError, match=r"kernel of 3 \(dilated by 4: 9\).* into 8 cells"):
        formulas.output_size(8, kernel=3, dilation=4)


@settings(deadline=None)
@given(sizes, kernels, strides, dilations)
def test_same_output_size_is_every_stride_th_cell(size, kernel, stride, dilation):
    cells = list(range(size))[::stride]
    assert formulas.output_size(size, kernel, stride, "same", dilation) == len(cells)


@settings(deadline=None)
@given(sizes, kernels, strides, dilations)
def test_same_padding_is_the_least_that_gives_the_same_output(size, kernel, stride, dilation):
    wanted = len(range(0, size, stride))
    least = next(
        total
        for total in itertools.count()
        if len(window_starts(size + total, kernel, stride, dilation)) >= wanted
    )
    before, after = formulas.padding_amounts(size, kernel, stride, "same", dilation)
    assert before + after == least
    assert after - before in (0, 1)  # the odd cell comes after
    assert len(window_starts(size + least, kernel, stride, dilation)) == wanted


@settings(deadline=None)
@given(sizes, kernels, strides, dilations)
def test_valid_pads_nothing(size, kernel, stride, dilation):
    assert formulas.padding_amounts(size, kernel, stride, "valid", dilation) == (0, 0)


@pytest.mark.parametrize("padding", ["full", "causal", "", None])
def test_an_unknown_padding_is_refused(padding):
    with pytest.raises(ValueError, match=f"'valid' or 'same', not {padding!r}"):
        formulas.output_size(8, 3, padding=padding)


@settings(deadline=None)
@given(st.tuples(few, few), few, few, st.integers(1, 3), st.booleans())
def test_conv_parameters_counts_every_weight(kernel, group_depth, group_filters, groups, use_bias):
    channels, filters = group_depth * groups, group_filters * groups
    weights = 0
    for out in range(filters):
        for channel in range(channels):
            if out // group_filters == channel // group_depth:
                for _ in itertools.product(range(kernel[0]), range(kernel[1])):
                    weights += 1
    biases = sum(1 for _ in range(filters)) if use_bias else 0
    found = formulas.conv_parameters(kernel, channels, filters, groups, use_bias)
    assert found == weights + biases
    assert calculated(found.working) == found


@settings(deadline=None)
@given(st.tuples(few, few), few, few, st.integers(1, 3), few, few)
def test_conv_multiply_accumulates_counts_every_product(
    kernel, group_depth, group_filters, groups, height, width
):
    channels, filters = group_depth * groups, group_filters * groups
    products = 0
    for _ in itertools.product(range(height), range(width)):
        for out in range(filters):
            for channel in range(channels):
                if out // group_filters == channel // group_depth:
                    for _ in itertools.product(range(kernel[0]), range(kernel[1])):
                        products += 1
    shape = (height, width, filters)
    found = formulas.conv_multiply_accumulates(kernel, channels, shape, groups)
    assert found == products
    assert calculated(found.working) == found


@settings(deadline=None)
@given(few, few, st.booleans())
def test_dense_parameters_counts_every_weight(inputs, units, use_bias):
    edges = [(i, u) for u in range(units) for i in range(inputs)]
    biases = list(range(units)) if use_bias else []
    found = formulas.dense_parameters(inputs, units, use_bias)
    assert found == len(edges) + len(biases)
    assert calculated(found.working) == found


@settings(deadline=None)
@given(few, few, few)
def test_dense_multiply_accumulates_counts_every_product(inputs, units, positions):
    products = [(p, u, i) for p in range(positions) for u in range(units) for i in range(inputs)]
    found = formulas.dense_multiply_accumulates(inputs, units, positions)
    assert found == len(products)
    assert calculated(found.working) == found


@settings(deadline=None)
@given(st.integers(1, 9), st.booleans(), st.booleans())
def test_batch_normalization_has_up_to_four_numbers_a_channel(channels, center, scale):
    learned = [
        (channel, name)
        for channel in range(channels)
        for name, there in (("gamma", scale), ("beta", center))
        if there
    ]
    kept = [(channel, name) for channel in range(channels) for name in ("mean", "variance")]
    trainable, rest = formulas.batch_normalization_parameters(channels, center, scale)
    assert (trainable, rest) == (len(learned), len(kept))
    assert calculated(trainable.working or "0") == trainable
    assert calculated(rest.working) == rest


@pytest.mark.parametrize(
    ("counted", "line"),
    [
        (formulas.conv_parameters((5, 5), 1, 10), "(5·5·1 + 1)·10 = 260"),
        (formulas.conv_parameters((3, 3), 1, 8, use_bias=False), "3·3·1·8 = 72"),
        (formulas.conv_parameters((3, 3), 64, 128, groups=32), "(3·3·2 + 1)·128 = 2,432"),
        (formulas.dense_parameters(1690, 200), "(1,690 + 1)·200 = 338,200"),
        (formulas.dense_multiply_accumulates(1690, 200), "1,690·200 = 338,000"),
        (NONE, "0"),
    ],
)
def test_the_working_is_written_as_by_hand(counted, line):
    assert counted.sum_line() == line


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copied_count_keeps_its_working(copied):
    original = Count(260, "(5·5·1 + 1)·10")
    assert copied(original).sum_line() == original.sum_line()


def test_a_sum_of_counts_claims_no_working():
    total = Count(2, "1·2") + Count(3, "1·3")
    assert total == 5
    assert not hasattr(total, "working")
