"""Gradient descent on one weight: rates that creep, that fit, that swing and that run away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

RATES = (0.1, 0.6, 1.8, 2.1)
MOST_STEPS = 200


@dataclass(frozen=True)
class Way:
    """The steps that one learning rate makes."""

    rate: float
    weights: tuple[float, ...]
    """w before the first step and after each."""
    verdict: str


@dataclass(frozen=True)
class Descent(ShowsReport, ShowsFigure):
    """One weight that learns y = w·x from one sample, with several rates."""

    x: float
    target: float
    ways: tuple[Way, ...]

    def loss(self, weight: float | np.ndarray) -> float | np.ndarray:
        """Return L = ½(w·x − y)²."""
        return 0.5 * (weight * self.x - self.target) ** 2

    def draw(self) -> Any:
        """Return the loss over the weight, with the steps of each rate."""
        from app.walk.pictures.figures.descent import draw_descent

        return draw_descent(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the first step of each rate worked out, and the weights of all."""
        first = [_first_step(self, way) for way in self.ways]
        steps = len(self.ways[0].weights)
        shown = [i for i in (0, 1, 2, 3, 5, 10, 20, 50, 100) if i < steps]
        rows = tuple(
            (str(i), *(f"{way.weights[i]:.4g}".replace("-", "−") for way in self.ways)) for i in shown
        )
        columns = ("step", *(f"rate {way.rate:g}" for way in self.ways))
        limit = 2 / self.x**2
        words = (
            f"Loss L = ½(w·x − y)² with x = {self.x:g} and y = {self.target:g}; "
            "slope dL/dw = (w·x − y)·x; step w ← w − η·slope.",
            *first,
            f"Each step multiplies the distance to the best weight, {self.target / self.x:g}, by 1 − η·x²: "
            f"it shrinks while 0 < η < 2/x² = {limit:g}, and grows beyond.",
            *(f"Rate {way.rate:g}: {way.verdict}." for way in self.ways),
        )
        data = {
            "x": self.x,
            "target": self.target,
            "rates": {str(w.rate): list(w.weights) for w in self.ways},
        }
        table = Table(columns, rows, "the weight w", numbers=tuple(range(len(columns))))
        return Document("Gradient descent with several learning rates", (table, *map(Paragraph, words)), data)


def _first_step(descent: Descent, way: Way) -> str:
    before, after = way.weights[:2]
    error = before * descent.x - descent.target
    text = (
        f"Rate {way.rate:g}, first step: forward {before:g}·{descent.x:g} = {before * descent.x:g}; error "
        f"{before * descent.x:g} − {descent.target:g} = {error:g}; "
        f"slope {error:g}·{descent.x:g} = {error * descent.x:g}; "
        f"w = {before:g} − {way.rate:g}·{error * descent.x:g} = {after:.4g}"
    )
    return text.replace("-", "−") + "."


def descend(
    rates: Sequence[float] = RATES, x: float = 1.0, target: float = 2.0, start: float = 0.0, steps: int = 10
) -> Descent:
    """Return gradient descent on L = ½(w·x − y)² with several learning rates.

    Args:
        rates: η, above 0.
        x: the input.
        target: y.
        start: the first w.
        steps: of each.

    Raises:
        ValueError: a number is out of range.

    >>> descend([0.5], steps=3).ways[0].weights
    (0.0, 1.0, 1.5, 1.75)
    """
    if not rates or not all(0 < rate <= 100 for rate in rates):
        raise ValueError(
            f"learning rates are above 0 and at most 100, not {', '.join(f'{r:g}' for r in rates) or 'none'}"
        )
    if not (1 <= steps <= MOST_STEPS and 0 < abs(x) <= 100 and abs(target) <= 1000 and abs(start) <= 1000):
        raise ValueError(
            f"there are 1 to {MOST_STEPS} steps, x is not 0 and within ±100, y and the first w are within ±1,000; "
            f"not {steps}, {x:g}, {target:g} and {start:g}"
        )
    ways = []
    for rate in rates:
        weights = [float(start)]
        for _ in range(steps):
            slope = (weights[-1] * x - target) * x
            weights.append(weights[-1] - rate * slope)
        ways.append(Way(rate, tuple(weights), _judge(1 - rate * x * x)))
    return Descent(x, target, tuple(ways))


def _judge(factor: float) -> str:
    """Say what a factor makes of the distance to the best weight."""
    if abs(factor) > 1:
        return "runs away, each step is longer than the one before"
    if abs(factor) == 1:
        return "swings for ever"
    way = "comes nearer from one side" if factor >= 0 else "swings and comes nearer"
    return way + (", slowly" if abs(factor) > 0.7 else "")
