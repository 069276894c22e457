"""Receptive fields of a chain of windows along one axis.

Each layer widens what a cell sees: r' = r + d·(k − 1)·j, and steps further: j' = s·j, where the jump j is
the distance in pixels between neighbouring cells. The first cell's centre moves by half a window less the
padding: c' = c + (d·(k − 1)/2 − p)·j. The centre of pixel i is at i.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.calculate.geometry import ReversibleWindow
from app.calculate.settings import Setting, SettingError
from app.counting.count import Count

MOST_READS = 10_000_000
MOST_STACKS = 100_000


@dataclass(frozen=True)
class Reach:
    """What the cells behind one layer of a chain see."""

    field: Count
    """r: pixels from the first to the last one seen, away from the borders."""
    jump: Count
    """j: pixels between neighbouring cells."""
    start: Fraction | None
    """c: the centre of the first cell; None where it depends on a size that is not known."""
    size: Count | None
    """Cells along the axis, where the size of the input is known."""


def follow(windows: Sequence[ReversibleWindow], pixels: int | None = None) -> list[Reach]:
    """Return the reach behind each of `windows`, as `each_reach` yields them.

    Raises:
        ValueError: a kernel does not fit.
    """
    return [*each_reach(windows, pixels)]


def each_reach(windows: Sequence[ReversibleWindow], pixels: int | None = None) -> Iterator[Reach]:
    """Yield the reach behind each of `windows`, one after the other over `pixels`.

    Raises:
        ValueError: a kernel does not fit.

    Source: Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, 2019.
    """
    reach = Reach(Count(1), Count(1), Fraction(0), Count(pixels) if pixels else None)
    for window in windows:
        field, jump = window.widen(reach.field, reach.jump)
        more = f"{window.dilation:,}·" if window.dilation > 1 else ""
        reach = Reach(
            Count(field, f"{reach.field:,} + {more}({window.kernel:,} − 1)·{reach.jump:,}"),
            Count(jump, f"{window.stride:,}·{reach.jump:,}"),
            _start(reach, window),
            None if reach.size is None else window.output_size(reach.size),
        )
        yield reach


def _start(reach: Reach, window: ReversibleWindow) -> Fraction | None:
    """Return c + (d·(k − 1)/2 − p)·j. With stride 1, `same` pads alike at every size."""
    depends = window.padding == "same" and window.stride > 1
    if reach.start is None or (depends and reach.size is None):
        return None
    before, _ = window.sides(reach.size or 1)
    return reach.start + (Fraction(window.span - 1, 2) - before) * reach.jump


def read_pixels(windows: Sequence[ReversibleWindow], pixels: int, cells: Collection[int]) -> set[int]:
    """Return the pixels, of `pixels`, that the given cells behind all `windows` depend on.

    Exact to the pixel: the cells are traced back tap by tap, and padding holds nothing.

    Raises:
        ValueError: a kernel does not fit, or the chain is too large to trace.
    """
    sizes = [pixels, *(reach.size for reach in follow(windows, pixels) if reach.size)]
    read = set(cells)
    for window, size in zip(reversed(windows), reversed(sizes[:-1]), strict=True):
        if len(read) * window.kernel > MOST_READS:
            raise ValueError(
                f"{len(read):,} cells with a kernel of {window.kernel:,} are too many to trace "
                "pixel by pixel; take a smaller input, or leave it out"
            )
        before, _ = window.sides(size)
        starts = [cell * window.stride - before for cell in read]
        taps = range(0, window.span, window.dilation)
        read = {start + tap for tap in taps for start in starts if 0 <= start + tap < size}
    return read


def find_stacks(
    pieces: Sequence[ReversibleWindow], field: int, depth: int
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Return every stack of at most `depth` pieces with this receptive field, and the nearest fields.

    A stack is told by the indices of its pieces. The nearest fields are empty where stacks were found.

    Raises:
        ValueError: there are too many stacks to try.
    """
    tried = sum(len(pieces) ** layers for layers in range(1, depth + 1))
    if tried > MOST_STACKS:
        raise SettingError(
            f"{tried:,} stacks are more than the {MOST_STACKS:,} that are tried; "
            "give fewer pieces or a smaller ",
            Setting("depth"),
        )
    found, others = [], set()
    for layers in range(1, depth + 1):
        for stack in itertools.product(range(len(pieces)), repeat=layers):
            reached = int(follow([pieces[i] for i in stack])[-1].field)
            if reached == field:
                found.append(stack)
            others.add(reached)
    least = min(abs(reached - field) for reached in others)
    return found, [] if found else sorted(r for r in others if abs(r - field) == least)
