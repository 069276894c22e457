"""When two networks may be called different, and how spread is told."""

import math

import pytest

from app.experiment.study import HIGHER, LOWER, UNCLEAR, Spread, compare


@pytest.mark.parametrize(
    ("ours", "others", "how"),
    [
        ((3, 4, 5), (0, 1, 2), HIGHER),
        ((0, 1, 2), (3, 4, 5), LOWER),
        ((2, 4, 5), (0, 1, 2), UNCLEAR),  # they touch
        ((1, 9, 9), (0, 1, 2), UNCLEAR),  # far apart in the mean, and still inside the spread
        ((9, 9), (0, 1, 2), UNCLEAR),
        ((9,), (0,), UNCLEAR),
    ],  # too few seeds, however far
)
def test_a_difference_is_one_only_outside_the_spread(ours, others, how):
    assert compare(Spread(ours), Spread(others)) == how


def test_spread_is_mean_and_sample_deviation():
    spread = Spread((1.0, 2.0, 6.0))
    assert spread.mean == pytest.approx(3)
    assert spread.deviation == pytest.approx(math.sqrt((4 + 1 + 9) / 2))
    assert spread.text(1, 10) == "30.0 ± 26.5"
    assert Spread((0.5,)).text() == "0.500"
