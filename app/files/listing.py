"""Which files are to be predicted: those that are named, those in folders, those in a list."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.datasets.picture_files import natural_key
from app.files.folder_run import PICTURES

LIST = "-"
"""Stands for a list of paths on standard input."""
SERIES = (".csv", ".tsv", ".npy")
"""Endings of files that are taken for series, in folders, by networks that take such."""
LOOKED_AT = 1 << 16
"""Bytes of a list in which a zero byte shows that its paths end in one."""
MOST_BEFORE = 1 << 20
"""Bytes of a list within which a path must end: neither lines nor zeros without end are a list."""


@dataclass
class Listing:
    """The files that are to be predicted, and what was left out."""

    files: list[str] = field(default_factory=list)
    """In the order of what was given; within folders sorted as people count: 2 before 10."""
    hidden: int = 0
    """Files and folders in the given folders whose names begin with a dot."""
    others: Counter[str] = field(default_factory=Counter)
    """Files in the given folders that are no pictures, by their endings."""
    linked: int = 0
    """Links to folders in the given folders, which are not followed: they may lead in circles."""
    closed: list[str] = field(default_factory=list)
    """Folders that cannot be opened."""
    empty: list[str] = field(default_factory=list)
    """Given folders without a picture."""

    def left_out(self) -> str:
        """Return what was left out in the given folders, in words, "" where that is nothing."""
        parts = []
        if count := sum(self.others.values()):
            kinds = [kind or "without an ending" for kind, _ in self.others.most_common(3)]
            more = ", …" if len(self.others) > len(kinds) else ""
            files = "files of other kinds" if count > 1 else "file of another kind"
            parts.append(f"{count:,} {files} ({', '.join(kinds)}{more})")
        if self.hidden:
            parts.append(f"{self.hidden:,} hidden")
        if self.linked:
            parts.append(f"{self.linked:,} link{'s' * (self.linked > 1)} to folders")
        if self.closed:
            parts.append(f"{len(self.closed):,} folder{'s' * (len(self.closed) > 1)} that cannot be opened")
        return ", ".join(parts)


def list_pictures(given: Iterable[str], stream: BinaryIO | None = None, is_series: bool = False) -> Listing:
    """Return the files that are named, those in the folders that are named, and those in a list.

    Folders are searched with all their sub-folders. A file that is named is taken whatever it is called.

    Args:
        given: paths; `-` stands for the list in `stream`.
        stream: paths, one a line, or each with a zero byte behind it, as `find -print0` writes them. Empty lines are
            left out.
        is_series: whether the network takes series, so that folders are searched for these.

    Raises:
        ValueError: nothing is left, or the list is asked for twice or is none.
    """
    given, listing = list(given), Listing()
    if given.count(LIST) > 1:
        raise ValueError("- stands for the list on standard input, which can be read only once")
    endings = SERIES if is_series else PICTURES
    for path in given:
        if path != LIST:
            _add(listing, path, endings)
        elif stream is not None:
            for listed in read_list(stream):
                _add(listing, listed, endings)
    if not listing.files:
        raise ValueError(_nothing(listing, given, endings))
    return listing


def read_list(stream: BinaryIO) -> Iterator[str]:
    """Yield the paths in a list: one a line, or each ended by a zero byte where there is any.

    Raises:
        ValueError: it is in UTF-16, or names nothing for very long.
    """
    text = stream.read(LOOKED_AT)
    if _is_utf_16(text):
        raise ValueError(
            "the list on standard input is in UTF-16, as PowerShell writes it; write it in UTF-8"
        )
    ends = b"\0" if b"\0" in text else b"\n"
    text, read = text.removeprefix(b"\xef\xbb\xbf"), 0
    while True:
        *whole, rest = text.split(ends)
        paths = [*filter(None, map(_path, whole))]
        yield from paths
        piece = stream.read(LOOKED_AT)
        if not piece:
            break
        text, read = rest + piece, 0 if paths else read + len(piece)
        if read > MOST_BEFORE:
            raise ValueError("the list on standard input names no file for a megabyte; write one path a line")
    if _path(rest):
        yield _path(rest)


def _is_utf_16(text: bytes) -> bool:
    """Return whether a text begins with the mark of UTF-16, and a Latin letter of two bytes."""
    return (text[:2], text[3:4]) == (b"\xff\xfe", b"\0") or text[:3] == b"\xfe\xff\0"


def _path(line: bytes) -> str:
    line = line.removesuffix(b"\r")
    return os.fsdecode(line) if line.strip() else ""


def _add(listing: Listing, path: str, endings: Sequence[str]) -> None:
    """Add a file, or the pictures in a folder."""
    if not os.path.isdir(path):  # noqa: PTH112  # which no name is too long for
        listing.files.append(path)
        return
    before = len(listing.files)
    walk = os.walk(path, onerror=lambda error: listing.closed.append(str(error.filename)))
    for folder, folders, files in walk:
        listing.hidden += sum(name.startswith(".") for name in (*folders, *files))
        shown = [name for name in folders if not name.startswith(".")]
        links = {name for name in shown if Path(folder, name).is_symlink()}
        listing.linked += len(links)
        folders[:] = sorted(set(shown) - links, key=natural_key)
        for name in sorted(files, key=natural_key):
            ending = Path(name).suffix.lower()
            if name.startswith("."):
                continue
            if ending in endings:
                listing.files.append(str(Path(folder, name)))
            else:
                listing.others[ending] += 1
    if len(listing.files) == before:
        listing.empty.append(path)


def _nothing(listing: Listing, given: Sequence[str], endings: Sequence[str]) -> str:
    """Return why there is nothing to predict."""
    left_out = listing.left_out()
    if listing.empty:
        rest = f"; left out: {left_out}" if left_out else ""
        return f"{listing.empty[0]} has no pictures ({', '.join(endings)}){rest}"
    if LIST in given:
        return "the list on standard input names no file; write one path a line"
    return "give pictures: files, folders, or - for a list of paths on standard input"
