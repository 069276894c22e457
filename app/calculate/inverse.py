"""Geometry backwards: every way to a wanted output size.

For one window the sizes that give an output are consecutive and known in closed form; so a search runs
over settings only, never over sizes, and finds large sizes as fast as small ones.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.calculate.geometry import ReversibleWindow
from app.calculate.transposing import Transposed

Stages = tuple[ReversibleWindow | Transposed, ...]
"""What is applied one after the other: a convolution, and perhaps a pool behind it."""

MOST_STAGES = 100_000
MOST_WAYS = 10_000


@dataclass(frozen=True)
class Way:
    """Input sizes that lead through one set of stages to the wanted output, along each axis."""

    stages: Stages
    inputs: tuple[range, ...]
    """The input sizes, consecutive ones together."""
    middles: tuple[tuple[int, ...], ...]
    """The sizes between the stages, for each axis."""

    @property
    def count(self) -> int:
        """How many inputs these are."""
        return math.prod(len(sizes) for sizes in self.inputs)


def check_size(candidates: int) -> None:
    """Refuse a search through more sets of settings than are tried.

    Raises:
        ValueError: there are more than `MOST_STAGES`.
    """
    if candidates > MOST_STAGES:
        raise ValueError(
            f"{candidates:,} sets of settings are more than the {MOST_STAGES:,} that are tried; "
            "fix or narrow some of them"
        )


def find_ways(candidates: Sequence[Stages], wanted: Sequence[int], inputs: range) -> list[Way]:
    """Return every way from a size within `inputs` to `wanted`, one entry an axis.

    Raises:
        ValueError: there are more candidates or ways than anybody would read.
    """
    check_size(len(candidates))
    found = []
    for stages in candidates:
        axes = [list(_ways_back(stages, size, inputs)) for size in wanted]
        for way in itertools.product(*axes):
            found.append(Way(stages, *zip(*way, strict=True)))
            if len(found) > MOST_WAYS:
                raise ValueError(
                    f"there are more than {MOST_WAYS:,} ways; fix or narrow some of the settings"
                )
    return found


def _ways_back(stages: Stages, output: int, inputs: range) -> Iterator[tuple[range, tuple[int, ...]]]:
    """Yield input sizes, and the sizes on the way, that lead to `output` along one axis."""
    *earlier, last = stages
    sizes = _common(last.inputs_for(output), _reachable(earlier, inputs))
    if not earlier:
        if sizes:
            yield sizes, ()
        return
    for middle in sizes:
        for first, middles in _ways_back(tuple(earlier), middle, inputs):
            yield first, (*middles, middle)


def nearest_outputs(
    candidates: Sequence[Stages], wanted: Sequence[int], inputs: range
) -> list[tuple[int, ...]]:
    """Return the outputs nearest to `wanted` that some candidate reaches; empty if none reaches any.

    Near is measured by the sum of the distances along the axes.
    """
    near: set[tuple[int, ...]] = set()
    for stages in candidates:
        sizes = _reachable(stages, inputs)
        if sizes:
            near.update(itertools.product(*(_neighbours(sizes, size) for size in wanted)))
    if not near:
        return []
    distances = {n: sum(abs(a - b) for a, b in zip(n, wanted, strict=True)) for n in near}
    least = min(distances.values())
    return sorted(n for n in near if distances[n] == least)


def _reachable(stages: Sequence[ReversibleWindow | Transposed], inputs: range) -> range:
    for stage in stages:
        inputs = stage.reachable(inputs) if inputs else inputs
    return inputs


def _common(sizes: range, allowed: range) -> range:
    """Return the part of `sizes` that lies in `allowed`, both of consecutive numbers."""
    return range(max(sizes.start, allowed.start), min(sizes.stop, allowed.stop))


def _neighbours(sizes: range, wanted: int) -> set[int]:
    """Return the members of `sizes` on both sides of `wanted`, or the nearest end."""
    below = (wanted - sizes.start) // sizes.step
    return {sizes[min(max(i, 0), len(sizes) - 1)] for i in (below, below + 1)}
