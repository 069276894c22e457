"""One axis of a receptive field: which pixels each position of a map sees along it.

Whatever a layer does, each of its cells reads some cells of the map before it (`Taps`), and sees the
union of what those see; cells of padding see nothing. So every position is known, borders and gaps
included, with the actual size of the image.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Extent = tuple[int, int] | None
"""First and last pixel seen, both included; None: the cell sees nothing of the image."""

Seen = tuple[int, int]
"""A set of pixels: the first one, and a bit for each pixel from there on. (0, 0): nothing."""

NOTHING: Seen = (0, 0)
WIDE = 16
"""Taps from which a window's cells are united by halves."""
MAX_SIZE = 1 << 16
"""Cells along an axis, or taps of a window, beyond which no field is worked out."""
MAX_WORK = 1 << 29
"""Cells of a map times the pixels that one sees, beyond which no field is worked out."""


def window_of(seen: Seen) -> Extent:
    """Return the first and the last pixel of a set."""
    first, bits = seen
    return (first, first + bits.bit_length() - 1) if bits else None


def unite(sets: Sequence[Seen]) -> Seen:
    """Return the union of several sets of pixels."""
    first = min((start for start, bits in sets if bits), default=0)
    united = 0
    for start, bits in sets:
        if bits:
            united |= bits << (start - first)
    return first, united


def union(windows: Sequence[Extent]) -> Extent:
    """Return the smallest window that contains all of `windows`."""
    seen = [window for window in windows if window is not None]
    if not seen:
        return None
    return min(first for first, _ in seen), max(last for _, last in seen)


