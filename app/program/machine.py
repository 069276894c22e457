"""What a machine does for whoever asks a program: forward, and backward to the image or to the maps of a layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from app.program.program import Program
from app.program.steps import PlainStep, Rule, Slot

Array = np.ndarray


@dataclass(frozen=True)
class LearntLayer:
    """A layer whose weights were learnt, as a machine holds them."""

    name: str
    read: Callable[[], list[Array]]
    """Returns a copy of each of its arrays of real numbers."""
    write: Callable[[Sequence[Array]], None]
    """Puts such arrays in their place; what runs next computes with them."""


class Machine(Protocol):
    """Runs a program on batches of images, (images, height, width, channels), that are given to it whole."""

    name: str
    """What it is called in reports."""
    most_rows: int
    """Images beyond which a batch is no faster, only larger."""

    @property
    def program(self) -> Program:
        """What it runs."""
        ...

    def compute_alike(self, batches: int) -> None:
        """Compute every batch in the same way from now on, so that equal batches give equal bits.

        Args:
            batches: about so many are coming, to this machine and others of the same program together.
        """
        ...

    def outputs(self, images: Array, head: bool = True) -> Array:
        """Return what the program puts out, (images, units); its logits without the head."""
        ...

    def maps(self, images: Array, steps: Sequence[Any]) -> list[Array]:
        """Return what steps put out, each (images, rows, columns, maps); nothing after the last of them is run."""
        ...

    def values(self, images: Array, slots: Sequence[Slot]) -> list[Array]:
        """Return what slots hold, each (images, …) with the channels last.

        Args:
            images: the images.
            slots: of the program; the image's own is one.
        """
        ...

    def plain(self, step: Any) -> PlainStep:
        """Return one of its steps as data: its kind, its settings and its weights.

        Raises:
            NotWrittenError: NumPy has no such layer.
        """
        ...

    def pull_back(self, images: Array, seeds: Array, step: Any = None, rule: Rule = "plain") -> Array:
        """Return Σ seed · ∂v/∂x over the values v of a step, by the pixels x of each image.

        Args:
            images: the images.
            seeds: a number for each value, shaped as the step puts them out: (images, rows, columns, maps), or for
                the logits (images, units).
            step: the step; the logits if it is None.
            rule: how a gradient passes the rectifiers.
        """
        ...

    def maps_and_gradients(
        self, images: Array, targets: Array, steps: Sequence[Any]
    ) -> tuple[Array, Array, Array]:
        """Return A and G = ∂S/∂A, (images, rows, columns, maps), and S = Σ t_u z_u, (images,), z the logits.

        Several steps have their maps side by side.
        """
        ...

    def learnt_layers(self) -> list[LearntLayer]:
        """Return the layers that hold weights, from the output down, each once.

        A Normalization layer is left out: it holds the mean and variance of the input, which nothing learnt.
        """
        ...

    def sizes(self, size: tuple[int, int]) -> list[int]:
        """Return how many values a step keeps for one image of a height and width, step by step.

        Raises:
            ValueError: the network cannot take an image of that size.
        """
        ...
