"""Activations, losses and slopes against closed forms and brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.claims import listings, perceptrons, scores

LOGITS = st.floats(-8, 8)


@settings(deadline=None)
@given(LOGITS)
def test_sigmoid_logit_and_log_loss_fit_together(z):
    p = scores.sigmoid(z)
    assert scores.logit(p) == pytest.approx(z, abs=1e-6)
    assert scores.log_loss(1, p) == pytest.approx(math.log1p(math.exp(-z)))
    assert scores.log_loss(0, p) == pytest.approx(math.log1p(math.exp(z)), rel=1e-5)
    # The slope of log loss by the logit is p − y.
    assert scores.slope(lambda x: scores.log_loss(1, scores.sigmoid(x)), z) == pytest.approx(p - 1, abs=1e-6)


@settings(deadline=None)
@given(st.lists(LOGITS, min_size=2, max_size=6), st.floats(-100, 100))
def test_softmax_sums_to_one_and_does_not_see_a_shift(values, shift):
    shares = scores.softmax(values)
    powers = np.exp(values)
    assert shares == pytest.approx((powers / powers.sum()).tolist())
    assert scores.softmax([v + shift for v in values]) == pytest.approx(shares)
    assert scores.percentages(shares) == pytest.approx([100 * share for share in shares])
    target = scores.one_hot(1, len(values))
    assert scores.cross_entropy(target, shares) == pytest.approx(-math.log(shares[1]))


def test_one_hot_squares_and_bytes():
    assert scores.one_hot(2, 4) == np.eye(4, dtype=int)[2].tolist()
    assert scores.squared_error([1, 0], [0.5, 0.25]) == (0.25 + 0.0625) / 2
    assert scores.differences_times([1, 0], [0.5, 0.25], 22) == 22 * 0.25
    assert scores.size_bytes(138_357_544).sum_line() == "138,357,544·4 = 553,430,176"
    assert scores.relu([-1, 0, 2]) == [0, 0, 2]


def test_slopes_are_those_of_known_functions():
    assert scores.slope(lambda x: x**2, 3) == 6
    assert scores.slope(math.sin, 1) == pytest.approx(math.cos(1))
    assert scores.step_down(lambda x: x**2, 3, rate=0.5) == 0
    assert scores.score_gradient([0.2, 0.3, 0.5], 2) == [0, 0, 1]


def test_no_line_solves_xor_and_three_of_four_is_the_best():
    """Other weights than those tried: a fine grid and random ones do no better."""
    rng = np.random.default_rng(0)
    grid = itertools.product(np.linspace(-2, 2, 9), np.linspace(-2, 2, 9), np.linspace(-3, 3, 25))
    units = [*grid, *rng.normal(size=(2000, 3)).tolist()]
    fewest = min(
        sum(perceptrons.fires(tuple(unit), x) != y for x, y in perceptrons.XOR.items()) for unit in units
    )
    assert fewest == perceptrons.xor_mistakes_of_one_unit() == 1
    assert perceptrons.xor_mistakes_with_hidden_units() == 0


def test_a_wrong_rule_of_backpropagation_would_be_seen(monkeypatch):
    rule, slope = perceptrons.weight_steps_by_rule(), perceptrons.weight_steps_by_slope()
    assert rule == pytest.approx(slope, abs=1e-9)
    assert min(map(abs, rule)) > 1e-4
    monkeypatch.setattr(scores, "slope", lambda f, x: 2 * (f(x + 1e-5) - f(x - 1e-5)) / 2e-5)
    assert perceptrons.weight_steps_by_slope() != pytest.approx(rule, abs=1e-4)


def test_what_lines_of_the_listings_do():
    assert listings.outcome(int, "Shape of training dataset: ", (60_000, 28, 28)) == "TypeError"
    assert listings.outcome(int, "12") == "fine"
    assert listings.subplot_codes(3, 3) == [330 + 1 + i for i in range(9)]
