"""Symbols: what stands on the chalkboard for a tensor, one for each call of a layer."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.counting.axes import MAX_SIZE
from app.counting.fields import Field
from app.counting.rows import Row, Shape

LARGEST_SIZE = 1 << 40
"""Sizes from here on are taken for damage."""

_order = itertools.count()


@dataclass(eq=False)
class Symbol:
    """What one call of a layer leaves on the board."""

    row: Row
    parents: tuple["Symbol", ...] = ()
    layer: Any = None
    """The layer that was called; None for an input."""
    fields: Mapping[str, Field | None] = field(default_factory=dict)
    """The receptive field in each image that the symbol depends on; None where it is not known."""
    order: int = field(default_factory=lambda: next(_order))

    @property
    def shape(self) -> Shape:
        """The shape, without the batch axis."""
        return self.row.output_shape


def make_input(shape: Sequence[int], name: str = "input_layer") -> Symbol:
    """Return the symbol of an input of `shape`, which is without the batch axis.

    Raises:
        ValueError: a size is missing: arithmetic needs every one of them.
    """
    shape = tuple(shape)
    if None in shape:
        raise ValueError(f"the input shape {shape} leaves a size open; a count needs all of them")
    if not all(type(n) is int and n < LARGEST_SIZE for n in shape):
        raise ValueError(f"the input shape must be made of whole numbers, not {str(shape)[:80]}")
    if min(shape, default=1) < 1:
        raise ValueError(f"the input shape {shape} must be above zero everywhere")
    is_image = len(shape) > 1 and max(shape[:-1]) <= MAX_SIZE
    fields = {name: Field.of_image(shape[:-1])} if is_image else {}
    return Symbol(Row(name, "InputLayer", shape, fields=fields), fields=fields)


def snake_case(kind: str) -> str:
    """Return the name that Keras gives a layer without one: `max_pooling2d` for MaxPooling2D."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
