"""Dense layers, activations, softmax and losses: numbers in a row, worked out one by one."""

from typing import Any

import numpy as np

from app.show.frames.frame import Frame, Grid, Mark, Part, Role, Walk, number_text
from app.workings.maps import Array, finite, rows_of
from app.workings.sums import (
    FORMULAS,
    Sum,
    Term,
    activation_title,
    function_of,
    in_brackets,
    slope_of,
    values_text,
)

MOST_UNITS = 400
"""Units of a layer whose sums are all shown."""
MOST_ROWS, FEW_ROWS = 25, 10
"""Products that are drawn beside each other; of more the ten largest are, with their numbers."""
MOST_VALUES = 400
LOSSES = ("log", "cross-entropy", "squared", "mse")


def as_vector(values: Any, what: str = "the input") -> Array:
    """Return numbers in a row, as float64; a map is flattened row by row.

    Raises:
        ValueError: there are none, or some are no finite numbers.
    """
    try:
        found = np.asarray(values, float).ravel()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} is a row of numbers; something in it is no number") from error
    if not found.size or not np.isfinite(found).all():
        raise ValueError(f"{what} is empty, or holds NaN or infinite values")
    return found


def walk_dense(inputs: Any, weights: Any, bias: Any = None, activation: str = "linear") -> Walk:
    """Return the steps of y_j = a(Σ_i x_i · w_ij + b_j), unit by unit.

    Args:
        inputs: n numbers.
        weights: n rows, a column for each unit; n numbers alone are of one unit.
        bias: one number for all units, or one for each; None: none.
        activation: a name of `ELEMENTWISE`, or `softmax`.

    Raises:
        ValueError: numbers of weights and inputs that do not fit, or an unknown activation.

    >>> walk = walk_dense([1, 2], [[3, 0], [4, 1]], bias=[1, -5], activation="relu")
    >>> walk.arrays["output"].tolist(), walk.frames[1].working
    ([12.0, 0.0], ('1·0 + 2·1 = 2', '2 + bias (−5) = −3', 'ReLU(−3) = 0'))
    """
    x = as_vector(inputs)
    try:
        w = np.asarray(weights, float)
    except (TypeError, ValueError) as error:
        raise ValueError("the weights are rows of equally many numbers") from error
    w = w[:, np.newaxis] if w.ndim == 1 else w
    if w.ndim != 2 or len(w) != len(x) or not w.size or not np.isfinite(w).all():
        shape = "×".join(map(str, w.shape))
        raise ValueError(
            f"the weights need a row for each of the {len(x)} inputs, a column for each unit; they are {shape}"
        )
    units = w.shape[1]
    if units > MOST_UNITS:
        raise ValueError(f"{units:,} units are too many to show each (at most {MOST_UNITS})")
    biases = None if bias is None else as_vector(bias, "the bias")
    if biases is not None and len(biases) not in (1, units):
        raise ValueError(f"the bias is one number, or one for each of the {units} units, not {len(biases)}")
    biases = None if biases is None else np.broadcast_to(biases, (units,))
    sums = [
        dense_sum(x, w, biases, j, "linear" if activation == "softmax" else activation) for j in range(units)
    ]
    before = x @ w + (0 if biases is None else biases)
    is_softmax = activation == "softmax"
    output = finite(softmax(before) if is_softmax else function_of(activation)(before))
    shown = before if is_softmax else output
    frames = [_unit_frame(shown, sums[j], j) for j in range(units)]
    if is_softmax:
        frames += walk_softmax(before).frames
    facts = {
        "operation": "dense",
        "inputs": len(x),
        "units": units,
        "activation": activation,
        "output": output.tolist(),
    }
    count = f"{len(x)}·{units}" + (
        f" + {units} = {w.size + units:,}" if biases is not None else f" = {w.size:,}"
    )
    return Walk(
        f"Dense layer: {len(x)} inputs, {units} unit{'s' if units != 1 else ''}",
        tuple(frames),
        (
            "Each unit multiplies every input by a weight of its own, and adds the products up.",
            f"Parameters: {count}.",
        ),
        (),
        facts,
        {
            "input": x,
            "kernel": w,
            "bias": np.zeros(0) if biases is None else np.array(biases),
            "output": output,
        },
    )


