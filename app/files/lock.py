"""One run at a time in one place: the next one is refused, or waits."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from app.untrusted.places import verify_writable


@contextlib.contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; a killed process lets it go.

    Raises:
        ValueError: another process holds it, or it is no regular file.
    """
    with _locked(path, waits=False) as is_held:
        if not is_held:
            raise ValueError(f"another run is already {what}; wait for it, or choose another --output")
        yield


@contextlib.contextmanager
def one_by_one(path: Path) -> Iterator[None]:
    """The same, after waiting for whoever holds it.

    Raises:
        ValueError: it is no regular file.
    """
    with _locked(path, waits=True):
        yield


@contextlib.contextmanager
def held_folder(folder: Path, is_shared: bool) -> Iterator[bool]:
    """Hold a folder while the block runs, with others or alone; give whether it is held, without waiting."""
    try:
        import fcntl
    except ImportError:
        yield True  # a system without such locks
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        is_held = True
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            is_held = False
        yield is_held
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(path: Path, waits: bool) -> Iterator[bool]:
    """Give whether the lock is held; on a system without such locks it always is."""
    try:
        import fcntl
    except ImportError:
        yield True
        return
    if path.parent.is_symlink():
        raise ValueError(f"{path.parent} is a link to somewhere else; remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    verify_writable(path)
    # opened without emptying it, and never through a link that came in between
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    with os.fdopen(handle, "r+") as file:
        is_held = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except OSError:
            is_held = waits  # where a file system has no locks, nobody is waited for
        yield is_held
