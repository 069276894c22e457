"""A training run that shows itself: its learning curve, its mistakes, and what it left."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.files.cards import Card, card_path
from app.files.folders import shown
from app.files.saved import trained_models
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from app.train.lines import confused_line, epoch_line, published_line, waiting_line
from models import CATALOGUE


def share_waited(history: Sequence[Mapping[str, float]]) -> float | None:
    """Return the share of the time, 0…1, that a run waited for pictures; None where that was not measured.

    It is Σ waited / Σ seconds over the epochs.

    >>> share_waited([{"seconds": 3.0, "waited": 0.5}, {"seconds": 1.0, "waited": 0.1}])
    0.15
    """
    seconds = sum(epoch["seconds"] for epoch in history)
    if not seconds or not all("waited" in epoch for epoch in history):
        return None
    return sum(epoch["waited"] for epoch in history) / seconds


def files_of(model: Path) -> dict[str, Path]:
    """Return what a training leaves: the model, its card, its learning curve and its confusion matrix."""
    return {
        "model": model,
        "card": card_path(model),
        "curve": model.with_name(f"{model.stem}-learning-curve.png"),
        "confusion": model.with_name(f"{model.stem}-confusion.png"),
    }


MOST_EPOCHS = 4
"""Epochs whose measures the summary has one by one."""


@dataclass(frozen=True, repr=False, eq=False)
class Training(ShowsReport, ShowsFigure):
    """A network that was trained.

    `print` it for its epochs, its test accuracy and its files; in a notebook it is its learning curve.
    """

    model: Any
    """The trained `keras.Model`."""
    path: Path
    """Its file; the card and two pictures lie beside it."""
    card: Card
    """What it is, how it was trained and how well it does."""
    confusion: np.ndarray
    """How many test images of class i (row) were taken for class j (column)."""
    is_shuffled: bool = False
    """Whether the training labels were dealt out at random."""
    epochs_folder: Path | None = None
    """Where the model as it was after each epoch is kept, if that was asked for."""

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook a training is its learning curve."""

    @property
    def name(self) -> str:
        """What the files are called, without their endings."""
        return self.path.stem

    @property
    def history(self) -> list[dict[str, float]]:
        """loss, accuracy, val_loss, val_accuracy (on the test images) and seconds of each epoch."""
        return self.card.history

    @property
    def test_accuracy(self) -> float:
        """The share of test images, 0…1, that were put into the right class after the last epoch."""
        return float(self.history[-1]["val_accuracy"])

    @property
    def waited(self) -> float | None:
        """The share of the time, 0…1, that the network waited for pictures; None where they were in memory."""
        return share_waited(self.history)

    @property
    def files(self) -> dict[str, Path]:
        """What was left: the model, its card, its learning curve and its confusion matrix."""
        return files_of(self.path)

    @property
    def title(self) -> str:
        """What the figures are called."""
        card = self.card
        return (
            f"network {self.name}, data {card.data['name']}, recipe {card.recipe['name']}, seed {card.seed}"
        )

    def __repr__(self) -> str:
        epochs = f"{len(self.history)} epoch{'s' if len(self.history) > 1 else ''}"
        data = self.card.data["name"]
        return f"<training of {self.name} on {data}: {epochs}, test accuracy {self.test_accuracy:.4f}>"

    def lines(self) -> list[str]:
        """Return the epochs, the accuracy, the mistakes and the files, a line each."""
        total = self.card.recipe["epochs"]
        lines = [epoch_line(number, total, measures) for number, measures in enumerate(self.history, 1)]
        lines.append(f"Test accuracy {self.test_accuracy:.4f} after {self.card.seconds:.1f} s of training")
        if self.waited is not None:
            lines.append(waiting_line(self.waited, self.card.data["image_shape"]))
        if error := CATALOGUE[self.card.network].test_error:
            lines.append(published_line(error, self.card.data["name"]))
        lines.append(confused_line(self.confusion, self.card.class_names))
        if self.path.parent.resolve() != trained_models().resolve() and not self.is_shuffled:
            lines.append(f"See where the network looks: python -m app.saliency --model {shown(self.path)}")
        model, card, curve, confusion = self.files.values()
        left = [("Model", model), ("Card", card), ("Pictures", curve), ("", confusion)]
        left += [("Epochs", self.epochs_folder)] if self.epochs_folder else []
        return lines + [f"{what:9}{shown(where)}" for what, where in left]

    def summary(self) -> list[str]:
        """Return the same lines; of many epochs the first, the last and how many there are between."""
        epochs, lines = len(self.history), self.lines()
        if epochs <= MOST_EPOCHS:
            return lines
        between = f"  … {epochs - 2} epochs between them: --verbose, or the picture"
        return [lines[0], between, *lines[epochs - 1 :]]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def document(self, format: str = "text") -> Document:
        """Return epochs and words; in an HTML page both figures too."""
        drawings: list[Block] = []
        if format in PAGES:
            from app.show.canvas import figure_svg

            drawings = [
                Drawing(figure_svg(self.plot()), "learning curve"),
                Drawing(figure_svg(self.plot_confusion()), "confusion matrix"),
            ]
        words = "\n".join(self.lines()[len(self.history) :])
        return Document(self.title, (*drawings, self._epochs(), Paragraph(words)), self._facts())

    def draw(self) -> Any:
        """Return loss and error, training and test, epoch by epoch."""
        from app.train.figures import draw_learning_curve

        data = self.card.data["name"]
        what = "" if data == self.name else f" {data}"
        return draw_learning_curve(self.history, f"{self.name} learns{what}: loss and error after each epoch")

    def plot_confusion(self, axes: Any = None) -> Any:
        """Return a matplotlib figure with the confusion matrix on the test images.

        Args:
            axes: draw in the place of these axes of your own figure, which is then returned.
        """
        from app.show.canvas import place_in
        from app.show.confusion import draw_confusion_matrix

        matrix = self.confusion
        images = f"test images of {self.card.data['name']}"
        title = f"{self.name} on {images}: {matrix.trace():,} of {matrix.sum():,} right"
        with place_in(axes) as finished:
            return finished(draw_confusion_matrix(matrix, self.card.class_names, title))

    def _epochs(self) -> Table:
        keys = ("loss", "accuracy", "val_loss", "val_accuracy")
        rows = tuple(
            (str(number), *(f"{measures[key]:.4f}" for key in keys), f"{measures['seconds']:.1f}")
            for number, measures in enumerate(self.history, 1)
        )
        columns = ("epoch", "training loss", "training accuracy", "test loss", "test accuracy", "seconds")
        return Table(columns, rows, numbers=tuple(range(len(columns))))

    def _facts(self) -> dict[str, Any]:
        files = {what: str(path) for what, path in self.files.items()}
        return {**asdict(self.card), "confusion": self.confusion.tolist(), "files": files}
