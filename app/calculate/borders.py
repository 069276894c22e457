"""Which cells a sliding window reads, and which it leaves out.

Tap t of window o reads cell o·s + t·d − p. Taps whose offsets leave the same remainder on division
by the stride read the same class of cells, each an unbroken run of it; so everything is
counted by joining runs, one for each tap, whatever the size.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.calculate.geometry import ReversibleWindow


@dataclass(frozen=True)
class Border:
    """What a window makes of the cells of one axis."""

    read: int
    """Cells that at least one window reads."""
    dropped: range
    """Cells after the last window's last tap, which nothing reads."""
    skipped: int
    """Cells before that which no tap falls on."""
    overhang: int
    """Cells by which the last window reaches beyond the last cell and its padding (ceil)."""
    blind: int
    """Windows that read padding alone."""


def find_border(size: int, window: ReversibleWindow) -> Border:
    """Return what `window` reads of `size` cells.

    Raises:
        ValueError: the kernel does not fit.
    """
    outputs = window.output_size(size)
    before, after = window.sides(size)
    end = (outputs - 1) * window.stride + window.span - before
    dropped = range(min(max(end, 0), size), size)
    read, seeing = _count_read(size, window, outputs, before)
    return Border(
        read=read,
        dropped=dropped,
        skipped=size - len(dropped) - read,
        overhang=max(end - size - after, 0),
        blind=outputs - seeing,
    )


def _count_read(size: int, window: ReversibleWindow, outputs: int, before: int) -> tuple[int, int]:
    """Return how many cells are read, and by how many windows."""
    stride = window.stride
    classes: dict[int, list[tuple[int, int]]] = {}
    windows = []
    for tap in range(window.kernel):
        offset = tap * window.dilation
        first = max(0, -((offset - before) // stride))
        last = min(outputs - 1, (before + size - 1 - offset) // stride)
        if first <= last:
            windows.append((first, last))
            turns, remainder = divmod(offset, stride)
            classes.setdefault(remainder, []).append((first + turns, last + turns))
    return sum(_joined_length(runs) for runs in classes.values()), _joined_length(windows)


def _joined_length(runs: Iterable[tuple[int, int]]) -> int:
    """Return how many numbers lie in at least one of the runs, which include both ends."""
    total, end = 0, -1
    for first, last in sorted(runs):
        total += max(last - max(first, end + 1) + 1, 0)
        end = max(end, last)
    return total
