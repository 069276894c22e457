"""What a run that was stopped leaves beside its rows, by which the same command goes on behind them."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from app.datasets.array_files import ENDINGS as ARRAYS
from app.files.atomic import write_text
from app.files.cards import hash_file
from app.maps.open_model import OpenModel
from app.untrusted.json_text import read_json

GROWING = ("csv", "jsonl")
"""Formats to which rows can be added at the end."""


@dataclass(frozen=True)
class Stopped:
    """How far a run came."""

    read: int
    unread: int
    reason: str
    """Why the first of those that could not be read could not."""
    doubted: int
    asked: str
    """What was asked (`hash_question`)."""
    rows: str
    """SHA-256 of the file of rows, as it was left."""

    @property
    def done(self) -> int:
        """Pictures whose rows are written."""
        return self.read + self.unread

    @classmethod
    def find(cls, output: Path, ask: Callable[[], str]) -> Self | None:
        """Return how far a run of the same question came whose rows are still as it left them; else None.

        Args:
            output: the file of rows.
            ask: gives the hash of the question; called only where there is something to go on with.
        """
        try:
            found = cls(**read_json(note_beside(output)))
            counts = (found.read, found.unread, found.doubted)
            is_whole = all(isinstance(n, int) and n >= 0 for n in counts)
            return found if is_whole and found.rows == hash_file(output) and found.asked == ask() else None
        except (OSError, ValueError, TypeError):
            return None

    def leave(self, output: Path) -> None:
        """Write it beside the rows."""
        write_text(note_beside(output), json.dumps(asdict(self)))


def note_beside(output: Path) -> Path:
    """Return where it is written.

    >>> note_beside(Path("output/said.csv"))
    PosixPath('output/.said.csv.stopped')
    """
    return output.with_name(f".{output.name}.stopped")


def can_go_on(format_: str, files: list[str]) -> bool:
    """Return whether a file of rows can be gone on with: it can grow, and has a row for each picture."""
    return format_ in GROWING and not any(Path(file).suffix.lower() in ARRAYS for file in files)


def hash_question(opened: OpenModel, files: list[str], *options: Any) -> str:
    """Return a hash of the model's file, of how its answers are named, of the pictures' paths and of the options."""
    path = opened.facts.path
    model = opened.name if path is None else hash_file(path)
    asked = [model, opened.pixels.words(), opened.names, files, options]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
