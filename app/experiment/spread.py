"""What several seeds say together: their mean and spread, and whether two networks differ."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH_SEEDS = 3
"""Fewer say nothing about spread. With three each, two networks that do not differ are told apart in one
direction once in 20 experiments: 1 / C(6, 3)."""
HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"


@dataclass(frozen=True)
class Spread:
    """One measure of one network over several seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """The sample standard deviation, Σ(x − mean)²/(n − 1) under the root; 0 for one seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0

    def text(self, digits: int = 3, factor: float = 1.0) -> str:
        """Return `mean ± standard deviation` with so many decimals, both times `factor`."""
        if len(self.values) < 2:
            return f"{self.mean * factor:.{digits}f}"
        return f"{self.mean * factor:.{digits}f} ± {self.deviation * factor:.{digits}f}"


def compare(ours: Sequence[float], others: Sequence[float]) -> str:
    """Return whether `ours` are higher than `others`, lower, or not clearly different.

    They differ if every one of ours is above (or below) every one of the others, in at least three
    seeds each; a difference inside the spread is no difference.
    """
    if min(len(ours), len(others)) < ENOUGH_SEEDS:
        return UNCLEAR
    if min(ours) > max(others):
        return HIGHER
    return LOWER if max(ours) < min(others) else UNCLEAR
