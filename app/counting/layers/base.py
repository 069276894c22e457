"""What every layer of the chalkboard answers."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.counting.count import NONE, Count, product
from app.counting.fields import Field
from app.counting.rows import Shape, Weight
from app.counting.symbols import Mark, apply_layer

Size = int | Sequence[int]

NEUTRAL = {
    "trainable",
    "dtype",
    "batch_input_shape",
    "epsilon",
    "momentum",
    "synchronized",
    "autocast",
    "build_config",
    "renorm_clipping",
    "renorm_momentum",
    "fill_mode",
    "fill_value",
    "seed",
}
NEUTRAL_ENDINGS = ("_initializer", "_regularizer", "_constraint")
"""Settings of Keras' layers that change no shape, count or field."""


LARGEST = 1 << 40
"""Sizes from here on are taken for damage."""


class UnsupportedLayerError(ValueError):
    """The chalkboard has no formula for a layer; it is named, never counted as zero."""


def is_size(value: object) -> bool:
    """Return whether a value can be a size: a whole number that is not absurd."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


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
        raise ValueError(f"{name} must be a whole number below {LARGEST:,}, not {sizes}"[:200])
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
    arguments: Mapping[str, Any]
    """What it was told, by name; made from a file, all that Keras stores of it."""

    def __new__(cls, *values: Any, **named: Any) -> "Layer":
        """Note what the layer is told before it is made."""
        layer = super().__new__(cls)
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

    def __call__(self, inputs: Mark | Sequence[Mark]) -> Mark:
        """Call the layer on one mark or several, as Keras layers are called on tensors."""
        return apply_layer(self, [inputs] if isinstance(inputs, Mark) else inputs)

    @property
    def kind(self) -> str:
        """The class name, which is Keras' class name."""
        return type(self).__name__

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


def is_placed(shape: Shape, field: Field) -> bool:
    """Return whether the cells of a field are the positions of a map: not behind a Flatten."""
    return tuple(shape[:-1]) == field.cells


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
