"""What the last activation and the loss say to each other."""

from collections.abc import Iterator
from typing import Any

from app.counting.rows import Row
from app.counting.stored.model_files import loss_name
from app.params.lint.finding import Finding, Inspection

PROBABILITIES = {"softmax", "sigmoid"}
CATEGORICAL = {f"{kind}_crossentropy" for kind in ("categorical", "sparse_categorical", "categorical_focal")}
BINARY = {"binary_crossentropy", "binary_focal_crossentropy"}


def softmax_over_one_unit(seen: Inspection) -> Iterator[Finding]:
    """Point at a softmax with nothing to choose between."""
    for row in seen.rows:
        if seen.activation(row) == "softmax" and row.output_shape and row.output_shape[-1] == 1:
            yield Finding(
                row.name,
                "softmax over one unit",
                "it applies softmax to a single value",
                "e^x / e^x is 1 for every image: the output is constant",
                "use sigmoid with one unit, or softmax with one unit for each class",
            )


def loss_and_activation(seen: Inspection) -> Iterator[Finding]:
    """Point at a loss that expects something else than the last layer gives."""
    for output, loss in _pair_losses(seen):
        name, from_logits = loss_name(loss)
        row, activation = seen.final_activation(output)
        if activation is None or name not in CATEGORICAL | BINARY:
            continue
        if activation in PROBABILITIES and from_logits:
            yield Finding(
                row.name,
                "probabilities into a loss for logits",
                f"it ends with {activation}, and {name} was told from_logits=True",
                f"the loss applies {activation} a second time: training is slow and ends early",
                "leave the activation out, or set from_logits=False",
            )
        elif activation == "linear" and not from_logits:
            yield Finding(
                row.name,
                "logits into a loss for probabilities",
                f"it has no activation, and {name} was told from_logits=False",
                "the loss takes the logarithm of values that are no probabilities",
                "set from_logits=True, or end with softmax (sigmoid for binary)",
            )
        elif activation == "sigmoid" and name in CATEGORICAL:
            yield Finding(
                row.name,
                "sigmoid with a categorical loss",
                f"it ends with sigmoid, and the loss is {name}",
                "the classes' probabilities do not add up to 1, as this loss expects",
                "end with softmax, or use binary_crossentropy for labels that can hold together",
            )
        elif activation == "softmax" and name in BINARY:
            yield Finding(
                row.name,
                "softmax with a binary loss",
                f"it ends with softmax, and the loss is {name}",
                "each class is judged as a yes-no question of its own, which softmax couples",
                "use categorical_crossentropy, or end with sigmoid",
            )


def _pair_losses(seen: Inspection) -> list[tuple[Row, Any]]:
    """Return each output with its loss, as far as that is known."""
    outputs, loss = seen.outputs, seen.loss
    if isinstance(loss, dict) and "class_name" not in loss:
        return [(row, loss[row.name]) for row in outputs if row.name in loss]
    if isinstance(loss, list):
        return list(zip(outputs, loss, strict=False))
    return [(row, loss) for row in outputs] if loss else []


RULES = (softmax_over_one_unit, loss_and_activation)
