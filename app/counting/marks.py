"""Marks: the symbolic tensors of the chalkboard, one for each call of a layer."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.counting.count import NONE
from app.counting.fields import Axis, Field
from app.counting.rows import Row, Shape

if TYPE_CHECKING:
    from app.counting.layers.base import Layer

_order = itertools.count()


@dataclass(eq=False)
class Mark:
    """What one call of a layer leaves on the board."""

    row: Row
    parents: tuple["Mark", ...] = ()
    layer: "Layer | None" = None
    """The layer that was called; None for an input."""
    order: int = field(default_factory=lambda: next(_order))

    @property
    def shape(self) -> Shape:
        """The shape, without the batch axis."""
        return self.row.output_shape


def make_input(shape: Sequence[int], name: str = "input_layer") -> Mark:
    """Return the mark of an input of `shape`, which is without the batch axis.

    Raises:
        ValueError: a size is missing: arithmetic needs every one of them.
    """
    shape = tuple(shape)
    if None in shape:
        raise ValueError(f"the input shape {shape} leaves a size open; a count needs all of them")
    image = {name: Field(tuple(Axis.of_image(n) for n in shape[:-1]))} if len(shape) == 3 else {}
    return Mark(Row(name, "InputLayer", shape, fields=image))


def snake_case(kind: str) -> str:
    """Return the name that Keras gives a layer without one: `max_pooling2d` for MaxPooling2D."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def apply_layer(layer: "Layer", inputs: Sequence[Mark], name: str = "") -> Mark:
    """Return the mark that `layer` makes of `inputs`, its row worked out.

    Raises:
        ValueError: the input does not fit; the message names the layer.
    """
    name = name or layer.name or snake_case(layer.kind)
    shapes = [mark.shape for mark in inputs]
    fields = [mark.row.field for mark in inputs if mark.row.field is not None]
    try:
        shape = layer.output_shape(*shapes)
        trainable, non_trainable = layer.trainable(*shapes), layer.non_trainable(*shapes)
        if not layer.is_trained:
            trainable, non_trainable = NONE, trainable.plus(non_trainable)
        row = Row(
            name,
            layer.kind,
            shape,
            trainable=trainable,
            non_trainable=non_trainable,
            multiply_accumulates=layer.multiply_accumulates(*shapes),
            input_shapes=tuple(shapes),
            inputs=tuple(mark.row.name for mark in inputs),
            fields={"image": layer.field(shapes[0], *fields)} if fields else {},
        )
    except ValueError as error:
        raise type(error)(f"layer {name!r} ({layer.kind}): {error}") from error
    return Mark(row, tuple(inputs), layer)
