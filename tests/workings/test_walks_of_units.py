"""Walks of dense layers, activations, softmax and losses: against closed forms and finite differences."""

import math

import numpy as np
import pytest

from app.scratch import losses
from app.workings.backward_units import (
    walk_activation_back,
    walk_dense_back,
    walk_loss_back,
    walk_softmax_back,
)
from app.workings.delta_rule import walk_delta_rule
from app.workings.sums import ELEMENTWISE, FORMULAS, Sum, Term, function_of, slope_of
from app.workings.units import walk_activation, walk_dense, walk_loss, walk_softmax


def differences(function, x, step=1e-6):
    found = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        found[at] = (function(up) - function(down)) / (2 * step)
    return found


def test_dense():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=3)
    walk = walk_dense(x, w, b, "tanh")
    assert walk.arrays["output"] == pytest.approx(np.tanh(x @ w + b))
    assert [frame.title for frame in walk.frames] == ["unit 0", "unit 1", "unit 2"]
    g = rng.normal(size=3)
    back = walk_dense_back(x, w, g)
    assert back.arrays["by_input"] == pytest.approx(differences(lambda z: g @ (z @ w + b), x), rel=1e-6)
    assert back.arrays["by_kernel"] == pytest.approx(differences(lambda z: g @ (x @ z + b), w), rel=1e-6)


@pytest.mark.parametrize("name", list(ELEMENTWISE))
def test_every_activation_has_its_formula_and_its_slope(name):
    x = np.array([-2.5, -1.0, -0.25, 0.3, 1.5, 4.0])
    walk = walk_activation(x, name)
    assert name in FORMULAS
    assert walk.arrays["slopes"] == pytest.approx(
        differences(lambda z: function_of(name)(z).sum(), x), abs=1e-5
    )
    assert walk.facts["output"] == pytest.approx(function_of(name)(x).tolist())
    assert walk_activation_back(x, name, 2 * np.ones(6)).arrays["by_input"] == pytest.approx(
        2 * slope_of(name)(x)
    )


CLOSED = {
    "relu": lambda x: max(0.0, x),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "silu": lambda x: x / (1 + math.exp(-x)),
    "relu6": lambda x: min(max(0.0, x), 6.0),
    "leaky_relu": lambda x: x if x > 0 else 0.2 * x,
}


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_activations_are_what_their_formulas_say(name):
    values = [-3.0, -0.5, 0.0, 0.5, 7.0]
    assert walk_activation(values, name).facts["output"] == pytest.approx([CLOSED[name](x) for x in values])


def test_softmax_and_the_way_back():
    z = np.array([1.0, 2.0, 3.0, -1.0])
    walk = walk_softmax(z)
    expected = np.exp(z) / np.exp(z).sum()
    assert walk.arrays["output"] == pytest.approx(expected)
    assert walk_softmax([1000, 0]).arrays["output"].tolist() == [1, 0]
    loss, gradient = losses.softmax_cross_entropy(z[None], np.eye(4)[[2]])
    assert walk_softmax_back(z, 2).arrays["by_input"] == pytest.approx(gradient[0])
    assert walk_loss("cross-entropy", expected, [2]).facts["loss"] == pytest.approx(loss)


@pytest.mark.parametrize(
    ("kind", "outputs", "targets"),
    [
        ("log", [0.98], [1]),
        ("log", [0.2, 0.7], [0, 1]),
        ("cross-entropy", [0.2, 0.5, 0.3], [0, 1, 0]),
        ("squared", [0.5, -1.0], [1.0, 2.0]),
        ("mse", [0.5, -1.0], [1.0, 2.0]),
    ],
)
def test_losses_and_their_slopes(kind, outputs, targets):
    o, t = np.array(outputs), np.array(targets, float)
    by_hand = {
        "log": lambda p: -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)),
        "cross-entropy": lambda p: -np.sum(t * np.log(p)),
        "squared": lambda p: np.sum((p - t) ** 2) / 2,
        "mse": lambda p: np.mean((p - t) ** 2),
    }[kind]
    assert walk_loss(kind, o, t).facts["loss"] == pytest.approx(by_hand(o))
    assert walk_loss_back(kind, o, t).arrays["by_output"] == pytest.approx(differences(by_hand, o), rel=1e-5)


def test_the_articles_loss():
    assert round(walk_loss("log", [0.98], [1]).facts["loss"], 4) == 0.0202


def test_the_delta_rule_goes_downhill_as_the_gradient_says():
    walk = walk_delta_rule([1, 0, 1], [1, 0], hidden=3, rate=1e-4, seed=5)
    fall = walk.facts["error_before"] - walk.facts["error_after"]
    squares = sum(float(np.square(c).sum()) for c in map(np.asarray, walk.facts["changes"])) / 1e-4
    shifts = sum(float(np.square(1e-4 * np.asarray(e)).sum()) for e in walk.facts["errors"]) / 1e-4
    assert fall == pytest.approx(squares + shifts, rel=1e-3)


def test_a_sum_says_its_own_terms():
    one = Sum((Term((0,), 2.0, 3.0), Term((1,), -1.0, 4.0)), 0.5, "relu")
    assert one.lines() == ("2·3 + (−1)·4 = 2", "2 + bias 0.5 = 2.5", "ReLU(2.5) = 2.5")
    many = Sum(tuple(Term((i,), 1.0, float(i)) for i in range(40)))
    text = many.lines()[0]
    assert "from the 28 other products" in text
    assert text.endswith("= 780")
    largest = sum(range(28, 40))
    assert f"{780 - largest} from" in text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: walk_dense([1, 2], [[1], [2], [3]]), "row for each of the 2 inputs"),
        (lambda: walk_dense([], [[1]]), "empty"),
        (lambda: walk_softmax([1]), "2 to"),
        (lambda: walk_softmax_back([1, 2], 2), "from 0 to 1"),
        (lambda: walk_loss("log", [1.5], [1]), "no probabilities"),
        (lambda: walk_loss("log", [0.0], [1]), "infinite"),
        (lambda: walk_loss("cross-entropy", [0.5, 0.4], [1]), "add up to 0.9"),
        (lambda: walk_loss("cross-entropy", [0.5, 0.5], [2]), "from 0 to 1"),
        (lambda: walk_loss("mse", [1, 2], [1]), "one target for each"),
        (lambda: walk_loss("hinge", [1], [1]), "a loss is"),
        (lambda: walk_activation([1, float("inf")], "relu"), "infinite"),
        (lambda: walk_activation([1], "softmax"), "no activation of single numbers"),
        (lambda: walk_delta_rule([1], [1], hidden=0), "hidden"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: walk_loss("log", [0.5, 0.2], [7, -3]), "targets are no probabilities"),
        (lambda: walk_loss("cross-entropy", [0.2, 0.3, 0.5], [0.5, 0.5, 0.5]), "targets add up to 1.5"),
        (lambda: walk_dense([1, 2, 3], np.ones((3, 2)), [1, 2, 3]), "one for each of the 2 units"),
        (lambda: walk_activation([800], "exponential"), "too large"),
        (lambda: walk_delta_rule([1], [1], hidden=2.5), "whole number"),
    ],
)
def test_what_looks_like_numbers_and_makes_no_sense(call, said):
    with pytest.raises(ValueError, match=said):
        call()
