"""Receptive fields: what each cell of a map sees of the input image, worked out cell by cell.

A map is a product of its axes (`axes.py`), and so is what a cell sees, until branches of different
shapes meet (1×7 beside 7×1): then it is the union of several products, and a `Field` has several parts.
`same` padding with stride 2 is not symmetric, and behind a transposed convolution the field alternates from
cell to cell: both come out of the same arithmetic.
"""

import collections
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.counting.axes import Axis, Seen, Taps, unite

MAX_PARTS = 8
"""Beyond this many products a field is widened to their hull."""

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

    def read(self, taps: Sequence[Taps | None]) -> "Field":
        """Return the field of a map whose cells read cells of this one; None leaves an axis alone."""
        known: dict[tuple[int, int], Axis] = {}
        parts = []
        for part in self.parts:
            axes = []
            for axis, read in zip(part, taps, strict=True):
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

        def repeat(have: int, wanted: int) -> Taps | None:
            return None if have == wanted else Taps(lambda _: (0,), wanted, (1, 0))

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
            for one in kept:
                # what another part contains adds nothing but its reach beyond the image
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

    def text(self) -> str:
        """Return the field as it is read: `18×18`, or `5–6×5–6` where it alternates from cell to cell.

        Behind dense layers it is `all` of the image, or how much of it.
        """
        if not self.whole:
            sizes = [(axis.sizes[0], axis.sizes[-1])[: len(axis.sizes)] for axis in self.axes]
            return "×".join("–".join(f"{n:,}" for n in ends) for ends in sizes)
        seen, image = (
            "×".join(f"{n:,}" for n in sizes)
            for sizes in (self.window_sizes(), [axis.pixels for axis in self.axes])
        )
        return "all" if seen == image else f"{seen} of {image}"

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
        tuple(i for i, product in enumerate(products) if product[0] >> pixel & 1) for pixel in range(longest)
    )  # rows that the same products reach are alike
    return sum(count * _count_pixels([products[i][1:] for i in members]) for members, count in kinds.items())
