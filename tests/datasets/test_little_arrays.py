"""The articles' little pictures: what their filters give is what the articles and their sources print."""

import numpy as np
import pytest

from app.datasets import little_arrays
from app.datasets.little_arrays import named_arrays, named_kernels


def correlate(image, kernel):
    """Return Σ w·x at every full overlap, in NumPy: (rows, columns), or with filters behind."""
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    image = image if image.ndim == 3 else image[..., None]
    kernel = kernel if kernel.ndim > 2 else kernel[..., None]
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    return np.einsum("ijcab,abc...->ij...", windows, kernel)


PRINTED = [
    ("figure1", "figure1", [[19, 25], [37, 43]]),
    ("figure4", "figure4", [[56, 72], [104, 120]]),
    ("cross5", "x_filter", [[4, 3, 4], [2, 4, 3], [2, 3, 4]]),
    ("image4", "sobel_vertical", [[29, -192], [-35, -22]]),
    ("curve", "curve", [[6600]]),
    ("no_curve", "curve", [[0]]),
]


@pytest.mark.parametrize(("image", "kernel", "answer"), PRINTED, ids=[row[0] for row in PRINTED])
def test_a_filter_gives_what_is_printed(image, kernel, answer):
    assert correlate(named_arrays()[image], named_kernels()[kernel]).tolist() == answer


@pytest.mark.parametrize("name", ["x", "x_distorted", "x_off_centre"])
def test_all_three_x_hold_the_filters_pattern_once(name):
    found = correlate(named_arrays()[name], named_kernels()["x_filter"])
    assert (found == 5).sum() == 1


def test_the_turned_x_does_not_hold_it():
    assert correlate(named_arrays()["x_turned"], named_kernels()["x_filter"]).max() < 5


def test_a_1x1_convolution_adds_channels_cell_by_cell():
    image = np.array(named_arrays()["figure5"])
    found = correlate(image, named_kernels()["figure5"])
    assert found.shape == (3, 3, 2)
    assert (found[..., 0] == image.sum(axis=-1)).all()
    assert (found[..., 1] == image[..., 1] - image[..., 2]).all()


def test_pooling_figures_have_the_printed_largest_values():
    windows = np.lib.stride_tricks.sliding_window_view(np.array(named_arrays()["figure6"]), (2, 2))
    assert windows.max(axis=(2, 3)).tolist() == [[4, 5], [7, 8]]
    assert np.array(named_arrays()["listing4_both"]).transpose(2, 0, 1).ravel().tolist() == list(range(32))


@pytest.mark.parametrize(
    "name", ["sobel_vertical", "scharr_vertical", "sobel_horizontal", "scharr_horizontal"]
)
def test_an_edge_filter_adds_up_to_nothing_and_has_a_turned_twin(name):
    kernel = np.array(named_kernels()[name])
    axis = name.split("_")[0]
    assert kernel.sum() == 0
    assert (named_kernels()[f"{axis}_vertical"] == np.transpose(named_kernels()[f"{axis}_horizontal"])).all()


@pytest.mark.parametrize(("name", "total"), [("laplace", 0), ("sharpen", 1), ("blur", 1), ("gaussian", 1)])
def test_what_a_filter_makes_of_a_flat_picture(name, total):
    assert np.sum(named_kernels()[name]) == pytest.approx(total)


@pytest.mark.parametrize("named", [named_arrays, named_kernels])
def test_names_are_words_and_arrays_are_whole(named):
    for name, array in named().items():
        assert name.isidentifier()
        assert np.asarray(array, float).ndim in (2, 3, 4)


def test_channels_of_different_size_are_refused():
    with pytest.raises(ValueError, match="zip"):
        little_arrays.stack_channels([[1]], [[1], [2]])
