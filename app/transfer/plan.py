"""What decides a transfer besides the trained network and the pictures, checked before anything heavy is loaded."""

from dataclasses import dataclass, fields
from typing import Any

from app.commands.numbers import positive_number, whole_number
from app.datasets.augmentation import AUGMENTATIONS

BACKBONE = "efficientnet_lite0"
"""The trained network whose weights are taken unless another is asked for."""


@dataclass(frozen=True)
class TransferSettings:
    """How the head learns, and then the last convolutions."""

    layer: str | None = None
    """The layer whose output the head reads; None: the last maps before the classifier."""
    epochs: int = 100
    """Of the first phase, in which the head alone learns."""
    learning_rate: float | None = None
    """Of the first phase; None: 0.001 over the root mean square of the features."""
    fine_tune: bool = True
    """Whether there is a second phase."""
    unfreeze: int | None = None
    """The last convolutions that learn in it; None: those whose maps have the last size, at most four."""
    fine_tune_epochs: int = 10
    fine_tune_rate: float = 1e-5
    per_class: int | None = None
    """Training pictures that are taken of each class; None: all."""
    copies: int = 0
    """Augmented copies of each training picture, computed once."""
    augment: str = "light"
    """The augmentation of the copies."""
    one_output: bool = False
    """Whether one unit with a sigmoid serves two classes."""
    against_scratch: bool = False
    """Whether the same network is trained without the borrowed weights, too."""
    scratch_epochs: int = 30
    seed: int = 0

    def checked(self) -> "TransferSettings":
        """Return the same in plain numbers.

        Raises:
            ValueError: a number out of range, or settings that contradict each other.
            TypeError: no number.
        """
        bounds = {
            "epochs": (1, 10_000),
            "unfreeze": (1, 10_000),
            "fine_tune_epochs": (1, 10_000),
            "per_class": (1, 10_000_000),
            "copies": (0, 100),
            "scratch_epochs": (1, 10_000),
            "seed": (0, 2**31 - 1),
        }
        made: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, (least, most) in bounds.items():
            made[name] = whole_number(name, made[name], least, most)
        for name in ("learning_rate", "fine_tune_rate"):
            made[name] = positive_number(name, made[name])
        if self.augment not in AUGMENTATIONS or (self.copies and self.augment == "none"):
            known = ", ".join(name for name in AUGMENTATIONS if name != "none")
            raise ValueError(
                f"--augment says how the copies differ from their pictures: {known}, not {self.augment}"
            )
        if self.unfreeze is not None and not self.fine_tune:
            raise ValueError("--unfreeze and --no-fine-tune contradict each other; give one of them")
        return TransferSettings(**made)
