"""What a process that opens a stranger's file may take of the machine."""

import contextlib
import math
import time
from collections.abc import Iterator

READING = 15
"""Seconds of processor time to read what a model file says of itself: damaged HDF5 can make its library spin."""
LOADING = 60
"""The same to load its weights."""

_is_apart = False


def limit_process(memory: int, seconds: int, file_size: int) -> None:
    """Limit this process: bytes of data, seconds of processor time, bytes of any file that it writes.

    Data are limited and not addresses, of which TensorFlow reserves much more than it uses. Lower limits that are
    there already stay.
    """
    global _is_apart
    import resource

    wanted = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        soft, hard = resource.getrlimit(kind)
        known = [each for each in (soft, hard, value) if each != resource.RLIM_INFINITY]
        resource.setrlimit(kind, (min(known), hard))
    _is_apart = True


@contextlib.contextmanager
def within(seconds: int) -> Iterator[None]:
    """End the process where the block takes more processor time; only one that `limit_process` has limited.

    Nobody else can be helped: the time is spent in C, which hears no exception.
    """
    if not _is_apart:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = math.ceil(time.process_time()) + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (until if soft == resource.RLIM_INFINITY else min(soft, until), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
