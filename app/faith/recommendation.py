"""Which map to believe: a recommendation that follows from the numbers by a rule that is written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.faith.faithfulness import Curves, Faithfulness
from app.faith.sanity_result import HALFWAY, Sanity

MOST_BLANK = 0.05
RULE = (
    "The rule: a map is recommended if it passes the sanity check (less than half of its own order is left "
    "when every layer is randomised), if its deletion area is below and its insertion area above those of "
    "every random order, and if it is blank for at most 5 % of the images. Among those the gap, insertion "
    "area minus deletion area, decides, for maps of pixels and for maps of cells by itself; maps within two "
    "standard errors of the best, √(s₁² + s₂²) for two maps, are named beside it."
)


@dataclass(frozen=True)
class Summary:
    """One method in the numbers that the rule uses, rounded as they are printed."""

    method: str
    is_of_cells: bool
    kept: float | None
    """Share of a map's own order left when the network forgot everything."""
    deletion: float
    insertion: float
    error: float
    """Standard error of the gap over the images."""
    blank: float
    """Share of the images, 0…1."""

    @property
    def gap(self) -> float:
        """Insertion area minus deletion area."""
        return round(self.insertion - self.deletion, 3)


@dataclass(frozen=True)
class Bounds:
    """What the orders that ask no network reach, rounded likewise."""

    deletion: float
    """Lowest mean deletion area of the random orders."""
    insertion: float
    """Highest mean insertion area of the random orders."""
    ink: float
    """Gap of the pixels ordered by their ink."""
    ink_error: float
    """Its standard error."""


def summarise(found: Sequence[Sanity], faith: Faithfulness, of_cells: Sequence[str]) -> list[Summary]:
    """Return the numbers of each method; both checks list the same methods in the same order."""
    return [
        Summary(
            curves.name,
            curves.name in of_cells,
            None if sane.kept is None else round(sane.kept, 2),
            round(float(curves.deletion_areas.mean()), 3),
            round(float(curves.insertion_areas.mean()), 3),
            round(standard_error(curves), 3),
            round(curves.blank / len(curves.gaps), 3),
        )
        for sane, curves in zip(found, faith.methods, strict=True)
    ]


def standard_error(curves: Curves) -> float:
    """Return s / √n of the gap over n images; 0 for one image, where it is not known."""
    count = len(curves.gaps)
    return float(curves.gaps.std(ddof=1) / count**0.5) if count > 1 else 0.0


def bounds(faith: Faithfulness) -> Bounds:
    """Return what the orders that ask no network reach."""
    ink = round(float(faith.ink.insertion_areas.mean()), 3)
    ink = round(ink - round(float(faith.ink.deletion_areas.mean()), 3), 3)
    limits = round(faith.band("deletion")[0], 3), round(faith.band("insertion")[1], 3)
    return Bounds(*limits, ink, round(standard_error(faith.ink), 3))


def recommend(summaries: Sequence[Summary], limits: Bounds) -> list[str]:
    """Return the recommendation in sentences, by `RULE`."""
    reasons = {s.method: why_not(s, limits) for s in summaries}
    said = [
        _best([s for s in summaries if s.is_of_cells == of_cells and not reasons[s.method]], what)
        for of_cells, what in ((False, "pixels"), (True, "cells"))
        if any(s.is_of_cells == of_cells for s in summaries)
    ]
    for reason in dict.fromkeys(reasons.values()):
        if reason:
            names = ", ".join(name for name, given in reasons.items() if given == reason)
            said.append(f"Not recommended, because {reason}: {names}.")
    return [*said, _against_ink(summaries, limits, reasons)]


def why_not(summary: Summary, limits: Bounds) -> str:
    """Return the first reason for which a map is not recommended, "" if there is none."""
    if summary.kept is None or summary.blank > MOST_BLANK:
        return "it is blank too often"
    if summary.kept >= HALFWAY:
        return "it does not depend on what the network learnt"
    if summary.deletion >= limits.deletion or summary.insertion <= limits.insertion:
        return "its order of the pixels is no better than a random one"
    return ""


def _best(passed: Sequence[Summary], what: str) -> str:
    if not passed:
        return f"Of the maps of {what} none can be recommended on these images."
    best = max(passed, key=lambda s: s.gap)
    near = [
        s.method
        for s in passed
        if s is not best and best.gap - s.gap <= 2 * (best.error**2 + s.error**2) ** 0.5
    ]
    beside = (
        f"; within two standard errors of it: {', '.join(near)}"
        if near
        else ("; no other comes within two standard errors of it")
    )
    return f"Recommended among the maps of {what}: {best.method} (gap {best.gap:.3f}){beside}."


def _against_ink(summaries: Sequence[Summary], limits: Bounds, reasons: dict[str, str]) -> str:
    better = [
        s.method
        for s in summaries
        if not reasons[s.method] and s.gap - limits.ink > 2 * (s.error**2 + limits.ink_error**2) ** 0.5
    ]
    text = f"Ordering the pixels by their ink alone, asking no network, has a gap of {limits.ink:.3f}; "
    if better:
        return f"{text}better than that by more than two standard errors: {', '.join(better)}."
    return (
        f"{text}no map that passes is better than that by more than two standard errors, so on these "
        "images the areas cannot tell what the network looks at from where the ink is."
    )
