"""Which files lie in a folder of pictures: what is no picture by its name is listed, no link to a folder followed."""

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.datasets.looks import FORMATS
from app.untrusted.text import visible

IGNORED = {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "lost+found"}
"""What systems leave in folders, in small letters; hidden files are passed over too."""
OTHER_FORMATS = (".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".psd", ".dng", ".cr2", ".nef", ".arw")
"""Endings of pictures that nothing here reads: those of phones, raw ones of cameras, drawings."""
MOST_ENTRIES = 500_000
"""Files and folders that are looked at."""
MOST_LEVELS = 16
"""Folders inside each other."""

LeftOut = tuple[Path, str]
"""A file, or a folder, that is not used, and why."""


@dataclass
class Gathered:
    """What lies in a folder and below."""

    direct: list[Path] = field(default_factory=list)
    """Files in the folder itself that are pictures by their names."""
    nested: list[Path] = field(default_factory=list)
    """Those in folders further down."""
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """All pictures, those of the folder itself first."""
        return [*self.direct, *self.nested]


@dataclass
class Level:
    """What lies in one folder, sorted; what is passed over does not stand here."""

    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def natural_key(text: str) -> tuple[list[str | int], str]:
    """Return what names are sorted by: numbers by their size, letters whether capital or small.

    >>> sorted(["b", "A 10", "A 9"], key=natural_key)
    ['A 9', 'A 10', 'b']
    """
    parts = re.split(r"([0-9]+)", unicodedata.normalize("NFC", text).casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], text


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Return paths of one folder in the order of their names."""
    return sorted(paths, key=lambda path: natural_key(path.name))


def read_level(folder: Path) -> Level:
    """Return what lies in one folder."""
    level = Level()
    try:
        entries = [*os.scandir(folder)]
    except OSError as error:
        level.left_out.append((folder, f"a folder that cannot be read ({error.strerror or error})"))
        return level
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith(".") or entry.name.casefold() in IGNORED:
            continue
        kind = _kind(entry)
        if kind == "a folder":
            level.folders.append(path)
        elif kind:
            level.left_out.append((path, kind))
        elif path.suffix and path.suffix.lower() not in FORMATS:
            level.left_out.append((path, _not_read(path.suffix)))
        else:
            level.files.append(path)
    level.folders, level.files = in_order(level.folders), in_order(level.files)
    level.left_out.sort(key=lambda each: natural_key(each[0].name))
    return level


def _not_read(ending: str) -> str:
    if ending.lower() in OTHER_FORMATS:
        return f"a picture in a format that is not read here ({ending}); save it as JPEG or PNG"
    return f"no picture by its name, which ends in {visible(ending)}"


def _kind(entry: os.DirEntry[str]) -> str:
    """Return `a folder`, what is wrong with an entry, or "" for what may be a picture."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return "a folder"
        if entry.is_symlink() and entry.is_dir():
            return "a link to a folder, which is not followed"
        if entry.stat().st_size == 0 and entry.is_file():
            return "an empty file"
    except OSError:
        return "a link that leads nowhere"
    return ""


def holds_pictures(folder: Path) -> bool:
    """Return whether there is a picture, by its name, in the folders of a folder or below.

    Raises:
        ValueError: there is none among `MOST_ENTRIES` files and folders.
    """
    entries = 0
    waiting = [(path, 1) for path in reversed(read_level(folder).folders)]
    while waiting:
        path, depth = waiting.pop()
        level = read_level(path)
        if level.files:
            return True
        entries = _count(folder, entries, level)
        if depth < MOST_LEVELS:
            waiting += [(each, depth + 1) for each in reversed(level.folders)]
    return False


def _count(folder: Path, entries: int, level: Level) -> int:
    """Return how many files and folders have been seen with those of one more folder.

    Raises:
        ValueError: they are more than `MOST_ENTRIES`.
    """
    entries += len(level.files) + len(level.left_out) + len(level.folders)
    if entries > MOST_ENTRIES:
        raise ValueError(f"{folder}: more than {MOST_ENTRIES:,} files and folders; give a smaller folder")
    return entries


def gather(folder: Path) -> Gathered:
    """Return the pictures in a folder and below, in order.

    Raises:
        ValueError: there are more than `MOST_ENTRIES` files and folders.
    """
    found, entries = Gathered(), 0
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        level = read_level(path)
        (found.nested if depth else found.direct).extend(level.files)
        found.left_out += level.left_out
        entries = _count(folder, entries, level)
        if depth < MOST_LEVELS:
            waiting += [(each, depth + 1) for each in reversed(level.folders)]
        else:
            found.left_out += [(each, f"more than {MOST_LEVELS} folders deep") for each in level.folders]
    return found
