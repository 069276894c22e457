"""Receptive fields: what each cell of a map sees of the input image, worked out cell by cell.

Along one axis a cell sees a set of pixels. Whatever a layer does, each of its cells reads some cells
of the map before it, and sees the union of what those see; cells of padding see nothing. So the field
of every single position is known, borders and gaps included, with the actual size of the image:
`same` padding with stride 2 is not symmetric, and behind a transposed convolution the field alternates
from cell to cell.

A map is a product of its axes, and so is what a cell sees, until branches of different shapes meet
(1×7 beside 7×1): then it is the union of several products, and a `Field` has several parts.
"""

import collections
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

Window = tuple[int, int] | None
"""First and last pixel seen, both included; None: the cell sees nothing of the image."""

Seen = tuple[int, int]
"""A set of pixels: the first one, and a bit for each pixel from there on. (0, 0): nothing."""

MAX_SIZE = 1 << 16
"""Cells along an axis, or taps of a window, beyond which no field is worked out."""
MAX_PARTS = 8
"""Beyond this many products a field is widened to their hull."""


def window_of(seen: Seen) -> Window:
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


def union(windows: Sequence[Window]) -> Window:
    """Return the smallest window that contains all of `windows`."""
    seen = [window for window in windows if window is not None]
    if not seen:
        return None
    return min(first for first, _ in seen), max(last for _, last in seen)


@dataclass(frozen=True)
class Reads:
    """Which cells of one axis a layer reads: the single primitive behind every field.

    `taps(o)` are the cells that output o reads; those outside the axis are padding. Outputs repeat with
    a period: `taps(o + outputs) = taps(o) + cells`.
    """

    taps: Callable[[int], Sequence[int]]
    count: int
    """Number of outputs."""
    period: tuple[int, int] = (1, 1)
    """(outputs, cells)."""
    clamp: bool = False
    """True if cells outside stand for the outermost real ones instead of padding."""


@dataclass(frozen=True)
class Axis:
    """What the cells of a map see along one axis of the image, in pixels."""

    cells: tuple[Seen, ...]
    """The pixels seen by each position, those outside the image left out."""
    phases: tuple[Window, ...]
    """First and last pixel seen by one period of positions, as if the image had no ends."""
    advance: int
    """Pixels from one period to the next."""
    pixels: int
    """Size of the image along this axis."""

    @classmethod
    def of_image(cls, size: int) -> "Axis":
        """Return the axis of the image itself: each pixel sees itself."""
        return cls(tuple((i, 1) for i in range(size)), phases=((0, 0),), advance=1, pixels=size)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
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

    def endless(self, position: int) -> Window:
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

    def seen(self) -> Window:
        """Return the pixels that at least one position sees, as one window."""
        return window_of(unite(self.cells))

    def read(self, reads: Reads) -> "Axis":
        """Return the axis of a map whose cells read cells of this one."""
        last = len(self.cells) - 1

        def real(taps: Sequence[int]) -> list[Seen]:
            if reads.clamp:
                taps = [min(max(tap, 0), last) for tap in taps]
            return [self.cells[tap] for tap in taps if 0 <= tap <= last]

        cells = tuple(unite(real(reads.taps(o))) for o in range(reads.count))
        outputs, step = reads.period
        repeat = len(self.phases) // math.gcd(len(self.phases), step)
        advance = self.advance * step * repeat // len(self.phases)
        phases = [union([self.endless(t) for t in reads.taps(o)]) for o in range(outputs * repeat)]
        if all(
            phase == _shifted(phases[0], i * advance, len(phases)) for i, phase in enumerate(phases)
        ):
            phases, advance = phases[:1], advance // len(phases)
        return Axis(cells, tuple(phases), advance, self.pixels)

    def collapse(self) -> "Axis":
        """Return the axis of one cell that reads all positions, as global pooling does."""
        positions = range(len(self.cells))
        return self.read(Reads(lambda _: positions, count=1, period=(1, len(positions))))

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
        return all(
            mine == theirs or unite([mine, theirs]) == unite([mine]) for mine, theirs in pairs
        )


def _shifted(window: Window, distance: int, parts: int) -> Window | None:
    """Return `window` moved by distance/parts pixels; None where that is no whole number."""
    if window is None or distance % parts:
        return None
    return window[0] + distance // parts, window[1] + distance // parts


Part = tuple[Axis, ...]


