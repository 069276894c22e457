"""Softmax, sigmoid and ReLU written out in smaller operations, found and put into one step each.

exp(z) / Σ exp(z), with or without its maximum taken off first, is a softmax; where(x > 0, x, 0) is a ReLU.
A map must not depend on which of them was written.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from app.engine.replay.rectifiers import activation_name
from app.engine.replay.steps import KerasStep
from app.program.heads import is_over_units
from app.program.steps import Slot

Found = tuple[Slot, str]
"""What an idiom works on, and the activation that it spells."""


def put_together(steps: list[KerasStep]) -> list[KerasStep]:
    """Return the steps with the last operation of every idiom replaced by the activation it spells."""
    finder = _Finder()
    for step in steps:
        finder.add(step)
    return finder.steps


class _Finder:
    """Looks back from a step to those that it reads."""

    def __init__(self) -> None:
        self.steps: list[KerasStep] = []
        self._filled: dict[Slot, KerasStep] = {}

    def add(self, step: KerasStep) -> None:
        """Add a step, or the activation that it completes."""
        found = self._find(step)
        if found is not None:
            source, activation = found
            layer = keras.layers.Activation(activation, autocast=False)
            step = replace(step, operation=layer, arguments=(source,), keywords={}, input_shape=step.shape)
        self.steps.append(step)
        self._filled.update(dict.fromkeys(step.outputs, step))

    def _find(self, step: KerasStep) -> Found | None:
        finders: dict[str, Callable[[KerasStep], Found | None]] = {
            "Divide": self._of_quotient,
            "TrueDivide": self._of_quotient,
            "Reciprocal": self._of_quotient,
            "Subtract": self._log_softmax,
            "Log": self._log_softmax,
            "Exp": self._softmax_of_its_log,
            "Where": self._relu,
            "Multiply": self._relu,
        }
        find = finders.get(_kind(step))
        return find(step) if find is not None else None

    def _of_quotient(self, step: KerasStep) -> Found | None:
        """exp(z) / Σ exp(z), or 1 / (1 + exp(−z))."""
        above, below = [1.0, *_values(step)] if _kind(step) == "Reciprocal" else _two(step)
        top, bottom = self._made_by(above, "Exp"), self._made_by(below, "Sum")
        if top and bottom and _values(bottom)[0] == above and _keeps_units(bottom, top):
            return self._without_maximum(_values(top)[0]), "softmax"
        bottom = self._made_by(below, "Add")
        if bottom and _is_number(above, 1) and any(_is_number(v, 1) for v in _values(bottom)):
            power = self._made_by(_other(bottom, 1), "Exp")
            negative = self._made_by(_values(power)[0], "Negative") if power else None
            return (_values(negative)[0], "sigmoid") if negative else None
        return None

    def _log_softmax(self, step: KerasStep) -> Found | None:
        """log(softmax(z)), or z − log Σ exp(z)."""
        if _kind(step) == "Log":
            inner = self._filled.get(_values(step)[0])
            is_softmax = inner is not None and activation_name(inner.operation) == "softmax"
            if inner is None or not is_softmax or not is_over_units(inner, None):
                return None
            return inner.inputs()[0], "log_softmax"
        score, total = _two(step)
        summed = self._made_by(total, "Logsumexp")
        if summed and _values(summed)[0] == score and _keeps_units(summed, step):
            return self._without_maximum(score), "log_softmax"
        return None

    def _softmax_of_its_log(self, step: KerasStep) -> Found | None:
        inner = self._filled.get(_values(step)[0])
        if inner is None or activation_name(inner.operation) != "log_softmax":
            return None
        return (inner.inputs()[0], "softmax") if is_over_units(inner, None) else None

    def _relu(self, step: KerasStep) -> Found | None:
        """where(x > 0, x, 0), or x · (x > 0)."""
        values = _values(step)
        if _kind(step) == "Where":
            condition, kept, otherwise = [*values, None, None][:3]
            is_relu = _is_number(otherwise, 0) and self._positive(condition) == kept
            return (kept, "relu") if is_relu and isinstance(kept, Slot) else None
        for mask, kept in (values, values[::-1]) if len(values) == 2 else ():
            if isinstance(kept, Slot) and self._positive(mask) == kept:
                return kept, "relu"
        return None

    def _positive(self, mask: Any) -> Any:
        """Return x if the mask is x > 0, as truth values or as numbers."""
        cast = self._made_by(mask, "Cast")
        key = _values(cast)[0] if cast else mask
        test = self._filled.get(key) if isinstance(key, Slot) else None
        if test is None:
            return None
        values = _values(test)
        if _kind(test) in ("Greater", "GreaterEqual") and _is_number(values[1], 0):
            return values[0]
        if _kind(test) in ("Less", "LessEqual") and _is_number(values[0], 0):
            return values[1]
        return None

    def _without_maximum(self, slot: Slot) -> Slot:
        """Return z where a slot holds z − max z, which no softmax sees."""
        step = self._made_by(slot, "Subtract")
        if step is None:
            return slot
        score, highest = _two(step)
        stopped = self._made_by(highest, "StopGradient")
        top = self._made_by(_values(stopped)[0] if stopped else highest, "Max")
        is_maximum = top is not None and _values(top)[0] == score and _keeps_units(top, step)
        return score if is_maximum and isinstance(score, Slot) else slot

    def _made_by(self, value: Any, kind: str) -> KerasStep | None:
        step = self._filled.get(value) if isinstance(value, Slot) else None
        return step if step is not None and _kind(step) == kind else None


def _kind(step: KerasStep) -> str:
    """Return the name of an operation of `keras.ops`; "" for a layer."""
    module = type(step.operation).__module__
    return type(step.operation).__name__ if module.startswith("keras.src.ops") else ""


def _values(step: KerasStep) -> list[Any]:
    return [*step.arguments, *(step.keywords[k] for k in sorted(step.keywords))]


def _two(step: KerasStep) -> list[Any]:
    values = _values(step)
    return values if len(values) == 2 else [None, None]


def _other(step: KerasStep, number: float) -> Any:
    return next((v for v in _values(step) if not _is_number(v, number)), None)


def _is_number(value: Any, number: float) -> bool:
    """Return whether an argument is this number, or an array of nothing else."""
    if isinstance(value, Slot) or not isinstance(value, (int, float, np.ndarray, np.generic)):
        return False
    return bool(np.all(np.asarray(value) == number))


def _keeps_units(reduction: KerasStep, step: KerasStep) -> bool:
    """Return whether a sum or maximum runs over all units of what `step` puts out, one an image."""
    axis = reduction.operation.axis
    axes = [axis] if isinstance(axis, int) else list(axis or [])
    rank = len(step.shape)
    return bool(reduction.operation.keepdims) and [a % rank for a in axes] == [1] and rank == 2
