"""The probabilities of all classes, wherever a prediction is printed: one line of text, and the numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.program.heads import Head

MOST_LISTED = 10
"""Classes up to which the line lists all of them."""
LARGEST = 5
"""Classes that it lists where there are more."""


@dataclass(frozen=True)
class Said:
    """A class with what the network gives it."""

    name: str
    probability: float
    is_explained: bool
    place: int
    """Its place among all classes, from 1."""


@dataclass(frozen=True)
class Probabilities:
    """The probability of each class for one image; they sum to 1.

    >>> print(Probabilities(("cat", "dog"), (0.0204, 0.9796)))
    probability of cat: 0.020, dog: 0.980
    """

    class_names: tuple[str, ...]
    values: tuple[float, ...]
    is_share: bool = False
    """Whether each pixel has a class; then they are shares of the pixels."""

    @classmethod
    def of(cls, head: Head, row: np.ndarray, class_names: Sequence[str]) -> "Probabilities | None":
        """Return the probabilities in a row of `Head.as_probabilities`, (classes,); None of quantities."""
        if head.kind == "value":
            return None
        return cls(tuple(class_names), tuple(map(float, row)), head.kind == "pixels")

    def top(self, count: int = LARGEST) -> list[tuple[str, float]]:
        """Return the classes with the largest probabilities, the largest first; of equal ones the earlier class first.

        >>> Probabilities(("a", "b", "c"), (0.2, 0.5, 0.3)).top(2)
        [('b', 0.5), ('c', 0.3)]
        """
        order = sorted(range(len(self.values)), key=lambda c: (-self.values[c], c))
        return [(self.class_names[c], self.values[c]) for c in order[:count]]

    def likeliest(self, explained: int) -> tuple[Said, ...]:
        """Return the largest five, and behind them the explained class where it is none of these."""
        order = sorted(range(len(self.values)), key=lambda c: (-self.values[c], c))
        shown = order[:LARGEST]
        return self._said([*shown, *({explained} - {*shown, -1})], order, explained)

    def shown(self, explained: int) -> tuple[Said, ...]:
        """Return all classes in their order; of more than ten the `likeliest`. −1: none is explained."""
        if len(self.values) > MOST_LISTED:
            return self.likeliest(explained)
        order = sorted(range(len(self.values)), key=lambda c: (-self.values[c], c))
        return self._said(range(len(self.values)), order, explained)

    def _said(self, classes: Iterable[int], order: Sequence[int], explained: int) -> tuple[Said, ...]:
        return tuple(
            Said(self.class_names[c], self.values[c], c == explained, order.index(c) + 1) for c in classes
        )

    def listed(self) -> str:
        """Return all classes in their order, rounded to three decimals; of more than ten the five largest.

        >>> Probabilities(("cat", "dog"), (0.0204, 0.9796)).listed()
        'cat: 0.020, dog: 0.980'
        """
        every = zip(self.class_names, self.values, strict=True)
        chosen = every if len(self.values) <= MOST_LISTED else self.top()
        return ", ".join(f"{name}: {value:.3f}" for name, value in chosen)

    def __str__(self) -> str:
        one, several = (
            ("share of the pixels", "shares of the pixels")
            if self.is_share
            else ("probability", "probabilities")
        )
        if len(self.values) <= MOST_LISTED:
            return f"{one} of {self.listed()}"
        return f"the {LARGEST} largest of {len(self.values):,} {several}: {self.listed()}"

    def to_records(self) -> list[dict[str, str | float]]:
        """Return the same as plain values, all classes in their order, unrounded."""
        return [
            {"class": name, "probability": value}
            for name, value in zip(self.class_names, self.values, strict=True)
        ]
