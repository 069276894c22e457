"""Warnings held back while several threads read: Python's own way is made for one thread."""

import contextlib
import threading
import warnings
from collections.abc import Iterator

_lock = threading.Lock()
_inside: list[warnings.catch_warnings] = []


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Show no warnings inside the block; afterwards the filters are what they were before the first thread came in.

    `warnings.catch_warnings` puts back what it found, and of two threads the second one finds the first one's filter.
    """
    with _lock:
        caught = warnings.catch_warnings() if not _inside else _inside[0]
        if not _inside:
            caught.__enter__()
            warnings.simplefilter("ignore")
        _inside.append(caught)
    try:
        yield
    finally:
        with _lock:
            _inside.pop()
            if not _inside:
                caught.__exit__(None, None, None)
