"""What decides a transfer besides the trained network and the pictures, checked before anything heavy is loaded."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.numbers import positive_number, whole_number
from app.datasets.augmentation import AUGMENTATIONS
from app.files.cards import card_path, hash_file, read_card
from app.files.folders import shown

if TYPE_CHECKING:
    from app.cluster.team import Team
    from app.cluster.tf_config import Distribution
    from app.datasets.dataset import Dataset
    from app.maps.open_model import OpenModel

BACKBONE = "efficientnet_lite0"
"""The trained network whose weights are taken unless another is asked for."""


RECIPE = "transfer"
"""What the card of a transfer names as its recipe."""
MOST_KEPT = 1_000_000_000
"""Bytes of features up to which they are kept behind a finished run, for another one on the same pictures."""


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
    prepare: str = "auto"
    """How pictures in files are fitted: `digit`, `resize`, or as the network's card says."""
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
        if self.prepare not in ("auto", "digit", "resize"):
            raise ValueError(f"--prepare is one of auto, digit, resize, not {self.prepare}")
        if self.unfreeze is not None and not self.fine_tune:
            raise ValueError("--unfreeze and --no-fine-tune contradict each other; give one of them")
        return TransferSettings(**made)


@dataclass(frozen=True)
class TransferPlace:
    """What the model is called, where it goes, and what may be lost there."""

    folder: Path
    name: str
    replace: bool = False
    """Whether another model of this name may be lost."""
    restart: bool = False
    """Whether what an interrupted run left is forgotten."""
    advice: str = "another name, or replace=True"
    tensorboard: Path | None = None
    """A folder for TensorBoard's files, in which each phase gets a folder of its own."""
    csv_log: Path | None = None
    """A file for a table of the epochs of all phases."""
    distribution: "Distribution | None" = None
    """On what is trained; None: on one device."""
    team: "Team | None" = None
    """The workers that train together; None where there is one process."""

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files."""
        return self.distribution is None or self.distribution.is_chief

    @property
    def path(self) -> Path:
        """The model's file."""
        return self.folder / f"{self.name}.keras"

    @property
    def states(self) -> Path:
        """Where interrupted runs and features are kept."""
        return self.folder / ".backup"

    def spare_others(self) -> None:
        """Refuse to write over a model that is no transfer.

        Raises:
            ValueError: there is one.
        """
        if self.path.exists() and not self.replace:
            card = read_card(card_path(self.path))
            if card is None or card.recipe.get("name") != RECIPE:
                raise ValueError(
                    f"{shown(self.path)} is there already, and not from a transfer; give {self.advice} to lose it"
                )


def transfer_facts(
    opened: "OpenModel", data: "Dataset", settings: TransferSettings, name: str
) -> dict[str, str]:
    """Return what must be alike in all workers that make a transfer together, found without loading TensorFlow."""
    from app.cluster.team import count_cards, fact_texts
    from app.files.versions import program_versions

    file = opened.facts.path
    asked = {"name": name, "trained network": opened.name, **asdict(settings)}
    asked["pixels as"], asked["image shape"] = opened.pixels.words(), opened.choice.image_shape
    hashes = {
        "a trained network with SHA-256": "none" if file is None else hash_file(file)[:16],
        "data with SHA-256": data.sha256[:16],
    }
    return {**program_versions(), **fact_texts(asked), **hashes, **count_cards()}
