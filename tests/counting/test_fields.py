import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.axes import Axis, union
from app.counting.chalkboard import nn

numbers = st.integers(1, 3)
pairs = st.tuples(numbers, numbers)
images = st.tuples(st.integers(1, 14), st.integers(1, 14))
borders = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)
steps = st.one_of(
    st.tuples(st.just("conv"), pairs, pairs, pairs, st.sampled_from(["valid", "same"])),
    st.tuples(st.just("pool"), pairs, pairs, st.just((1, 1)), st.sampled_from(["valid", "same"])),
    st.tuples(st.just("pad"), borders),
)
stacks = st.lists(steps, max_size=5)


def make_layer(step):
    kind, size, *rest = step
    if kind == "pad":
        return nn.ZeroPadding2D(size)
    stride, dilation, padding = rest
    if kind == "pool":
        return nn.MaxPooling2D(size, strides=stride, padding=padding)
    return nn.Conv2D(2, size, strides=stride, dilation_rate=dilation, padding=padding)


def starts_of(cells, kernel, stride, dilation):
    return [
        start
        for start in range(0, cells, stride)
        if all(start + tap * dilation < cells for tap in range(kernel))
    ]


def describe(step, axis, cells):
    """Return kernel, stride, dilation, padding before and the number of outputs."""
    if step[0] == "pad":
        before, after = step[1][axis]
        return 1, 1, 1, before, before + cells + after
    kernel, stride, dilation = (pair[axis] for pair in step[1:4])
    total = 0
    if step[4] == "same":
        wanted = len(range(0, cells, stride))
        while len(starts_of(cells + total, kernel, stride, dilation)) < wanted:
            total += 1
    outputs = len(starts_of(cells + total, kernel, stride, dilation))
    return kernel, stride, dilation, total // 2, outputs


def read_cells(window, position):
    """Return the cells that one output reads; beyond the ends they are padding."""
    kernel, stride, dilation, before, _ = window
    return [position * stride - before + tap * dilation for tap in range(kernel)]


def propagate(step, axis, reach):
    """Boolean reachability: the pixels behind each output, given those behind each cell."""
    window = describe(step, axis, len(reach))
    reads = [read_cells(window, position) for position in range(window[-1])]
    return [set().union(*(reach[cell] for cell in read if 0 <= cell < len(reach))) for read in reads]


def hull(pixels):
    return (min(pixels), max(pixels)) if pixels else None


def run_stack(image, stack):
    """Apply the stack to the chalkboard and to sets of pixels; stop where nothing fits."""
    mark = nn.Input((*image, 2))
    reach = [[{pixel} for pixel in range(size)] for size in image]
    for step in stack:
        after = [propagate(step, axis, cells) for axis, cells in enumerate(reach)]
        if not all(after):
            with pytest.raises(ValueError, match="does not fit"):
                make_layer(step)(mark)
            break
        mark, reach = make_layer(step)(mark), after
    return mark, reach


@settings(deadline=None)
@given(images, stacks)
def test_every_window_is_what_can_be_reached(image, stack):
    mark, reach = run_stack(image, stack)
    assert mark.shape[:2] == tuple(len(cells) for cells in reach)
    for axis, cells in zip(mark.row.field.axes, reach, strict=True):
        assert list(axis.windows) == [hull(pixels) for pixels in cells]
        assert axis.seen() == hull(set().union(*cells))


@settings(deadline=None)
@given(images, stacks)
def test_size_and_centres_hold_on_an_image_without_borders(image, stack):
    mark = nn.Input((*image, 2))
    windows = [[], []]
    for step in stack:
        added = [describe(step, axis, size) for axis, size in enumerate(mark.shape[:2])]
        if not all(outputs for *_, outputs in added):
            break
        mark = make_layer(step)(mark)
        windows = [[*before, new] for before, new in zip(windows, added, strict=True)]
    for axis, passed in zip(mark.row.field.axes, windows, strict=True):
        endless = [follow(passed, position) for position in range(len(axis.windows))]
        assert {max(pixels) - min(pixels) + 1 for pixels in endless} == {axis.size}
        assert axis.centres() == [(min(pixels) + max(pixels)) / 2 for pixels in endless]


def follow(windows, position):
    """Return the pixels behind one output of a stack, on an axis without ends."""
    cells = {position}
    for window in reversed(windows):
        cells = {read for cell in cells for read in read_cells(window, cell)}
    return cells


