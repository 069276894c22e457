"""What every process that does shards must find alike: versions, the program's own text, files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.files.cards import hash_file
from app.files.versions import PROGRAM_TEXT, program_versions


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, "" where it cannot be read."""
    try:
        return hash_file(path)
    except OSError:
        return ""


class UnfitWorkerError(ValueError):
    """A process cannot take part: it would compute something else, or not see the files."""


@dataclass(frozen=True)
class Needs:
    """What is needed to compute what the process that asks would compute."""

    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of files that decide the results, by their paths."""
    places: tuple[str, ...] = ()
    """Folders and files that must be there: where results go, and some of the pictures."""
    programs: Mapping[str, str] = field(default_factory=program_versions)
    """Versions of what computes, in the process that asks."""

    @classmethod
    def of(cls, files: Mapping[str, str], folder: Path, pictures: Sequence[str]) -> "Needs":
        """Return the needs of a run.

        Args:
            files: SHA-256 of files that decide the results, by their paths.
            folder: where results go.
            pictures: their files; whoever sees some of them, spread evenly, sees the others.
        """
        return cls(files, (str(folder), *_some_of(pictures)))

    def verify(self) -> None:
        """Refuse to take part where something differs.

        Raises:
            UnfitWorkerError: what differs, with both values.
        """
        for difference in self.differences():
            raise UnfitWorkerError(difference)

    def differences(self) -> Iterator[str]:
        """Yield what differs here, in words."""
        here = program_versions()
        for name, wanted in self.programs.items():
            if here.get(name) != wanted and name == PROGRAM_TEXT:
                yield (
                    f"has another version of ConvLab: the hash of its programs is {here.get(name)}, and this run was "
                    f"begun by {wanted}; bring both to the same commit, without changes"
                )
            elif here.get(name) != wanted:
                yield f"has {name} {here.get(name)}, and this run was begun with {wanted}"
        for path, wanted in self.files.items():
            found = _hash(Path(path))
            if not found:
                yield f"cannot read the file {path}; all workers need the same files under the same paths"
            elif found != wanted:
                yield f"has another file {path}: its SHA-256 begins with {found[:12]}, not with {wanted[:12]}"
        for place in self.places:
            if not Path(place).exists():
                yield f"does not see {place}; all workers need the same files under the same paths"


def _some_of(files: Sequence[str], most: int = 8) -> tuple[str, ...]:
    """Return some files out of all, spread evenly, that are there."""
    chosen = files[:: max(1, len(files) // most)][:most]
    return tuple(file for file in dict.fromkeys(chosen) if Path(file).exists())
