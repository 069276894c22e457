"""Marks: the symbolic tensors of the chalkboard, one for each call of a layer."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.counting.axes import MAX_SIZE
from app.counting.count import NONE
from app.counting.fields import Field
from app.counting.rows import Row, Shape, Weight, shape_text

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
    fields: Mapping[str, Field | None] = field(default_factory=dict)
    """The receptive field in each image that the mark depends on; None where it is not known."""
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
    if not all(type(n) is int and n < 1 << 40 for n in shape):
        raise ValueError(f"the input shape must be made of whole numbers, not {str(shape)[:80]}")
    if min(shape, default=1) < 1:
        raise ValueError(f"the input shape {shape} must be above zero everywhere")
    is_image = len(shape) > 1 and max(shape[:-1]) <= MAX_SIZE
    fields = {name: Field.of_image(shape[:-1])} if is_image else {}
    return Mark(Row(name, "InputLayer", shape, fields=fields), fields=fields)


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
    if not all(mark.row.is_shape_known for mark in inputs):
        return _apply_blindly(layer, inputs, name)
    try:
        shapes = [channels_last(layer, mark.shape) for mark in inputs]
        output = layer.output_shape(*shapes)
        if layer.is_shape_known and min(output, default=1) < 1:
            raise ValueError(f"nothing is left of {_say(shapes)}: the output would be {_say([output])}")
        trainable, non_trainable = layer.trainable(*shapes), layer.non_trainable(*shapes)
        if not layer.is_trained:
            trainable, non_trainable = NONE, trainable.plus(non_trainable)
        fields = _read_fields(layer, inputs, shapes, max(output[:-1], default=1) > MAX_SIZE)
        row = Row(
            name,
            layer.kind,
            (output[-1], *output[:-1]) if layer.channels_first and len(output) > 1 else output,
            trainable=trainable,
            non_trainable=non_trainable,
            multiply_accumulates=layer.multiply_accumulates(*shapes),
            connections=layer.connections(*shapes),
            weights=tuple(
                Weight(weight.name, weight.shape, weight.is_trained and layer.is_trained)
                for weight in layer.weights(*shapes)
            ),
            input_shapes=tuple(mark.shape for mark in inputs),
            inputs=tuple(mark.row.name for mark in inputs),
            settings=layer.settings(),
            arguments=layer.arguments,
            fields={image: field for image, field in fields.items() if field is not None},
            value_bytes=layer.value_bytes,
            unknown=layer.unknown,
            is_weighed=layer.is_weighed,
            is_shape_known=layer.is_shape_known,
        )
    except ValueError as error:
        raise type(error)(f"layer {name!r} ({layer.kind}): {error}") from error
    return Mark(row, tuple(inputs), layer, fields)


def _apply_blindly(layer: "Layer", inputs: Sequence[Mark], name: str) -> Mark:
    """Return the mark of a call whose input's shape is not known: nothing can be worked out."""
    row = Row(
        name,
        layer.kind,
        (),
        inputs=tuple(mark.row.name for mark in inputs),
        settings=layer.settings(),
        arguments=layer.arguments,
        unknown="the shape of its input is not known",
        is_weighed=False,
        is_shape_known=False,
    )
    fields = {image: None for mark in inputs for image in mark.fields}
    return Mark(row, tuple(inputs), layer, fields)


def channels_last(layer: "Layer", shape: Shape) -> Shape:
    """Return an input's shape with the channels at the end, where `layer` takes them first."""
    return (*shape[1:], shape[0]) if layer.channels_first and len(shape) > 1 else shape


def _read_fields(
    layer: "Layer", inputs: Sequence[Mark], shapes: Sequence[Shape], is_too_large: bool
) -> dict[str, Field | None]:
    """Return the field of the output in each image that an input depends on."""
    fields: dict[str, Field | None] = {}
    for image in dict.fromkeys(image for mark in inputs for image in mark.fields):
        known = [
            _turn(layer, mark, shape, mark.fields.get(image))
            for mark, shape in zip(inputs, shapes, strict=True)
        ]
        lost = is_too_large or any(
            image in mark.fields and field is None for mark, field in zip(inputs, known, strict=True)
        )
        fields[image] = None if lost else layer.field(shapes, known)
    return fields


def _turn(layer: "Layer", mark: Mark, shape: Shape, field: Field | None) -> Field | None:
    """Return a field as a channels-first layer reads it.

    An image is taken to have its channels last until a layer says otherwise; then its axes are the
    ones behind the channels.
    """
    if field is None or not layer.channels_first or field.cells == tuple(shape[:-1]):
        return field
    untouched = field == Field.of_image(mark.shape[:-1])
    return Field.of_image(shape[:-1]) if untouched else field


def _say(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(shape_text, shapes))
