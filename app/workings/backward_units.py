"""One step back through units: dense layers, activations, softmax, losses, number by number."""

from typing import Any

import numpy as np

from app.show.frames.frame import Frame, Grid, Mark, Walk, number_text
from app.workings.backward_windows import as_gradient, one_channel
from app.workings.maps import rows_of, times
from app.workings.sums import FORMULAS, Term, activation_title, in_brackets, products_text, slope_of
from app.workings.units import LOSS_FORMULAS, LOSS_TITLES, as_vector, row_grid, softmax, walk_loss


def walk_dense_back(inputs: Any, weights: Any, gradient: Any = None) -> Walk:
    """Return the steps of ∂L/∂w_ij = x_i·g_j, ∂L/∂b_j = g_j and ∂L/∂x_i = Σ_j w_ij·g_j.

    Raises:
        ValueError: numbers that do not fit.

    >>> walk = walk_dense_back([1, 2], [[3, 0], [4, 1]], [1, 10])
    >>> walk.arrays["by_kernel"].tolist(), walk.arrays["by_input"].tolist()
    ([[1.0, 10.0], [2.0, 20.0]], [3.0, 14.0])
    """
    x, w = as_vector(inputs), one_channel(weights, "the weights")
    w = w.T if w.shape[0] == 1 and len(x) > 1 else w
    if len(w) != len(x):
        raise ValueError(f"the weights need a row for each of the {len(x)} inputs; they are {times(w.shape)}")
    g = as_gradient(gradient, (w.shape[1],))
    by_kernel, by_input = np.outer(x, g), w @ g
    grids = Grid("input", [[float(v)] for v in x]), Grid("g", [[float(v) for v in g]])
    frames = [
        Frame(
            f"weight from input {i} to unit {j}",
            (
                Grid("input", grids[0].values, (Mark("window", ((i, 0),)),)),
                "×",
                Grid("g", grids[1].values, (Mark("window", ((0, j),)),)),
                "→",
                Grid("∂L/∂w", rows_of(by_kernel), (Mark("result", ((i, j),)),), shown=i * len(g) + j + 1),
            ),
            (
                f"{in_brackets(float(x[i]))}·{in_brackets(float(g[j]))} = {number_text(float(by_kernel[i, j]))}",
            ),
            "gradient by the weights",
        )
        for i, j in np.ndindex(w.shape)
    ]
    for i in range(len(x)):
        terms = [Term((j,), float(w[i, j]), float(g[j])) for j in range(len(g))]
        row = tuple((i, j) for j in range(len(g)))
        parts = (
            Grid("weights", rows_of(w), (Mark("window", row),)),
            "×",
            grids[1],
            "→",
            row_grid("∂L/∂x", by_input, i, i + 1),
        )
        line = f"{products_text(terms)} = {number_text(float(by_input[i]))}"
        frames.append(Frame(f"input {i}", parts, (line,), "gradient by the inputs"))
    return Walk(
        f"Dense layer, one step back: {len(x)} inputs, {len(g)} units",
        tuple(frames),
        ("g is the gradient of the loss by each unit's sum. The gradient by a bias is g itself.",),
        (),
        {"operation": "dense, backward", "by_kernel": by_kernel.tolist(), "by_input": by_input.tolist()},
        {"input": x, "kernel": w, "gradient": g, "by_kernel": by_kernel, "by_input": by_input},
    )


def walk_activation_back(values: Any, name: str, gradient: Any = None) -> Walk:
    """Return the steps of ∂L/∂x = g·a′(x).

    Raises:
        ValueError: numbers that do not fit, or no such activation.

    >>> walk_activation_back([-1, 2], "relu", [5, 5]).arrays["by_input"].tolist()
    [0.0, 5.0]
    """
    x = as_vector(values)
    slopes = slope_of(name)(x)
    g = as_gradient(gradient, x.shape)
    by_input, title = g * slopes, activation_title(name)
    frames = tuple(
        Frame(
            f"number {i}",
            (
                row_grid("x", x, i),
                row_grid("slope", slopes, i),
                "×",
                row_grid("g", g, i),
                "→",
                row_grid("∂L/∂x", by_input, i, i + 1),
            ),
            (
                f"slope of {title} at {number_text(float(x[i]))}: {number_text(float(slopes[i]))}",
                f"{in_brackets(slopes[i])}·{in_brackets(g[i])} = {number_text(float(by_input[i]))}",
            ),
        )
        for i in range(len(x))
    )
    return Walk(
        f"{title}, one step back",
        frames,
        (f"{title}(x) = {FORMULAS[name]}. The gradient is multiplied by the slope at x.",),
        (),
        {"operation": "activation, backward", "activation": name, "by_input": by_input.tolist()},
        {"input": x, "gradient": g, "slopes": slopes, "by_input": by_input},
    )


