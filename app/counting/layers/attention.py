"""Attention: every position reads every other one."""

import math
from collections.abc import Sequence
from typing import Any

from app.counting.count import Count, product
from app.counting.fields import Field
from app.counting.layers.base import Layer, UnsupportedLayerError
from app.counting.layers.merging import unite_fields
from app.counting.rows import Shape, Weight


class MultiHeadAttention(Layer):
    """Softmax(Q·Kᵀ/√d)·V in several heads, between learned projections.

    Called on query and value, and on the key where it is not the value.
    Source: Vaswani et al., Attention Is All You Need, 2017, §3.2.
    """

    keeps_field = False

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        use_bias: bool = True,
        output_shape: Any = None,
        **settings: Any,
    ) -> None:
        super().__init__(settings.get("name"))
        special = [key for key in ("attention_axes", "sliding_window", "use_gate") if settings.get(key)]
        if special or (isinstance(output_shape, list | tuple) and len(output_shape) != 1):
            raise UnsupportedLayerError(f"MultiHeadAttention with {', '.join(special) or output_shape}")
        self.num_heads, self.key_dim, self.use_bias = num_heads, key_dim, use_bias
        self.value_dim = value_dim or key_dim
        self.wanted = output_shape[0] if isinstance(output_shape, list | tuple) else output_shape

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the query's shape, its last axis replaced by the wanted size, if there is one."""
        return (*inputs[0][:-1], self.wanted or inputs[0][-1])

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the projections of query, key, value and output, each with its bias."""
        query, value, key = self._three(inputs)
        heads, out = self.num_heads, self.output_shape(*inputs)[-1]
        projections = (
            ("query", (query[-1], heads, self.key_dim), (heads, self.key_dim)),
            ("key", (key[-1], heads, self.key_dim), (heads, self.key_dim)),
            ("value", (value[-1], heads, self.value_dim), (heads, self.value_dim)),
            ("attention_output", (heads, self.value_dim, out), (out,)),
        )
        weights = []
        for name, kernel, bias in projections:
            weights.append(Weight(f"{name} kernel", kernel))
            weights += [Weight(f"{name} bias", bias)] if self.use_bias else []
        return tuple(weights)

    def _three(self, inputs: Sequence[Shape]) -> tuple[Shape, Shape, Shape]:
        if len(inputs) not in (2, 3):
            raise ValueError(f"MultiHeadAttention takes query, value and key, not {len(inputs)} inputs")
        return inputs[0], inputs[1], inputs[-1]

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return the four projections at each position, and h·d for each pair of positions, twice."""
        query, value, key = self._three(inputs)
        asked, read = math.prod(query[:-1]), math.prod(value[:-1])
        heads, out = self.num_heads, self.output_shape(*inputs)[-1]
        terms = (
            (asked, query[-1], heads, self.key_dim),
            (read, key[-1], heads, self.key_dim),
            (read, value[-1], heads, self.value_dim),
            (asked, read, heads, self.key_dim),
            (asked, read, heads, self.value_dim),
            (asked, heads, self.value_dim, out),
        )
        working = " + ".join(product(*term) for term in terms)
        return Count(sum(math.prod(term) for term in terms), working)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return everything that any position of any input saw."""
        return unite_fields([field.collapse() for field in fields if field is not None])

    def settings(self) -> str:
        """Return heads and sizes."""
        return f"{self.num_heads} heads of {self.key_dim}" + ("" if self.use_bias else ", no bias")
