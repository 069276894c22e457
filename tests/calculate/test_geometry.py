from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings import calculated

from app.calculate.borders import find_border
from app.calculate.geometry import ReversibleWindow
from app.counting import formulas

numbers = st.tuples(st.integers(0, 4), st.integers(0, 4))
paddings = st.one_of(st.sampled_from(["valid", "same", "full"]), numbers)
windows = st.one_of(
    st.builds(ReversibleWindow, st.integers(1, 6), st.integers(1, 5), paddings, st.integers(1, 3)),
    st.builds(
        lambda kernel, stride, sides: ReversibleWindow(
            kernel, stride, (sides[0] % kernel, sides[1] % kernel), ceil=True
        ),
        st.integers(1, 6),
        st.integers(1, 5),
        numbers,
    ),
)
sizes = st.integers(1, 24)


def padded_cells(size, before, after):
    """The cells of an axis in order, None for padding."""
    return [None] * before + list(range(size)) + [None] * after


def slide(size, window, sides):
    """Every window on a list of cells: what its taps read, None for padding."""
    cells = padded_cells(size, *sides)
    taps = range(0, window.span, window.dilation)
    found = []
    for start in range(0, len(cells), window.stride):
        inside = [cells[start + tap] for tap in taps if start + tap < len(cells)]
        if start + window.span <= len(cells):
            found.append(inside)
            continue
        starts_before_the_end = start < sides[0] + size
        if window.ceil and start + window.span - len(cells) < window.stride:
            found += [inside] * starts_before_the_end
    return found


@settings(deadline=None, max_examples=500)
@given(sizes, windows)
def test_the_output_size_counts_the_windows_on_a_list_of_cells(size, window):
    found = slide(size, window, window.sides(size))
    if not found:
        with pytest.raises(ValueError, match="does not fit into"):
            window.output_size(size)
        return
    outputs = window.output_size(size)
    assert outputs == len(found)
    assert calculated(outputs.working) == outputs


@settings(deadline=None, max_examples=500)
@given(sizes, windows)
def test_the_formula_with_numbers_in_it_is_the_working(size, window):
    try:
        outputs = window.output_size(size)
    except ValueError:
        return
    before, after = window.sides(size)
    text = window.formula(size).replace("p_before", str(before)).replace("p_after", str(after))
    signs = {"n": size, "k": window.kernel, "s": window.stride, "d": window.dilation, "p": before}
    text = text.replace("min", "MIN")
    for sign, value in signs.items():
        text = text.replace(sign, str(value))
    assert text.replace("MIN", "min") == outputs.working


@settings(deadline=None)
@given(sizes, st.integers(1, 6), st.integers(1, 4), st.integers(1, 3))
def test_valid_and_same_are_those_of_the_formulas(size, kernel, stride, dilation):
    for padding in ("valid", "same"):
        window = ReversibleWindow(kernel, stride, padding, dilation)
        if padding == "valid" and window.span > size:
            continue
        assert window.output_size(size) == formulas.output_size(size, kernel, stride, padding, dilation)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 9), windows)
def test_the_inputs_for_an_output_are_all_there_are(outputs, window):
    expected = []
    for size in range(1, 80):
        with suppress(ValueError):
            if window.output_size(size) == outputs:
                expected.append(size)
    assert [size for size in window.inputs_for(outputs) if size < 80] == expected


@settings(deadline=None, max_examples=300)
@given(sizes, st.integers(0, 10), windows)
def test_the_reachable_outputs_are_all_there_are(first, more, window):
    expected = set()
    for size in range(first, first + more + 1):
        with suppress(ValueError):
            expected.add(int(window.output_size(size)))
    assert set(window.reachable(range(first, first + more + 1))) == expected


@settings(deadline=None, max_examples=500)
@given(sizes, windows)
def test_the_border_is_what_no_window_reads(size, window):
    found = slide(size, window, window.sides(size))
    if not found:
        return
    read = {cell for cells in found for cell in cells if cell is not None}
    border = find_border(size, window)
    before, after = window.sides(size)
    hull_end = (len(found) - 1) * window.stride + window.span
    assert border.read == len(read)
    assert list(border.dropped) == [c for c in range(size) if c + before >= hull_end]
    assert border.skipped == size - len(read) - len(border.dropped)
    assert border.blind == sum(all(cell is None for cell in cells) for cells in found)
    assert border.overhang == max(hull_end - (size + before + after), 0)


@pytest.mark.parametrize(
    ("window", "size", "line"),
    [
        (ReversibleWindow(5), 28, "28 − 5 + 1 = 24"),
        (ReversibleWindow(3, 2), 28, "⌊(28 − 3)/2⌋ + 1 = 13"),
        (ReversibleWindow(3, 2, "same"), 28, "⌈28/2⌉ = 14"),
        (ReversibleWindow(3, 1, "same"), 28, "28 = 28"),
        (ReversibleWindow(3, 2, (1, 1)), 28, "⌊(28 + 2·1 − 3)/2⌋ + 1 = 14"),
        (ReversibleWindow(7, 2, (2, 3)), 224, "⌊(224 + 2 + 3 − 7)/2⌋ + 1 = 112"),
        (ReversibleWindow(5, 1, "full"), 28, "28 + 2·4 − 5 + 1 = 32"),
        (ReversibleWindow(3, 1, "valid", 2), 28, "28 − (2·(3 − 1) + 1) + 1 = 24"),
        (ReversibleWindow(3, 2, (0, 0), ceil=True), 112, "⌈(112 − 3)/2⌉ + 1 = 56"),
        (ReversibleWindow(2, 3, (0, 0), ceil=True), 6, "min(⌈(6 − 2)/3⌉ + 1, ⌈6/3⌉) = 2"),
        (ReversibleWindow(3), 1_000_000_000, "1,000,000,000 − 3 + 1 = 999,999,998"),
    ],
)
def test_the_working_is_written_as_by_hand(window, size, line):
    assert window.output_size(size).sum_line() == line


@pytest.mark.parametrize(
    ("window", "size", "message"),
    [
        (ReversibleWindow(5), 4, "a kernel of 5 does not fit into 4 cells; "),
        (ReversibleWindow(2), 1, "a kernel of 2 does not fit into 1 cell; "),
        (ReversibleWindow(3, 1, "valid", 4), 8, r"a kernel of 3 \(dilated by 4: 9\) does not fit into 8"),
        (ReversibleWindow(5, 1, (1, 0)), 3, r"does not fit into 3 cells with 1 \+ 0 of padding"),
    ],
)
def test_what_does_not_fit_is_said(window, size, message):
    with pytest.raises(ValueError, match=message):
        window.output_size(size)


def test_huge_sizes_are_answered_at_once():
    border = find_border(10**9, ReversibleWindow(2, 10_000))
    assert border.read == 2 * 10**5
    assert border.skipped + len(border.dropped) == 10**9 - border.read
