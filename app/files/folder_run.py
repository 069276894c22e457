"""A run over a folder that can be stopped at any moment and goes on where it was."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.files.atomic import write_text
from app.untrusted.json_text import read_json

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
"""Endings of files that are taken for pictures."""
RUN_FILE = "run.json"
STATE = "file_size_and_time"
"""What a record calls the `file_state` of its picture."""


@dataclass(frozen=True)
class FolderRun:
    """Which pictures of a folder are done; each leaves a `.json` file when it is."""

    source: Path
    output: Path
    settings: dict[str, Any]
    """Everything that decides what comes out, besides the pictures."""

    def begin(self, restart: bool) -> None:
        """Make the output folder this run's.

        Raises:
            ValueError: it holds results of a run with other settings.
        """
        self.output.mkdir(parents=True, exist_ok=True)
        path = self.output / RUN_FILE
        wanted = json.loads(json.dumps(self.settings))
        if path.is_file() and not restart:
            try:
                found = read_json(path)
            except ValueError:
                found = None
            if found != wanted:
                raise ValueError(
                    f"{self.output} holds maps of other pictures, of another model or by other settings; give "
                    "another --output, or --restart to replace them"
                )
        if restart:
            for name in self.output.glob("*.json"):
                name.unlink()
        write_text(path, json.dumps(wanted, indent=2) + "\n")

    def pictures(self) -> list[Path]:
        """Return the pictures in the folder and its subfolders, in order.

        Raises:
            ValueError: it is no folder, or there is none.
        """
        if not self.source.is_dir():
            raise ValueError(f"--images needs a folder; {self.source} is none")
        inside = _real(self.output)
        if inside == _real(self.source):
            raise ValueError("--output must be another folder than the one with the pictures")
        found = sorted(
            path
            for path in self.source.rglob("*")
            if path.suffix.lower() in PICTURES and inside not in _real(path).parents
        )
        if not found:
            raise ValueError(f"{self.source} has no pictures ({', '.join(PICTURES)})")
        return found

    def stem(self, picture: Path) -> str:
        """Return what the results of a picture are called; two pictures never share a name."""
        relative = picture.relative_to(self.source)
        name = "-".join(relative.with_suffix("").parts)
        mark = hashlib.sha256(str(relative).encode()).hexdigest()[:6]
        return f"{name}-{mark}"

    def is_done(self, picture: Path) -> bool:
        """Return whether the results of a picture as it is now are there."""
        path = self.output / f"{self.stem(picture)}.json"
        try:
            record = read_json(path) if path.is_file() else None
        except (OSError, ValueError):
            return False
        return isinstance(record, dict) and record.get(STATE) == file_state(picture)

    def finish(self, picture: Path, state: Sequence[int], record: dict[str, Any]) -> None:
        """Keep a picture's record; from now on it is done.

        Args:
            picture: that was read.
            state: its `file_state` before it was read.
            record: what was found.
        """
        text = json.dumps({**record, STATE: list(state)}, indent=2, ensure_ascii=False) + "\n"
        write_text(self.output / f"{self.stem(picture)}.json", text)


def file_state(path: Path) -> list[int]:
    """Return what tells that a file is another one, without reading it: its size, and when it was written (ns)."""
    try:
        state = path.stat()
    except OSError:
        return [0, 0]
    return [state.st_size, state.st_mtime_ns]


def _real(path: Path) -> Path:
    """Return a path without links; unlike `resolve` it bears links that lead in circles."""
    return Path(os.path.realpath(path))
