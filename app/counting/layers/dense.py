"""Fully connected layers, and tables that are looked up."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting import formulas
from app.counting.count import Count
from app.counting.fields import Field
from app.counting.layers.base import Layer, positive, with_biases
from app.counting.rows import Shape, Weight


class Dense(Layer):
    """Fully connected along the last axis; on a map it works at each position separately."""

    keeps_field = False
    is_linear = is_weighted = True

    def __init__(
        self,
        units: int,
        activation: Any = None,  # noqa: ARG002
        use_bias: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.units, self.use_bias = units, use_bias
        positive((units,), "units")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Replace the last axis by the units."""
        if not inputs[0]:
            raise ValueError("Dense takes at least a vector")
        return (*inputs[0][:-1], self.units)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return a kernel of n·u and a bias of u."""
        bias = (Weight("bias", (self.units,)),) if self.use_bias else ()
        return Weight("kernel", (inputs[0][-1], self.units)), *bias

    def trainable(self, *inputs: Shape) -> Count:
        """Return (n + 1)·u."""
        return formulas.dense_parameters(inputs[0][-1], self.units, self.use_bias)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return n·u at each position."""
        *positions, inputs_last = inputs[0]
        return formulas.dense_multiply_accumulates(inputs_last, self.units, math.prod(positions))

    def connections(self, *inputs: Shape) -> Count:
        """Return the multiply-accumulates, and one bias for each value that comes out."""
        return with_biases(self.multiply_accumulates(*inputs), self.output_shape(*inputs), self.use_bias)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the whole image behind a vector, the cell's own field behind a map."""
        return fields[0] and (fields[0].collapse() if len(shapes[0]) == 1 else fields[0])

    def settings(self) -> str:
        """Return the units."""
        return f"{self.units:,} unit{'' if self.units == 1 else 's'}" + ("" if self.use_bias else ", no bias")


class Embedding(Layer):
    """A table with one vector for each of `input_dim` whole numbers."""

    keeps_field = False

    def __init__(self, input_dim: int, output_dim: int, **settings: Any) -> None:
        super().__init__(settings.get("name"))
        self.input_dim, self.output_dim = input_dim, output_dim

    def output_shape(self, *inputs: Shape) -> Shape:
        """Put the vector behind each number."""
        return (*inputs[0], self.output_dim)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002
        """Return the table, d_in·d_out."""
        return (Weight("embeddings", (self.input_dim, self.output_dim)),)

    def settings(self) -> str:
        """Return the size of the table."""
        return f"{self.input_dim:,} vectors of {self.output_dim:,}"
