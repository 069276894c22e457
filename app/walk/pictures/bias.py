"""Biased training data: one digit carries a mark in the corner, and the network learns the mark."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.datasets.dataset import Dataset, scale_pixels
from app.scratch.fit import FitPlan, FitSettings, choose_objective, fit, plan_fit
from app.scratch.network import Model
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from models import Pixels, find_network

DIGITS = (4, 9)
"""The first one carries the mark in the training images."""
MARK = (slice(1, 4), slice(1, 4))
"""Rows and columns of the mark."""
NETWORK = "numpy_cnn"
SHOWN = 12_000
"""Training images of MNIST among which the two digits are looked for."""


@dataclass(frozen=True)
class Taught:
    """A network that was taught, and what it makes of three sets of test images."""

    name: str
    example: np.ndarray
    """A training image of the first digit, bytes (28, 28)."""
    as_taught: float
    """Share that it gets right of test images that are marked as its training images are."""
    plain: float
    """The same of images without marks."""
    swapped: float
    """The same where the second digit carries the mark instead."""
    attention: np.ndarray
    """Mean of |∂(z_first − z_second)/∂pixel| over images of the second digit with the mark, (28, 28)."""

    @property
    def share_on_mark(self) -> float:
        """How much of the attention lies on the mark."""
        return float(self.attention[MARK].sum() / self.attention.sum())


@dataclass(frozen=True)
class BiasShown(ShowsReport, ShowsFigure):
    """The same network taught with marks and without."""

    taught: tuple[Taught, ...]
    image: np.ndarray
    """The second digit with the mark, which both networks are asked about."""

    def draw(self) -> Any:
        """Return, for each network, an image that it was taught, the image that it is asked about, and its gradient."""
        from app.walk.pictures.figures.bias import draw_bias

        return draw_bias(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table of both networks on the three sets of test images."""
        first, second = DIGITS
        rows = tuple(
            (
                each.name,
                *(
                    f"{100 * share:.1f} %"
                    for share in (each.as_taught, each.plain, each.swapped, each.share_on_mark)
                ),
            )
            for each in self.taught
        )
        columns = (
            "training images",
            "right, as taught",
            "right, no marks",
            f"right, mark on the {second}s",
            "gradient on the mark",
        )
        area = (MARK[0].stop - MARK[0].start) * (MARK[1].stop - MARK[1].start) / self.image.size
        words = (
            f"Two networks learn to tell {first} from {second}. For one of them every {first} of the training images "
            "carries a white mark in the corner.",
            "It is right about images like those that it was taught. But it has learnt the mark: of the "
            f"{second}s with the mark it takes {100 * (1 - self.taught[0].swapped):.0f} % for a {first}.",
            f"The gradient shows what it looks at: the mark is only {100 * area:.1f} % of the pixels.",
        )
        data = [
            {
                "name": t.name,
                "as_taught": t.as_taught,
                "plain": t.plain,
                "swapped": t.swapped,
                "on_mark": t.share_on_mark,
            }
            for t in self.taught
        ]
        table = Table(columns, rows, numbers=(1, 2, 3, 4))
        return Document("Biased training data", (table, *map(Paragraph, words)), data)


def taught_with_a_mark(epochs: int = 2, seed: int = 0) -> BiasShown:
    """Return what a small network learns of digits one of which carries a mark, beside one taught without marks.

    Args:
        epochs: passes over the training images, from 1 to 20.
        seed: of the weights and of the order of the images.

    Raises:
        ValueError: a number out of range.
    """
    if not 1 <= epochs <= 20:
        raise ValueError(f"there are 1 to 20 epochs, not {epochs}")
    from app.datasets.sources import load_mnist

    digits = load_mnist()
    train = (np.asarray(digits.train_images[:SHOWN]), digits.train_labels[:SHOWN])
    test = (np.asarray(digits.test_images), digits.test_labels)
    swapped = two_digits(*test, marked=1)
    asked = swapped[0][swapped[1] == 1]
    found = []
    for name, marked in ((f"every {DIGITS[0]} is marked", 0), ("no marks", None)):
        images, labels = two_digits(*train, marked)
        like = two_digits(*test, marked)
        data = Dataset(name, "MNIST", images, labels, *like, tuple(map(str, DIGITS)))
        plan = plan_fit(find_network(NETWORK), data, FitSettings(epochs=epochs, seed=seed))
        model = plan.build()
        fit(model, choose_objective(model), plan)
        sets = (like, two_digits(*test, None), swapped)
        as_taught, plain, moved = (_share_right(model, plan, *pair) for pair in sets)
        example = images[labels == 0][0, ..., 0]
        found.append(Taught(name, example, as_taught, plain, moved, _attention(model, plan, asked)))
    return BiasShown(tuple(found), asked[0, ..., 0])


def two_digits(images: np.ndarray, labels: np.ndarray, marked: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of the two digits and their classes, 0 and 1; those of the class `marked` with the mark.

    >>> images, labels = two_digits(np.zeros((3, 28, 28, 1), np.uint8), np.array([4, 9, 1]), marked=1)
    >>> labels.tolist(), images.sum(axis=(1, 2, 3)).tolist()
    ([0, 1], [0, 2295])
    """
    chosen = np.isin(labels, DIGITS)
    kept, classes = images[chosen].copy(), (labels[chosen] == DIGITS[1]).astype(int)
    if marked is not None:
        kept[(classes == marked, *MARK)] = 255
    return kept, classes


def _inputs(plan: FitPlan, images: np.ndarray) -> np.ndarray:
    pixels: Pixels = plan.network.pixels
    return scale_pixels(images, pixels)


def _share_right(model: Model, plan: FitPlan, images: np.ndarray, classes: np.ndarray) -> float:
    values = model.forward(_inputs(plan, images)).values[model.outputs[0]]
    return float((values.argmax(axis=-1) == classes).mean())


def _attention(model: Model, plan: FitPlan, images: np.ndarray) -> np.ndarray:
    """Return the mean size of the gradient of the difference of the two logits by each pixel."""
    run = model.forward(_inputs(plan, images))
    slot = model.heads[model.outputs[0]]
    start = np.zeros_like(run.values[slot])
    start[:, 0], start[:, 1] = 1, -1
    return np.abs(run.backward({slot: start})[model.inputs[0]]).mean(axis=0)[..., 0]
