"""What every layer of the chalkboard answers."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from app.counting.axes import MAX_SIZE, Taps
from app.counting.count import NONE, Count, product, product_count
from app.counting.fields import Field
from app.counting.rows import Row, Shape, Weight, shape_text
from app.counting.symbols import LARGEST_SIZE, Symbol, snake_case

Size = int | Sequence[int]

NEUTRAL = set(
    "trainable dtype batch_input_shape epsilon momentum synchronized autocast build_config renorm_clipping "
    "renorm_momentum fill_mode fill_value seed".split()
)
NEUTRAL_ENDINGS = ("_initializer", "_regularizer", "_constraint")
"""Settings of Keras' layers that change no shape, count or field."""


class UnsupportedLayerError(ValueError):
    """The chalkboard has no formula for a layer; it is named, never counted as zero."""


def is_size(value: object) -> bool:
    """Return whether a value can be a size: a whole number that is not absurd."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_SIZE


def spread(size: Size, rank: int) -> tuple[int, ...]:
    """Return `size` for each of `rank` axes: 3 stands for (3, 3).

    Raises:
        ValueError: there are not `rank` of them, or one is not a whole number.
    """
    sizes = (size,) * rank if isinstance(size, int) else tuple(size)
    if len(sizes) != rank or not all(is_size(n) for n in sizes):
        raise ValueError(f"expected a whole number or {rank} of them, not {size!r}")
    return sizes


def positive(sizes: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return `sizes`, all of which must be above zero.

    Raises:
        ValueError: one is not.
    """
    if not all(is_size(n) for n in sizes):
        raise ValueError(f"{name} must be a whole number below {LARGEST_SIZE:,}, not {sizes}"[:200])
    if min(sizes) < 1:
        raise ValueError(f"{name} must be at least 1, not {min(sizes)}")
    return sizes


