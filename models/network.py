"""An entry of the catalogue: a network, where it comes from and what was published of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.pixels import PLAIN, Pixels


@dataclass(frozen=True)
class Published:
    """A number that somebody printed, and where; ours is compared with it."""

    quantity: str
    """`parameters`, `trainable parameters`, `connections` or `multiply-accumulates`, or that of a
    layer, `LAYER parameters`."""
    value: int
    source: str
    """Where it stands; code by the name under which it is called, `keras.applications.VGG16`."""
    why: str = ""
    """Why ours is another number; without a reason ours must be the same."""
    unit: int = 1
    """What the last printed digit is worth: 100,000 where "1.0 million" is printed."""

    def is_met_by(self, ours: int) -> bool:
        """Whether our number is the printed one, to the digits that are printed."""
        return 2 * abs(ours - self.value) <= self.unit if self.unit > 1 else ours == self.value


@dataclass(frozen=True)
class ErrorRate:
    """A published share of mistakes on test images, and on which."""

    percent: float
    data: str
    """`mnist`, or other data in words."""
    source: str


@dataclass(frozen=True)
class Network:
    """One entry of the catalogue."""

    builder: Callable[..., Any]
    """`builder(nn, classes=…, input_shape=…)`; no `classes` where there is no output layer."""
    source: str
    input_shape: tuple[int, ...]
    outputs: tuple[str, ...] = ()
    """Names of what the output units stand for; empty where the network has no output layer."""
    task: str = ""
    """What it does instead of putting an image into one class, in words: `puts out a picture`."""
    published: tuple[Published, ...] = ()
    """What the source itself prints."""
    elsewhere: tuple[Published, ...] = ()
    """What well-known code has under the same name."""
    note: str = ""
    """One line that a report prints below the table."""
    pixels: Pixels = PLAIN
    """How pictures enter it when it is trained here."""
    year: int | None = None
    """When the network was published, where that is known."""
    resized: str = ""
    """What the network itself does to images of another size, in words: `resized to 16×16`."""
    recipe: str = "article"
    """The recipe of `app.engine.training.recipes` by which it is trained unless another is asked for."""
    data: str = "mnist"
    """The data set on which it is trained unless another is asked for."""
    test_error: ErrorRate | None = None
    """How many mistakes its authors counted."""

    @property
    def name(self) -> str:
        """The name under which the network is listed: its builder's."""
        return self.builder.__name__

    @property
    def figures(self) -> tuple[Published, ...]:
        """Every printed number, the source's own first."""
        return self.published + self.elsewhere

    @property
    def is_binary(self) -> bool:
        """Whether one output unit answers for two classes."""
        return len(self.outputs) == 2

    def arguments(
        self, classes: int | None = None, input_shape: tuple[int, ...] | None = None
    ) -> dict[str, Any]:
        """Return the builder's arguments for other `classes` or another `input_shape`.

        Raises:
            ValueError: the number of classes is fixed by the architecture.
        """
        chosen: dict[str, Any] = {}
        if input_shape is not None:
            chosen["input_shape"] = input_shape
        if classes is not None and classes != len(self.outputs):
            if self.is_binary or not self.outputs:
                have = "two classes" if self.outputs else "no output layer"
                raise ValueError(f"{self.name} has {have}; it cannot be given {classes}")
            chosen["classes"] = classes
        return chosen
