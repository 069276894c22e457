"""Layers that add cells at the borders of a map or take them away."""

from collections.abc import Sequence
from typing import Any

from app.counting.axes import padded_taps
from app.counting.count import Count
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, read_map, spread
from app.counting.layers.shapes import split_map
from app.counting.rows import Shape

Amounts = int | Sequence[int] | Sequence[Sequence[int]]


def read_amounts(amounts: Amounts, rank: int) -> tuple[tuple[int, int], ...]:
    """Return the cells before and after along each axis; a single number stands for both.

    Raises:
        ValueError: there are not `rank` of them, or one is not a whole number from 0 up.
    """
    if rank == 1 and not isinstance(amounts, int):
        amounts = (amounts,)  # type: ignore[assignment]
    axes: tuple[Size, ...] = (amounts,) * rank if isinstance(amounts, int) else tuple(amounts)
    if len(axes) != rank:
        raise ValueError(f"expected amounts for {rank} axes, not {amounts!r}")
    pairs = tuple(spread(axis, 2) for axis in axes)
    if min(n for pair in pairs for n in pair) < 0:
        raise ValueError(f"amounts must not be below zero: {amounts!r}")
    return tuple((before, after) for before, after in pairs)


class _Border(Layer):
    """What padding and cropping share: cells before and after along each axis."""

    is_linear = True
    rank = 2
    sign = 1
    amounts: tuple[tuple[int, int], ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return n ± (before + after) along each axis.

        Raises:
            ValueError: nothing is left.
        """
        sizes, channels = split_map(inputs[0], self.rank, self.kind)
        mark = "+" if self.sign > 0 else "−"
        after = []
        for size, pair in zip(sizes, self.amounts, strict=True):
            left = size + self.sign * sum(pair)
            if left < 1:
                raise ValueError(f"cropping {pair[0]} + {pair[1]} leaves nothing of {size} cells")
            after.append(Count(left, f"{int(size):,} {mark} {pair[0]} {mark} {pair[1]}"))
        return (*after, channels)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Add cells that see nothing, or leave cells out."""
        pairs = zip(shapes[0], self.amounts, strict=False)
        taps = (padded_taps(size, *(self.sign * n for n in pair)) for size, pair in pairs)
        return read_map(shapes[0], fields[0], taps)

    def settings(self) -> str:
        """Return the cells on each side."""
        sides = [f"{before}" if before == after else f"{before}+{after}" for before, after in self.amounts]
        return sides[0] if len(set(sides)) == 1 else ", ".join(sides)


class _Padding(_Border):
    """A border of zeros."""

    family = "Padding"

    def __init__(self, padding: Amounts = 1, **common: Any) -> None:
        super().__init__(**common)
        self.amounts = read_amounts(padding, self.rank)


class ZeroPadding1D(_Padding):
    """Zeros before and after."""

    rank = 1


class ZeroPadding2D(_Padding):
    """A border of zeros."""


class ZeroPadding3D(_Padding):
    """A hull of zeros."""

    rank = 3


class _Cropping(_Border):
    """A border taken away."""

    is_taught = False
    sign = -1

    def __init__(self, cropping: Amounts = 1, **common: Any) -> None:
        super().__init__(**common)
        self.amounts = read_amounts(cropping, self.rank)


class Cropping1D(_Cropping):
    """Steps taken away before and after."""

    rank = 1


class Cropping2D(_Cropping):
    """A border taken away."""

    def __init__(self, cropping: Amounts = ((0, 0), (0, 0)), **common: Any) -> None:
        super().__init__(cropping, **common)


class Cropping3D(_Cropping):
    """A hull taken away."""

    rank = 3
