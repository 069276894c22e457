"""Writes that are whole or not at all: a killed run leaves the old file or the new one."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from app.untrusted.places import verify_writable

TEMPORARY = re.compile(r"\.(?P<stem>.+)-[a-z0-9_]{8}\.tmp(?P<suffix>(\..*)?)")
"""What a temporary file is called, after the file whose place it takes."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, that file takes the place of `path`.

    The temporary file lies in the same folder and has the same suffix. It is removed if the block
    raises.

    Raises:
        ValueError: there is something at `path` that is no regular file.
    """
    with replacing_all(path) as (temporary,):
        yield temporary


@contextlib.contextmanager
def replacing_all(*paths: Path) -> Iterator[list[Path]]:
    """The same for files that belong together: none takes its place before all are written out.

    Raises:
        ValueError: there is something at one of the paths that is no regular file.
    """
    for path in paths:
        verify_writable(path)
    made: list[Path] = []
    try:
        for path in paths:
            made.append(_temporary(path))
        yield made
        for temporary in made:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
        _move_all(made, paths)
        for folder in {path.parent for path in paths}:
            sync_folder(folder)
    except OSError as error:
        known = {str(temporary): path for temporary, path in zip(made, paths, strict=False)}
        if error.errno and (
            error.filename is None or str(error.filename) in known
        ):  # name what was asked for
            error.filename = str(known.get(str(error.filename), paths[0]))
        raise
    finally:
        for temporary in made:
            temporary.unlink(missing_ok=True)


def _move_all(made: list[Path], paths: Sequence[Path]) -> None:
    """Move files to their places; where one cannot be moved, those before it get their old ones back."""
    existed = [path.exists() for path in paths]
    *earlier, _ = zip(paths, existed, strict=True)
    kept = [_second_name(path) if was_there else None for path, was_there in earlier]
    moved = 0
    try:
        for temporary, path in zip(made, paths, strict=True):
            temporary.replace(path)
            moved += 1
    except BaseException:
        for (path, was_there), old in list(zip(earlier, kept, strict=True))[:moved]:
            if old is not None:
                old.replace(path)
            elif not was_there:
                path.unlink()
        raise
    finally:
        for old in kept:
            if old is not None:
                old.unlink(missing_ok=True)


def _second_name(path: Path) -> Path | None:
    """Give a file another name for a while; None on a file system where files have one name alone."""
    name = _temporary(path)
    name.unlink()
    try:
        os.link(path, name)
    except OSError:
        return None
    return name


def _temporary(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(suffix=f".tmp{path.suffix}", prefix=f".{path.stem}-", dir=path.parent)
    except OSError as error:
        error.filename = str(path)
        raise
    os.close(handle)
    return Path(name)


def sweep(folder: Path, *names: str) -> None:
    """Remove what a killed process left of the temporary files of these names, `mnist.keras` or `epoch-*.keras`."""
    for path in folder.glob(".*.tmp*"):
        found = TEMPORARY.fullmatch(path.name)
        meant = found and found["stem"] + found["suffix"]
        if meant and any(meant == name or fnmatchcase(meant, name) for name in names):
            path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def sync_folder(folder: Path) -> None:
    """Make sure that a file's new name outlives a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
