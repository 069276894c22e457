"""Where the boxes of a network go: levels along the flow, lanes across it.

A box lies one level behind the last of what it reads. A line that passes levels by keeps to one lane, in
which no box lies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The places of a network's boxes."""

    levels: Mapping[str, int]
    lanes: Mapping[str, int]
    passes: Mapping[str, int]
    """The lane of the line that leaves a box and passes levels by."""


def place_boxes(inputs: Mapping[str, Sequence[str]]) -> Layout:
    """Return the places of boxes that read each other.

    Args:
        inputs: for each box, in the order of the calls, the boxes that it reads.
    """
    levels: dict[str, int] = {}
    for name, sources in inputs.items():
        levels[name] = max((levels[source] + 1 for source in sources), default=0)
    lanes, passes = _choose_lanes(inputs, levels)
    return Layout(levels, lanes, passes)


def _choose_lanes(
    inputs: Mapping[str, Sequence[str]], levels: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    last = {name: level + 1 for name, level in levels.items()}
    for name, sources in inputs.items():
        for source in sources:
            last[source] = max(last[source], levels[name])
    by_level: dict[int, list[str]] = {}
    for name, level in levels.items():
        by_level.setdefault(level, []).append(name)
    lanes: dict[str, int] = {}
    passes: dict[str, int] = {}
    for level in range(len(by_level)):
        passing = {name: lane for name, lane in passes.items() if last[name] > level}
        taken = set(passing.values())
        for name in by_level[level]:
            wish = min((passes.get(s, lanes[s]) for s in inputs[name]), default=0)
            lanes[name] = _nearest_free(wish, taken)
            taken.add(lanes[name])
        for name in by_level.get(level - 1, []):
            if last[name] > level:
                passes[name] = _nearest_free(lanes[name], taken)
                taken.add(passes[name])
    return lanes, passes


def _nearest_free(wish: int, taken: set[int]) -> int:
    """Return the free lane nearest to `wish`, the one to the right if two are as near."""
    distance = 0
    while True:
        for lane in (wish + distance, wish - distance):
            if lane >= 0 and lane not in taken:
                return lane
        distance += 1
