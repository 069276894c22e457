"""What a layer is told and given, and the one error with which it refuses: settings, shapes, weights that fit."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from app.counting.layers.base import NEUTRAL, NEUTRAL_ENDINGS
from app.counting.symbols import snake_case
from app.scratch.functions import ACTIVATIONS

Array = np.ndarray
Shape = tuple[int, ...]
CHOICES: dict[str, tuple[str, ...]] = {
    "padding": ("valid", "same", "full", "causal"),
    "interpolation": ("nearest", "bilinear"),
    "activation": ACTIVATIONS,
    "rule": ("plain", "guided", "rectified"),
}
"""Words that settings may be, and the rule that a rectifier is given."""


class LayerError(ValueError):
    """A layer was told, or given, what it cannot use; the message names the layer."""


class Told:
    """Settings and their defaults stand in the head of a class; `...` is for those that have to be told.

    >>> class Pool(Told, pool_size=2, strides=None): ...
    >>> Pool(3).settings, Pool(strides=1).pool_size
    ({'pool_size': 3, 'strides': None}, 2)
    """

    takes: ClassVar[dict[str, Any]] = {}
    """Names and defaults, in their order."""

    def __init_subclass__(cls, **takes: Any) -> None:
        """Put the settings of a class before those of the class that it is made from."""
        cls.takes = takes | {name: default for name, default in cls.takes.items() if name not in takes}

    def __init__(self, *values: Any, name: str | None = None, **named: Any) -> None:
        self.name = name
        told = dict(zip(self.takes, values, strict=False)) | named
        unknown = [key for key in told if key not in self.takes and not is_neutral(key, told[key])]
        if unknown:
            raise LayerError(f"{self.kind} with the setting {', '.join(unknown)}: NumPy has no code for it")
        self.settings = {key: _frozen(told.get(key, default)) for key, default in self.takes.items()}
        missing = [key for key, value in self.settings.items() if value is ...]
        if missing or len(values) > len(self.takes):
            what = f"{missing[0]} is missing" if missing else f"{len(values)} are too many"
            raise self.wrong(f"it takes the settings {', '.join(self.takes)}; {what}")
        for key, value in self.settings.items():
            if isinstance(value, str) and value not in CHOICES.get(key, (value,)):
                raise self.wrong(f"{key} must be one of {', '.join(CHOICES[key])}, not {value!r}")
            setattr(self, key, value)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer that Keras' configuration describes; settings that change no value are left out.

        Raises:
            ValueError: it has a setting that NumPy has no code for.
        """
        if "Quantized" in str(config.get("dtype")):
            raise LayerError(f"{cls.__name__} with quantised weights: NumPy has no code for it")
        return cls(**config)

    @property
    def kind(self) -> str:
        """The name of its class, which is Keras' name for it."""
        return type(self).__name__

    def wrong(self, why: object) -> LayerError:
        """Return an error that names the layer."""
        return LayerError(f"layer {self.name or snake_case(self.kind)!r} ({self.kind}): {why}")

    def __getattr__(self, name: str) -> Any:
        """Say that there is no such setting; those that there are have become attributes."""
        raise AttributeError(f"{type(self).__name__} has no {name!r}")


def is_neutral(name: str, value: Any) -> bool:
    """Return whether a setting of Keras' changes no value, or stands at what changes none."""
    is_off = value is None or value is False or (isinstance(value, str) and value == "channels_last")
    return name in NEUTRAL or name.endswith(NEUTRAL_ENDINGS) or is_off


def _frozen(value: Any) -> Any:
    """Return a setting as plain data: tuples for lists, numbers for NumPy's, for a layer what Keras writes of it."""
    if isinstance(value, Told):
        return {"class_name": value.kind, "config": value.settings}
    value = value.tolist() if hasattr(value, "tolist") else value
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


class Checked(Told):
    """What is given to `forward` is checked, and every error in it names the layer.

    A class says in its head how many axes an input has; None where any number will do.
    """

    rank: ClassVar[int] = 0
    """Axes of an input, without the batch's; 0 where any number will do."""
    arity: ClassVar[tuple[int, int]] = (1, 1)
    """Fewest and most inputs."""
    weights: dict[str, Array]

    def __init_subclass__(cls, rank: int = 0, **takes: Any) -> None:
        """Put the check before `forward`."""
        super().__init_subclass__(**takes)
        cls.rank = rank or cls.rank
        if "forward" in cls.__dict__:
            setattr(cls, "forward", checked(cls.__dict__["forward"]))  # noqa: B010

    def __init__(self, *values: Any, **named: Any) -> None:
        self.known_shapes: set[tuple[Shape, ...]] = set()
        super().__init__(*values, **named)

    def check(self, *shapes: Shape) -> None:
        """Refuse inputs that the layer cannot read; draw its weights if that was not done before."""
        if not self.arity[0] <= len(shapes) <= self.arity[1]:
            raise self.wrong(f"expected {self.arity[0]} input(s), not {len(shapes)}")
        if self.rank and {len(shape) for shape in shapes} != {self.rank}:
            raise self.wrong(f"expected {self.rank} axes behind the batch's, not the shape {shapes[0]}")
        wanted = self.weight_shapes(*shapes)
        for name, shape in wanted.items():
            if not all(isinstance(n, int) and n > 0 for n in shape):
                raise self.wrong(f"{name} would have the shape {shape}")
        if wanted and not self.weights:
            self.build(*shapes)
        has = {name: array.shape for name, array in self.weights.items()}
        if has != wanted:
            raise self.wrong(f"its weights are {has}; an input of shape {shapes[0]} needs {wanted}")


def checked(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Return `forward` with the check before it; `training` is handed on if it asks for that."""
    takes_training = "training" in inspect.signature(forward).parameters

    @functools.wraps(forward)
    def wrapped(self: Any, *inputs: Array, training: bool = False, **rule: Any) -> Any:
        shapes = tuple([x.shape[1:] for x in inputs])
        try:
            if shapes not in self.known_shapes:
                self.check(*shapes)
                self.known_shapes.add(shapes)
            if rule.get("rule", "plain") not in CHOICES["rule"]:
                raise self.wrong(f"rule must be one of {', '.join(CHOICES['rule'])}, not {rule['rule']!r}")
            more = {**rule, "training": training} if takes_training else rule
            return forward(self, *inputs, **more)
        except ValueError as error:
            raise (error if isinstance(error, LayerError) else self.wrong(error)) from error

    return wrapped
