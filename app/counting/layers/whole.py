"""Layers that read a whole map or vector at once."""

import math
from typing import Any

from app.counting import formulas
from app.counting.count import Count
from app.counting.fields import Field
from app.counting.layers.base import Layer, spatial
from app.counting.rows import Shape


class GlobalPooling(Layer):
    """One value a channel."""

    def __init__(self, keepdims: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.keepdims = keepdims

    def output_shape(self, *inputs: Shape) -> Shape:
        """Keep the channels; with `keepdims` as a 1×1 map."""
        *_, channels = spatial(inputs[0], self.kind)
        return (1, 1, channels) if self.keepdims else (channels,)

    def field(self, shape: Shape, *fields: Field) -> Field:  # noqa: ARG002
        """Return the field of one cell that reads the whole map."""
        return fields[0].collapse()


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel."""


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel."""


class Flatten(Layer):
    """The map as one vector, row by row, channels innermost; each value sees what its cell saw."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the one axis h·w·c."""
        return (math.prod(inputs[0]),)


class Dense(Layer):
    """Fully connected along the last axis; on a map it works at each position separately."""

    def __init__(
        self, units: int, activation: Any = None, use_bias: bool = True, **common: Any  # noqa: ARG002
    ) -> None:  # fmt: skip
        super().__init__(**common)
        self.units, self.use_bias = units, use_bias

    def output_shape(self, *inputs: Shape) -> Shape:
        """Replace the last axis by the units."""
        return (*inputs[0][:-1], self.units)

    def trainable(self, *inputs: Shape) -> Count:
        """Return (n + 1)·u."""
        return formulas.dense_parameters(inputs[0][-1], self.units, self.use_bias)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return n·u at each position."""
        *positions, inputs_last = inputs[0]
        return formulas.dense_multiply_accumulates(inputs_last, self.units, math.prod(positions))

    def field(self, shape: Shape, *fields: Field) -> Field:
        """Return the whole image behind a vector, the cell's own field behind a map."""
        return fields[0].collapse() if len(shape) == 1 else fields[0]
