"""One step of article 001's delta rule, number by number."""

from typing import Any

import numpy as np

from app.scratch.perceptron import Perceptron
from app.show.frames.frame import Frame, Grid, Mark, Part, Walk, number_text
from app.workings.maps import Array, rows_of
from app.workings.sums import Term, in_brackets, products_text
from app.workings.units import as_vector, row_grid


def walk_delta_rule(inputs: Any, target: Any, hidden: int = 2, rate: float = 0.5, seed: int = 0) -> Walk:
    """Return one step of article 001's delta rule: forward, errors from the output back, the changes.

    I_j = Σ w_ij·O_i + θ_j, O_j = 1/(1 + e^−I_j). At the output Err_j = O_j(1 − O_j)(T_j − O_j), inside
    Err_j = O_j(1 − O_j)·Σ_k Err_k·w_jk. Δw_ij = rate·Err_j·O_i, Δθ_j = rate·Err_j.

    Args:
        inputs: the sample.
        target: what the output units should say.
        hidden: units of the hidden layer.
        rate: the learning rate.
        seed: of weights and biases, from −1 to 1.

    Raises:
        ValueError: no numbers, or no units.

    >>> walk = walk_delta_rule([1, 0], [1])
    >>> walk.facts["error_before"] > walk.facts["error_after"]
    True
    """
    x, t = as_vector(inputs), as_vector(target, "the target")
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not isinstance(hidden, int):
        raise ValueError(
            f"the delta rule needs a whole number of hidden units and a rate, not {hidden!r} and {rate!r}"
        )
    if not 1 <= hidden <= 50 or not 0 < rate < float("inf"):
        raise ValueError("the delta rule needs 1 to 50 hidden units, and a learning rate above 0")
    if max(len(x), len(t)) > 50:
        raise ValueError("the delta rule is shown of at most 50 inputs and outputs")
    net = Perceptron((len(x), hidden, len(t)), seed)
    step = net.look(x, t)
    old = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    frames = []
    for number, name in enumerate(("hidden layer", "output layer")):
        w, b, before, after = old[0][number], old[1][number], step.outputs[number], step.outputs[number + 1]
        for j in range(len(after)):
            terms = [Term((i,), float(before[i]), float(w[i, j])) for i in range(len(before))]
            total = float(before @ w[:, j] + b[j])
            lines = (
                f"I = {products_text(terms)} + {in_brackets(b[j])} = {number_text(total)}",
                f"O = 1 / (1 + e^−I) = {number_text(float(after[j]))}",
            )
            column = Mark("window", tuple((i, j) for i in range(len(before))))
            parts: tuple[Part, ...] = (
                row_grid("before", before),
                "×",
                Grid("weights", rows_of(w), (column,)),
                "→",
                row_grid("O", after, j, j + 1),
            )
            frames.append(Frame(f"unit {j}", parts, lines, f"forward: {name}"))
    frames += _errors(step, t, old[0][1])
    changes = []
    for number, name in enumerate(("hidden layer", "output layer")):
        change = rate * np.outer(step.outputs[number], step.errors[number])
        changes.append((change, rate * step.errors[number]))
        parts = (
            row_grid("O before", step.outputs[number]),
            "×",
            row_grid("Err", step.errors[number]),
            "→",
            Grid("change of the weights", rows_of(change)),
            Grid("new weights", rows_of(old[0][number] + change)),
        )
        line = f"each weight changes by {number_text(rate)} · Err · O, each bias by {number_text(rate)} · Err"
        frames.append(Frame(name, parts, (line,), f"changes: {name}"))
    for number, (change, shift) in enumerate(changes):
        net.weights[number] = old[0][number] + change
        net.biases[number] = old[1][number] + shift
    after = net.forward(x)[-1]
    errors = [float(((t - o) ** 2).sum() / 2) for o in (step.outputs[-1], after)]
    said = (
        f"The output was {_row(step.outputs[-1])}, is now {_row(after)}, and should be {_row(t)}. The error "
        f"½·Σ(T − O)² falls from {number_text(errors[0])} to {number_text(errors[1])}."
        if errors[1] < errors[0]
        else f"The error ½·Σ(T − O)² does not fall: {number_text(errors[0])}, then {number_text(errors[1])}. The step "
        "is too large."
    )
    facts = {
        "operation": "delta rule",
        "outputs": [o.tolist() for o in step.outputs],
        "errors": [e.tolist() for e in step.errors],
        "changes": [c.tolist() for c, _ in changes],
        "error_before": errors[0],
        "error_after": errors[1],
    }
    return Walk(
        f"Delta rule: one step of a perceptron {len(x)}–{hidden}–{len(t)}, rate {number_text(rate)}, seed {seed}",
        tuple(frames),
        (
            "Forward, the outputs of all units are worked out. Backward, each unit gets an error. Then every weight is "
            "changed by rate times error times what came in.",
        ),
        (said,),
        facts,
        {"input": x, "target": t},
    )


def _errors(step: Any, t: Array, weights: Array) -> list[Frame]:
    frames = []
    outputs, errors = step.outputs[-1], step.errors[-1]
    for j, o in enumerate(outputs):
        text = number_text(float(o))
        line = f"{text}·(1 − {text})·({number_text(float(t[j]))} − {text}) = {number_text(float(errors[j]))}"
        parts: tuple[Part, ...] = (
            row_grid("O", outputs, j),
            row_grid("T", t, j),
            "→",
            row_grid("Err", errors, j, j + 1),
        )
        frames.append(Frame(f"unit {j}", parts, (line,), "errors: output layer"))
    inside, below = step.outputs[1], step.errors[0]
    for j, o in enumerate(inside):
        terms = [Term((k,), float(e), float(weights[j, k])) for k, e in enumerate(errors)]
        text = number_text(float(o))
        line = f"{text}·(1 − {text})·({products_text(terms)}) = {number_text(float(below[j]))}"
        row = Mark("window", tuple((j, k) for k in range(len(errors))))
        parts = (
            row_grid("Err above", errors),
            "×",
            Grid("weights", rows_of(weights), (row,)),
            "→",
            row_grid("Err", below, j, j + 1),
        )
        frames.append(Frame(f"unit {j}", parts, (line,), "errors: hidden layer"))
    return frames


def _row(values: Array) -> str:
    return ", ".join(number_text(float(v)) for v in values)
