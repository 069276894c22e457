"""Networks that go down to small maps and up again, with lines across: drawn as the U that they are named after."""

import itertools
from collections.abc import Collection, Sequence

from app.show.drawings.layout import Layout
from app.show.drawings.steps import Step


def u_layout(steps: Sequence[Step]) -> Layout | None:
    """Return the places of an encoder and a decoder, lanes being depths; None where a network is none.

    It is one if each step reads the one before it, the maps become smaller and then larger again, and at least two
    lines lead across, each between maps of one size. What leads down or up lies between two depths.
    """
    place = {step.name: i for i, step in enumerate(steps)}
    across: dict[tuple[int, int], str] = {}
    for i, step in enumerate(steps):
        sources = [place[name] for name in step.inputs]
        if (i and i - 1 not in sources) or (not i and sources):
            return None
        across |= {(source, i): steps[source].name for source in sources if source < i - 1}
    depths = _depths(steps)
    joins = {target for _, target in across}
    if depths is None or len(set(across.values())) < 2:
        return None
    lanes, levels = _places(depths, joins)
    for source, target in across:
        if lanes[source] != lanes[target] or min(lanes[source + 1 : target]) <= lanes[target]:
            return None
    names = [step.name for step in steps]
    passes = {name: lanes[source] for (source, _), name in across.items()}
    return Layout(dict(zip(names, levels, strict=True)), dict(zip(names, lanes, strict=True)), passes)


def _places(depths: Sequence[int], joins: Collection[int]) -> tuple[list[int], list[int]]:
    """Return the lane and the level of each step: even lanes are depths, between them lies what leads down or up."""
    lanes, levels = [2 * depth for depth in depths], list(range(len(depths)))
    rising: dict[int, int] = {}
    for join in joins:  # what enlarges the maps for a join, from the first such step on
        start = join
        while start and depths[start - 1] == depths[join]:
            start -= 1
        rising |= dict.fromkeys(range(start, join), 2 * depths[join] + 1)
    for i in range(1, len(depths)):
        is_down = depths[i] == depths[i - 1] + 1
        is_first_up = i in rising and i - 1 not in rising
        is_join_above = i in joins and i - 1 in rising
        levels[i] = levels[i - 1] + (not (is_down or is_first_up or is_join_above))
        lanes[i] = lanes[i - 1] + 1 if is_down else rising.get(i, lanes[i])
    return lanes, levels


def _depths(steps: Sequence[Step]) -> list[int] | None:
    """Return how often the maps were halved, say, at each step; None where sizes are not known or make no U."""
    sizes = []
    for step in steps:
        if step.shape is None or len(step.shape) < 2:
            return None
        sizes.append(step.shape[:-1])
    order = sorted(set(sizes), reverse=True)
    depths = [order.index(size) for size in sizes]
    bottom = depths.index(max(depths))
    falls = all(a <= b for a, b in itertools.pairwise(depths[: bottom + 1]))
    rises = all(a >= b for a, b in itertools.pairwise(depths[bottom:]))
    return depths if falls and rises and len(order) > 2 else None
