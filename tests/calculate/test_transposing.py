from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings import calculated

from app.calculate.transposing import Transposed

sizes = st.integers(1, 12)
kernels, strides, dilations = st.integers(1, 6), st.integers(1, 4), st.integers(1, 3)
numbers = st.tuples(st.integers(0, 3), st.integers(0, 3))


def scatter(size, window):
    """How many products land on each cell when every cell writes its kernel, before any cut."""
    made = [0] * ((size - 1) * window.stride + window.span)
    for cell in range(size):
        for tap in range(window.kernel):
            made[cell * window.stride + tap * window.dilation] += 1
    return made


@settings(deadline=None, max_examples=300)
@given(sizes, kernels, strides, numbers, dilations, st.integers(0, 3))
def test_the_output_size_is_what_scattering_leaves(size, kernel, stride, sides, dilation, more):
    window = Transposed(kernel, stride, sides, dilation, more % max(stride, dilation))
    made = scatter(size, window) + [0] * window.output_padding
    left = made[sides[0] : max(len(made) - sides[1], 0)]
    if not left:
        with pytest.raises(ValueError, match="leaves nothing of"):
            window.output_size(size)
        return
    outputs = window.output_size(size)
    assert outputs == len(left)
    assert calculated(outputs.working) == outputs


@settings(deadline=None, max_examples=300)
@given(kernels, strides, dilations)
def test_the_overlaps_are_those_of_scattering(kernel, stride, dilation):
    window = Transposed(kernel, stride, "valid", dilation)
    size = 2 * window.span + 2 * stride
    made = scatter(size, window)
    middle = made[window.span : (size - 1) * stride]
    assert window.overlaps() == (min(middle), max(middle))


@settings(deadline=None, max_examples=300)
@given(kernels, strides)
def test_without_dilation_the_overlaps_differ_where_the_stride_does_not_divide(kernel, stride):
    fewest, most = Transposed(kernel, stride).overlaps()
    assert (fewest != most) == (kernel % stride != 0)


any_window = st.builds(
    lambda kernel, stride, padding, dilation: Transposed(kernel, stride, padding, dilation),
    kernels,
    strides,
    st.one_of(st.sampled_from(["valid", "same", "full"]), numbers),
    dilations,
)


@settings(deadline=None, max_examples=300)
@given(any_window, sizes, st.integers(0, 8), st.integers(1, 40))
def test_the_way_back_is_all_there_is(window, first, more, wanted):
    inputs = range(first, first + more + 1)
    reached = {}
    for size in range(1, 60):
        with suppress(ValueError):
            reached[size] = int(window.output_size(size))
    assert [n for n in window.inputs_for(wanted) if n < 60] == [n for n in reached if reached[n] == wanted]
    assert list(window.reachable(inputs)) == [reached[n] for n in inputs if n in reached]


@pytest.mark.parametrize(
    ("window", "size", "formula", "line"),
    [
        (Transposed(3, 2), 7, "n·s + max(k − s, 0)", "7·2 + max(3 − 2, 0) = 15"),
        (Transposed(2, 3), 7, "n·s + max(k − s, 0)", "7·3 + max(2 − 3, 0) = 21"),
        (Transposed(5, 2, "same"), 7, "n·s", "7·2 = 14"),
        (Transposed(4, 2, (1, 1)), 7, "(n − 1)·s + k − 2·p", "(7 − 1)·2 + 4 − 2·1 = 14"),
        (Transposed(3, 2, (1, 1), 1, 1), 7, "(n − 1)·s + k − 2·p + o", "(7 − 1)·2 + 3 − 2·1 + 1 = 14"),
        (Transposed(3, 2, "same", 1, 0), 7, "(n − 1)·s + k − 2·⌊w/2⌋", "(7 − 1)·2 + 3 − 2·1 = 13"),
        (
            Transposed(3, 1, "valid", 2),
            7,
            "n·s + max((d·(k − 1) + 1) − s, 0)",
            "7·1 + max((2·(3 − 1) + 1) − 1, 0) = 11",
        ),
        (Transposed(3, 1, "full"), 7, "(n − 1)·s + k − 2·p", "(7 − 1)·1 + 3 − 2·2 = 5"),
        (
            Transposed(3, 2, "full", 2, 1),
            7,
            "(n − 1)·s + (d·(k − 1) + 1) − 2·p + o",
            "(7 − 1)·2 + (2·(3 − 1) + 1) − 2·4 + 1 = 10",
        ),
        (Transposed(4, 2, (1, 2)), 7, "(n − 1)·s + k − p_before − p_after", "(7 − 1)·2 + 4 − 1 − 2 = 13"),
    ],
)
def test_the_working_is_written_as_by_hand(window, size, formula, line):
    assert window.formula() == formula
    assert window.output_size(size).sum_line() == line


def test_an_output_padding_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match=r"output padding 2 must be below 2, the stride$"):
        Transposed(3, 2, "valid", 1, 2).output_size(7)
    with pytest.raises(ValueError, match="output padding 2 must be below 2, the stride or"):
        Transposed(3, 2, (1, 1), 1, 2).output_size(7)


@pytest.mark.keras
def test_keras_makes_the_same_sizes():
    import keras

    for padding in ("valid", "same"):
        for kernel, stride, dilation in [(3, 2, 1), (2, 3, 1), (4, 2, 1), (3, 1, 2), (5, 3, 1)]:
            for more in (None, *range(stride)):
                layer = keras.layers.Conv2DTranspose(
                    1, kernel, stride, padding, output_padding=more, dilation_rate=dilation
                )
                shape = layer.compute_output_shape((None, 7, 9, 1))
                window = Transposed(kernel, stride, padding, dilation, more)
                assert tuple(shape[1:3]) == (window.output_size(7), window.output_size(9))
