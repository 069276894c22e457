"""What is kept of a shard whose process died: a picture that brings its process down is found, and named.

A picture can crash the program beneath Python, in a decoder or a kernel; then the whole process is gone, and with it
whatever it knew. So a worker writes a note before it begins a shard, and removes it behind. Whoever finds a note knows
that a process died over this shard: it is done again as it is, since most deaths have nothing to do with pictures;
after a second death each picture is done alone, and noted before. One that two processes died over is left out.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.files.atomic import write_text
from app.shards.shard import Shard
from app.untrusted.json_text import read_json

NOTES = ".attempts"
"""The folder of the notes, in that of the results."""
PATIENCE = 2
"""Deaths after which each picture is done alone."""
MOST = 6
"""Deaths without a picture to blame, after which the shard is given up."""


class BringsDownError(ValueError):
    """A shard brings down every process that does it, and no single picture is to blame."""


@dataclass(frozen=True)
class Note:
    """What is known of a shard that is being done, or whose process died."""

    deaths: int = 0
    """Processes that died over it since a picture was last found to blame."""
    at: int = -1
    """The picture that was being done alone; -1: none was."""
    died_there: int = 0
    """Processes that died at that picture."""
    left_out: tuple[int, ...] = ()
    """Pictures that brought down their process."""
    is_searched: bool = False
    """Whether every other picture was done alone, and no process died."""

    def after_death(self) -> "Note":
        """Return what a process that finds this note knows."""
        if self.at < 0:
            return replace(self, deaths=self.deaths + 1)
        if self.died_there:
            return Note(PATIENCE, -1, 0, (*self.left_out, self.at))
        return replace(self, deaths=self.deaths + 1, died_there=1)


class Attempt:
    """One process' attempt at a shard.

    Args:
        folder: of the results.
        shard: what is done.

    Raises:
        BringsDownError: too many processes died over it.
    """

    def __init__(self, folder: Path, shard: Shard) -> None:
        self._path = folder / NOTES / f"{shard.name}.json"
        found = _read(self._path)
        self.note = Note() if found is None else found.after_death()
        if self.note.deaths > MOST:
            self.end()
            raise BringsDownError(
                f"shard {shard.name} brought down {self.note.deaths} processes, and none of its pictures alone does; "
                "memory may have run out: take fewer workers"
            )
        self._write()

    @property
    def is_searching(self) -> bool:
        """Whether each picture is to be done alone first."""
        return self.note.deaths >= PATIENCE and not self.note.is_searched

    def alone(self, number: int) -> None:
        """Note that a picture is done alone from now on."""
        died_there = self.note.died_there if number == self.note.at else 0
        self.note = replace(self.note, at=number, died_there=died_there)
        self._write()

    def searched(self) -> None:
        """Note that all pictures were done alone."""
        self.note = replace(self.note, at=-1, died_there=0, is_searched=True)
        self._write()

    def end(self) -> None:
        """Forget the shard: it is done, or given up by a process that lives."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        self._path.parent.mkdir(exist_ok=True)
        write_text(self._path, json.dumps(asdict(self.note)))


def forget_deaths(folder: Path, shard: Shard) -> None:
    """Remove the note that an earlier run left of a shard."""
    (folder / NOTES / f"{shard.name}.json").unlink(missing_ok=True)


def _read(path: Path) -> Note | None:
    try:
        found = Note(**read_json(path))
        return replace(found, left_out=tuple(found.left_out))
    except (OSError, ValueError, TypeError):
        return None
