"""A network as a straight list of steps that ends in the scores of its classes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.program.heads import Head
from app.program.steps import Shape, Slot, Step

if TYPE_CHECKING:
    import numpy as np


class NotWrittenError(ValueError):
    """A network cannot be written as a program of plain steps; the message names what is in the way."""


@dataclass
class Program:
    """Steps from an image to the scores of the classes, and what each slot stands for.

    Running the steps in order computes the network; without the step that fills the head's slot the output holds
    logits. Every machine runs the same steps, each in its own way.
    """

    name: str
    steps: Sequence[Step]
    image: Slot
    image_shape: Shape
    """Height, width and channels of an image, in this order whatever the model's own is."""
    output: Slot
    head: Head
    dtype: str = "float32"
    """Type in which gradients are computed: float32, or float64."""
    given: "dict[Slot, np.ndarray]" = field(default_factory=dict)
    """What the other inputs hold, if there are any: one value each, repeated over the batch."""
    channels_first: bool = False
    """Whether the model takes channels, height, width."""
    notes: tuple[str, ...] = ()
    """What had to be assumed of the model, in words."""
    entry: Slot = field(default=Slot(0))
    """The slot of the model's own input: the image's, or what the first steps make of it."""
    is_per_pixel: bool = False
    """Whether the output has a score of each class for every pixel."""

    @property
    def is_series(self) -> bool:
        """Whether its image is a series: one row, a column for each step."""
        return self.image_shape[0] == 1 and self.entry != self.image

    @property
    def entered(self) -> int:
        """How many of the first steps make the model's own input of the image."""
        return 0 if self.entry == self.image else self.position(self.entry) + 1

    @property
    def classes(self) -> int:
        """The number of classes; one sigmoid unit answers for two."""
        return 2 if self.head.is_binary else self.head.units

    def rectifiers(self) -> tuple[int, list[str]]:
        """Return how many ReLUs there are, and the kinds of activations the rules leave alone."""
        found = sum(step.ceiling() is not None for step in self.steps)
        alone = [_kind(step) for step in self.steps if step.is_left_alone]
        return found, alone

    def not_looked_into(self) -> list[str]:
        """Return the kinds of the layers that may hold rectifiers out of the rules' reach."""
        return []

    def position(self, slot: Slot) -> int:
        """Return the number of the step that fills a slot, from 0."""
        return next(i for i, step in enumerate(self.steps) if slot in step.outputs)


def _kind(step: Step) -> str:
    """Return what an activation is called: its function's name, or its layer's class."""
    if step.activation == "thresholded_relu":
        return "ReLU with a threshold"
    return step.activation if step.kind == "Activation" else step.kind


def doubt_weights(counts: dict[str, int]) -> tuple[str, ...]:
    """Return a sentence about weights that are NaN or infinite; () where there are none.

    Args:
        counts: how many there are, by the name of the layer.
    """
    layers = [name for name, wrong in counts.items() if wrong]
    if not layers:
        return ()
    listed = (
        f"the layer {layers[0]}"
        if len(layers) == 1
        else f"{len(layers)} layers, the first of them {layers[0]}"
    )
    return (
        f"{sum(counts.values()):,} of its weights are NaN or infinite, in {listed}; it cannot be trusted",
    )


def not_finite(name: str, notes: Sequence[str]) -> str:
    """Return the message for a model that puts out NaN or infinite values, with the reason if `notes` tell it."""
    why = next(iter(notes), "check its weights")
    return f"{name!r} puts out values that are not finite for an image of 0…1: {why}"
