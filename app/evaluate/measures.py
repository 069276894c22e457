"""How well a classifier does, in numbers: accuracy, classes, sureness; on vectors, an entry an image."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

BINS = 15
"""Bins of sureness, as in Guo et al. 2017."""
SMALLEST = 1e-7
"""Probability that log loss takes for 0, as Keras does: the logarithm of 0 would outweigh everything."""


@dataclass(frozen=True)
class ClassScore:
    """How one class fares."""

    name: str
    images: int
    """Images of the class: right ones and missed ones."""
    predicted: int
    """Images that were taken for it."""
    right: int

    @property
    def precision(self) -> float | None:
        """Right ones among those that were taken for the class: TP / (TP + FP); None where there are none."""
        return self.right / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Right ones among the images of the class: TP / (TP + FN); None where there are none."""
        return self.right / self.images if self.images else None

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall; None where nothing is of the class."""
        return 2 * self.right / (self.predicted + self.images) if self.predicted + self.images else None


def class_scores(confusion: np.ndarray, names: tuple[str, ...]) -> tuple[ClassScore, ...]:
    """Return how each class fares, from a confusion matrix, (true class, taken for)."""
    images, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassScore(name, int(images[c]), int(predicted[c]), int(confusion[c, c]))
        for c, name in enumerate(names)
    )


@dataclass(frozen=True)
class Bin:
    """The images of which the network is about equally sure."""

    low: float
    high: float
    """Probabilities p with low < p ≤ high; the first bin has 0 too."""
    images: int
    accuracy: float
    """Share of them that came true."""
    confidence: float
    """Mean of their probabilities."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Whether what a network is sure of comes true: images in bins of equal width by their probability."""

    probabilities: np.ndarray
    """(images,), 0…1: what the network gives."""
    came_true: np.ndarray
    """(images,), whether that was so."""
    bins: int = BINS

    @cached_property
    def places(self) -> np.ndarray:
        """The bin of each image: bin b of B holds b/B < p ≤ (b + 1)/B, and bin 0 also p = 0."""
        edges = np.linspace(0, 1, self.bins + 1)
        return np.searchsorted(edges[1:-1], self.probabilities, side="left")

    @cached_property
    def filled(self) -> tuple[Bin, ...]:
        """The bins that hold an image, in order."""
        count = np.bincount(self.places, minlength=self.bins)
        true = np.bincount(self.places, self.came_true, self.bins)
        sure = np.bincount(self.places, self.probabilities, self.bins)
        edges = np.linspace(0, 1, self.bins + 1)
        return tuple(
            Bin(float(edges[b]), float(edges[b + 1]), int(n), float(true[b] / n), float(sure[b] / n))
            for b, n in enumerate(count)
            if n
        )

    @property
    def error(self) -> float:
        """The expected calibration error, Σ_b n_b/n · |acc_b − conf_b|.

        n_b of n images lie in bin b, acc_b is the share of them that came true, conf_b the mean of their
        probabilities. 0: of what gets 80 %, 80 % comes true. It depends on the bins, of which there are 15 here.
        Source: Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, equation 3.
        """
        each = (bin_.images * abs(bin_.accuracy - bin_.confidence) for bin_ in self.filled)
        return sum(each) / len(self.probabilities)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a network said of images whose classes are known: a few numbers for each image, in their order."""

    labels: np.ndarray
    """The true class of each image, (images,)."""
    predicted: np.ndarray
    """The class with the largest probability; of equal ones the first."""
    confidence: np.ndarray
    """Its probability."""
    of_true: np.ndarray
    """The probability of the true class."""
    ranks: np.ndarray
    """How many classes have a larger probability than the true one."""
    squares: np.ndarray
    """Σ_c (p_c − y_c)² of each image, y_c = 1 for the true class and 0 for others."""

    @classmethod
    def of(cls, probabilities: np.ndarray, labels: np.ndarray) -> "Outcome":
        """Return the outcome of a batch, (images, classes) of probabilities that sum to 1."""
        p, rows = probabilities.astype(np.float64), np.arange(len(labels))
        of_true, predicted = p[rows, labels], p.argmax(axis=1)
        squares = (p**2).sum(axis=1) - 2 * of_true + 1
        ranks = (p > of_true[:, np.newaxis]).sum(axis=1)
        return cls(labels, predicted, p[rows, predicted], of_true, ranks, squares)

    @classmethod
    def joined(cls, parts: "list[Outcome]") -> "Outcome":
        """Return the outcome of all batches."""
        return cls(*(np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])))

    @property
    def is_right(self) -> np.ndarray:
        """Whether each image was put into its class."""
        return self.predicted == self.labels

    def top(self, count: int) -> float:
        """Return the share of the images whose class is among the `count` likeliest."""
        return float((self.ranks < count).mean())

    @property
    def log_loss(self) -> float:
        """The mean of −ln p over the images, p the probability of the true class, at least 1e-7."""
        return float(-np.log(self.of_true.clip(SMALLEST)).mean())

    @property
    def brier(self) -> float:
        """The mean of Σ_c (p_c − y_c)² over the images, 0…2; of two classes that is 2 (p − y)².

        Source: Brier 1950.
        """
        return float(self.squares.mean())

    def reliability(self, bins: int = BINS) -> Reliability:
        """Return whether the likeliest class comes true as often as its probability says."""
        return Reliability(self.confidence, self.is_right.astype(float), bins)

    def reliability_of_second(self, bins: int = BINS) -> Reliability:
        """Return the same of class 1 of two, whose probability is anything from 0 to 1."""
        probability = np.where(self.labels == 1, self.of_true, 1 - self.of_true)
        return Reliability(probability, (self.labels == 1).astype(float), bins)
