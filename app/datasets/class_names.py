"""What classes are called: `labels.txt`, and the mapping files that come with EMNIST."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.untrusted.places import verify_readable
from app.untrusted.text import visible

MOST_BYTES = 1 << 20
"""A longer file of names is none."""
MOST_CLASSES = 25_000
"""More than any data set of pictures has: ImageNet's largest has 21,841. A larger label is a mistake."""
LONGEST_NAME = 200
"""Letters of what a class is called."""


@dataclass(frozen=True)
class ClassNames:
    """Names of classes, and the label that the first of them stands for."""

    names: tuple[str, ...]
    first: int = 0
    """0 or 1."""

    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of labels that do not count from 0."""
        if not self.first:
            return ()
        called = "" if self.names[0] == str(self.first) else f", called {self.names[0]}"
        return (f"Labels count from {self.first}: class 0 is label {self.first}{called}.",)


def name_classes(
    labels: Sequence[int], given: ClassNames | tuple[str, ...] | None, is_one_hot: bool, source: str
) -> ClassNames:
    """Return the names of the classes, and the label that the first stands for.

    Labels count from 1 where a mapping says so; or where none is 0, they are no rows of 0 and 1, and all up to
    the last are there, or the last is the number of names.

    Args:
        labels: those that there are, in order.
        given: names, if there are any; else classes are called by their labels.
        is_one_hot: whether they were written as rows of 0 and 1.
        source: what a message names.

    Raises:
        ValueError: there are labels without a name.

    >>> name_classes([1, 2, 3], None, False, "three classes")
    ClassNames(names=('1', '2', '3'), first=1)
    >>> name_classes([0, 2], ("cat", "dog", "ox"), False, "three classes").first
    0
    """
    lowest, largest = labels[0], labels[-1]
    if not isinstance(given, ClassNames):
        from_one = lowest == 1 and not is_one_hot and largest == len(given or labels)
        first = int(from_one)
        given = ClassNames(given or tuple(map(str, range(first, largest + 1))), first)
    if lowest < given.first:
        raise ValueError(
            f"{source}: there is a label {lowest}, but class names are given from label {given.first} on"
        )
    if largest - given.first >= len(given.names):
        why = (
            ""
            if given.first
            else "; labels count from 0, so the names must be one more than the largest label"
        )
        raise ValueError(f"{source}: there are {len(given.names)} class names and a label {largest}{why}")
    return given


def find_class_names(folder: Path, stem: str = "") -> ClassNames | tuple[str, ...] | None:
    """Return the class names that lie in a folder: `labels.txt`, or else a mapping file.

    Args:
        folder: where the data lie.
        stem: what their files' names begin with, `emnist-letters`; other data's mapping is left alone.

    Raises:
        ValueError: the file is damaged; the message names it.
    """
    names = read_class_names(folder / "labels.txt")
    if names is not None:
        return names
    mapping = find_mapping(folder, stem)
    return read_mapping(mapping) if mapping else None


def find_mapping(folder: Path, stem: str) -> Path | None:
    """Return the mapping file of the data whose names begin so; beside files without a stem the only one there is."""
    found = [path for path in sorted(folder.glob("*mapping.txt")) if path.is_file()]
    if stem:
        found = [path for path in found if path.name == f"{stem}-mapping.txt"]
    return found[0] if len(found) == 1 else None


def read_class_names(path: Path) -> tuple[str, ...] | None:
    """Return the class names in a text file, one a line; None where there is no such file."""
    if not path.exists():
        return None
    names = tuple(visible(line) for _, line in _read_lines(path))
    if not names:
        raise ValueError(f"{path}: empty; expected one class name a line")
    return names


def read_mapping(path: Path) -> ClassNames:
    """Return the names in a mapping file of EMNIST, whose lines are a label and codes of characters.

    `1 65 97` calls label 1 `A`: where capital and small letters are one class, the first names it.

    Raises:
        ValueError: a line says something else, or the labels do not count from 0 or 1.
    """
    names: dict[int, str] = {}
    for number, line in _read_lines(path):
        label, *codes = line.split()
        is_whole = all(re.fullmatch(r"[0-9]{1,7}", word) for word in (label, *codes))
        if not is_whole or not codes or not _character(int(codes[0])).isprintable():
            raise ValueError(
                f"{path}, line {number}: {line[:40]!r} is not a label and the code of a character, as `1 65 97`"
            )
        if int(label) in names:
            raise ValueError(f"{path}, line {number}: label {label} is there twice")
        names[int(label)] = _character(int(codes[0]))
    first = min(names, default=0)
    if sorted(names) != list(range(first, first + len(names))) or first > 1 or not names:
        raise ValueError(f"{path}: labels must count from 0 or 1, none left out")
    return ClassNames(tuple(names[label] for label in sorted(names)), first)


def _character(code: int) -> str:
    """Return the character of a code; a line feed, which is not printable, where there is none."""
    return chr(code) if 32 < code <= 0x10FFFF else "\n"


def _read_lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines that are not empty, with their numbers."""
    verify_readable(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path}: too long for a list of class names")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    found = [(number, line) for number, line in lines if line]
    if len(found) > MOST_CLASSES:
        raise ValueError(f"{path}: {len(found):,} names of classes; at most {MOST_CLASSES:,}")
    for number, line in found:
        if len(line) > LONGEST_NAME:
            raise ValueError(f"{path}, line {number}: {len(line):,} letters are no name of a class")
    return found
