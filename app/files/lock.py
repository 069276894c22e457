"""One run at a time in one place."""

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
    try:
        import fcntl
    except ImportError:  # there are no such locks on this system
        yield
        return
    if path.parent.is_symlink():
        raise ValueError(f"{path.parent} is a link to somewhere else; remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    verify_writable(path)
    # opened without emptying it, and never through a link that came in between
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ValueError(
                f"another run is already {what}; wait for it, or choose another --output"
            ) from error
        yield
