"""Which map to believe: a recommendation that follows from the numbers by a rule that is written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.faith.results import HALFWAY, Faithfulness, Results, Sanity

MOST_BLANK = 0.05
RULE = (
    "The rule: a map is recommended if it passes the sanity check (less than half of its own order is left "
    "when every layer is randomised), if its deletion area is below and its insertion area above those of "
    "every random order, and if it is blank for at most 5 % of the images. Among those the gap, insertion "
    "area minus deletion area, decides, for maps of pixels and for maps of cells by itself; maps within two "
    "standard errors of the best, √(s₁² + s₂²) for two maps, are named beside it."
)


@dataclass(frozen=True)
class FaithSummary:
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
class FaithBounds:
    """What the orders that ask no network reach, rounded likewise."""

    deletion: float
    """Lowest mean deletion area of the random orders."""
    insertion: float
    """Highest mean insertion area of the random orders."""
    ink: float
    """Gap of the pixels ordered by their ink."""
    ink_error: float
    """Its standard error."""


def conclusions(results: Results) -> list[str]:
    """Return what follows from sanity and faithfulness together, and by which rule."""
    if not results.sane or results.faith is None:
        return []
    return [*recommend(summarise(results.sane, results.faith), bounds(results.faith)), RULE]


def summarise(found: Sequence[Sanity], faith: Faithfulness) -> list[FaithSummary]:
    """Return the numbers of each method; both checks list the same methods in the same order."""
    return [
        FaithSummary(
            curves.name,
            curves.made_of == "cells",
            None if sane.kept is None else round(sane.kept, 2),
            curves.printed_area("deletion"),
            curves.printed_area("insertion"),
            round(curves.error, 3),
            round(curves.share_blank, 3),
        )
        for sane, curves in zip(found, faith.methods, strict=True)
    ]


def bounds(faith: Faithfulness) -> FaithBounds:
    """Return what the orders that ask no network reach."""
    limits = round(faith.band("deletion")[0], 3), round(faith.band("insertion")[1], 3)
    return FaithBounds(*limits, round(faith.ink.gap, 3), round(faith.ink.error, 3))


def recommend(summaries: Sequence[FaithSummary], limits: FaithBounds) -> list[str]:
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


def why_not(summary: FaithSummary, limits: FaithBounds) -> str:
    """Return the first reason for which a map is not recommended, "" if there is none."""
    if summary.kept is None or summary.blank > MOST_BLANK:
        return "it is blank too often"
    if summary.kept >= HALFWAY:
        return "it does not depend on what the network learnt"
    if summary.deletion >= limits.deletion or summary.insertion <= limits.insertion:
        return "its order of the pixels is no better than a random one"
    return ""


def _best(passed: Sequence[FaithSummary], what: str) -> str:
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


def _against_ink(summaries: Sequence[FaithSummary], limits: FaithBounds, reasons: dict[str, str]) -> str:
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
