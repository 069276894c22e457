"""Walks over windows: the numbers of every frame against naive loops, and the articles' own figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets import little_arrays as examples
from app.scratch import loops
from app.workings.backward_windows import walk_convolution_back, walk_pooling_back, walk_transposed_back
from app.workings.convolving import walk_convolution
from app.workings.maps import MOST_FRAMES
from app.workings.pooling import walk_pooling
from app.workings.transposing import spread_with_zeros, transposed_window, walk_transposed

NEAR = 1e-9


def numbers(shape, seed):
    return np.random.default_rng(seed).integers(-5, 6, shape).astype(float)


def shown(grid):
    """Return the numbers of a grid that are known, in order."""
    return [
        grid.value(i, j)
        for i in range(grid.rows)
        for j in range(grid.columns)
        if grid.value(i, j) is not None
    ]


@given(
    st.integers(3, 7),
    st.integers(3, 7),
    st.integers(1, 3),
    st.integers(1, 3),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from(["valid", "same", 1]),
    st.integers(1, 4),
    st.integers(0, 1000),
)
@settings(max_examples=30, deadline=None)
def test_convolutions_equal_the_naive_loops(height, width, rows, columns, stride, padding, channels, seed):
    x, w = numbers((height, width, channels), seed), numbers((rows, columns, channels, 2), seed + 1)
    walk = walk_convolution(x, w, [1, -2], stride, padding)
    expected = loops.convolve(x[None], w, stride, padding)[0] + [1, -2]
    assert np.abs(walk.arrays["output"] - expected).max() < NEAR
    per_filter = expected.shape[0] * expected.shape[1]
    assert len(walk.frames) == 2 * per_filter
    last = walk.frames[per_filter - 1].grids[-1]
    assert shown(last) == pytest.approx(expected[..., 0].ravel())
    first = walk.frames[0]
    assert first.grids[-1].shown == 1
    seen = [cell for mark in first.grids[0].marks for cell in mark.cells]
    grids = [grid for grid in first.grids if grid.caption.startswith("image")]
    kernels = [grid for grid in first.grids if grid.caption.startswith("kernel")]
    total = sum(
        image.values[i][j] * kernel.values[k // columns][k % columns]
        for image, kernel in zip(grids, kernels, strict=True)
        for k, (i, j) in enumerate(seen)
    )
    if channels <= 3:
        assert total + 1 == pytest.approx(expected[0, 0, 0])
    else:
        assert "+ 1 more channels" in first.parts


def test_a_frame_that_points_elsewhere_would_be_seen():
    """The check above adds up the cells that are marked: those of another place give another number."""
    walk = walk_convolution(numbers((5, 5), 3), numbers((3, 3), 4))
    image, kernel = walk.frames[0].grids[0], walk.frames[0].grids[1]
    cells = walk.frames[1].grids[0].marks[0].cells
    wrong = sum(image.values[i][j] * kernel.values[k // 3][k % 3] for k, (i, j) in enumerate(cells))
    assert wrong != pytest.approx(walk.arrays["output"][0, 0, 0])


ARTICLE = [
    (examples.X, examples.X_FILTER, {}, [[3, 0, 3], [0, 5, 0], [3, 0, 3]]),
    (examples.CROSS5, examples.X_FILTER, {}, [[4, 3, 4], [2, 4, 3], [2, 3, 4]]),
    (examples.COUNTING, examples.FIGURE1_KERNEL, {}, [[19, 25], [37, 43]]),
    (examples.FIGURE4, examples.FIGURE4_KERNEL, {}, [[56, 72], [104, 120]]),
    (examples.CURVE, examples.CURVE_FILTER, {}, [[6600]]),
    (examples.NO_CURVE, examples.CURVE_FILTER, {}, [[0]]),
    (examples.COUNTING, examples.FIGURE1_KERNEL, {"padding": 1, "stride": (3, 2)}, [[0, 8], [6, 8]]),
]


@pytest.mark.parametrize(("image", "kernel", "settings", "result"), ARTICLE)
def test_the_articles_numbers(image, kernel, settings, result):
    assert walk_convolution(image, kernel, **settings).arrays["output"][..., 0].tolist() == result


def test_a_flipped_kernel_is_mathematics_convolution():
    x, w = numbers((6, 5), 0), numbers((3, 2), 1)
    turned = walk_convolution(x, w, flip=True).arrays["output"]
    assert np.array_equal(turned, walk_convolution(x, w[::-1, ::-1]).arrays["output"])
    assert not np.array_equal(turned, walk_convolution(x, w).arrays["output"])


def test_a_large_map_is_shown_in_part_and_says_so():
    x, w = numbers((90, 70), 0), numbers((3, 3), 1)
    walk = walk_convolution(x, w, padding="same")
    assert walk.arrays["output"].shape == (90, 70, 1)
    assert len(walk.frames) <= MOST_FRAMES
    assert "6,300 places" in walk.conclusion[0]
    frame = walk.frames[-1]
    image, result = frame.grids[0], frame.grids[-1]
    assert "of 90×70" in image.note
    row, column = (int(word.rstrip(",")) for word in frame.title.split() if word.rstrip(",").isdigit())
    (i, j) = result.marks[0].cells[0]
    assert result.values[i][j] == walk.arrays["output"][row, column, 0]
    cells = image.marks[0].cells
    assert sum((image.values[a][b]) * w[k // 3, k % 3] for k, (a, b) in enumerate(cells)) == pytest.approx(
        result.values[i][j]
    )


@pytest.mark.parametrize("kind", ["max", "mean", "sum"])
@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [(2, None, "valid"), (2, None, "same"), (3, (2, 1), 1), ((2, 3), 1, "valid")],
)
def test_poolings_equal_the_naive_loops(kind, size, stride, padding):
    x = numbers((5, 6, 2), 7)
    walk = walk_pooling(x, kind, size, stride, padding)
    sizes = (size, size) if isinstance(size, int) else size
    strides = sizes if stride is None else (stride, stride) if isinstance(stride, int) else stride
    first, output = walk.frames[0], walk.arrays["output"]
    expected = np.zeros_like(output)
    for channel in range(2):
        windows = {}
        for place, _, at in loops.meetings(x.shape[:2], sizes, strides, padding):
            windows.setdefault(place, []).append(x[(*at, channel)])
        for place, values in windows.items():
            expected[(*place, channel)] = {"max": max, "mean": np.mean, "sum": sum}[kind](values)
    assert np.abs(output - expected).max() < NEAR
    assert shown(first.grids[-1]) == [pytest.approx(expected[0, 0, 0])]
    apart = np.random.default_rng(1).permutation(30).reshape(5, 6).astype(float)  # no two are equal
    back = walk_pooling_back(apart, kind, None, size, stride, padding)
    slopes = by_differences(
        lambda z: walk_pooling(z, kind, size, stride, padding).arrays["output"].sum(), apart
    )
    assert back.arrays["by_image"] == pytest.approx(slopes, abs=1e-6)


def by_differences(function, x, step=1e-3):
    """Return the slopes of a function of an array, number by number; it is a straight line over the step."""
    found = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        moved = x.copy()
        moved[at] += step
        found[at] = (function(moved) - function(x)) / step
    return found


def test_the_first_of_equal_cells_gets_the_gradient():
    walk = walk_pooling_back([[3, 3], [3, 3]], "max", [[5]])
    assert walk.arrays["by_image"].tolist() == [[5, 0], [0, 0]]
    assert "row 0, column 0" in walk.frames[0].working[0]


@pytest.mark.parametrize(("stride", "padding"), [(1, "valid"), ((2, 1), "same"), (2, 1)])
def test_a_step_back_through_a_convolution(stride, padding):
    x, w = numbers((6, 5), 1), numbers((3, 2), 2)
    shape = walk_convolution(x, w, None, stride, padding).arrays["output"].shape[:2]
    g = numbers(shape, 3)
    walk = walk_convolution_back(x, w, g, stride, padding)
    by_x, by_w = loops.convolve_back(
        x[None, ..., None], w[..., None, None], g[None, ..., None], stride, padding
    )
    assert np.abs(walk.arrays["by_image"] - by_x[0, ..., 0]).max() < NEAR
    assert np.abs(walk.arrays["by_kernel"] - by_w[..., 0, 0]).max() < NEAR
    kernel_frames = [frame for frame in walk.frames if frame.section == "gradient by the kernel"]
    for frame, value in zip(kernel_frames, by_w.ravel(), strict=True):
        assert frame.working[0].endswith(f"= {value:g}".replace("-", "−"))


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "extra", "output"),
    [
        (3, 3, 1, 0, None, 5),
        (5, 3, 1, 1, None, 5),
        (5, 3, 1, 2, None, 3),
        (2, 3, 2, "valid", None, 5),
        (3, 3, 2, 1, None, 5),
        (3, 3, 2, 1, 1, 6),
        (4, 3, 2, "same", None, 8),
    ],
)
def test_both_readings_of_a_transposed_convolution(size, kernel, stride, padding, extra, output):
    x, w = numbers((size, size), 1), numbers((kernel, kernel), 2)
    stamps = walk_transposed(x, w, 2.0, stride, padding, extra)
    zeros = walk_transposed(x, w, 2.0, stride, padding, extra, way="zeros")
    assert stamps.arrays["output"].shape == (output, output)
    window = transposed_window(x, w, stride, padding, extra)
    over_zeros = (
        loops.convolve(spread_with_zeros(x, window)[None, ..., None], w[::-1, ::-1, None, None])[0, ..., 0]
        + 2
    )
    assert np.abs(over_zeros - stamps.arrays["output"]).max() < NEAR
    assert np.abs(over_zeros - zeros.arrays["output"]).max() < NEAR
    last = zeros.frames[-1].grids[-1]
    assert shown(last) == pytest.approx(over_zeros.ravel())
    back = walk_transposed_back(x, w, None, stride, padding, extra)
    slopes = by_differences(
        lambda z: walk_transposed(z, w, None, stride, padding, extra).arrays["output"].sum(), x, 1.0
    )
    assert back.arrays["by_image"] == pytest.approx(slopes)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: walk_convolution([[1, 2], [3]], [[1]]), "rows of different lengths"),
        (lambda: walk_convolution([["a"]], [[1]]), "no number"),
        (lambda: walk_convolution([[np.nan]], [[1]]), "NaN"),
        (lambda: walk_convolution([], [[1]]), "rows and columns"),
        (lambda: walk_convolution(np.ones((3, 3)), np.ones((4, 4))), "larger than the image"),
        (lambda: walk_convolution(np.ones((3, 3)), np.ones((2, 2)), stride=0), "stride"),
        (lambda: walk_convolution(np.ones((3, 3)), np.ones((2, 2)), activation="nothing"), "no activation"),
        (lambda: walk_convolution(np.ones((3, 3)), np.ones((2, 2)), bias=[1, 2]), "bias"),
        (lambda: walk_convolution(np.ones((3, 3, 2)), np.ones((2, 2, 3))), "channels"),
        (lambda: walk_pooling(np.ones((3, 3)), size=4), "larger than the map"),
        (lambda: walk_pooling(np.ones((3, 3)), padding=2), "at most half"),
        (lambda: walk_convolution(np.full((2, 2), 1e308), np.ones((2, 2))), "too large"),
        (lambda: walk_convolution(np.ones((2, 2), complex), np.ones((2, 2))), "complex"),
        (lambda: walk_convolution(np.ones((2, 2)), np.ones((2, 2)), stride=1.5), "whole number"),
        (lambda: walk_convolution(np.ones((2, 2)), np.ones((2, 2)), padding="full"), "valid, same"),
        (lambda: walk_pooling(np.ones((3, 3)), kind="median"), "pooling is"),
        (
            lambda: walk_convolution_back(np.ones((3, 3)), np.ones((2, 2)), np.ones((3, 3))),
            "shape of the output",
        ),
        (lambda: walk_convolution_back(np.ones((30, 30)), np.ones((2, 2))), "too many"),
        (lambda: walk_transposed(np.ones((2, 2)), np.ones((3, 3)), padding=3), "nothing is left"),
        (
            lambda: walk_transposed(np.ones((2, 2)), np.ones((3, 3)), stride=2, padding=1, output_padding=2),
            "fit",
        ),
    ],
)
def test_what_makes_no_sense_is_one_sentence(call, said):
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)