class Layer:
    """A layer that changes neither shape nor field and stores nothing; the others say what differs.

    Shapes that come in are without the batch axis and channels last, also where the layer was told
    `data_format="channels_first"`: `apply_layer` turns them.
    """

    is_trained = True
    """False for a frozen layer: all its numbers are kept as they are."""
    value_bytes = 4
    """Bytes of one value of the output."""
    unknown = ""
    """Why there is no formula for it, where there is none."""
    is_shape_known = True
    """False where neither a formula nor the file says what comes out."""
    is_weighed = True
    """False where its parameters can only be read from stored weights."""

    # What else is asked of a kind of layer; `layer_class` returns the class that a row's kind names.
    family = ""
    """Kinds of one family can stand in for each other: a pooling for a pooling."""
    slides = False
    """Whether a window slides over the map: r' = r + (w − 1)·j and j' = s·j."""
    keeps_field = True
    """Whether each place sees what its place in the input saw, away from the borders."""
    keeps_values = False
    """Whether the same values come out once training is over, perhaps in another shape."""
    is_linear = False
    """Whether what comes out is linear in its one input, but for a constant and an activation that it is
    told, once training is over."""
    is_weighted = False
    """Whether it multiplies by a kernel of learned weights."""
    activation = ""
    """The function that it is, where it is nothing but an activation."""
    is_taught = True
    """Whether a first course has it: worksheets follow fields through such layers only, and of the others
    they ask only what follows from settings that they print."""

    kind: str
    """The class name, which is Keras' class name."""
    arguments: Mapping[str, Any]
    """What it was told, by name; made from a file, all that Keras stores of it."""

    def __new__(cls, *values: Any, **named: Any) -> "Layer":
        """Note its kind and what it is told before it is made."""
        layer = super().__new__(cls)
        layer.kind = cls.__name__
        names = (name for name in _parameters(cls.__init__) if name != "self")
        layer.arguments = {**dict(zip(names, values, strict=False)), **named}
        return layer

    def __init__(self, name: str | None = None, data_format: str | None = None) -> None:
        if data_format not in (None, "channels_last", "channels_first"):
            raise ValueError(f"data_format must be channels_last or channels_first, not {data_format}")
        self.name = name
        self.channels_first = data_format == "channels_first"

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Layer":
        """Make the layer from Keras' configuration of it; what cannot change a count is left out.

        Raises:
            UnsupportedLayerError: it has a setting that this class has no formula for.
        """
        accepted: set[str] = set()
        for base in cls.__mro__[:-1]:
            accepted |= set(_parameters(base.__init__))  # type: ignore[misc]
        unknown = {
            key
            for key in config
            if key not in accepted
            and not key.endswith(NEUTRAL_ENDINGS)
            and key not in NEUTRAL
            and config[key] not in (None, False)
        }
        if unknown and "settings" not in accepted:
            raise UnsupportedLayerError(
                f"{cls.__name__} with the setting {', '.join(sorted(unknown))}: no formula for it"
            )
        policy = config.get("dtype")
        if isinstance(policy, dict) and "Quantized" in str(policy.get("class_name")):
            raise UnsupportedLayerError(f"{cls.__name__} with quantised weights: no formula for it")
        layer = cls(**{key: value for key, value in config.items() if key in accepted})
        layer.arguments = config
        layer.is_trained = config.get("trainable", True) is not False
        layer.value_bytes = _bytes_of(config.get("dtype"))
        return layer

    def __call__(self, inputs: Symbol | Sequence[Symbol]) -> Symbol:
        """Call the layer on one symbol or several, as Keras layers are called on tensors."""
        return apply_layer(self, [inputs] if isinstance(inputs, Symbol) else inputs)

    def settings(self) -> str:
        """Return what the layer was told, in words."""
        return ""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of what comes out."""
        return inputs[0]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002
        """Return the arrays that the layer stores."""
        return ()

    def trainable(self, *inputs: Shape) -> Count:
        """Return the numbers that training changes."""
        return sizes_of([weight for weight in self.weights(*inputs) if weight.is_trained])

    def non_trainable(self, *inputs: Shape) -> Count:
        """Return the numbers stored beside them."""
        return sizes_of([weight for weight in self.weights(*inputs) if not weight.is_trained])

    def multiply_accumulates(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return the multiply-accumulates for one image."""
        return NONE

    def connections(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return the links into the layer's units: each value that a unit reads, and its bias."""
        return NONE

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return what the cells of the output see of one image.

        Args:
            shapes: the inputs' shapes.
            fields: what the inputs' cells see; None where an input does not depend on the image.
        """
        return next(field for field in fields if field is not None)


@functools.cache
def _parameters(function: Callable[..., None]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def sizes_of(weights: Sequence[Weight]) -> Count:
    """Return how many numbers some arrays hold, written as a sum of products: `3·3·32 + 32`."""
    if not weights:
        return NONE
    terms = [product(*weight.shape) if weight.shape else "1" for weight in weights]
    same = len(set(terms)) == 1 and len(terms) > 1
    working = f"{len(terms)}·{terms[0]}" if same else " + ".join(terms)
    return Count(sum(weight.size for weight in weights), working)


def with_biases(macs: Count, output: Shape, use_bias: bool) -> Count:
    """Return the links of units: the multiply-accumulates, and one bias for each value that comes out."""
    return macs.plus(product_count(*output)) if use_bias else macs


def is_placed(shape: Shape, field: Field) -> bool:
    """Return whether the cells of a field are the positions of a map: not behind a Flatten."""
    return tuple(shape[:-1]) == field.cells


def read_map(shape: Shape, field: Field | None, taps: Iterable[Taps]) -> Field | None:
    """Return the field of a map whose cells read cells of a map of `shape`, `taps` along each axis."""
    if field is None or not is_placed(shape, field):
        return field and same_everywhere(field)
    return field.read([*taps])


def same_everywhere(field: Field) -> Field | None:
    """Return a field without places, if every cell sees the same; None if what one sees is not known."""
    return field if set(field.cells) == {1} else None


def _bytes_of(policy: Any) -> int:
    """Return the bytes of a value under Keras' dtype policy: half precision takes two."""
    if isinstance(policy, dict):
        policy = policy.get("config", {}).get("name", "float32")
    name = str(policy)
    bits = {"float64": 8, "int64": 8, "uint8": 1, "int8": 1}
    return 2 if name.endswith("float16") else bits.get(name, 4)


class Elementwise(Layer):
    """A layer whose own arguments change neither shapes nor counts."""

    def __init__(self, *values: Any, name: str | None = None, **settings: Any) -> None:  # noqa: ARG002
        super().__init__(name)


def apply_layer(layer: Layer, inputs: Sequence[Symbol], name: str = "") -> Symbol:
    """Return the symbol that `layer` makes of `inputs`, its row worked out.

    Raises:
        ValueError: the input does not fit; the message names the layer.
    """
    name = name or layer.name or snake_case(layer.kind)
    if not all(symbol.row.is_shape_known for symbol in inputs):
        return _apply_blindly(layer, inputs, name)
    try:
        shapes = [channels_last(layer, symbol.shape) for symbol in inputs]
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
            input_shapes=tuple(symbol.shape for symbol in inputs),
            inputs=tuple(symbol.row.name for symbol in inputs),
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
    return Symbol(row, tuple(inputs), layer, fields)


def _apply_blindly(layer: Layer, inputs: Sequence[Symbol], name: str) -> Symbol:
    """Return the symbol of a call whose input's shape is not known: nothing can be worked out."""
    row = Row(
        name,
        layer.kind,
        (),
        inputs=tuple(symbol.row.name for symbol in inputs),
        settings=layer.settings(),
        arguments=layer.arguments,
        unknown="the shape of its input is not known",
        is_weighed=False,
        is_shape_known=False,
    )
    fields = {image: None for symbol in inputs for image in symbol.fields}
    return Symbol(row, tuple(inputs), layer, fields)


def channels_last(layer: Layer, shape: Shape) -> Shape:
    """Return an input's shape with the channels at the end, where `layer` takes them first."""
    return (*shape[1:], shape[0]) if layer.channels_first and len(shape) > 1 else shape


def _read_fields(
    layer: Layer, inputs: Sequence[Symbol], shapes: Sequence[Shape], is_too_large: bool
) -> dict[str, Field | None]:
    """Return the field of the output in each image that an input depends on."""
    fields: dict[str, Field | None] = {}
    for image in dict.fromkeys(image for symbol in inputs for image in symbol.fields):
        known = [
            _turn(layer, symbol, shape, symbol.fields.get(image))
            for symbol, shape in zip(inputs, shapes, strict=True)
        ]
        lost = is_too_large or any(
            image in symbol.fields and field is None for symbol, field in zip(inputs, known, strict=True)
        )
        fields[image] = None if lost else layer.field(shapes, known)
    return fields


def _turn(layer: Layer, symbol: Symbol, shape: Shape, field: Field | None) -> Field | None:
    """Return a field as a channels-first layer reads it.

    An image is taken to have its channels last until a layer says otherwise; then its axes are the
    ones behind the channels.
    """
    if field is None or not layer.channels_first or field.cells == tuple(shape[:-1]):
        return field
    untouched = field == Field.of_image(symbol.shape[:-1])
    return Field.of_image(shape[:-1]) if untouched else field


def _say(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(shape_text, shapes))
