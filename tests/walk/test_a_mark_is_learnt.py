"""Biased training data: taught with marks, a network fails where another does not; its gradient says why."""

import numpy as np
import pytest
from conftest import refusal

from app.walk.pictures.bias import MARK, taught_with_a_mark, two_digits


def test_marks_are_set_on_one_class_alone(mnist):
    images, classes = two_digits(mnist.test_images[:200], mnist.test_labels[:200], marked=0)
    assert (images[classes == 0][(slice(None), *MARK)] == 255).all()
    plain, _ = two_digits(mnist.test_images[:200], mnist.test_labels[:200], marked=None)
    assert np.array_equal(images[classes == 1], plain[classes == 1])
    assert images[classes == 0].sum() - plain[classes == 0].sum(dtype=int) == 9 * 255 * (classes == 0).sum()


def test_epochs_out_of_range_are_refused():
    assert "1 to 20 epochs, not 0" in refusal(taught_with_a_mark, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_mark_is_learnt_and_the_other_network_does_not_care(seed):
    marked, fair = taught_with_a_mark(seed=seed).taught
    assert marked.as_taught > 0.99
    assert marked.swapped < 0.8
    assert fair.swapped > 0.93
    assert marked.share_on_mark > 5 * fair.share_on_mark
