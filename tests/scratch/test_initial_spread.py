"""Initialisation, seen: spreads against closed forms, and article 002's division."""

import math

import numpy as np
import pytest
from conftest import refusal

from app.scratch.run import run_spread
from app.scratch.spread import (
    check_division,
    measure_spread,
    plain_network,
    scaled_kernel,
    spread_of_network,
    spread_of_plain,
)
from app.scratch.vocabulary import nn
from models import find_network


def column(rows, what, number):
    return np.array([getattr(row, what)[number] for row in rows])


def test_small_values_shrink_by_the_factor_of_the_weights():
    """tanh(x) is x where x is small: each layer multiplies the spread by a third."""
    _, rows, gain = spread_of_plain("dense", "tanh", 10)
    assert gain == 1
    values, gradients = column(rows, "values", 0), column(rows, "gradients", 0)
    assert np.allclose(values[1:] / values[:-1], 1 / 3, rtol=0.1)
    assert np.allclose(gradients[:-1] / gradients[1:], 1 / 3, rtol=0.1)
    assert gradients[-1] == 1


def test_large_values_saturate_tanh_and_grow_behind_rectifiers():
    _, rows, _ = spread_of_plain("dense", "tanh", 8)
    assert (column(rows, "values", 2) > 0.8).all()
    _, rows, gain = spread_of_plain("dense", "relu", 8)
    assert gain == math.sqrt(2)
    values = column(rows, "values", 2)
    assert np.allclose(values[1:] / values[:-1], 3, rtol=0.2)


@pytest.mark.parametrize("kind", ["dense", "conv"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_right_weights_keep_the_spread(kind, activation):
    _, rows, _ = spread_of_plain(kind, activation, 10)
    values, gradients = column(rows, "values", 1), column(rows, "gradients", 1)
    assert 0.1 < values[-1] / values[0] < 2
    assert 0.1 < gradients[0] < 10
    for number, outside in ((0, 1e-3), (2, 50)):
        gone = column(rows, "gradients", number)[0]
        if activation == "relu":
            assert gone < outside if number == 0 else gone > outside
    assert len(rows) == 10


def test_a_rectifier_keeps_the_mean_square_under_hes_rule():
    """Var(w) = 2/n: the mean of the squares behind a ReLU is that of the values before, halved and doubled."""
    rng = np.random.default_rng(0)
    layer = nn.Dense(2000, activation="relu", use_bias=False)
    layer.build((500,), rng=rng, dtype="float64")
    layer.weights["kernel"] = scaled_kernel(1.0, math.sqrt(2))((500, 2000), rng)
    values = rng.normal(0, 1, (200, 500))
    assert abs((layer(values) ** 2).mean() - 1) < 0.05


def test_the_spread_of_the_first_layer_is_the_formulas():
    """Without activation n·Var(w)·Var(x) is the variance of what comes out."""
    model = nn.Sequential(
        [nn.Input((300,)), nn.Dense(300, use_bias=False, name="a"), nn.Dense(300, name="b")]
    )
    rows = measure_spread(model, 1.0, seed=0, samples=500)
    assert [row.name for row in rows] == ["a", "b"]
    assert np.allclose(rows[0].values, [1 / 3, 1, 3], rtol=0.03)
    assert np.allclose(rows[1].values, [1 / 9, 1, 9], rtol=0.05)
    assert np.allclose(rows[0].gradients, [1 / 3, 1, 3], rtol=0.03)


def test_the_articles_division():
    by_9, by_3 = check_division()
    assert (by_9.stated, by_3.stated) == ("1/81", "1/9")
    assert by_9.variance == pytest.approx(1 / 81, rel=0.01)
    assert by_3.variance == pytest.approx(1 / 9, rel=0.01)
    assert by_9.output_variance == pytest.approx(1 / 9, rel=0.03)
    assert by_3.output_variance == pytest.approx(1, rel=0.03)


def test_a_network_of_the_catalogue():
    model, rows, gain = spread_of_network(find_network("mnist"))
    assert gain == math.sqrt(2)
    assert [row.name for row in rows] == ["conv1", "conv2", "conv3", "hidden", "output"]
    assert model.parameters == 93_322
    small, right, large = (column(rows, "gradients", number)[0] for number in range(3))
    assert small < right < large
    _, _, gain = spread_of_network(find_network("lenet5_modern"))
    assert gain == 1


def test_a_network_with_branches():
    _, rows, _ = spread_of_network(find_network("inception_block"))
    assert len(rows) == 6
    assert all(np.isfinite([*row.values, *row.gradients]).all() for row in rows)


def test_what_is_refused():
    assert "kind" in refusal(plain_network, "pool", "tanh", 3)
    assert "'elu'" in refusal(spread_of_plain, "dense", "elu", 3)
    assert "for looking at it up to 12,000,000" in refusal(spread_of_network, find_network("vgg16"))


def test_the_result_shows_itself():
    spread = run_spread(kind="conv", activation="relu", depth=4)
    assert spread.name == "4 convolutions with relu"
    text = str(spread)
    assert "√(2/n), He's" in text
    assert "1/81" in text
    assert len(spread.to_dict()["layers"]) == 4
    axes = spread.plot().axes
    labels = ["too small: a third", "right: √(2/n), He's, for rectifiers", "too large: three times"]
    assert [line.get_label() for line in axes[0].lines] == labels
    assert axes[1].get_yscale() == "log"


def test_the_same_seed_gives_the_same_numbers():
    first, again, other = (run_spread(depth=3, seed=seed).rows for seed in (1, 1, 2))
    assert first == again
    assert first != other
