"""The head of a classifier: the softmax or sigmoid that turns logits into probabilities."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np

from app.engine.replay.rectifiers import activation_name

if TYPE_CHECKING:
    from app.engine.replay.steps import Slot, Step

SHAPE_ONLY = (
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Dropout,
    keras.layers.Identity,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianNoise,
    keras.layers.GaussianDropout,
    keras.layers.AlphaDropout,
)
"""Layers behind a softmax that change no value once training is over."""


SHAPE_OPERATIONS = {
    "Reshape",
    "Squeeze",
    "ExpandDims",
    "Cast",
    "Identity",
    "GetItem",
    "Copy",
    "Ravel",
    "StopGradient",
}
"""The same among `keras.ops`."""


@dataclass(frozen=True)
class Head:
    """What stands between the logits and the output."""

    kind: Literal["softmax", "log_softmax", "sigmoid", "none", "value"]
    """`none`: raw class scores. `value`: quantities, not scores of classes."""
    units: int
    slot: "Slot | None" = None
    """The slot that the softmax or sigmoid fills; None where there is neither."""

    @property
    def is_binary(self) -> bool:
        """Whether one unit answers for two classes: with a sigmoid, or as its logit without."""
        return self.kind in ("sigmoid", "none") and self.units == 1

    def as_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Return what a model with this head puts out, (batch, units), as (batch, classes).

        One sigmoid unit p becomes 1 − p and p, one raw unit that of its sigmoid. Raw scores without a
        head become their softmax, unless they already are probabilities, made in a way of their own.
        Quantities have no probability and stay as they are.
        """
        if self.is_binary:
            if self.kind == "none":
                outputs = 1 / (1 + np.exp(-outputs))
            return np.concatenate([1 - outputs, outputs], axis=-1)
        if self.kind == "log_softmax":
            return np.asarray(np.exp(outputs))
        if self.kind == "none" and not looks_like_probabilities(outputs):
            shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
        return outputs


def looks_like_probabilities(outputs: np.ndarray) -> bool:
    """Return whether every row lies in 0…1 and sums to 1, over more than one unit."""
    if outputs.shape[-1] < 2 or outputs.min() < 0:
        return False
    return bool(np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def keeps_values(step: "Step") -> bool:
    """Return whether a step only changes the shape or the type of what it is given."""
    operation = step.operation
    kind = type(operation).__name__
    if isinstance(operation, SHAPE_ONLY) or activation_name(operation) == "linear":
        return True
    if kind.startswith("Global") and kind.endswith(("Pooling1D", "Pooling2D")):
        return set(step.input_shape[1:-1]) == {1}
    return type(operation).__module__.startswith("keras.src.ops") and kind in SHAPE_OPERATIONS


def find_head(steps: "list[Step]", output: "Slot") -> Head:
    """Return the head that leads to `output`, looking through layers that only change the shape."""
    filled = {slot: step for step in steps for slot in step.outputs}
    units = filled[output].shape[-1] or 0
    slot = output
    while slot in filled:
        step = filled[slot]
        name = activation_name(step.operation)
        if name in ("softmax", "log_softmax") and is_over_all_units(step):
            return Head("softmax" if name == "softmax" else "log_softmax", units, slot)
        if name in ("sigmoid", "hard_sigmoid"):
            return Head("sigmoid", units, slot)
        inputs = step.inputs()
        if len(inputs) != 1 or not keeps_values(step):
            break
        slot = inputs[0]
    return Head("none", units)


def is_over_all_units(step: "Step") -> bool:
    """Return whether a softmax runs over all that a step puts out for one image."""
    axis = getattr(step.operation, "axis", -1)
    axes = [axis] if isinstance(axis, int) else list(axis)
    units = axes[0] % len(step.shape) if len(axes) == 1 else 0
    others = [n for place, n in enumerate(step.shape) if place not in (0, units)]
    return units > 0 and set(others) <= {1}
