"""What every layer of the chalkboard answers."""

import inspect
from collections.abc import Sequence
from typing import Any

from app.counting.count import NONE, Count
from app.counting.fields import Field
from app.counting.marks import Mark, apply_layer
from app.counting.rows import Shape

Size = int | Sequence[int]

NEUTRAL = {
    "trainable", "dtype", "batch_input_shape", "epsilon", "momentum", "synchronized", "autocast",
    "quantization_config", "lora_rank", "lora_alpha", "build_config",
    "renorm_clipping", "renorm_momentum",
}  # fmt: skip
NEUTRAL_ENDINGS = ("_initializer", "_regularizer", "_constraint")
"""Settings of Keras' layers that change no shape, count or field."""


class UnsupportedLayerError(ValueError):
    """The chalkboard has no formula for a layer; it is named, never counted as zero."""


def pair(size: Size) -> tuple[int, int]:
    """Return `size` for both axes: 3 stands for (3, 3)."""
    if isinstance(size, int):
        return size, size
    height, width = size
    return int(height), int(width)


def spatial(shape: Shape, kind: str) -> tuple[int, int, int]:
    """Return the height, width and channels of a map.

    Raises:
        ValueError: `shape` is not that of a map.
    """
    if len(shape) != 3:
        raise ValueError(f"{kind} takes a map (height, width, channels), not the shape {shape}")
    return shape[0], shape[1], shape[2]


class Layer:
    """A layer that changes neither shape nor field and stores nothing; the others say what differs."""

    is_trained = True
    """False for a frozen layer: all its numbers are kept as they are."""

    def __init__(self, name: str | None = None, data_format: str | None = None) -> None:
        if data_format not in (None, "channels_last"):
            raise UnsupportedLayerError(
                f"{self.kind} with data_format={data_format!r}: the chalkboard counts channels last"
            )
        self.name = name

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Layer":
        """Make the layer from Keras' configuration of it; what cannot change a count is left out.

        Raises:
            UnsupportedLayerError: it has a setting that this class has no formula for.
        """
        accepted: set[str] = set()
        for base in cls.__mro__[:-1]:
            accepted |= set(inspect.signature(base.__init__).parameters)  # type: ignore[misc]
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
        layer = cls(**{key: value for key, value in config.items() if key in accepted})
        layer.is_trained = config.get("trainable", True) is not False
        return layer

    def __call__(self, inputs: Mark | Sequence[Mark]) -> Mark:
        """Call the layer on one mark or several, as Keras layers are called on tensors."""
        return apply_layer(self, [inputs] if isinstance(inputs, Mark) else inputs)

    @property
    def kind(self) -> str:
        """The class name, which is Keras' class name."""
        return type(self).__name__

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the shape of what comes out."""
        return inputs[0]

    def trainable(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return the numbers that training changes."""
        return NONE

    def non_trainable(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return the numbers stored beside them."""
        return NONE

    def multiply_accumulates(self, *inputs: Shape) -> Count:  # noqa: ARG002
        """Return the multiply-accumulates for one image."""
        return NONE

    def field(self, shape: Shape, *fields: Field) -> Field:  # noqa: ARG002
        """Return what the cells of the output see; `shape` is that of the first input."""
        return fields[0]


class Elementwise(Layer):
    """A layer whose own arguments change neither shapes nor counts."""

    def __init__(self, *values: Any, name: str | None = None, **settings: Any) -> None:  # noqa: ARG002
        super().__init__(name)
