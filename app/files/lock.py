"""One run at a time in one place."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; a killed process lets it go.

    Raises:
        ValueError: another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # there are no such locks on this system
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ValueError(
                f"another run is already {what}; wait for it, or choose another --output"
            ) from error
        yield