def walk_softmax_back(logits: Any, target: int) -> Walk:
    """Return the steps of ∂L/∂z = p − t, for L = −ln p of the right class and p = softmax(z).

    Raises:
        ValueError: no such class, or no numbers.

    >>> walk_softmax_back([0, 0], 1).arrays["by_input"].tolist()
    [0.5, -0.5]
    """
    z = as_vector(logits, "the logits")
    if not isinstance(target, int):
        raise ValueError(f"the class is a whole number, not {target!r}")
    if len(z) < 2 or not 0 <= target < len(z):
        raise ValueError(f"the class is a number from 0 to {len(z) - 1}, not {target}")
    p, t = softmax(z), np.eye(len(z))[target]
    by_input = p - t
    frames = tuple(
        Frame(
            f"class {i}",
            (row_grid("p", p, i), "−", row_grid("t", t, i), "→", row_grid("∂L/∂z", by_input, i, i + 1)),
            (f"{number_text(float(p[i]))} − {number_text(float(t[i]))} = {number_text(float(by_input[i]))}",),
        )
        for i in range(len(z))
    )
    return Walk(
        f"Softmax with cross-entropy, one step back: class {target} is right",
        frames,
        ("The gradient of −ln p by the logits is p − t: t is 1 for the right class, and 0 for the others.",),
        (
            f"They add up to {number_text(round(float(by_input.sum()), 12))}: what one logit gains, others lose.",
        ),
        {"operation": "softmax with cross-entropy, backward", "by_input": by_input.tolist()},
        {"input": z, "output": p, "by_input": by_input},
    )


def walk_loss_back(kind: str, outputs: Any, targets: Any) -> Walk:
    """Return the steps of ∂L/∂o for a loss of `LOSSES`.

    log: ((1 − t)/(1 − p) − t/p)/n; cross-entropy: −t/p; squared: o − t; mse: 2·(o − t)/n.

    Raises:
        ValueError: as forward.

    >>> walk_loss_back("squared", [0.5], [1]).arrays["by_output"].tolist()
    [-0.5]
    """
    forward = walk_loss(kind, outputs, targets)
    o, t = forward.arrays["output"], forward.arrays["target"]
    n = len(o)
    found = [_loss_slope(kind, float(a), float(b), n) for a, b in zip(o, t, strict=True)]
    by_output = np.array([value for _, value in found])
    frames = tuple(
        Frame(
            f"output {i}",
            (row_grid("output", o, i), row_grid("target", t, i), "→", row_grid("∂L/∂o", by_output, i, i + 1)),
            (text,),
        )
        for i, (text, _) in enumerate(found)
    )
    facts = {"operation": "loss, backward", "kind": kind, "by_output": by_output.tolist()}
    arrays = {"output": o, "target": t, "by_output": by_output}
    said = (LOSS_FORMULAS[kind], f"Its slope by one output is {LOSS_SLOPES[kind]}.")
    return Walk(f"Loss, one step back: {LOSS_TITLES[kind]}", frames, said, (), facts, arrays)


LOSS_SLOPES = {
    "log": "((1 − t)/(1 − p) − t/p) / n, n being the number of outputs",
    "cross-entropy": "−t/p",
    "squared": "o − t",
    "mse": "2·(o − t) / n, n being the number of outputs",
}


def _loss_slope(kind: str, o: float, t: float, n: int) -> tuple[str, float]:
    """Return the slope of a loss by one output: how it is worked out, and its value."""
    here, right = number_text(o), number_text(t)
    if kind == "cross-entropy":
        value = -t / o if t else 0.0
        return f"−{right}/{here} = {number_text(value)}", value
    if kind == "log":
        value = ((1 - t) / (1 - o) if t < 1 else 0.0) / n - (t / o if t else 0.0) / n
        text = f"({number_text(1 - t)}/{number_text(1 - o)} − {right}/{here}) / {n}"
        return f"{text} = {number_text(value)}", value
    value = (o - t) * (1 if kind == "squared" else 2 / n)
    difference = f"{here} − {in_brackets(t)}"
    text = difference if kind == "squared" else f"2·({difference}) / {n}"
    return f"{text} = {number_text(value)}", value
