"""The verdict beside every map: what it shows, and how far it can be trusted, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.counting.rows import shape_text
from app.maps.probabilities import Probabilities
from app.untrusted.text import visible

SATURATED = 0.999
"""Above this probability the gradient of the softmax output is below a thousandth."""


@dataclass(frozen=True)
class Prediction:
    """What the network says of the image."""

    class_index: int
    name: str
    probability: float
    explained_index: int
    explained_name: str
    explained_probability: float
    is_of_probabilities: bool = True
    """Whether the model itself puts out probabilities."""

    is_contrast: bool = False
    """Whether one class is held against another, so that no one probability belongs to it."""
    is_quantity: bool = False
    """Whether the outputs are quantities, not scores of classes; then `probability` holds their values."""
    is_share: bool = False
    """Whether each pixel has a class; then `probability` holds the share of the pixels."""
    doubt: str = ""
    """Why the prediction may mean nothing, in a sentence."""
    probabilities: Probabilities | None = None
    """Those of all classes; None of quantities."""

    def sentence(self) -> str:
        """Return the prediction in words."""
        if self.is_quantity:
            return f"puts out {self.explained_probability:.4g} for {self.explained_name}"
        text = f"predicts {self.name} ({percent(self.probability)})"
        if self.is_share:
            text = f"puts {percent(self.probability)} of the pixels into {self.name}"
        if self.class_index == self.explained_index and self.explained_name == self.name:
            return f"{text}, the class explained"
        asked = self.explained_name
        if self.is_contrast:
            return f"{text}; explained here: {asked}"
        return f"{text}; explained here: {asked} ({percent(self.explained_probability)})"


@dataclass(frozen=True)
class Judgement:
    """What can be said of the values of a map, before they are scaled for a picture."""

    high: float
    low: float
    """The largest and the smallest value that the picture shows."""
    raw_low: float
    """The smallest value that was computed."""

    @property
    def largest(self) -> float:
        """The largest magnitude that the picture shows."""
        return max(self.high, -self.low)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: 0 everywhere."""
        return self.high == self.low == 0

    @property
    def is_constant(self) -> bool:
        """Whether every value is the same, so that the picture has no structure."""
        return self.high == self.low


@dataclass(frozen=True, repr=False)
class MapVerdict:
    """How far one map can be trusted."""

    method: str
    explained: str
    tensor: str
    """The tensor that the map is made of."""
    tensor_size: tuple[int, ...]
    judgement: Judgement
    rectifiers: str = ""
    """`6 of 6`: rectifiers found and given another gradient."""
    clipped: str = ""
    """The same in a sentence: see `clipped_sentence`."""
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<{self.method}: {self.headline()}>"

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def headline(self) -> str:
        """Return the shortest true caption for the picture."""
        judged = self.judgement
        if judged.is_empty and judged.raw_low < 0:
            return (
                f"no positive evidence for class {self.explained}: "
                f"every value is negative or 0, down to {judged.raw_low:.3g}"
            )
        if judged.is_empty:
            return f"blank: 0 everywhere for class {self.explained}"
        if judged.is_constant:
            return f"the same value everywhere: {judged.high:.3g}"
        if judged.low < 0:
            return f"values from {judged.low:.3g} to {judged.high:.3g}"
        return f"largest value {judged.high:.3g}"

    @property
    def made_of(self) -> str:
        """What the map is made of, and its size; a layer's name is a stranger's text."""
        return f"computed from {visible(self.tensor)}, {shape_text(self.tensor_size)}"

    def short(self) -> str:
        """Return the same in two or three words: `largest 1.6`, `no evidence`."""
        judged = self.judgement
        if judged.is_empty:
            return "no evidence" if judged.raw_low < 0 else "0 everywhere"
        return f"{judged.low:.2g} to {judged.high:.2g}" if judged.low < 0 else f"largest {judged.high:.2g}"

    def short_caption(self) -> str:
        """Return the headline, with what the map is made of where that is not the image."""
        return self.headline() + ("" if self.tensor in ("the image", "the series") else f"; {self.made_of}")

    def caption(self) -> str:
        """Return the same, with where the gradient was changed."""
        return "; ".join(filter(None, [self.short_caption(), self.clipped]))

    def sentences(self) -> list[str]:
        """Return the whole verdict, a line each."""
        lines = [f"{self.headline()}; {self.made_of}"]
        if self.clipped:
            lines.append(self.clipped)
        return lines + list(self.notes)


def judge_values(values: np.ndarray, raw: np.ndarray) -> Judgement:
    """Return what is to be said of a map from what its picture shows and what was computed.

    Raises:
        ValueError: values that are not finite.
    """
    if not values.size or not np.isfinite(values).all() or not np.isfinite(raw).all():
        raise ValueError("the map holds values that are not finite; check the model's weights")
    high, low = float(values.max()), float(values.min())
    return Judgement(high, low, float(raw.min()))


def describe_rectifiers(found: int, left_alone: Sequence[str], not_looked_into: Sequence[str] = ()) -> str:
    """Return `5 of 6 (left alone: 1 LeakyReLU)`, from the ReLUs found and the other activations.

    Layers that may hold rectifiers of their own are named too: `not looked into: 1 Bidirectional`.
    """
    parts = [
        f"{what}: {', '.join(f'{kinds.count(kind)} {kind}' for kind in sorted(set(kinds)))}"
        for what, kinds in (("left alone", list(left_alone)), ("not looked into", list(not_looked_into)))
        if kinds
    ]
    if not found and not parts:
        return "0 of 0 (the network has none)"
    text = f"{found} of {found + len(left_alone)}"
    return f"{text} ({'; '.join(parts)})" if parts else text