@dataclass(frozen=True)
class Field:
    """The receptive field of a map: one `Axis` for each spatial axis of the image."""

    parts: tuple[Part, ...]
    """A cell sees the union over the parts, each of them a product of its axes."""
    whole: bool = False
    """True behind a layer that reads every position at once (dense, global pooling)."""

    @classmethod
    def of_image(cls, sizes: Sequence[int]) -> "Field":
        """Return the field of the image itself."""
        known = {size: Axis.of_image(size) for size in sizes}
        return cls((tuple(known[size] for size in sizes),))

    @cached_property
    def axes(self) -> Part:
        """The axes; where there are several parts, those of their hull."""
        axes = self.parts[0]
        for part in self.parts[1:]:
            axes = tuple(a.merge(b) for a, b in zip(axes, part, strict=True))
        return axes

    @property
    def cells(self) -> tuple[int, ...]:
        """Positions along each axis."""
        return tuple(len(axis.cells) for axis in self.parts[0])

    def read(self, reads: Sequence[Reads | None]) -> "Field":
        """Return the field of a map whose cells read cells of this one; None leaves an axis alone."""
        known: dict[tuple[int, int], Axis] = {}
        parts = []
        for part in self.parts:
            axes = []
            for axis, read in zip(part, reads, strict=True):
                if read is not None:  # the two axes of a square map are often one and the same
                    key = id(axis), id(read)
                    known[key] = axis = known.get(key) or axis.read(read)
                axes.append(axis)
            parts.append(tuple(axes))
        return Field(tuple(parts), self.whole)

    def collapse(self) -> "Field":
        """Return the field of a unit that reads the whole map."""
        if self.whole and set(self.cells) == {1}:
            return self
        parts = tuple(tuple(axis.collapse() for axis in part) for part in self.parts)
        return Field(parts, whole=True)

    def spread(self, cells: Sequence[int]) -> "Field":
        """Return the field of a map of `cells` positions, made by repeating axes of one cell."""

        def repeat(have: int, wanted: int) -> Reads | None:
            return None if have == wanted else Reads(lambda _: (0,), wanted, (1, 0))

        return self.read([repeat(*pair) for pair in zip(self.cells, cells, strict=True)])

    def merge(self, other: "Field") -> "Field":
        """Return the field of a map made of two maps, cell by cell.

        Raises:
            ValueError: the maps have different sizes.
        """
        if self is other:
            return self
        if self.cells != other.cells:
            raise ValueError(f"maps of {self.cells} and {other.cells} cells do not match")
        kept: list[Part] = []
        for part in (*self.parts, *other.parts):
            apart = []
            for (
                one
            ) in kept:  # what another part contains adds nothing but its reach beyond the image
                if _contains(one, part) or _contains(part, one):
                    part = tuple(a.merge(b) for a, b in zip(one, part, strict=True))
                else:
                    apart.append(one)
            kept = [*apart, part]
        whole = self.whole or other.whole
        field = Field(tuple(kept), whole)
        return field if len(kept) <= MAX_PARTS else Field((field.axes,), whole)

    def window_sizes(self) -> tuple[int, ...]:
        """Return the extent of the field in pixels: the seen part of the image where `whole`."""
        if not self.whole:
            return tuple(axis.size for axis in self.axes)
        windows = [axis.seen() for axis in self.axes]
        return tuple(0 if window is None else window[1] - window[0] + 1 for window in windows)

    def seen(self) -> tuple[tuple[Seen, ...], ...]:
        """Return all pixels that at least one cell sees: a union of products of sets."""
        return tuple(tuple(unite(axis.cells) for axis in part) for part in self.parts)


def _contains(one: Part, other: Part) -> bool:
    return all(a.contains(b) for a, b in zip(one, other, strict=True))


@dataclass(frozen=True)
class Unseen:
    """The pixels of an image that no output ever sees."""

    lines: tuple[tuple[int, ...], ...]
    """For each axis: the rows (columns …) of which no pixel is seen."""
    count: int
    """How many pixels are not seen, also those outside such rows and columns."""

    def __bool__(self) -> bool:
        return self.count > 0


def find_unseen(fields: Sequence[Field]) -> Unseen:
    """Return the pixels of one image that none of the outputs with these fields sees."""
    products = {product for field in fields for product in field.seen()}
    sizes = [axis.pixels for axis in fields[0].parts[0]]
    lines = []
    for index, size in enumerate(sizes):
        seen = unite([product[index] for product in products if all(s[1] for s in product)])
        bits = seen[1] << seen[0]
        lines.append(tuple(pixel for pixel in range(size) if not bits >> pixel & 1))
    masks = [tuple(bits << first for first, bits in product) for product in products]
    return Unseen(tuple(lines), math.prod(sizes) - _count_pixels(masks))


def _count_pixels(products: Sequence[tuple[int, ...]]) -> int:
    """Return the number of pixels in a union of products of sets."""
    if not products or not products[0]:
        return len(products[:1])
    longest = max(product[0].bit_length() for product in products)
    kinds = collections.Counter(
        tuple(i for i, product in enumerate(products) if product[0] >> pixel & 1)
        for pixel in range(longest)
    )  # rows that the same products reach are alike
    return sum(
        count * _count_pixels([products[i][1:] for i in members])
        for members, count in kinds.items()
    )
