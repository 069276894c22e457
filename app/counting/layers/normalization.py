"""Normalisation: values shifted and scaled by statistics."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting import formulas
from app.counting.count import NONE, Count
from app.counting.layers.base import Layer
from app.counting.layers.shapes import OverAxes, find_axis
from app.counting.rows import Shape, Weight


class BatchNormalization(Layer):
    """Each channel shifted and scaled: γ·(x − mean) / √(variance + ε) + β."""

    family = "Normalization"
    is_linear = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,  # noqa: ARG002
        epsilon: float = 1e-3,  # noqa: ARG002
        center: bool = True,
        scale: bool = True,
        renorm: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.axis = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis
        self.center, self.scale, self.renorm = center, scale, renorm

    def _channels(self, shape: Shape) -> int:
        return shape[find_axis(self.axis, shape, self.kind)]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return γ, β and the moving mean and variance, one number a channel each."""
        shape = (self._channels(inputs[0]),)
        trained = [name for name, on in (("gamma", self.scale), ("beta", self.center)) if on]
        kept = ["moving_mean", "moving_variance"]
        kept += ["moving_stddev", "renorm_mean", "renorm_stddev"] if self.renorm else []
        return (
            *(Weight(name, shape) for name in trained),
            *(Weight(name, shape, is_trained=False) for name in kept),
        )

    def trainable(self, *inputs: Shape) -> Count:
        """Return γ and β: 2·c."""
        channels = self._channels(inputs[0])
        return formulas.batch_normalization_parameters(channels, self.center, self.scale)[0]

    def settings(self) -> str:
        """Return what is left out."""
        off = [f"no {what}" for what, on in (("scale", self.scale), ("center", self.center)) if not on]
        return ", ".join(off)


class _Normalizing(OverAxes):
    """What the layers share that take their statistics from the input itself."""

    family = "Normalization"
    is_taught = False

    def normalized_shape(self, shape: Shape) -> Shape:
        """Return the sizes of the normalised axes."""
        return tuple(shape[axis] for axis in OverAxes.mixed(self, shape))


class UnitNormalization(_Normalizing):
    """Each position divided by its length over the channels."""


class RMSNormalization(_Normalizing):
    """Each position divided by the root of its mean square over the channels, and scaled."""

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the scale, of the sizes of the normalised axes."""
        return (Weight("scale", self.normalized_shape(inputs[0])),)


class _Scaled(_Normalizing):
    """What the layers with a learned scale and centre share."""

    def __init__(self, axis: Any = -1, center: bool = True, scale: bool = True, **common: Any) -> None:
        super().__init__(axis, **common)
        self.center, self.scale = center, scale

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return γ and β, each of the sizes of the normalised axes."""
        shape = self.normalized_shape(inputs[0])
        names = [name for name, on in (("gamma", self.scale), ("beta", self.center)) if on]
        return tuple(Weight(name, shape) for name in names)

    def settings(self) -> str:
        """Return the axes, if not the last, and what is left out."""
        off = [f"no {w}" for w, on in (("scale", self.scale), ("center", self.center)) if not on]
        return ", ".join(filter(None, [super().settings(), *off]))


class LayerNormalization(_Scaled):
    """Each position shifted and scaled by its own mean and variance over the channels."""


class GroupNormalization(_Scaled):
    """Each group of channels shifted and scaled by its mean and variance over the whole map."""

    keeps_field = False

    def __init__(self, groups: int = 32, axis: Any = -1, **scaling: Any) -> None:
        super().__init__(axis, **scaling)
        self.groups = groups

    def output_shape(self, *inputs: Shape) -> Shape:
        """Keep the shape.

        Raises:
            ValueError: the groups do not divide the channels.
        """
        (channels,) = self.normalized_shape(inputs[0])
        groups = channels if self.groups == -1 else self.groups
        if groups < 1 or channels % groups:
            raise ValueError(f"{self.groups} groups do not divide {channels} channels")
        return inputs[0]

    def mixed(self, shape: Shape) -> Sequence[int]:
        """Return all axes: the statistics are taken over the whole map."""
        return range(len(shape))

    def settings(self) -> str:
        """Return the groups."""
        return ", ".join(filter(None, [f"{self.groups} groups", super().settings()]))


class Normalization(Layer):
    """(x − mean) / √variance with fixed figures, from the data or from the settings."""

    family = "Normalization"
    is_linear = True
    is_taught = False

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **common: Any
    ) -> None:
        super().__init__(**common)
        axes = () if axis is None else axis
        self.axes = tuple(axes) if isinstance(axes, list | tuple) else (axes,)
        self.is_given, self.variance, self.invert = mean is not None, variance, invert

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return mean and variance, and how many examples they came from; nothing if they are given."""
        if self.is_given:
            return ()
        indices = sorted(find_axis(axis, inputs[0], self.kind) for axis in self.axes)
        shape = tuple(inputs[0][i] for i in indices)
        kept = [Weight(name, shape, is_trained=False) for name in ("mean", "variance")]
        return (*kept, Weight("count", (), is_trained=False))

    def non_trainable(self, *inputs: Shape) -> Count:
        """Return 2·c + 1: mean and variance of each channel, and the number of examples."""
        if not self.weights(*inputs):
            return NONE
        size = math.prod(self.weights(*inputs)[0].shape)
        return Count(2 * size + 1, f"2·{size:,} + 1")