def dense_sum(x: Array, w: Array, biases: Array | None, unit: int, activation: str = "linear") -> Sum:
    """Return one unit's number as its sum of products."""
    terms = tuple(Term((i,), float(v), float(w[i, unit])) for i, v in enumerate(x))
    return Sum(terms, None if biases is None else float(biases[unit]), activation)


def _unit_frame(output: Array, one: Sum, unit: int) -> Frame:
    parts = [*product_columns(one), "→", row_grid("output", output, chosen=unit, shown=unit + 1)]
    return Frame(f"unit {unit}", tuple(parts), one.lines())


def product_columns(one: Sum) -> list[Part]:
    """Return values, weights and products as three columns; of many products the largest."""
    order = sorted(range(len(one.terms)), key=lambda i: -abs(one.terms[i].product))
    is_part = len(order) > MOST_ROWS
    chosen = sorted(order[:FEW_ROWS] if is_part else order)
    terms = [one.terms[i] for i in chosen]
    note = f"the {len(terms)} largest of {len(one.terms):,} products" if is_part else ""
    columns = [
        ("input", [term.value for term in terms]),
        ("weights", [term.weight for term in terms]),
        ("products", [term.product for term in terms]),
    ]
    grids: list[Part] = []
    if is_part:
        grids.append(Grid("number of the input", [[float(i)] for i in chosen], tone="plain", note=note))
    for name, values in columns:
        grids += [
            *({"input": [":"] if is_part else [], "weights": ["×"], "products": ["="]}[name]),
            Grid(name, [[v] for v in values]),
        ]
    return grids


