"""The card beside a saved model: what it is, how it was trained, how well it does."""

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files.atomic import write_text
from app.untrusted.json_text import read_json
from app.untrusted.text import visible
from models.pixels import PLAIN, Ink, Pixels


@dataclass(frozen=True)
class Card:
    """Everything needed to judge a trained model, and to train it again.

    What only a training run has is None, or empty, where the weights come from a file.
    """

    network: str
    recipe: dict[str, Any]
    seed: int | None
    data: dict[str, Any]
    """name, source, sha256 of the arrays, image_shape, class_names; how its images hold signs, and what was found
    out while they were read."""
    test_accuracy: float | None
    test_loss: float | None
    seconds: float | None
    """Wall time of all epochs."""
    parameters: int
    versions: dict[str, str]
    created: str
    """UTC, ISO 8601."""
    file: str
    file_sha256: str
    weights_sha256: str
    """Equal for two runs that agree to the bit; the file's own hash holds a date."""
    pixels: Pixels = PLAIN
    """How pictures enter the network."""
    weights: dict[str, Any] = field(default_factory=dict)
    """Of a model that was not trained here: file and address of its weights, md5, sha256, and whether
    it is the published file."""
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(visible(str(name)) for name in self.data["class_names"])

    @property
    def ink(self) -> Ink | None:
        """How the images that it learnt from hold their signs; older cards say so by the name of the data alone."""
        if "ink" not in self.data:
            return Ink() if self.data.get("name") == "mnist" else None
        return None if self.data["ink"] is None else Ink(**self.data["ink"])


def new_card(path: Path, written: Path | None = None, **facts: Any) -> Card:
    """Return the card of a model file that was just written; `written` is where it lies until it is in its place.

    `facts` are the fields of `Card` that are not read here: from the file, the clock and what is
    installed. Where no training is told of, there was none.
    """
    untrained: dict[str, Any] = {
        "recipe": {},
        "seed": None,
        "test_accuracy": None,
        "test_loss": None,
        "seconds": None,
    }
    return Card(
        file=path.name,
        file_sha256=hash_file(written or path),
        versions=versions(),
        created=now(),
        **untrained | facts,
    )


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """Return the hash of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of what computes."""
    from importlib.metadata import version  # only who writes a card needs it

    packages = ("tensorflow", "keras", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def card_path(model_file: Path) -> Path:
    """Return where the card of a model file is: beside it, with the suffix `.json`."""
    return model_file.with_suffix(".json")


def card_text(card: Card) -> str:
    """Return a card as JSON."""
    return json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"


def write_card(card: Card, path: Path) -> None:
    """Write a card as JSON, whole or not at all."""
    write_text(path, card_text(card))


def read_card(path: Path) -> Card | None:
    """Return the card at `path`, None where there is no such file.

    Raises:
        ValueError: the file is not a card.
    """
    if not path.is_file():
        return None
    try:
        card = as_card(read_json(path))
        _ = card.class_names, card.ink
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is not a model card; remove it or train again") from error
    return card


def as_card(values: dict[str, Any]) -> Card:
    """Return the card that plain values, as JSON has them, say."""
    known = {item.name for item in fields(Card)}
    return Card(
        **{key: value for key, value in values.items() if key in known} | {"pixels": _read_pixels(values)}
    )


def _read_pixels(values: dict[str, Any]) -> Pixels:
    """Return how pictures enter the network; older cards have a `pixel_range` alone."""
    stored = values.get("pixels", {"range": values.get("pixel_range", PLAIN.range)})
    return Pixels(
        tuple(stored.get("range", PLAIN.range)),
        tuple(stored.get("mean", ())),
        tuple(stored.get("std", ())),
        stored.get("order", PLAIN.order),
    )
