"""The head of a classifier: the softmax or sigmoid that turns logits into probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.counting.stored.model_files import is_for_quantities
from app.program.steps import Slot, Step

KEEP_VALUES = frozenset(
    "Flatten Reshape Dropout Identity SpatialDropout2D GaussianNoise GaussianDropout AlphaDropout "
    "Squeeze ExpandDims Cast GetItem Copy Ravel StopGradient".split()
)
"""Layers and operations behind a softmax that change no value once training is over."""


@dataclass(frozen=True)
class Head:
    """What stands between the logits and the output."""

    kind: Literal["softmax", "log_softmax", "sigmoid", "none", "value", "pixels"]
    """`none`: raw class scores. `value`: quantities, not scores of classes. `pixels`: shares of the pixels."""
    units: int
    slot: Slot | None = None
    """The slot that the softmax or sigmoid fills; None where there is neither."""

    @property
    def is_binary(self) -> bool:
        """Whether one unit answers for two classes: with a sigmoid, or as its logit without."""
        return self.kind in ("sigmoid", "none") and self.units == 1

    def as_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Return what a model with this head puts out, (batch, units), as (batch, classes).

        One sigmoid unit p becomes 1 − p and p, one raw unit that of its sigmoid. Raw scores without a
        head become their softmax, unless they already are probabilities, made in a way of their own.
        Quantities have no probability and stay as they are, as do shares of pixels.
        """
        if self.is_binary:
            if self.kind == "none":
                outputs = 1 / (1 + np.exp(-outputs))
            return both_classes(outputs)
        if self.kind == "log_softmax":
            return np.asarray(np.exp(outputs))
        if self.kind == "none" and not looks_like_probabilities(outputs):
            if looks_like_votes(outputs):
                return np.asarray(outputs / outputs.sum(axis=-1, keepdims=True))
            shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
        return outputs


def both_classes(outputs: np.ndarray) -> np.ndarray:
    """Return the one probability p that a unit gives as those of two classes, 1 − p and p; of more units, unchanged.

    >>> both_classes(np.array([[0.25]])).tolist()
    [[0.75, 0.25]]
    """
    return np.concatenate([1 - outputs, outputs], axis=-1) if outputs.shape[-1] == 1 else outputs


def looks_like_probabilities(outputs: np.ndarray) -> bool:
    """Return whether every row lies in 0…1 and sums to 1, over more than one unit."""
    if outputs.shape[-1] < 2 or outputs.min() < 0:
        return False
    return bool(np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def looks_like_votes(outputs: np.ndarray) -> bool:
    """Return whether every row is a sum of as many probabilities as it sums to: an ensemble that adds, not averages."""
    if outputs.shape[-1] < 2 or outputs.min() < 0:
        return False
    totals = outputs.sum(axis=-1)
    members = np.rint(totals[0])
    return bool(members > 1 and np.allclose(totals, members, atol=1e-3))


def keeps_values(step: Step) -> bool:
    """Return whether a step only changes the shape or the type of what it is given."""
    if step.kind in KEEP_VALUES or step.activation == "linear":
        return True
    is_global = step.kind.startswith("Global") and step.kind.endswith(("Pooling1D", "Pooling2D"))
    return is_global and set(step.input_shape[1:-1]) == {1}


def keeps_pixels(step: Step) -> bool:
    """Return whether a step keeps all values in their order, and only gives them another shape or other values."""
    return keeps_values(step) or step.kind in ("Rescaling", "Normalization")


def find_head(steps: Sequence[Step], output: Slot, axis: int | None = None) -> Head:
    """Return the head that leads to `output`, looking through layers that only change the shape.

    Args:
        steps: the steps of the model.
        output: the slot of its output.
        axis: where the classes stand in an output with a class for each pixel; None where it has one row of them.
    """
    filled = {slot: step for step in steps for slot in step.outputs}
    units = filled[output].shape[-1 if axis is None else axis] or 0
    slot = output
    while slot in filled:
        step = filled[slot]
        name = step.activation
        if name in ("softmax", "log_softmax") and is_over_units(step, axis):
            return Head("softmax" if name == "softmax" else "log_softmax", units, slot)
        if name in ("sigmoid", "hard_sigmoid"):
            return Head("sigmoid", units, slot)
        inputs = step.inputs()
        if len(inputs) != 1 or not keeps_values(step):
            break
        slot = inputs[0]
    return Head("none", units)


def is_over_units(step: Step, axis: int | None) -> bool:
    """Return whether a softmax runs over the units of a row, or along the axis of a pixel's."""
    over = step.settings.get("axis", -1)
    axes = [over] if isinstance(over, int) else list(over)
    units = axes[0] % len(step.shape) if len(axes) == 1 else 0
    if axis is not None:
        return units > 0 and units in (axis % len(step.shape), len(step.shape) - 1)
    others = [n for place, n in enumerate(step.shape) if place not in (0, units)]
    return units > 0 and set(others) <= {1}


def as_asked(head: Head, is_quantity: bool | None, loss: str) -> Head:
    """Return a head as it is read: a row of quantities where somebody says so, or the loss does.

    Args:
        head: what `find_head` found.
        is_quantity: whether quantities come out; None: as the loss says, where no softmax or sigmoid makes classes.
        loss: name of the loss that the model was trained with, "" if it is not known.

    Raises:
        ValueError: the model ends in one softmax unit.
    """
    if head.kind == "softmax" and head.units == 1:
        raise ValueError("the model ends in one softmax unit, which is always 1; use a sigmoid")
    if is_quantity is None:
        is_quantity = head.kind == "none" and is_for_quantities(loss)
    return Head("value", head.units) if is_quantity else head
