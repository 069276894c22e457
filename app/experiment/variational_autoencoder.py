"""A variational auto-encoder: digits described by two numbers, and digits made from two numbers.

Source: Kingma and Welling, Auto-encoding variational Bayes, 2014.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.experiment.study import Design, Plan, Run, Runs, Study, StudyVerdict, Trial, say_whether, spread_of
from app.experiment.training import COUNTS, NETWORK, SECONDS
from models.vae import LATENT, vae_mnist

DRAWN_SEED = 0
"""The seed whose pictures are kept."""
CODED = 5000
"""Training images whose latent points vote."""


@dataclass(frozen=True)
class AutoEncoding:
    """Adam; the rate of learning falls linearly to 0."""

    images: int
    """Training images, drawn once for all runs."""
    test_images: int
    epochs: int
    rate: float
    batch_size: int = 32
    side: int = 28
    """Pixels a side at most; larger images are averaged down."""


def designs(is_smoke_run: bool) -> list[Design]:  # noqa: ARG001
    """Return the one network, the same in a smoke run."""
    return [Design(f"{LATENT} latent numbers", lambda nn, _, shape: vae_mnist(nn, shape))]


def prepare(plan: Plan, design: Design) -> Trial:
    """Return a trial: both parts of the loss in each epoch and on the test images, and what the decoder draws."""
    from app.engine.build import nn
    from app.experiment.autoencoder.drawn import bernoulli_loss
    from app.experiment.autoencoder.training import VariationalTrials

    data, recipe = plan.data, plan.recipe
    model = design.build(nn, data.classes, data.image_shape)
    trials = VariationalTrials(model, data, recipe.rate, recipe.batch_size)
    mean, tested = np.asarray(data.train_images).mean(axis=0) / 255, np.asarray(data.test_images)
    bounds = {"one_picture": bernoulli_loss(tested, mean), "least": bernoulli_loss(tested, tested / 255)}

    def trial(seed: int, advance: Callable[[float], None]) -> dict[str, Any]:
        history = trials.train(seed, recipe.epochs, advance)
        return {"history": history, "test": trials.test(seed), "bounds": bounds, **_shown(plan, trials, seed)}

    return trial


def _shown(plan: Plan, trials: Any, seed: int) -> dict[str, Any]:
    """Return how well the latent numbers tell classes apart, and of one seed the pictures."""
    from app.experiment.autoencoder import drawn

    data = plan.data
    pictures, points = trials.encode(data.test_images)
    known = trials.encode(data.train_images[:CODED])[1]
    told = drawn.neighbours_accuracy(known, data.train_labels[:CODED], points, data.test_labels)
    if seed != DRAWN_SEED:
        return {"neighbours": told}
    places = drawn.some_of_each(data.test_labels)
    return {
        "neighbours": told,
        "pairs": drawn.as_text(drawn.in_pairs(data.test_images[places], pictures[places])),
        "grid": drawn.as_text(drawn.mosaic(trials.decode(drawn.grid_points()), drawn.GRID)),
        "latent": drawn.latent_record(points, data.test_labels, data.class_names),
    }


def test_loss(run: Run) -> float:
    """Return both parts of the loss on the test images, which is −ELBO, in nats an image."""
    return float(run["test"]["reconstruction"] + run["test"]["divergence"])


def judge(runs: Runs) -> StudyVerdict:
    """Return whether two numbers say something of an image: each seed does better than one picture for all images."""
    (of_network,) = runs.values()
    loss, bound = spread_of(of_network, test_loss), of_network[0]["bounds"]["one_picture"]
    pixels, numbers = (spread_of(of_network, _part(part)) for part in ("reconstruction", "divergence"))
    told = spread_of(of_network, lambda run: run["neighbours"])
    return say_whether(
        max(loss.values) < bound,
        f": two numbers and a decoder describe a test image in {loss.text(1)} nats ({pixels.text(1)} for its "
        f"pixels, {numbers.text(1)} for the numbers), one picture for all images in {bound:.1f}; the nearest "
        f"neighbours in the plane say the class of {told.text(1, 100)} % of the test images",
    )


def _part(part: str) -> Callable[[Run], float]:
    return lambda run: float(run["test"][part])


def _cell(measure: Callable[[Run], float], factor: float = 1) -> Callable[[Any, Sequence[Run]], str]:
    return lambda _, runs: spread_of(runs, measure).text(1, factor)


STUDY = Study(
    "variational-autoencoder",
    "Can two numbers stand for a digit, and can new digits be made from two numbers?",
    full=AutoEncoding(images=12_000, test_images=5000, epochs=10, rate=0.002),
    smoke=AutoEncoding(images=256, test_images=100, epochs=2, rate=0.002),
    designs=designs,
    prepare=prepare,
    judge=judge,
    columns=NETWORK
    | COUNTS
    | {
        "reconstruction": _cell(_part("reconstruction")),
        "KL": _cell(_part("divergence")),
        "−ELBO": _cell(test_loss),
        "class from neighbours, %": _cell(lambda run: float(run["neighbours"]), 100),
    }
    | SECONDS,
)
