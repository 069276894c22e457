"""Arithmetic on small maps against NumPy, brute force and finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.claims import maps
from app.datasets import little_arrays as examples

SIDES = st.integers(3, 7)


def picture(seed, height, width):
    return np.random.default_rng(seed).integers(-9, 9, (height, width))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), SIDES, SIDES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_cross_correlation_is_numpys(seed, height, width, k, m, stride):
    image, kernel = picture(seed, height, width), picture(seed + 1, k, m)
    patches = np.lib.stride_tricks.sliding_window_view(image, (k, m))
    expected = (patches * kernel).sum((2, 3))
    assert maps.cross_correlate(image.tolist(), kernel.tolist()) == expected.tolist()
    strided = maps.cross_correlate(image.tolist(), kernel.tolist(), stride)
    assert strided == expected[::stride, ::stride].tolist()
    # NumPy's own convolution, row by row, is the mathematicians' one.
    rows = [
        sum(np.convolve(image[i + k - 1 - a], kernel[a], "full")[m - 1 : width] for a in range(k))
        for i in range(height - k + 1)
    ]
    assert maps.convolve(image.tolist(), kernel.tolist()) == [row.tolist() for row in rows]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), SIDES, SIDES, st.sampled_from([1, 3, 5]))
def test_a_residual_block_adds_its_input_to_two_padded_layers(seed, height, width, k):
    image, kernel = picture(seed, height, width), picture(seed + 1, k, k)

    def layer(map_):
        padded = np.pad(map_, k // 2)
        patches = np.lib.stride_tricks.sliding_window_view(padded, (k, k))
        return (patches * kernel).sum((2, 3))

    change = layer(np.maximum(layer(image), 0))
    assert maps.two_layers(image.tolist(), kernel.tolist()) == change.tolist()
    assert maps.residual_block(image.tolist(), kernel.tolist()) == (change + image).tolist()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), SIDES, st.integers(1, 3), st.integers(1, 3))
def test_pooling_is_numpys(seed, side, window, stride):
    image = picture(seed, side, side)
    patches = np.lib.stride_tricks.sliding_window_view(image, (window, window))
    patches = patches[::stride, ::stride]
    assert maps.max_pool(image.tolist(), window, stride) == patches.max((2, 3)).tolist()
    mean = np.array(maps.mean_pool(image.tolist(), window, stride))
    assert np.allclose(mean, patches.mean((2, 3)))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(2, 3))
def test_pooling_gradients_are_the_finite_differences(seed, cells, window):
    rng = np.random.default_rng(seed)
    side = cells * window
    image = rng.permutation(side * side).reshape(side, side).astype(float)  # no ties
    gradient = rng.integers(1, 9, (cells, cells)).astype(float)
    for pool, below in (
        (maps.max_pool, maps.max_pool_gradient(image.tolist(), window, gradient.tolist())),
        (maps.mean_pool, maps.mean_pool_gradient(gradient.tolist(), window)),
    ):
        for i, j in np.ndindex(side, side):
            ends = []
            for step in (0.25, -0.25):
                moved = image.copy()
                moved[i, j] += step
                ends.append((np.array(pool(moved.tolist(), window, window)) * gradient).sum())
            assert below[i][j] == pytest.approx((ends[0] - ends[1]) / 0.5)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 4))
def test_pooling_windows_cover_every_cell_once(size, window):
    if window <= size:
        assert sum(height * width for height, width in maps.windows(size, window)) == size**2


@settings(deadline=None)
@given(st.integers(0, 999))
def test_no_number_rebuilds_a_map_better_than_the_mean(seed):
    image = picture(seed, 4, 4).tolist()
    best = maps.rebuilding_error(image, maps.mean_pool(image, 2, 2), 2)
    for change in (-1, -0.1, 0.1, 1):
        other = [[x + change for x in row] for row in maps.mean_pool(image, 2, 2)]
        assert maps.rebuilding_error(image, other, 2) > best
    assert maps.rebuilding_error(image, maps.max_pool(image, 2, 2), 2) >= best


def test_maps_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        maps.cross_correlate(examples.PATCH, examples.ONES)
    with pytest.raises(ValueError, match="zip"):
        maps.dot(examples.ONES, examples.PATCH)


def test_the_curve_pictures_have_the_detectors_size():
    for picture in (examples.CURVE, examples.NO_CURVE, examples.CURVE_FILTER):
        assert np.shape(picture) == (7, 7)


def test_the_places_of_peaks():
    assert maps.largest_at([[1, 5], [5, 2]]) == [0, 1]
    assert maps.peak_move(examples.X, maps.shift_right(examples.X), examples.X_FILTER) == [0, 1]
    assert maps.count_positive([[5, 3], [0, -1]], bias=-3) == 1
