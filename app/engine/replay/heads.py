"""The head of a classifier: the softmax or sigmoid that turns logits into probabilities."""

import keras

from app.engine.replay.rectifiers import activation_name
from app.engine.replay.steps import Head, Slot, Step

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


def keeps_values(step: Step) -> bool:
    """Return whether a step only changes the shape or the type of what it is given."""
    operation = step.operation
    kind = type(operation).__name__
    if isinstance(operation, SHAPE_ONLY) or activation_name(operation) == "linear":
        return True
    if kind.startswith("Global") and kind.endswith(("Pooling1D", "Pooling2D")):
        return set(step.input_shape[1:-1]) == {1}
    return type(operation).__module__.startswith("keras.src.ops") and kind in SHAPE_OPERATIONS


def keeps_pixels(step: Step) -> bool:
    """Return whether a step keeps all values in their order, and only gives them another shape or other values."""
    return keeps_values(step) or type(step.operation).__name__ in ("Rescaling", "Normalization")


def find_head(steps: list[Step], output: Slot, axis: int | None = None) -> Head:
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
        name = activation_name(step.operation)
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
    over = getattr(step.operation, "axis", -1)
    axes = [over] if isinstance(over, int) else list(over)
    units = axes[0] % len(step.shape) if len(axes) == 1 else 0
    if axis is not None:
        return units > 0 and units in (axis % len(step.shape), len(step.shape) - 1)
    others = [n for place, n in enumerate(step.shape) if place not in (0, units)]
    return units > 0 and set(others) <= {1}
