"""Layers that put the same values into another shape."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting.count import product_count
from app.counting.fields import Field
from app.counting.layers.base import Layer, same_everywhere
from app.counting.rows import Shape, shape_text


class Flatten(Layer):
    """The map as one vector, row by row, channels innermost; each value sees what its cell saw."""

    keeps_field = False
    is_linear = keeps_values = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the one axis h·w·c."""
        return (product_count(*inputs[0]),)


class Reshape(Layer):
    """The values in another shape; one −1 stands for what is left."""

    keeps_field = False
    is_linear = keeps_values = True

    def __init__(self, target_shape: Sequence[int], **common: Any) -> None:
        super().__init__(**common)
        self.target_shape = tuple(target_shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the target, its −1 worked out.

        Raises:
            ValueError: the values do not fill it.
        """
        values, known = math.prod(inputs[0]), math.prod(n for n in self.target_shape if n != -1)
        free = self.target_shape.count(-1)
        if free > 1 or known == 0 or values % known or (not free and values != known):
            raise ValueError(f"{values:,} values do not fill the shape {self.target_shape}")
        return tuple(values // known if n == -1 else n for n in self.target_shape)

    def settings(self) -> str:
        """Return the target."""
        return f"to {shape_text(self.target_shape)}"


class Permute(Layer):
    """The axes in another order, counted from 1."""

    keeps_field = False
    is_linear = keeps_values = True

    def __init__(self, dims: Sequence[int], **common: Any) -> None:
        super().__init__(**common)
        self.dims = tuple(dims)

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the sizes in their new order.

        Raises:
            ValueError: `dims` is no order of the axes.
        """
        if sorted(self.dims) != list(range(1, len(inputs[0]) + 1)):
            raise ValueError(f"dims {self.dims} is no order of {len(inputs[0])} axes")
        return tuple(inputs[0][d - 1] for d in self.dims)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Keep the field while the axes stay in their places; otherwise it is not known."""
        field = fields[0]
        if field is None or self.dims == tuple(range(1, len(shapes[0]) + 1)):
            return field
        return same_everywhere(field)

    def settings(self) -> str:
        """Return the order."""
        return f"order {', '.join(map(str, self.dims))}"


class RepeatVector(Layer):
    """The vector, n times one after the other."""

    keeps_field = False
    is_linear = True

    def __init__(self, n: int, **common: Any) -> None:
        super().__init__(**common)
        self.n = n

    def output_shape(self, *inputs: Shape) -> Shape:
        """Put n in front."""
        if len(inputs[0]) != 1:
            raise ValueError(f"RepeatVector takes a vector, not the shape {inputs[0]}")
        return (self.n, *inputs[0])

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Each copy sees all that the vector saw."""
        return fields[0] and fields[0].collapse()

    def settings(self) -> str:
        """Return how often."""
        return f"{self.n} times"
