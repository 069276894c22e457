"""What the experiments that train share: recipes, and a trial of a network that was built once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.experiment.study import Design, Plan, Run, Trial, spread_of


@dataclass(frozen=True)
class Training:
    """Stochastic gradient descent with momentum 0.9.

    The rate rises to its peak over the first fifth of all steps, then falls to 0, both linearly.
    """

    images: int
    """Training images, drawn once for all runs."""
    test_images: int
    epochs: int
    peak_rate: float
    batch_size: int = 128
    side: int = 16
    """Pixels a side at most; larger images are averaged down."""


def last(key: str) -> Callable[[Run], float]:
    """Return what reads a measure of the last epoch from a run."""
    return lambda run: float(run["history"][-1][key])


NETWORK = {"network": lambda card, _: card["name"]}
COUNTS = {
    "trainable": lambda card, _: f"{card['trainable']:,}",
    "MACs": lambda card, _: f"{card['multiply_accumulates']:,}",
}
SECONDS = {"seconds a run": lambda _, runs: f"{spread_of(runs, lambda run: run['seconds']).mean:.0f}"}
"""Columns that the tables share."""


def prepare(plan: Plan, design: Design, is_tested: bool = False) -> Trial:
    """Return a trial: the loss and accuracy of each epoch, and the test accuracy if asked for."""
    from app.engine.build import nn
    from app.engine.training.recipes import Recipe
    from app.experiment.trials import Trials

    rate, batch_size, epochs = plan.recipe.peak_rate, plan.recipe.batch_size, plan.recipe.epochs
    recipe = Recipe(plan.experiment, "sgd", rate, "triangle", batch_size, passes=epochs, epochs=epochs)
    model = design.build(nn, plan.data.classes, plan.data.image_shape)
    trials = Trials(model, recipe, plan.data)

    def trial(seed: int, advance: Callable[[float], None]) -> dict[str, Any]:
        def progress(epoch: int, step: int, steps: int, measures: Any) -> None:  # noqa: ARG001
            advance((epoch + step / steps) / epochs)

        run: dict[str, Any] = {"history": trials.train(seed, progress)}
        if is_tested:
            run["test_accuracy"] = trials.test_accuracy()
        return run

    return trial
