"""What an experiment is: its networks, what makes two plans the same, and what follows from the runs."""

import hashlib
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.counting.chalkboard import nn as chalk
from app.counting.rows import Sheet
from app.datasets.dataset import Dataset
from app.datasets.smaller import shrink

Run = dict[str, Any]
"""What came out of one network with one seed."""
Runs = Mapping[str, Sequence[Run]]
"""The runs of each network, by its name."""
Trial = Callable[[int, Callable[[float], None]], Run]
"""`trial(seed, on_progress) -> results`; `on_progress` gets the share done, 0 to 1."""
Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The columns of a table and its rows."""
ENOUGH_SEEDS = 3
"""Fewer say nothing about spread. With three each, two networks that do not differ are told apart in one
direction once in 20 experiments: 1 / C(6, 3)."""
HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"


@dataclass(frozen=True)
class Design:
    """A network of an experiment."""

    name: str
    """As tables and figures call it: `plain 44`."""
    build: Callable[[Any, int, tuple[int, int, int]], Any]
    """`build(nn, classes, input_shape)`."""
    draw: str = "he"
    """How its weights begin: `he` or `glorot`."""

    def sheet(self, data: Dataset) -> Sheet:
        """Return the network worked out by hand, for some data."""
        sheet: Sheet = self.build(chalk, data.classes, data.image_shape).sheet()
        return sheet


@dataclass(frozen=True)
class Plan:
    """Everything that decides what comes out of an experiment, besides the seeds."""

    experiment: str
    designs: tuple[Design, ...]
    data: Dataset
    recipe: Any
    """A dataclass of settings."""
    is_smoke_run: bool

    def settings(self) -> dict[str, Any]:
        """Return the settings and the networks as bare data."""
        return {"recipe": asdict(self.recipe), "networks": [self._described(d) for d in self.designs]}

    def _described(self, design: Design) -> dict[str, Any]:
        sheet = design.sheet(self.data)
        return {
            "name": design.name,
            "trainable": int(sheet.trainable),
            "multiply_accumulates": int(sheet.multiply_accumulates),
            "layers": sum(row.kind in ("Conv2D", "Conv2DTranspose", "Dense") for row in sheet.rows),
            "weights_drawn": design.draw,
        }

    def data_card(self) -> dict[str, Any]:
        """Return what the data are."""
        data = self.data
        return {
            "name": data.name,
            "source": data.source,
            "sha256": data.sha256,
            "image_shape": list(data.image_shape),
            "classes": data.classes,
            "training_images": len(data.train_images),
            "test_images": len(data.test_images),
        }

    def key(self, versions: Mapping[str, str]) -> str:
        """Return a short hash: runs are kept for a plan that has the same."""
        parts = (self.experiment, self.settings(), self.data_card(), dict(versions))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class StudyVerdict:
    """Whether the effect that the article claims was seen, in one sentence that follows from the runs."""

    shows: bool | None
    """None where a smoke run is too small to say."""
    words: str


SMOKE_RUN = StudyVerdict(
    None, "Smoke run: it shows that everything works, and is too small to show an effect."
)


def say_whether(shows: bool, found: str) -> StudyVerdict:
    """Return the verdict whose sentence begins with it and goes on with what was found."""
    return StudyVerdict(shows, f"{'The effect shows' if shows else 'The effect does not show here'}{found}.")


@dataclass(frozen=True)
class Study:
    """One experiment: the question, what is run, and what follows from the runs."""

    name: str
    question: str
    full: Any
    """The settings: a dataclass with at least `images`, `test_images` and `side`."""
    smoke: Any
    """Those of a smoke run."""
    designs: Callable[[bool], Iterable[Design]]
    """Called with whether it is a smoke run."""
    prepare: Callable[[Plan, Design], Trial]
    """Builds a network; it is called only if a run of it is missing."""
    judge: Callable[[Runs], StudyVerdict]
    columns: Mapping[str, Callable[[Mapping[str, Any], Sequence[Run]], str]]
    """Each makes a cell of a network's description (`Plan.settings`) and its runs."""
    is_in_numpy: bool = False
    """Whether it needs no TensorFlow."""

    def plan(self, data: Dataset, is_smoke_run: bool) -> Plan:
        """Return what is to be run; no image has a side of more than 16 pixels."""
        recipe = self.smoke if is_smoke_run else self.full
        few = shrink(data, recipe.images, recipe.test_images, recipe.side)
        return Plan(self.name, tuple(self.designs(is_smoke_run)), few, recipe, is_smoke_run)

    def verdict(self, plan: Plan, runs: Runs) -> StudyVerdict:
        """Return what the runs show; a smoke run shows nothing."""
        return SMOKE_RUN if plan.is_smoke_run else self.judge(runs)

    def table(self, plan: Plan, runs: Runs) -> Rows:
        """Return the columns and a row for each network."""
        cards = plan.settings()["networks"]
        cells = [tuple(cell(card, runs[card["name"]]) for cell in self.columns.values()) for card in cards]
        return tuple(self.columns), cells


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


def spread_of(runs: Sequence[Run], measure: Callable[[Run], float]) -> Spread:
    """Return what `measure` reads from each run of a network."""
    return Spread(tuple(map(measure, runs)))


def compare(ours: Spread, others: Spread) -> str:
    """Return whether `ours` are higher than `others`, lower, or not clearly different.

    They differ if every one of ours is above (or below) every one of the others, in at least three
    seeds each; a difference inside the spread is no difference.
    """
    mine, theirs = ours.values, others.values
    if min(len(mine), len(theirs)) < ENOUGH_SEEDS:
        return UNCLEAR
    if min(mine) > max(theirs):
        return HIGHER
    return LOWER if max(mine) < min(theirs) else UNCLEAR
