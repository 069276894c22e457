"""What every process of a cluster must find alike: versions, the program's own text, files."""

import functools
import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.files.cards import hash_file

PACKAGES = ("tensorflow", "keras", "numpy", "pillow")
"""Packages whose version may change a result."""
PROGRAM_TEXT = "ConvLab"
PROGRAM = Path(__file__).resolve().parents[2]


@functools.cache
def program_versions() -> dict[str, str]:
    """Return the versions of what computes; two versions of ConvLab differ if one line of their programs does."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"Python": ".".join(platform.python_version_tuple()[:2]), PROGRAM_TEXT: _own_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _own_version() -> str:
    text = hashlib.sha256()
    for folder in ("app", "models"):
        for path in sorted((PROGRAM / folder).rglob("*.py")):
            text.update(path.relative_to(PROGRAM).as_posix().encode())
            text.update(path.read_bytes())
    return text.hexdigest()[:12]


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


def some_of(files: Sequence[str], most: int = 8) -> tuple[str, ...]:
    """Return some files out of all, spread evenly, that are there: whoever sees these sees the others.

    >>> some_of([__file__, "no such file"]) == (__file__,)
    True
    """
    chosen = files[:: max(1, len(files) // most)][:most]
    return tuple(file for file in dict.fromkeys(chosen) if Path(file).exists())
