"""Products of matrices: equal rows give equal results, and sums of 64 bits are rounded once."""

import numpy as np
import pytest

from app.scratch.products import even_product, product

SIZES = [(5, 9, 32), (676, 9, 32), (121, 288, 64), (6760, 27, 64), (70_000, 25, 6), (64, 1024, 10)]


@pytest.mark.parametrize("size", SIZES)
def test_equal_rows_give_equal_results_wherever_they_stand(size):
    """OpenBLAS alone does not so on processors with AVX2: up to half of the rows differ in their last bits."""
    rows, long, columns = size
    rng = np.random.default_rng(0)
    row, b = (rng.normal(size=shape).astype(np.float32) for shape in ((1, long), (long, columns)))
    found = even_product(np.repeat(row, rows, 0), b)
    assert found.dtype == np.float32
    assert (found == found[0]).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_result_is_the_nearest_number(size):
    rows, long, columns = size
    rng = np.random.default_rng(1)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in ((rows, long), (long, columns)))
    exact = a.astype(np.float64) @ b.astype(np.float64)

    def errors(found):
        return np.abs(found - exact) / np.spacing(np.abs(exact).astype(np.float32))

    assert errors(even_product(a, b)).max() < 0.5 + 1e-3
    assert errors(product(a, b)).max() > 0.5 + 1e-3  # as 32 bits have it


def test_other_kinds_of_numbers_stay_what_they_are():
    a, b = np.ones((3, 2)), np.ones((2, 4))
    assert even_product(a, b).dtype == np.float64
