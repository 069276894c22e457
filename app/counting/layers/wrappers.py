"""Layers around another layer."""

import math
from collections.abc import Sequence

from app.counting.count import NONE, Count, product
from app.counting.fields import Field
from app.counting.layers.base import Layer, channels_last
from app.counting.rows import Shape, Weight


class Wrapper(Layer):
    """A layer that applies another one."""

    def __init__(self, layer: Layer, name: str | None = None) -> None:
        super().__init__(name)
        self.layer = layer
        self.is_trained = layer.is_trained
        self.channels_first = layer.channels_first

    def read_by(self, *inputs: Shape) -> Sequence[Shape]:
        """Return the shapes that the inner layer reads."""
        return inputs

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return what the inner layer makes."""
        return self.layer.output_shape(*inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the inner layer's."""
        return self.layer.weights(*self.read_by(*inputs))

    def trainable(self, *inputs: Shape) -> Count:
        """Return the inner layer's."""
        return self.layer.trainable(*self.read_by(*inputs))

    def non_trainable(self, *inputs: Shape) -> Count:
        """Return the inner layer's."""
        return self.layer.non_trainable(*self.read_by(*inputs))

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return the inner layer's."""
        return self.layer.multiply_accumulates(*inputs)

    def connections(self, *inputs: Shape) -> Count:
        """Return the inner layer's."""
        return self.layer.connections(*inputs)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the inner layer's."""
        return self.layer.field(shapes, fields)

    def settings(self) -> str:
        """Return the inner layer and what it was told."""
        return ": ".join(filter(None, [self.layer.kind, self.layer.settings()]))


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value, estimated by a kept vector."""

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the inner layer's and the vector, as long as the kernel's last axis."""
        inner = super().weights(*inputs)
        return (*inner, Weight("vector_u", (1, inner[0].shape[-1]), is_trained=False))

    def non_trainable(self, *inputs: Shape) -> Count:
        """Return the inner layer's and the vector."""
        size = self.weights(*inputs)[-1].shape[-1]
        return super().non_trainable(*inputs).plus(Count(size, f"1·{size:,}"))


class TimeDistributed(Wrapper):
    """A layer applied to each step of the first axis, with the same weights."""

    def __init__(self, layer: Layer, name: str | None = None) -> None:
        super().__init__(layer, name)
        self.channels_first = False  # the steps come first; each step is turned by itself

    def read_by(self, *inputs: Shape) -> Sequence[Shape]:
        """Return the shape of one step."""
        return [channels_last(self.layer, shape[1:]) for shape in inputs]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Keep the steps in front."""
        made = self.layer.output_shape(*self.read_by(*inputs))
        if self.layer.channels_first and len(made) > 1:
            made = (made[-1], *made[:-1])
        return (inputs[0][0], *made)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return the inner layer's, once for each step."""
        return _times(inputs[0][0], self.layer.multiply_accumulates(*self.read_by(*inputs)))

    def connections(self, *inputs: Shape) -> Count:
        """Return the inner layer's, once for each step."""
        return _times(inputs[0][0], self.layer.connections(*self.read_by(*inputs)))

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:  # noqa: ARG002
        """Return nothing: over steps and places at once it is not worked out."""
        return None


def _times(steps: int, count: Count) -> Count:
    if not count:
        return NONE
    return Count(math.prod((steps, count)), f"{product(steps)}·({count.working})")
