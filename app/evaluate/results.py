"""How well a model does, as a result that shows itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from app.counting.intervals import wilson_interval
from app.datasets.confusion import confusion_matrix
from app.evaluate.measures import BINS, ClassScore, Outcome, Reliability, class_scores
from app.show.document import Document
from app.show.results import ShowsFigure, ShowsReport, save_result

if TYPE_CHECKING:
    from pathlib import Path

    from app.maps.explain import Explanation

MANY_CLASSES = 10
"""Classes beyond which the five likeliest are counted, too."""


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that the network put into a wrong class."""

    image: str
    """Its file, or its number."""
    pixels: np.ndarray
    """Bytes, (height, width, channels), as the network got them."""
    label: str
    predicted: str
    probability: float
    """Of the class that it was taken for."""
    of_label: float
    """The probability of the class that it is of."""
    explanation: "Explanation"
    """With a map for the class that it was taken for."""


@dataclass(frozen=True, repr=False, eq=False)
class Evaluation(ShowsFigure, ShowsReport):
    """How well a model does on images whose classes are known."""

    model: str
    data: str
    part: str
    """`test`, `training` or `all`."""
    class_names: tuple[str, ...]
    """Of the model."""
    outcome: Outcome
    """What it said of each image."""
    images: tuple[str, ...]
    """What these are called."""
    mistakes: tuple[Mistake, ...]
    """Those that it was surest of, the surest first."""
    notes: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Images that could not be read, with the reason; they count nowhere."""
    card_accuracy: float | None = None
    """What the model's card says of the same images."""

    @property
    def count(self) -> int:
        """How many images were asked about."""
        return len(self.outcome.labels)

    @property
    def right(self) -> int:
        """How many of them were put into their class."""
        return int(self.outcome.is_right.sum())

    @property
    def accuracy(self) -> float:
        """The share of the images that were put into their class."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy (`wilson_interval`)."""
        return wilson_interval(self.right, self.count)

    @property
    def top_5(self) -> float | None:
        """The share of the images whose class is among the five likeliest; None of ten classes or fewer."""
        return self.outcome.top(5) if len(self.class_names) > MANY_CLASSES else None

    @property
    def commonest(self) -> float:
        """The accuracy of who always says the commonest class."""
        return float(np.bincount(self.outcome.labels).max() / self.count)

    @cached_property
    def confusion(self) -> np.ndarray:
        """How many images of each class (row) were taken for each class (column)."""
        return confusion_matrix(self.outcome.labels, self.outcome.predicted, len(self.class_names))

    @cached_property
    def per_class(self) -> tuple[ClassScore, ...]:
        """How each class fares; classes without images and without guesses are left out."""
        return tuple(
            each for each in class_scores(self.confusion, self.class_names) if each.images or each.predicted
        )

    @cached_property
    def calibration(self) -> Reliability:
        """Whether the likeliest class comes true as often as its probability says."""
        return self.outcome.reliability(BINS)

    @cached_property
    def calibration_of_second(self) -> Reliability | None:
        """Of two classes: whether the second one comes true as often as its probability says."""
        return self.outcome.reliability_of_second(BINS) if len(self.class_names) == 2 else None

    @property
    def log_loss(self) -> float:
        """The mean of −ln p over the images, p the probability of the true class."""
        return self.outcome.log_loss

    @property
    def brier(self) -> float:
        """The mean of Σ_c (p_c − y_c)² over the images, 0…2."""
        return self.outcome.brier

    @property
    def what(self) -> str:
        """Which images, in words."""
        part = "" if self.part == "all" else f"{self.part} "
        return f"{self.count:,} {part}image{'s' * (self.count != 1)} of {self.data}"

    def __repr__(self) -> str:
        return f"<{self.model} on {self.what}: {100 * self.accuracy:.2f} % right>"

    def summary(self) -> list[str]:
        """Return what there is to know first, a line each."""
        from app.evaluate.report import short_summary

        return short_summary(self)

    def document(self, format: str = "text") -> Document:
        """Return the report: the summary, the classes, what is confused, how sure it is, the worst mistakes."""
        from app.evaluate.report import evaluation_report

        return evaluation_report(self, format)

    def draw(self) -> Any:
        """Return the confusion matrix as a figure."""
        from app.show.confusion import draw_confusion_matrix

        rows = [c for c, row in enumerate(self.confusion) if row.any() or self.confusion[:, c].any()]
        names = [self.class_names[c] for c in rows]
        title = f"{self.model} on {self.what}: {100 * self.accuracy:.2f} % right"
        return draw_confusion_matrix(self.confusion[np.ix_(rows, rows)], names, title)

    def plot_calibration(self, axes: Any = None) -> Any:
        """Return a matplotlib figure of the reliability curve: what comes true of what the network is sure of."""
        from app.evaluate.figures import draw_calibration
        from app.show.canvas import place_in

        curves = {"the likeliest class": self.calibration}
        if self.calibration_of_second is not None:
            curves[f"class {self.class_names[1]}"] = self.calibration_of_second
        with place_in(axes) as finished:
            return finished(draw_calibration(curves, f"{self.model} on {self.what}"))

    def plot_mistakes(self, axes: Any = None) -> Any:
        """Return a matplotlib figure of the worst mistakes, each with its map.

        Raises:
            ValueError: there are none.
        """
        from app.evaluate.figures import draw_mistakes
        from app.show.canvas import place_in

        if not self.mistakes:
            raise ValueError("there is no mistake to draw")
        with place_in(axes) as finished:
            return finished(draw_mistakes(self.mistakes, self._mistakes_title()))

    def _mistakes_title(self) -> str:
        wrong, shown = self.count - self.right, len(self.mistakes)
        which = "the mistake" if wrong == 1 else f"the {shown} mistakes of {wrong:,} that it is surest of"
        return f"{self.model}: {which if wrong > shown or wrong == 1 else f'all {wrong} mistakes'}"

    def rows(self) -> list[tuple[str, str, str, float, float]]:
        """Return for each image: what it is called, its class, what it was taken for, and both probabilities."""
        told, names = self.outcome, self.class_names
        return [
            (image, names[label], names[predicted], float(sure), float(true))
            for image, label, predicted, sure, true in zip(
                self.images, told.labels, told.predicted, told.confidence, told.of_true, strict=True
            )
        ]

    def save(self, path: "str | Path") -> "Path":
        """Write the report, or the confusion matrix as a picture, by the ending of the file's name.

        Raises:
            ValueError: no such ending is written.
        """
        from pathlib import Path

        return save_result(self, Path(path))
