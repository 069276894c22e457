"""Networks made short: what is done several times in a row is drawn once, with the number of times.

A step through which everything passes ends a *part*: a layer of a chain, or a block with its branches. Parts in a row
that say the same are drawn as one. How strictly they must be the same is the reader's choice: `SAME` to the number,
`ALIKE` but for the numbers of filters, which are then given from … to, or `PACKED`, each block as one box.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.show.drawings.steps import Step

WHOLE, SAME, ALIKE, PACKED, STAGES = range(5)
"""How much a drawing leaves out, from nothing to one box for all layers whose maps have one size."""
LONGEST_PERIOD = 8
"""Parts in a row that together are looked for as a repetition."""
MOST_STAGES = 60


@dataclass(frozen=True)
class Frame:
    """Steps that are done several times in a row."""

    names: tuple[str, ...]
    times: int


Part = tuple[Step, ...]
"""Steps, the last of which everything passes through."""


def shorten(steps: Sequence[Step], how: int) -> tuple[list[Step], list[Frame]]:
    """Return the steps that are drawn, and frames round those that stand for several."""
    if how == WHOLE:
        return list(steps), []
    if how == STAGES:
        return _stages(steps), []
    parts = split_parts(_join_chains(steps))
    if how == PACKED:
        parts = _pack(parts)
    sign = _signature(strictly=how != ALIKE)
    signatures = [sign(part, _entry(parts, i)) for i, part in enumerate(parts)]
    drawn: list[Step] = []
    frames: list[Frame] = []
    stands_for: dict[str, str] = {}
    i = 0
    while i < len(parts):
        period, times = _repetition(signatures, i)
        merged = [
            _merge([parts[i + j + k * period] for k in range(times)], stands_for) for j in range(period)
        ]
        for j, part in enumerate(merged):
            for k in range(times):
                for old, new in zip(parts[i + j + k * period], part, strict=True):
                    stands_for[old.name] = new.name
        found = [step for part in merged for step in part]
        if times > 1 and len(found) == 1:
            found = [replace(found[0], times=found[0].times * times)]
        elif times > 1:
            frames.append(Frame(tuple(step.name for step in found), times))
        drawn += found
        i += period * times
    return drawn, frames


def _join_chains(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with each that is done again at once, as a second 3×3 convolution, drawn as one."""
    readers: dict[str, int] = {}
    for step in steps:
        for name in step.inputs:
            readers[name] = readers.get(name, 0) + 1
    joined: dict[str, Step] = {}
    stands_for: dict[str, str] = {}
    for step in steps:
        inputs = tuple(stands_for.get(name, name) for name in step.inputs)
        before = joined.get(inputs[0]) if len(inputs) == 1 else None
        is_again = before is not None and readers[step.inputs[0]] == 1 and _says_the_same(before, step)
        if before is not None and is_again:
            stands_for[step.name] = before.name
            joined[before.name] = replace(
                before,
                filters=before.filters + step.filters,
                parameters=before.parameters + step.parameters,
                layers=before.layers + step.layers,
                times=before.times + 1,
            )
        else:
            joined[step.name] = replace(step, inputs=inputs)
    return list(joined.values())


def _says_the_same(step: Step, other: Step) -> bool:
    return (step.kind, step.what, step.also, step.shape) == (other.kind, other.what, other.also, other.shape)


def split_parts(steps: Sequence[Step]) -> list[Part]:
    """Return the steps cut behind each one that every later step reads through."""
    place = {step.name: i for i, step in enumerate(steps)}
    reach = list(range(len(steps)))
    for i, step in enumerate(steps):
        for name in step.inputs:
            reach[place[name]] = max(reach[place[name]], i)
    parts: list[Part] = []
    start, furthest = 0, -1
    for i, step in enumerate(steps):
        is_passed = furthest <= i and (bool(step.inputs) or i == 0)
        furthest = max(furthest, reach[i])
        if is_passed or i == len(steps) - 1:
            parts.append(tuple(steps[start : i + 1]))
            start = i + 1
    return [part for part in parts if part]


def _entry(parts: Sequence[Part], i: int) -> str:
    return parts[i - 1][-1].name if i else ""


def _signature(strictly: bool) -> Callable[[Part, str], tuple[object, ...]]:
    def sign(part: Part, entry: str) -> tuple[object, ...]:
        place = {step.name: i for i, step in enumerate(part)} | {entry: -1}
        return tuple(
            (
                step.what if strictly else step.pattern,
                step.also,
                step.kind,
                step.times,
                step.kind == "input" and step.name,
                step.shape and step.shape[:-1],
                tuple(place.get(name, name) for name in step.inputs),
            )
            for step in part
        )

    return sign


def _repetition(signatures: Sequence[object], start: int) -> tuple[int, int]:
    """Return how many parts from `start` on are repeated together, and how often: the largest saving."""
    best, saved = (1, 1), 0
    for period in range(1, LONGEST_PERIOD + 1):
        times = 1
        unit = signatures[start : start + period]
        while signatures[start + times * period : start + (times + 1) * period] == unit:
            times += 1
        if (times - 1) * period > saved:
            best, saved = (period, times), (times - 1) * period
    return best


def _merge(parts: Sequence[Part], stands_for: Mapping[str, str]) -> list[Step]:
    """Return the steps that stand for parts of one form."""
    merged = []
    for steps in zip(*parts, strict=True):
        first, last = steps[0], steps[-1]
        is_last = first.name == parts[0][-1].name
        shape = last.shape if is_last or first.shape == last.shape else None
        merged.append(
            replace(
                first,
                filters=tuple(n for step in steps for n in step.filters),
                parameters=tuple(n for step in steps for n in step.parameters),
                shape=shape,
                inputs=tuple(stands_for.get(name, name) for name in first.inputs),
                layers=sum(step.layers for step in steps),
            )
        )
    return merged


def _pack(parts: Sequence[Part]) -> list[Part]:
    """Return each block of more than a few steps as one step."""
    packed: list[Part] = []
    for i, part in enumerate(parts):
        if len(part) < 3 or i == 0:
            packed.append(part)
        else:
            packed.append((_sum_up(part, _entry(parts, i)),))
    return packed


def _sum_up(steps: Sequence[Step], before: str) -> Step:
    layers = sum(step.layers for step in steps)
    counts = [step.parameters[0] for step in steps]
    total = None if None in counts else sum(n for n in counts if n is not None)
    last = steps[-1]
    inputs = (before,) if before else ()
    return Step(
        last.name,
        "other",
        f"{layers:,} layers" if layers > 1 else "1 layer",
        (),
        (),
        (total,),
        last.shape,
        last.map_shape,
        inputs,
        layers,
    )


def _stages(steps: Sequence[Step]) -> list[Step]:
    """Return stretches of steps whose maps have one size, one behind the other."""
    stretches: list[list[Step]] = []
    for step in steps:
        if (
            stretches
            and step.shape
            and stretches[-1][-1].shape
            and step.shape[:-1] == stretches[-1][-1].shape[:-1]
        ):
            stretches[-1].append(step)
        else:
            stretches.append([step])
    if len(stretches) > MOST_STAGES:
        size = -(-len(steps) // MOST_STAGES)
        stretches = [list(steps[i : i + size]) for i in range(0, len(steps), size)]
    stages: list[Step] = []
    for stretch in stretches:
        stages.append(_sum_up(stretch, stages[-1].name if stages else ""))
    return stages
