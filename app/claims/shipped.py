"""What comes with the project: MNIST and the card of the trained network, read when first needed."""

from functools import cache
from typing import TYPE_CHECKING, cast

from app.claims.claim import NotYetError
from app.counting import formulas
from app.counting.count import Count
from app.files.cards import Card, read_card
from app.files.saved import SHIPPED_MODELS
from models.pixels import PLAIN

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset

CARD = SHIPPED_MODELS / "mnist.json"
ARTICLE_RUN = "saved_models/shipped/mnist.json, trained with the article's recipe"


@cache
def mnist() -> "Dataset":
    """Return the bundled MNIST."""
    from app.datasets.sources import load_mnist

    return load_mnist()


def accepted_depths() -> list[int]:
    """Return the numbers of channels, from 1 to 4, that our data sets accept as pictures."""
    from app.datasets.dataset import make_dataset

    accepted = []
    images, labels = mnist().test_images[:1], mnist().test_labels[:1]
    for depth in range(1, 5):
        pair = (images.repeat(depth, axis=-1), labels)
        try:
            accepted.append(make_dataset("depth", "depth", pair, pair).image_shape[-1])
        except ValueError:
            continue
    return accepted


def scaled_range() -> list[float]:
    """Return the smallest and the largest pixel of the test images as a network takes them."""
    from app.datasets.dataset import scale_pixels

    scaled = scale_pixels(mnist().test_images, PLAIN)
    return [float(scaled.min()), float(scaled.max())]


def byte_range() -> list[int]:
    """Return the smallest and the largest pixel of the test images as they are stored."""
    import numpy as np

    images = np.asarray(mnist().test_images)
    return [int(images.min()), int(images.max())]


def steps_of_a_pass(batch_size: int) -> Count:
    """Return the steps in which all training images are seen once: ⌈N / batch⌉."""
    images = len(mnist().train_images)
    return formulas.output_size(images, batch_size, batch_size, padding="same")


def card() -> Card:
    """Return the card of the saved `mnist`, trained for five passes as article 003 does.

    Raises:
        NotYetError: there is none, or its model was trained in another way.
        ValueError: the file is not a card, or holds no accuracies.
    """
    found = read_card(CARD)
    if found is None:
        raise NotYetError(ARTICLE_RUN)
    try:
        run = (found.recipe["name"], found.recipe["passes"], found.data["name"])
        accuracies = [float(epoch["val_accuracy"]) for epoch in found.history]
        float(cast(float, found.test_accuracy))
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{CARD} holds no accuracies; remove it or train again") from error
    if run != ("article", 5, "mnist") or len(accuracies) != 5:
        raise NotYetError(ARTICLE_RUN)
    return found


def accuracy_after(passes: int) -> float:
    """Return the test accuracy, in per cent, after some of the five passes."""
    return 100 * float(card().history[passes - 1]["val_accuracy"])


def test_accuracy() -> float:
    """Return the test accuracy of the finished network, in per cent."""
    return 100 * float(cast(float, card().test_accuracy))
