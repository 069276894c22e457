"""Tiny networks of units: what one layer cannot do, and the error rule of backpropagation."""

import itertools

from app.claims import scores

XOR = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
"""Either, but not both: the smallest problem that no line through the plane solves."""


def fires(weights: tuple[float, float, float], inputs: tuple[float, float]) -> int:
    """Return 1 where w_1·x_1 + w_2·x_2 + b > 0, else 0."""
    return int(weights[0] * inputs[0] + weights[1] * inputs[1] + weights[2] > 0)


def xor_mistakes_of_one_unit() -> int:
    """Return the fewest of the four XOR cases that one threshold unit gets wrong.

    On two binary inputs every linear rule is one with weights −1, 0 or 1 and a bias in halves.
    """
    biases = (-1.5, -0.5, 0.5, 1.5)
    units = itertools.product((-1, 0, 1), (-1, 0, 1), biases)
    return min(sum(fires(unit, x) != y for x, y in XOR.items()) for unit in units)


def xor_mistakes_with_hidden_units() -> int:
    """Return the XOR cases wrong with two hidden units, `or` and `and`: or, and not and."""
    return sum(
        fires((1, -1, -0.5), (fires((1, 1, -0.5), x), fires((1, 1, -1.5), x))) != y for x, y in XOR.items()
    )


def weight_steps_by_rule() -> list[float]:
    """Return Δw and Δθ of a chain of two sigmoid units, by the rules of backpropagation, rate 1.

    Err_o = O·(1 − O)·(T − O); Err_h = O·(1 − O)·Err_o·w; Δw = Err_j·O_i; Δθ = Err_j.
    The order is hidden weight, hidden bias, output weight, output bias.
    """
    hidden_weight, hidden_bias, weight, bias, given, target = _CHAIN
    hidden = scores.sigmoid(hidden_weight * given + hidden_bias)
    output = scores.sigmoid(weight * hidden + bias)
    error = output * (1 - output) * (target - output)
    hidden_error = hidden * (1 - hidden) * error * weight
    return [hidden_error * given, hidden_error, error * hidden, error]


def weight_steps_by_slope() -> list[float]:
    """Return the same four steps as minus the slopes of ½·(T − O)², by finite differences."""

    def loss(place: int, changed: float) -> float:
        chain = [*_CHAIN[:place], changed, *_CHAIN[place + 1 :]]
        hidden = scores.sigmoid(chain[0] * chain[4] + chain[1])
        output = scores.sigmoid(chain[2] * hidden + chain[3])
        return (chain[5] - output) ** 2 / 2

    return [-scores.slope(lambda w, i=i: loss(i, w), _CHAIN[i]) for i in range(4)]  # type: ignore[misc]


_CHAIN = (0.4, -0.2, 0.7, 0.1, 1.5, 1.0)
"""Weights and biases of the two units, the input and the target: any numbers would do."""
