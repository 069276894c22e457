"""What came out, as results that show themselves: a training run, and a comparison with Keras."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.scratch.beside_keras import LIMITS, TensorGap
from app.scratch.fit import BLOCK, Course, Measure
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport


def untrained_lines(measures: tuple[Measure, ...]) -> list[str]:
    """Return how an untrained network did, hundred images by hundred, just as article 002 prints it."""
    return [
        f"[Step {number * BLOCK}] Past {BLOCK} steps: Average Loss {each.loss:.3f} | "
        f"Accuracy: {100 * each.accuracy:.0f}%"
        for number, each in enumerate(measures, 1)
    ]


def untrained_summary(measures: tuple[Measure, ...], classes: int) -> str:
    """Return the same in one line, beside what guessing gives."""
    loss = float(np.mean([each.loss for each in measures]))
    accuracy = float(np.mean([each.accuracy for each in measures]))
    return (
        f"Untrained: loss {loss:.3f}, {100 * accuracy:.1f} % right; guessing among {classes} classes: "
        f"ln {classes} = {np.log(classes):.3f}, {100 / classes:.1f} %"
    )


@dataclass(frozen=True, repr=False, eq=False)
class ScratchTraining(ShowsReport, ShowsFigure):
    """A network that was trained in NumPy.

    `print` it for its loss before training, its epochs and its test accuracy; in a notebook it is its loss curve and
    its filters.
    """

    model: Any
    """The trained network, an `app.scratch.network.Model`."""
    name: str
    data: str
    settings: str
    """How it was trained, in words."""
    objective: str
    """What was made small, in words."""
    untrained: tuple[Measure, ...]
    """How it did on the first test images before training, `BLOCK` by `BLOCK`."""
    course: Course
    test: Measure
    """How it does on the test images."""
    classes: int
    test_images: int
    filters: tuple[np.ndarray, np.ndarray] | None
    """The first convolution's kernel, before and after; None where there is none."""

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook a training is its picture."""

    @property
    def test_accuracy(self) -> float:
        """The share of test images, 0…1, that are put into the right class."""
        return self.test.accuracy

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped it before its end."""
        return self.course.is_stopped

    @property
    def title(self) -> str:
        """What the picture is called."""
        return (
            f"{self.name} on {self.data}, in NumPy: {100 * self.test_accuracy:.2f} % of the test images right"
        )

    def __repr__(self) -> str:
        return (
            f"<training of {self.name} on {self.data} in NumPy: {self.course.steps:,} steps, test accuracy "
            f"{self.test_accuracy:.4f}>"
        )

    def closing_lines(self) -> list[str]:
        """Return the epochs and the test accuracy, a line each."""
        course = self.course
        lines = [
            f"epoch {number}: training loss {each['loss']:.4f}, training accuracy {each['accuracy']:.4f}, "
            f"{each['seconds']:.1f} s"
            for number, each in enumerate(course.epochs, 1)
        ]
        if course.is_stopped:
            epochs = course.steps / course.steps_an_epoch
            lines.append(f"Stopped after {course.steps:,} steps, {epochs:.2f} epochs")
        wrong = round((1 - self.test.accuracy) * self.test_images)
        lines.append(
            f"Test: loss {self.test.loss:.4f}, accuracy {self.test.accuracy:.4f}, {wrong:,} of {self.test_images:,} "
            f"images wrong; {course.seconds:.1f} s of processor time to train"
        )
        return lines

    def lines(self) -> list[str]:
        """Return everything, a line each."""
        return [
            f"Training {self.name} on {self.data} in NumPy: {self.settings}; {self.objective}",
            *untrained_lines(self.untrained),
            untrained_summary(self.untrained, self.classes),
            *self.closing_lines(),
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def document(self, format: str = "text") -> Document:
        """Return the lines; in an HTML page the picture too."""
        drawings = drawn_block(self, format, "loss curve and filters")
        return Document(self.title, (*drawings, Paragraph("\n".join(self.lines()))), self._facts())

    def draw(self) -> Any:
        """Return the loss curve, and the first filters before and after."""
        from app.scratch.figures import draw_training

        return draw_training(
            self.course.curve, self.course.steps_an_epoch, self.filters, self.objective, self.title
        )

    def _facts(self) -> dict[str, Any]:
        return {
            "network": self.name,
            "data": self.data,
            "settings": self.settings,
            "objective": self.objective,
            "untrained": [asdict(each) for each in self.untrained],
            "epochs": self.course.epochs,
            "curve": self.course.curve,
            "steps": self.course.steps,
            "seconds": self.course.seconds,
            "is_stopped": self.is_stopped,
            "test": asdict(self.test),
        }


@dataclass(frozen=True, repr=False, eq=False)
class KerasComparison(ShowsReport):
    """The same weights through NumPy and Keras: how far apart every tensor is.

    `print` it for the table; iterate over it for the rows.
    """

    name: str
    dtype: str
    parameters: int
    rows: tuple[TensorGap, ...]
    seed: int

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def worst(self) -> TensorGap:
        """The row with the largest difference."""
        return max(self.rows, key=lambda row: row.worst)

    @property
    def limit(self) -> float | None:
        """How far apart they may be; None where no limit is set."""
        return LIMITS[self.dtype]

    @property
    def agrees(self) -> bool:
        """Whether every tensor lies within the limit, and is finite."""
        return self.worst.worst <= (self.limit or 1.0)

    def __repr__(self) -> str:
        worst = self.worst.worst
        return (
            f"<{self.name} in NumPy and Keras, {self.dtype}: {len(self)} tensors, at most {worst:.1e} apart>"
        )

    @property
    def verdict(self) -> str:
        """What it comes to, in one sentence."""
        worst, largest = self.worst, self.worst.worst
        where = "values" if worst.forward == largest else "gradient"
        said = f"Largest difference: {largest:.1e} of the largest value, in the {where} of {worst.name}"
        if self.limit is None:
            return f"{said}. float32 has 7 digits, and sums in another order differ in the last ones: no limit is set"
        does = "agree" if self.agrees else "do not agree"
        return f"{said}; limit {self.limit:.0e}: NumPy and Keras {does}"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the table, tensor by tensor, and the verdict."""
        title = f"{self.name} in NumPy and in Keras, {self.dtype}, the same random weights (seed {self.seed})"
        rows = tuple(
            (row.name, shape_text(row.shape), f"{row.largest:.3g}", _gap(row.forward), _gap(row.backward))
            for row in self.rows
        )
        columns = ("tensor", "shape", "largest value", "difference", "of its gradient")
        note = (
            "A difference is the largest one anywhere in the tensor, over the tensor's largest value. A weight, "
            "layer/kernel, is the same in both; its gradient is not. Random gradients enter at the "
            "outputs, and in front of a softmax or sigmoid."
        )
        blocks = (Table(columns, rows, title, numbers=(2, 3, 4)), Paragraph(note), Paragraph(self.verdict))
        return Document(title, blocks, self._facts())

    def _facts(self) -> dict[str, Any]:
        return {
            "network": self.name,
            "dtype": self.dtype,
            "parameters": self.parameters,
            "seed": self.seed,
            "limit": self.limit,
            "agrees": self.agrees,
            "worst": asdict(self.worst),
            "tensors": [asdict(row) for row in self.rows],
        }


def _gap(gap: float | None) -> str:
    return "" if gap is None else f"{gap:.1e}" if gap else "0"


def drawn_block(result: Any, format_: str, caption: str) -> tuple[Block, ...]:
    """Return a result's picture for an HTML page, nothing for other formats."""
    if format_ not in PAGES:
        return ()
    from app.show.canvas import figure_svg

    return (Drawing(figure_svg(result.plot()), caption),)