def row_grid(
    caption: str,
    values: Array,
    chosen: int | None = None,
    shown: int | None = None,
    width: int = 10,
    role: Role | None = None,
) -> Grid:
    """Return numbers in a row, or in several of ten.

    Args:
        caption: what they are.
        values: the numbers.
        chosen: the number of one that is pointed out.
        shown: how many are known by now.
        width: numbers in a row.
        role: what is pointed out of it; None: it is read, or the result where not all are known.
    """
    width = min(width, len(values))
    rows: list[list[float | None]] = [
        [float(v) for v in values[i : i + width]] for i in range(0, len(values), width)
    ]
    rows[-1] += [None] * (width - len(rows[-1]))
    role = role or ("window" if shown is None else "result")
    marks = () if chosen is None else (Mark(role, ((chosen // width, chosen % width),)),)
    return Grid(caption, rows, marks, shown=shown)


def walk_activation(values: Any, name: str) -> Walk:
    """Return the steps of y = a(x), number by number.

    Args:
        values: numbers, a row or a map.
        name: a name of `ELEMENTWISE`.

    Raises:
        ValueError: there is no such activation, or no numbers.

    >>> walk_activation([-2, 0, 3], "relu").arrays["output"].tolist()
    [0.0, 0.0, 3.0]
    """
    x = np.asarray(values, float) if np.ndim(values) == 2 else as_vector(values)
    if not x.size or not np.isfinite(x).all():
        raise ValueError("the input is empty, or holds NaN or infinite values")
    if x.size > MOST_VALUES:
        raise ValueError(f"{x.size:,} numbers are too many to show each (at most {MOST_VALUES})")
    with np.errstate(over="ignore"):
        y = finite(function_of(name)(x))
    rows, found = np.atleast_2d(x), np.atleast_2d(y)
    frames = []
    for number, place in enumerate(np.ndindex(rows.shape)):
        at = (place[0], place[1])
        one, title = float(rows[place]), activation_title(name)
        frames.append(
            Frame(
                f"row {at[0]}, column {at[1]}",
                (
                    Grid("x", rows_of(rows), (Mark("window", (at,)),), "signed"),
                    "→",
                    Grid(f"{title}(x)", rows_of(found), (Mark("result", (at,)),), "signed", shown=number + 1),
                ),
                (f"{title}({number_text(one)}) = {number_text(float(found[place]))}",),
            )
        )
    slopes = slope_of(name)(x)
    return Walk(
        f"Activation: {activation_title(name)}",
        tuple(frames),
        (f"{activation_title(name)}(x) = {FORMULAS[name]}. It works on each number by itself.",),
        (f"Slopes at these numbers: {values_text(slopes.ravel().tolist())}.",),
        {"operation": "activation", "activation": name, "output": y.tolist(), "slopes": slopes.tolist()},
        {"input": x, "output": y, "slopes": slopes},
    )


def softmax(z: Array) -> Array:
    """Return p_i = e^z_i / Σ e^z_j; the largest is taken off first, which changes nothing and overflows nowhere."""
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def walk_softmax(logits: Any) -> Walk:
    """Return the steps of p_i = e^z_i / Σ_j e^z_j.

    Raises:
        ValueError: fewer than two numbers, or more than can be shown.

    >>> walk_softmax([0, 0]).arrays["output"].tolist()
    [0.5, 0.5]
    """
    z = as_vector(logits, "the logits")
    if not 2 <= len(z) <= MOST_VALUES:
        raise ValueError(f"a softmax is of 2 to {MOST_VALUES} numbers, not {len(z)}")
    highest = float(z.max())
    shifted, p = z - highest, softmax(z)
    powers = np.exp(shifted)
    total = float(powers.sum())
    best = int(p.argmax())
    frames = [
        Frame(
            "take the largest off",
            (row_grid("z", z, int(z.argmax())), "→", row_grid("z − largest", shifted)),
            (
                f"The largest is {number_text(highest)}. Taking it off changes no probability, and no power overflows.",
            ),
            "softmax",
        ),
        Frame(
            "powers",
            (row_grid("z − largest", shifted), "→", row_grid("e^(z − largest)", powers)),
            (f"sum of the powers: {number_text(total, 6)}",),
            "softmax",
        ),
    ]
    frames += [
        Frame(
            f"class {i}",
            (row_grid("e^(z − largest)", powers, i), "→", row_grid("probability", p, i, i + 1)),
            (
                f"{number_text(float(powers[i]), 6)} / {number_text(total, 6)} = {number_text(float(p[i]), 6)}",
            ),
            "softmax",
        )
        for i in range(len(z))
    ]
    return Walk(
        f"Softmax of {len(z)} numbers",
        tuple(frames),
        ("p_i = e^z_i / Σ e^z_j: every number becomes a probability, and all of them together are 1.",),
        (f"The largest probability is {number_text(float(p[best]))}, of class {best}.",),
        {"operation": "softmax", "logits": z.tolist(), "output": p.tolist()},
        {"input": z, "output": p},
    )


def walk_loss(kind: str, outputs: Any, targets: Any) -> Walk:
    """Return the steps of a loss.

    log: −(t·ln p + (1 − t)·ln(1 − p)), the mean over the units. cross-entropy: −Σ t·ln p. squared: ½·Σ (o − t)².
    mse: the mean of (o − t)².

    Args:
        kind: one of `LOSSES`.
        outputs: what a network puts out; probabilities for the first two.
        targets: what is right, as many numbers; for cross-entropy the number of the class will do.

    Raises:
        ValueError: there is no such loss, numbers that do not fit, or probabilities outside 0 to 1.

    >>> round(walk_loss("log", [0.98], [1]).facts["loss"], 4)
    0.0202
    """
    o, t = as_vector(outputs, "the output"), as_vector(targets, "the target")
    if kind not in LOSSES:
        raise ValueError(f"a loss is {', '.join(LOSSES)}, not {kind!r}")
    if kind == "cross-entropy" and len(t) == 1 and len(o) > 1:
        c = t[0]
        if c != int(c) or not 0 <= c < len(o):
            raise ValueError(f"the class is a number from 0 to {len(o) - 1}, not {number_text(float(c))}")
        t = np.eye(len(o))[int(c)]
    if len(o) != len(t):
        raise ValueError(f"outputs: {len(o)}, targets: {len(t)}; give one target for each output")
    if kind in ("log", "cross-entropy") and ((o < 0) | (o > 1)).any():
        raise ValueError("the outputs are no probabilities: each must be from 0 to 1")
    if kind in ("log", "cross-entropy") and ((t < 0) | (t > 1)).any():
        raise ValueError("the targets are no probabilities: each must be from 0 to 1")
    if kind == "cross-entropy" and abs(t.sum() - 1) > 1e-3:
        raise ValueError(f"the targets add up to {number_text(float(t.sum()))}, not to 1")
    if kind == "cross-entropy" and abs(o.sum() - 1) > 1e-3:
        raise ValueError(f"the probabilities add up to {number_text(float(o.sum()))}, not to 1")
    parts = [_loss_part(kind, float(a), float(b)) for a, b in zip(o, t, strict=True)]
    values = np.array([value for _, value in parts])
    loss = {"squared": values.sum() / 2, "cross-entropy": values.sum()}.get(kind, values.mean())
    if not np.isfinite(loss):
        raise ValueError("a probability of 0 for what is right makes the loss infinite")
    how = {"squared": "half of the sum", "cross-entropy": "the sum"}.get(kind, "the mean")
    frames = [
        Frame(
            f"output {i}",
            (
                row_grid("output", o, i),
                row_grid("target", t, i),
                "→",
                row_grid("part of the loss", values, i, i + 1),
            ),
            (text,),
        )
        for i, (text, _) in enumerate(parts)
    ]
    frames.append(
        Frame(
            "the loss",
            (row_grid("parts", values), "→", Grid("loss", [[float(loss)]], (Mark("result", ((0, 0),)),))),
            (f"{how} of the parts: {number_text(float(loss))}",),
        )
    )
    return Walk(
        f"Loss: {LOSS_TITLES[kind]}",
        tuple(frames),
        (LOSS_FORMULAS[kind],),
        (),
        {"operation": "loss", "kind": kind, "loss": float(loss), "parts": values.tolist()},
        {"output": o, "target": t},
    )


LOSS_TITLES = {
    "log": "log loss (binary cross-entropy)",
    "cross-entropy": "cross-entropy",
    "squared": "squared error",
    "mse": "mean squared error",
}
LOSS_FORMULAS = {
    "log": "L = −(t·ln p + (1 − t)·ln(1 − p)), the mean over the outputs; ln is the natural logarithm.",
    "cross-entropy": "L = −Σ t·ln p: minus the logarithm of the probability of the right class.",
    "squared": "L = ½·Σ (o − t)².",
    "mse": "L = the mean of (o − t)².",
}


def _loss_part(kind: str, o: float, t: float) -> tuple[str, float]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "cross-entropy":
            value = float(-t * np.log(o)) if t else 0.0
            return f"−{number_text(t)}·ln {number_text(o)} = {number_text(value)}", value
        if kind == "log":
            value = -sum(float(a * np.log(b)) for a, b in ((t, o), (1 - t, 1 - o)) if a)
            text = f"−({number_text(t)}·ln {number_text(o)} + {number_text(1 - t)}·ln {number_text(1 - o)})"
            return f"{text} = {number_text(value)}", value
    value = (o - t) ** 2
    return f"({number_text(o)} − {in_brackets(t)})² = {number_text(value)}", value
