"""How large the gradient is at each depth, with and without shortcuts and batch normalisation."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from app.experiment.study import Design, Plan, Run, Runs, Study, StudyVerdict, Trial, say_whether, spread_of
from app.show.numbers import superscript
from models.cifar_resnet import Stack, cifar_stack

PLAIN, SHORTCUTS = "plain", "shortcuts"
PLAIN_HE, PLAIN_NORM, RESIDUAL = "plain, He's start", "plain, normalised", "shortcuts, normalised"
FAR = 100.0
"""A gradient vanishes, or grows, if it differs so many times between first and last block."""


@dataclass(frozen=True)
class Probing:
    """The settings."""

    depth: int
    width: int
    batch_size: int
    steps: int
    """Steps of plain gradient descent after which the gradients are measured again."""
    rate: float

    @property
    def images(self) -> int:
        """Training images: a batch to measure with, and one for each step."""
        return self.batch_size * (self.steps + 1)

    test_images: ClassVar = 1
    side: ClassVar = 16


FULL = Probing(depth=44, width=8, batch_size=128, steps=50, rate=0.02)
SMOKE = Probing(depth=8, width=2, batch_size=16, steps=2, rate=0.02)


def designs(is_smoke_run: bool) -> list[Design]:
    """Return five networks of one depth."""
    settings = SMOKE if is_smoke_run else FULL
    return [
        _design(PLAIN, settings, False, False, "glorot"),
        _design(PLAIN_HE, settings, False, False, "he"),
        _design(SHORTCUTS, settings, True, False, "glorot"),
        _design(PLAIN_NORM, settings, False, True, "he"),
        _design(RESIDUAL, settings, True, True, "he"),
    ]


def _design(name: str, settings: Probing, shortcuts: bool, normalised: bool, draw: str) -> Design:
    stack = Stack(settings.depth, settings.width, shortcuts, normalised)
    return Design(name, lambda nn, classes, shape: cifar_stack(nn, "probed", stack, classes, shape), draw)


def prepare(plan: Plan, design: Design) -> Trial:
    """Return a trial: gradients of one batch, some steps of descent, gradients again."""
    from app.engine.build import nn
    from app.experiment.layer_gradients import GradientProbe
    from app.experiment.trials import draw_weights

    model = design.build(nn, plan.data.classes, plan.data.image_shape)
    blocks = [
        layer.name for layer in model.layers if layer.name.endswith("_relu") and layer.name.count("_") == 2
    ]
    probe = GradientProbe(model, blocks)

    def trial(seed: int, advance: Callable[[float], None]) -> dict[str, Any]:
        draw_weights(model, seed, design.draw)  # type: ignore[arg-type]
        first, *batches = _batches(plan, seed)
        start = probe.measure(*first)
        for number, batch in enumerate(batches):
            probe.measure(*batch, rate=plan.recipe.rate)
            advance((number + 1) / len(batches))
        return {"start": start, "later": probe.measure(*first)}

    return trial


def _batches(plan: Plan, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return steps + 1 batches in the seed's order; fewer images come round again."""
    size, count = plan.recipe.batch_size, plan.recipe.steps + 1
    order = np.random.default_rng(seed).permutation(len(plan.data.train_images))
    order = np.resize(order, (count, size))
    images = np.asarray(plan.data.train_images, np.float32) / 255
    return [(images[rows], plan.data.train_labels[rows]) for rows in order]


def first_to_last(norms: list[float]) -> float:
    """Return the gradient's norm at the first place over that at the last; not a number after overflow."""
    return norms[0] / norms[-1] if norms[-1] else float("nan")


def course(ratios: list[float]) -> str:
    """Return whether the gradient vanishes on its way to the first block, grows, or keeps its size.

    It must do so in every run: more than a hundredfold between the last block and the first.
    """
    if all(ratio < 1 / FAR for ratio in ratios):
        return "vanishes"
    if all(ratio > FAR for ratio in ratios):
        return "grows"
    return "keeps its size" if all(1 / FAR <= ratio <= FAR for ratio in ratios) else "varies"


def _ratios(runs: Sequence[Run], when: str = "start", what: str = "outputs") -> list[float]:
    return [first_to_last(run[when][what]) for run in runs]


def judge(runs: Runs) -> StudyVerdict:
    """Return whether the plain network's gradient vanishes and the one with shortcuts keeps its size."""
    ratios = {name: _ratios(of_network) for name, of_network in runs.items()}
    shows = course(ratios[PLAIN]) == "vanishes" and course(ratios[SHORTCUTS]) == "keeps its size"
    found = "; ".join(f"{name}: {course(each)} ({_times(each)})" for name, each in ratios.items())
    return say_whether(shows, f", at the start of training, from the last block back to the first: {found}")


def _times(ratios: list[float]) -> str:
    return f"{number_text(min(ratios))} to {number_text(max(ratios))} times"


def number_text(value: float) -> str:
    """Return a number with two digits: 0.011, 780, 6.9·10⁻⁹."""
    if not value or not math.isfinite(value) or 1e-3 <= value < 1e4:
        return f"{float(f'{value:.2g}'):g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}·10{superscript(int(power))}"


STUDY = Study(
    "vanishing-gradient",
    "How large is the gradient of the loss in each layer, and what do shortcuts change?",
    full=FULL,
    smoke=SMOKE,
    designs=designs,
    prepare=prepare,
    judge=judge,
    columns={
        "network": lambda card, _: card["name"],
        "gradient at first block / last block": lambda _, runs: _times(_ratios(runs)),
        "the same after the steps": lambda _, runs: _times(_ratios(runs, "later")),
        "first kernel / last kernel": lambda _, runs: _times(_ratios(runs, what="kernels")),
        "loss at the start": lambda _, runs: spread_of(runs, lambda run: run["start"]["loss"]).text(2),
        "loss after the steps": lambda _, runs: spread_of(runs, lambda run: run["later"]["loss"]).text(2),
    },
)