@settings(deadline=None)
@given(images, stacks, st.sampled_from(["average", "max", "dense"]))
def test_what_reads_the_whole_map_sees_all_that_its_cells_see(image, stack, reader):
    mark, reach = run_stack(image, stack)
    if reader == "dense":
        mark = nn.Dense(3)(nn.Flatten()(mark))
    else:
        kind = nn.GlobalAveragePooling2D if reader == "average" else nn.GlobalMaxPooling2D
        mark = kind(keepdims=len(stack) % 2 == 0)(mark)
    field = mark.row.field
    seen = [hull(set().union(*cells)) for cells in reach]
    assert field.whole
    assert [axis.windows for axis in field.axes] == [(window,) for window in seen]
    sizes = tuple(0 if window is None else window[1] - window[0] + 1 for window in seen)
    assert field.window_sizes() == sizes
    assert nn.Dense(2)(mark).row.field.window_sizes() == sizes


@settings(deadline=None)
@given(images, st.tuples(pairs, pairs), st.tuples(pairs, pairs), st.booleans())
def test_a_merged_map_sees_what_either_branch_sees(image, left, right, add):
    steps = [("conv", kernel, (1, 1), dilation, "same") for kernel, dilation in (left, right)]
    start = nn.Input((*image, 2))
    merge = nn.Add() if add else nn.Concatenate()
    field = merge([make_layer(step)(start) for step in steps]).row.field
    for i, axis in enumerate(field.axes):
        pixels = [{pixel} for pixel in range(image[i])]
        branches = [propagate(step, i, pixels) for step in steps]
        both = [a | b for a, b in zip(*branches, strict=True)]
        assert list(axis.windows) == [hull(cells) for cells in both]
        reads = [read_cells(describe(step, i, image[i]), 0) for step in steps]
        assert axis.size == max(read[-1] - read[0] + 1 for read in reads)


def test_a_shortcut_does_not_hide_what_the_longer_branch_sees():
    start = nn.Input((9, 9, 1))
    longer = nn.Conv2D(1, 5, padding="same")(start)
    for order in ([start, longer], [longer, start]):
        assert nn.Add()(order).row.field.window_sizes() == (5, 5)


def test_a_cell_of_padding_sees_nothing():
    padded = nn.Conv2D(1, 1)(nn.ZeroPadding2D(((2, 0), (0, 1)))(nn.Input((2, 2, 1))))
    rows, columns = padded.row.field.axes
    assert rows.windows == (None, None, (0, 0), (1, 1))
    assert columns.windows == ((0, 0), (1, 1), None)


def test_same_padding_with_stride_two_is_not_symmetric():
    """7×7 with stride 2 on 224 pixels: two cells before, three after."""
    axis = nn.Conv2D(64, 7, strides=2, padding="same")(nn.Input((224, 224, 3))).row.field.axes[0]
    assert axis.windows[:3] == ((0, 4), (0, 6), (2, 8))
    assert axis.windows[-3:] == ((216, 222), (218, 223), (220, 223))
    assert axis.start == 1


def test_vgg16_sees_212_pixels():
    """Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Networks, 2019."""
    mark = nn.Input((512, 512, 3))
    for convolutions, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(convolutions):
            mark = nn.Conv2D(filters, 3, padding="same")(mark)
        mark = nn.MaxPooling2D(2)(mark)
    assert mark.row.field.window_sizes() == (212, 212)
    assert [axis.jump for axis in mark.row.field.axes] == [32, 32]


def test_strided_pixels_that_no_window_reaches_are_not_seen():
    axis = nn.MaxPooling2D(2)(nn.Input((5, 5, 1))).row.field.axes[0]
    assert axis.seen() == (0, 3)  # the fifth pixel is left over
    pooled = nn.MaxPooling2D(2)(nn.Input((5, 6, 1)))
    assert nn.Dense(1)(nn.Flatten()(pooled)).row.field.window_sizes() == (4, 6)


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 9)))))
def test_union_contains_every_window_and_no_more(windows):
    windows = [window and (min(window), max(window)) for window in windows]
    pixels = list(itertools.chain.from_iterable(window for window in windows if window))
    assert union(windows) == hull(set(pixels))


def test_maps_of_different_sizes_are_not_merged():
    with pytest.raises(ValueError, match="4 and 3 cells"):
        Axis.of_image(4).merge(Axis.of_image(3))


def field_after(*layers, image=(9, 9, 1)):
    return nn.Sequential([nn.Input(image), *layers]).sheet().rows[-1].field


def test_what_a_row_sees_in_words():
    assert field_after(nn.Conv2D(1, 3)).text() == "3×3"
    assert field_after(nn.Conv2D(1, (3, 5))).text() == "3×5"
    assert field_after(nn.GlobalMaxPooling2D()).text() == "all"
    assert field_after(nn.MaxPooling2D(2), nn.Flatten(), nn.Dense(1)).text() == "8×8 of 9×9"


def test_a_field_that_alternates_from_cell_to_cell_says_so():
    up = nn.Conv2DTranspose(1, 3, strides=2)(nn.Conv2D(1, 3)(nn.Input((9, 9, 1))))
    assert up.row.field.text() == "3–4×3–4"