def clipped_sentence(found: int, left_alone: Sequence[str], not_looked_into: Sequence[str] = ()) -> str:
    """Return where the guided and the rectified rule changed the gradient, in a sentence.

    >>> clipped_sentence(4, [])
    'the gradient is clipped at zero in all 4 ReLU layers'
    >>> clipped_sentence(5, ["LeakyReLU"])
    'the gradient is clipped at zero in 5 ReLU layers, and not in 1 LeakyReLU, for which there is no such rule'

    Args:
        found: ReLUs.
        left_alone: the kinds of the other activations.
        not_looked_into: the kinds of layers that may hold rectifiers of their own.
    """
    others, unknown = (_listed(kinds) for kinds in (left_alone, not_looked_into))
    if not found:
        text = "the network has no ReLU layer, so that no gradient is clipped"
        if others:
            text += f": there is no such rule for {others}"
    else:
        where = "the only ReLU layer" if found == 1 else f"all {found} ReLU layers"
        if others:
            where = (
                f"{found} ReLU layer{'s' * (found > 1)}, and not in {others}, for which there is no such rule"
            )
        text = f"the gradient is clipped at zero in {where}"
    return f"{text}; {unknown} may hold ReLUs of their own, which are out of reach" if unknown else text


def _listed(kinds: Sequence[str]) -> str:
    """Return `1 LeakyReLU and 2 ELU`."""
    counted = [f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))]
    return " and ".join(filter(None, [", ".join(counted[:-1]), *counted[-1:]]))


def percent(probability: float) -> str:
    """Return a probability in per cent that never rounds to 0 or 100, which no network is entitled to."""
    if 0.0005 <= probability < 0.9995:
        return f"{probability:.1%}".replace("%", " %")
    return "over 99.9 %" if probability > 0.5 else "under 0.1 %"


def saturation_note(probability: float, head: str, largest: float) -> str:
    """Return what there is to say of a probability so near 0 or 1 that its gradient vanishes.

    Saturated is only a head whose largest probability is near 1; among a thousand classes that share it
    evenly each has little.
    """
    if head not in ("softmax", "sigmoid") or 1 - SATURATED < probability < SATURATED:
        return ""
    slope = probability * (1 - probability)
    size = f"{slope:.0e}" if slope >= 1e-7 else "under 1e-7"
    why = f"the {head} is saturated" if largest >= SATURATED else "the probability is near 0"
    return f"{why}: the gradient of the probability is almost 0 (p(1 − p) is {size}), so the maps explain the logit"


MOST_GAPS = 4
"""Runs of unseen rows between seen ones; more are a pattern, which a layer that resizes or strides skips."""

Run = tuple[int, int]
"""The first and the last of some rows or columns that follow each other."""


def unseen_runs(unseen: np.ndarray) -> tuple[list[Run], list[Run]]:
    """Return the rows and the columns that are hatched, as runs.

    They are those that are wholly unseen; of many runs between seen ones, which a layer that resizes skips by a
    pattern, only those at the edges.
    """
    return (
        _edges_or_all(_find_runs(unseen, 1), unseen.shape[0]),
        _edges_or_all(_find_runs(unseen, 0), unseen.shape[1]),
    )


def without_patterns(unseen: np.ndarray) -> np.ndarray:
    """Return the unseen pixels, (height, width), less the rows and columns that a layer skips by a pattern."""
    kept = unseen.copy()
    hatched = np.zeros_like(unseen)
    for axis, runs in ((0, unseen_runs(unseen)[0]), (1, unseen_runs(unseen)[1])):
        kept_lines, lines = np.moveaxis(kept, axis, 0), np.moveaxis(hatched, axis, 0)
        for first, last in _find_runs(unseen, 1 - axis):
            kept_lines[first : last + 1] = False
        for first, last in runs:
            lines[first : last + 1] = True
    return np.asarray(kept | hatched)


def unseen_note(unseen: np.ndarray) -> str:
    """Return which part of the image the network never looks at."""
    if not unseen.any():
        return ""
    height, width = unseen.shape
    hatched, skipped = [], []
    for what, axis, size in (("rows", 1, height), ("columns", 0, width)):
        runs = _find_runs(unseen, axis)
        kept = _edges_or_all(runs, size)
        if kept:
            hatched.append(f"{what} {', '.join(f'{a}–{b}' if b > a else str(a) for a, b in kept)}")
        missing = sum(b - a + 1 for a, b in runs) - sum(b - a + 1 for a, b in kept)
        if missing:
            skipped.append(f"{missing:,} {what}")
    parts = [f"{' and '.join(hatched)} of {height}×{width} (hatched)"] if hatched else []
    if skipped:
        parts.append(f"{' and '.join(skipped)} in between, which a layer skips that resizes or strides")
    return f"never seen by the network: {', and '.join(parts)}" if parts else ""


def _find_runs(unseen: np.ndarray, axis: int) -> list[Run]:
    indices = np.flatnonzero(unseen.all(axis=axis))
    groups = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1) if indices.size else []
    return [(int(group[0]), int(group[-1])) for group in groups]


def _edges_or_all(runs: list[Run], size: int) -> list[Run]:
    edges = [run for run in runs if run[0] == 0 or run[1] == size - 1]
    return runs if len(runs) - len(edges) <= MOST_GAPS else edges
