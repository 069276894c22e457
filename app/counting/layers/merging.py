"""Layers that make one map of several."""

from collections.abc import Sequence
from typing import Any

from app.counting.fields import Field
from app.counting.layers.base import Layer, UnsupportedLayerError
from app.counting.rows import Shape


class Add(Layer):
    """The sum of several maps of one shape, value by value."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape that all inputs share."""
        if len(set(inputs)) > 1:
            raise ValueError(f"Add takes maps of one shape, not {', '.join(map(str, inputs))}")
        return inputs[0]

    def field(self, shape: Shape, *fields: Field) -> Field:  # noqa: ARG002
        """Return the union over the inputs."""
        return merge_fields(fields)


class Concatenate(Layer):
    """Several maps of one size, stacked along the channels."""

    def __init__(self, axis: int = -1, **common: Any) -> None:
        self.axis = axis
        super().__init__(**common)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Add up the channels."""
        if self.axis not in (-1, len(inputs[0])):
            raise UnsupportedLayerError(f"Concatenate along axis {self.axis}, not the last")
        if len({shape[:-1] for shape in inputs}) > 1:
            raise ValueError(f"Concatenate takes maps of one size, not {inputs}")
        return (*inputs[0][:-1], sum(shape[-1] for shape in inputs))

    def field(self, shape: Shape, *fields: Field) -> Field:  # noqa: ARG002
        """Return the union over the inputs."""
        return merge_fields(fields)


def merge_fields(fields: Sequence[Field]) -> Field:
    """Return the union of several fields."""
    merged = fields[0]
    for other in fields[1:]:
        merged = merged.merge(other)
    return merged
