"""What there is of memory, and whether what is about to be taken fits."""

import os
from pathlib import Path

LAST = 64 << 20
"""Bytes below which nothing works any more."""
RESERVE = 0.1
"""Share of the free memory that is left alone."""


def free_memory() -> int | None:
    """Return the bytes that this process can still take, None where the system does not say.

    The least of what the machine has free, what a container grants and what the process' own limit leaves.
    """
    found = [_of_machine(), _of_container(), _of_process()]
    known = [value for value in found if value is not None]
    return min(known) if known else None


def is_short_of_memory() -> bool:
    """Return whether next to nothing is left."""
    free = free_memory()
    return free is not None and free < LAST


def verify_fits(needed: int, what: str) -> None:
    """Refuse what takes more memory than there is.

    Args:
        needed: bytes.
        what: subject of the sentence: `the model cat.keras`.

    Raises:
        ValueError: there is less.
    """
    free = free_memory()
    if free is not None and needed > free * (1 - RESERVE):
        raise ValueError(f"{what} needs about {gigabytes(needed)} of memory; {gigabytes(free)} are free")


SMALL = 512 << 20
"""Bytes that a file may unpack to whatever its own size."""
MOST_GROWTH = 10
"""How many times its own size it may unpack to beyond that; digits shrink to an eighth, weights hardly."""


def verify_growth(unpacked: int, stored: int, what: str) -> None:
    """Refuse what would unpack beyond all measure: of packed zeros a small file has room for gigabytes.

    Args:
        unpacked: bytes that would come out.
        stored: bytes that are there.
        what: subject of the sentence.

    Raises:
        ValueError: the first is too much for the second.
    """
    if is_too_much(unpacked, stored):
        raise ValueError(
            f"{what} would unpack from {stored:,} bytes to {unpacked:,}; if it is your own, store it unpacked"
        )


def is_too_much(unpacked: int, stored: int) -> bool:
    """Return whether bytes that would come out are too many for the bytes that are there."""
    return unpacked > max(SMALL, MOST_GROWTH * stored)


def gigabytes(count: int) -> str:
    """Return bytes in words.

    >>> gigabytes(1_500_000_000)
    '1.5 GB'
    """
    return f"{count / 1e9:,.1f} GB"


def _of_machine() -> int | None:
    for line in _lines("/proc/meminfo"):
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _of_container() -> int | None:
    """Return what the control group of a container leaves (version 2)."""
    limit, used = (_lines(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
    if limit and used and limit[0].isdigit():
        return max(int(limit[0]) - int(used[0]), 0)
    return None


def _of_process() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit == resource.RLIM_INFINITY:
        return None
    used = next((line.split()[1] for line in _lines("/proc/self/status") if line.startswith("VmData:")), "0")
    return max(limit - int(used) * 1024, 0)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except (OSError, ValueError):
        return []
