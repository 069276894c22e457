"""A Kohonen map: units on a sheet that come to stand for what they are shown, neighbours for what is alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

KINDS = ("colours", "digits")
RATES = 0.5, 0.02
"""How far a unit moves at the first step, and at the last."""
NARROWEST = 0.6
"""Width of the neighbourhood at the last step, in units."""
STAGES = (0.0, 0.05, 0.25, 1.0)
"""Shares of the steps at which the map is drawn."""
DIGITS = 2_000
"""Training images of MNIST that are shown."""


@dataclass(frozen=True)
class Stage:
    """The map at one moment."""

    steps: int
    units: np.ndarray
    """(rows, columns, values)."""
    error: float
    """Mean distance of a sample from its nearest unit."""
    torn: float
    """Share of the samples whose two nearest units are no neighbours on the sheet."""


@dataclass(frozen=True)
class KohonenMap(ShowsReport, ShowsFigure):
    """A map before, while and after it learns."""

    kind: str
    samples: np.ndarray
    stages: tuple[Stage, ...]
    seed: int

    def draw(self) -> Any:
        """Return the map at each stage: its units as colours, or as small pictures."""
        from app.walk.pictures.figures.kohonen import draw_map

        return draw_map(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table of the stages."""
        rows = tuple((f"{s.steps:,}", f"{s.error:.3f}", f"{100 * s.torn:.1f} %") for s in self.stages)
        side = self.stages[0].units.shape[:2]
        words = (
            "At each step one sample is shown. The nearest unit moves towards it, and so do its neighbours on the "
            "sheet, less the further away they are; rate and neighbourhood shrink.",
            "Neighbours come to stand for samples that are alike, though nobody told which are.",
        )
        columns = (
            "steps",
            "mean distance to the nearest unit",
            "samples whose two nearest units are no neighbours",
        )
        data = [{"steps": s.steps, "error": s.error, "torn": s.torn} for s in self.stages]
        title = f"A Kohonen map of {side[0]}×{side[1]} units learns {len(self.samples):,} {self.kind}"
        return Document(title, (Table(columns, rows, numbers=(0, 1, 2)), *map(Paragraph, words)), data)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the units at the end, and the samples."""
        return {"units": self.stages[-1].units, "samples": self.samples}


def kohonen_map(
    kind: str = "colours", rows: int = 0, columns: int = 0, steps: int = 4000, seed: int = 0
) -> KohonenMap:
    """Return a map that learns random colours, or the first images of MNIST.

    Args:
        kind: `colours` or `digits`.
        rows: units of the sheet, 0: 12 for colours, 8 for digits.
        columns: the same across.
        steps: samples that are shown.
        seed: of the first weights, the colours and the order.

    Raises:
        ValueError: another kind, or a number out of range.
    """
    if kind not in KINDS:
        raise ValueError(f"a map learns {' or '.join(KINDS)}, not {kind!r}")
    usual = 12 if kind == "colours" else 8
    rows, columns = rows or usual, columns or usual
    if not (2 <= rows * columns <= 1024 and min(rows, columns) >= 1 and 1 <= steps <= 1_000_000):
        raise ValueError(
            f"a map has 2 to 1,024 units and 1 to 1,000,000 steps, not {rows}×{columns} and {steps:,}"
        )
    rng = np.random.default_rng(seed)
    samples = rng.random((500, 3)) if kind == "colours" else _digits()
    return KohonenMap(kind, samples, learn(samples, rows, columns, steps, rng), seed)


def _digits() -> np.ndarray:
    from app.datasets.sources import load_mnist

    return load_mnist().train_images[:DIGITS].reshape(DIGITS, -1) / 255.0


def learn(
    samples: np.ndarray, rows: int, columns: int, steps: int, rng: np.random.Generator
) -> tuple[Stage, ...]:
    """Return the stages of a map that is shown `steps` samples.

    w_i ← w_i + η(t)·exp(−d²/2σ(t)²)·(x − w_i), d the distance of unit i on the sheet from the unit nearest to x;
    η and σ shrink from step to step by a constant factor.

    Args:
        samples: (samples, values).
        rows: of the sheet.
        columns: of the sheet.
        steps: samples that are shown.
        rng: of the first weights and the order.

    Source: Kohonen 1982.
    """
    places = np.stack(np.meshgrid(range(rows), range(columns), indexing="ij"), -1).reshape(-1, 2)
    apart = ((places[:, None] - places[None]) ** 2).sum(-1)
    units = samples.mean(0) + 0.1 * rng.standard_normal((rows * columns, samples.shape[1]))
    widest = max(max(rows, columns) / 2, NARROWEST)
    wanted = {round(share * steps) for share in STAGES}
    stages = []
    for step in range(steps + 1):
        if step in wanted:
            stages.append(_stage(step, units, samples, apart, (rows, columns)))
        if step < steps:
            share = step / steps
            rate = RATES[0] * (RATES[1] / RATES[0]) ** share
            width = widest * (NARROWEST / widest) ** share
            x = samples[rng.integers(len(samples))]
            nearest = int(((units - x) ** 2).sum(1).argmin())
            units += (rate * np.exp(-apart[nearest] / (2 * width**2)))[:, None] * (x - units)
    return tuple(stages)


def _stage(
    step: int, units: np.ndarray, samples: np.ndarray, apart: np.ndarray, sheet: tuple[int, int]
) -> Stage:
    squares = (samples**2).sum(1)[:, None] - 2 * samples @ units.T + (units**2).sum(1)
    order = squares.argsort(1)
    error = float(np.sqrt(np.maximum(squares.min(1), 0)).mean())
    torn = float((apart[order[:, 0], order[:, 1]] > 2).mean())  # 2: the neighbours at the corners
    return Stage(step, units.reshape(*sheet, -1).copy(), error, torn)