def find_runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each unbroken run of numbers, in order.

    >>> find_runs({4, 0, 1, 2})
    [(0, 2), (4, 4)]
    """
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


@dataclass(frozen=True)
class Taps:
    """Which cells of one axis a layer reads: the single primitive behind every field.

    `at(o)` are the cells that output o reads; those outside the axis are padding. Outputs repeat with
    a period: `at(o + outputs) = at(o) + cells`.
    """

    at: Callable[[int], Sequence[int]]
    count: int
    """Number of outputs."""
    period: tuple[int, int] = (1, 1)
    """(outputs, cells)."""
    clamp: bool = False
    """True if taps beyond the edge read the edge cell instead of padding."""


@functools.lru_cache(1024)
def padded_taps(size: int, before: int, after: int) -> Taps:
    """Return the taps of a map of `size` cells with a border of padding; below 0 cells are cut off."""
    return Taps(lambda o: (o - before,), size + before + after)


@dataclass(frozen=True)
class Axis:
    """What the cells of a map see along one axis of the image, in pixels."""

    cells: tuple[Seen, ...]
    """The pixels seen by each position, those outside the image left out."""
    phases: tuple[Extent, ...]
    """First and last pixel seen by one period of positions, as if the image had no ends."""
    advance: int
    """Pixels from one period to the next."""
    pixels: int
    """Size of the image along this axis."""

    @classmethod
    def of_image(cls, size: int) -> "Axis":
        """Return the axis of the image itself: each pixel sees itself."""
        return cls(tuple((i, 1) for i in range(size)), phases=((0, 0),), advance=1, pixels=size)

    @functools.cached_property
    def windows(self) -> tuple[Extent, ...]:
        """The first and the last pixel that each position sees."""
        return tuple(window_of(seen) for seen in self.cells)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The extents of the field away from the borders; several if it alternates by phase."""
        return tuple(sorted({w[1] - w[0] + 1 if w else 0 for w in self.phases}))

    @property
    def size(self) -> int:
        """The receptive field away from the borders, the largest if it alternates.

        For windows one after the other r' = r + d·(k − 1)·j.
        """
        return self.sizes[-1]

    @property
    def jump(self) -> float:
        """Pixels between neighbouring positions, on average: j' = s·j."""
        return self.advance / len(self.phases)

    @property
    def start(self) -> float:
        """Centre of the first position, borders ignored; pixel i has its centre at i."""
        return self.centre(0)

    def endless(self, position: int) -> Extent:
        """Return what a position sees on an image without ends; positions may lie outside too."""
        periods, phase = divmod(position, len(self.phases))
        window = self.phases[phase]
        shift = periods * self.advance
        return (window[0] + shift, window[1] + shift) if window else None

    def centre(self, position: int) -> float:
        """Return the centre of a position's field, borders ignored, in pixels."""
        window = self.endless(position)
        return sum(window) / 2 if window else position * self.jump

    def centres(self) -> list[float]:
        """Return the centre of each position's field, borders ignored, in pixels."""
        return [self.centre(i) for i in range(len(self.cells))]

    def seen(self) -> Extent:
        """Return the pixels that at least one position sees, as one window."""
        return window_of(unite(self.cells))

    def read(self, taps: Taps) -> "Axis":
        """Return the axis of a map whose cells read cells of this one."""
        last = len(self.cells) - 1

        def real(cells: Sequence[int]) -> list[Seen]:
            if taps.clamp:
                cells = [min(max(cell, 0), last) for cell in cells]
            return [self.cells[cell] for cell in cells if 0 <= cell <= last]

        first = taps.at(0)
        if isinstance(first, range) and len(first) > WIDE:
            cells = self._slide(taps, len(first), first.step)
        else:
            cells = tuple(unite(real(taps.at(o))) for o in range(taps.count))
        outputs, step = taps.period
        repeat = len(self.phases) // math.gcd(len(self.phases), step)
        advance = self.advance * step * repeat // len(self.phases)
        phases = [union([self.endless(t) for t in taps.at(o)]) for o in range(outputs * repeat)]
        if all(phase == _shifted(phases[0], i * advance, len(phases)) for i, phase in enumerate(phases)):
            phases, advance = phases[:1], advance // len(phases)
        return Axis(cells, tuple(phases), advance, self.pixels)

    def _slide(self, wide: Taps, kernel: int, dilation: int) -> tuple[Seen, ...]:
        """Return what wide windows of one size see: each is the union of two that are a power of two.

        The unions over 1, 2, 4 … taps follow from each other, so that the work grows with the logarithm
        of the window instead of the window.
        """
        starts = [wide.at(output)[0] for output in range(wide.count)]
        before, reach = -min(starts), dilation * (kernel - 1)
        after = max(max(starts) + reach - (len(self.cells) - 1), 0)
        before = max(before, 0)
        level = [NOTHING] * before + list(self.cells) + [NOTHING] * after
        taps = 1
        while 2 * taps <= kernel:
            shift = dilation * taps
            level = [unite(level[i : i + shift + 1 : shift]) for i in range(len(level))]
            taps *= 2
        last = dilation * (kernel - taps)
        return tuple(unite([level[s + before], level[s + before + last]]) for s in starts)

    def collapse(self) -> "Axis":
        """Return the axis of one cell that reads all positions, as global pooling does."""
        positions = range(len(self.cells))
        return self.read(Taps(lambda _: positions, count=1, period=(1, len(positions))))

    def merge(self, other: "Axis") -> "Axis":
        """Return the axis of a map that reads two maps of one size, cell by cell.

        Raises:
            ValueError: the maps have different sizes.
        """
        if self is other:
            return self
        if len(self.cells) != len(other.cells):
            raise ValueError(f"maps of {len(self.cells)} and {len(other.cells)} cells do not match")
        cells = tuple(unite(pair) for pair in zip(self.cells, other.cells, strict=True))
        wider = self if self.size >= other.size else other
        apart = not any(a[1] and b[1] for a, b in zip(self.cells, other.cells, strict=True))
        if apart or self.jump != other.jump:  # side by side, or of two scales: no common period
            return dataclasses.replace(wider, cells=cells)
        count = math.lcm(len(self.phases), len(other.phases))
        phases = tuple(union([self.endless(i), other.endless(i)]) for i in range(count))
        return Axis(cells, phases, self.advance * count // len(self.phases), self.pixels)

    def contains(self, other: "Axis") -> bool:
        """Return whether every cell sees all that the same cell of `other` sees."""
        if self is other:
            return True
        pairs = zip(self.cells, other.cells, strict=True)
        return all(mine == theirs or unite([mine, theirs]) == unite([mine]) for mine, theirs in pairs)


def _shifted(window: Extent, distance: int, parts: int) -> Extent:
    """Return `window` moved by distance/parts pixels; None where that is no whole number."""
    if window is None or distance % parts:
        return None
    return window[0] + distance // parts, window[1] + distance // parts
