"""A network's last vector read aloud: one share for each class."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.datasets.little_arrays import DIGIT_SCORES
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

MOST_CLASSES = 100
SLACK = 1e-6
"""How far a sum of shares may be from 1."""


@dataclass(frozen=True)
class Scores(ShowsReport, ShowsFigure):
    """Shares of classes."""

    values: tuple[float, ...]
    names: tuple[str, ...]

    @property
    def best(self) -> int:
        """The class with the largest share; the first of equal ones."""
        return max(range(len(self.values)), key=lambda i: self.values[i])

    @property
    def is_whole(self) -> bool:
        """Whether the shares are none below 0 and sum to 1."""
        return min(self.values) >= 0 and math.isclose(math.fsum(self.values), 1, abs_tol=SLACK)

    def draw(self) -> Any:
        """Return a bar for each class."""
        from app.walk.pictures.figures.scores import draw_scores

        return draw_scores(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the classes that have a share, the largest first."""
        order = sorted(range(len(self.values)), key=lambda i: -self.values[i])
        rows = tuple(
            (self.names[i], f"{self.values[i]:g}", f"{100 * self.values[i]:g} %")
            for i in order
            if self.values[i]
        )
        total = math.fsum(self.values)
        verdict = (
            "they are probabilities"
            if self.is_whole
            else "these are no probabilities, which are 0 or more and sum to 1"
        )
        words = (
            f"Most likely: {self.names[self.best]}, {100 * self.values[self.best]:g} %.",
            f"The {len(self.values)} numbers sum to {total:g}: {verdict}.",
        )
        data = {"values": list(self.values), "names": list(self.names), "best": self.best, "sum": total}
        columns = ("class", "number", "read as")
        return Document(
            "A vector of scores", (Table(columns, rows, numbers=(1, 2)), *map(Paragraph, words)), data
        )


def read_scores(values: Sequence[float] = DIGIT_SCORES, names: Sequence[str] = ()) -> Scores:
    """Return a vector of shares, read as percentages.

    Args:
        values: one for each class.
        names: what the classes are called; none: their numbers from 0.

    Raises:
        ValueError: there are no numbers, too many, or another number of names.

    >>> scores = read_scores()
    >>> scores.best, scores.is_whole
    (3, True)
    """
    if not 1 <= len(values) <= MOST_CLASSES or not all(map(math.isfinite, values)):
        raise ValueError(f"a vector of scores has 1 to {MOST_CLASSES} finite numbers, not {len(values)}")
    if names and len(names) != len(values):
        raise ValueError(f"there are {len(names)} names for {len(values)} numbers")
    return Scores(tuple(map(float, values)), tuple(names) or tuple(map(str, range(len(values)))))
