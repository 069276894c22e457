"""What came out, as results that show themselves: a training run, a comparison with Keras, a spread, a perceptron."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.scratch.beside_keras import LIMITS, TensorGap
from app.scratch.fit import BLOCK, Course, Measure
from app.scratch.perceptron import Perceptron, Step
from app.scratch.spread import SCALES, Division, LayerSpread
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
        drawings = _drawn(self, format, "loss curve and filters")
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


@dataclass(frozen=True, repr=False, eq=False)
class InitialSpread(ShowsReport, ShowsFigure):
    """How wide values and gradients spread, layer by layer, for weights too small, right and too large.

    `print` it for the tables; in a notebook it is its picture.
    """

    name: str
    rows: tuple[LayerSpread, ...]
    gain: float
    """The right weights have the standard deviation gain/√n."""
    division: tuple[Division, ...]
    seed: int

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook it is its picture."""

    @property
    def rule(self) -> str:
        """How the right weights are drawn, in words."""
        return "√(1/n), Xavier's" if self.gain == 1 else "√(2/n), He's, for rectifiers"

    @property
    def factors(self) -> tuple[str, ...]:
        """How wide the weights of each way are drawn, in words."""
        return "a third", self.rule, "three times"

    @property
    def title(self) -> str:
        """What the picture is called."""
        return f"{self.name}: spread of values and gradients, layer by layer"

    def __repr__(self) -> str:
        ends = ", ".join(
            f"{name} {value:.2g}" for (name, _), value in zip(SCALES, self.rows[-1].values, strict=True)
        )
        return f"<spread in {self.name}, last layer: {ends}>"

    def sentences(self) -> list[str]:
        """Return what becomes of values and gradients on their way, a line for each way to draw the weights."""
        first, last = self.rows[0], self.rows[-1]
        return [
            f"{name} ({factor}): values {first.values[i]:.2g} in {first.name}, {last.values[i]:.2g} in {last.name}; "
            f"gradients {last.gradients[i]:.2g} there, {first.gradients[i]:.2g} back in {first.name}"
            for i, ((name, _), factor) in enumerate(zip(SCALES, self.factors, strict=True))
        ]

    def document(self, format: str = "text") -> Document:
        """Return both tables, what becomes of the values, and article 002's division; in a page the picture too."""
        columns = (
            "layer",
            *(f"values, {name}" for name, _ in SCALES),
            *(f"gradients, {name}" for name, _ in SCALES),
        )
        rows = tuple(
            (row.name, *(f"{each:.3g}" for each in (*row.values, *row.gradients))) for row in self.rows
        )
        spread = Table(columns, rows, "standard deviations, layer by layer", numbers=tuple(range(1, 7)))
        divided = Table(
            (
                "randn(3, 3) divided by",
                "its variance",
                "as a fraction",
                "9 products with values of variance 1",
            ),
            tuple(
                (str(each.divisor), f"{each.variance:.5f}", each.stated, f"{each.output_variance:.3f}")
                for each in self.division
            ),
            "article 002 wants a variance of 1/n = 1/9",
            numbers=(0, 1, 2, 3),
        )
        said = (
            "Dividing by a number divides the variance by its square: /9 gives 1/81, a ninth of what is wanted, and /3 "
            "gives 1/9."
        )
        blocks: tuple[Block, ...] = (
            *_drawn(self, format, "spread of values and gradients"),
            spread,
            Paragraph("\n".join(self.sentences())),
            divided,
            Paragraph(said),
        )
        return Document(self.title, blocks, self._facts())

    def draw(self) -> Any:
        """Return the spread of values and of gradients, layer by layer."""
        from app.scratch.figures import draw_spread

        names = [f"{name}: {factor}" for (name, _), factor in zip(SCALES, self.factors, strict=True)]
        return draw_spread(self.rows, names, self.title)

    def _facts(self) -> dict[str, Any]:
        return {
            "network": self.name,
            "seed": self.seed,
            "gain": self.gain,
            "scales": dict(SCALES),
            "layers": [asdict(row) for row in self.rows],
            "division": [asdict(each) for each in self.division],
        }


@dataclass(frozen=True)
class EpochOfPerceptron:
    """How a perceptron does after some epochs."""

    epoch: int
    error: float
    """The mean of ½·Σ (T − O)²."""
    accuracy: float
    outputs: tuple[float, ...] = ()
    """For XOR, what it says of 0 0, 0 1, 1 0 and 1 1."""


@dataclass(frozen=True, repr=False, eq=False)
class PerceptronTraining(ShowsReport, ShowsFigure):
    """A multilayer perceptron that learnt by the delta rule.

    `print` it for its epochs, and for XOR its first steps; in a notebook it is the curve of its error.
    """

    net: Perceptron
    task: str
    rate: float
    epochs: tuple[EpochOfPerceptron, ...]
    """Some of them, the first before training."""
    steps: tuple[tuple[np.ndarray, np.ndarray, Step], ...]
    """For XOR the first epoch: sample, target, and what was seen of it."""
    seconds: float
    """Of processor time."""
    is_stopped: bool
    seed: int

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook it is its picture."""

    @property
    def accuracy(self) -> float:
        """The share of samples, for digits of test images, that it tells right at the end."""
        return self.epochs[-1].accuracy

    @property
    def title(self) -> str:
        """What the picture is called."""
        sizes = "–".join(map(str, self.net.sizes))
        return f"{self.task}: perceptron {sizes}, delta rule, rate {self.rate:g}, seed {self.seed}"

    def __repr__(self) -> str:
        return f"<perceptron for {self.task}: {self.epochs[-1].epoch:,} epochs, accuracy {self.accuracy:.4f}>"

    @property
    def verdict(self) -> str:
        """What it comes to, in one sentence."""
        last, stopped = self.epochs[-1], "Stopped. " if self.is_stopped else ""
        if self.task != "xor":
            return (
                f"{stopped}Test accuracy {last.accuracy:.4f} after {last.epoch} epochs; {self.seconds:.1f} s of "
                "processor time"
            )
        if last.accuracy == 1 and last.error < 0.02:
            return f"{stopped}XOR is learnt."
        return (
            f"{stopped}XOR is not learnt: the error stays at {last.error:.3f}. The delta rule goes downhill from where "
            "the seed put it; take another --seed, more --epochs, or more --hidden units."
        )

    def document(self, format: str = "text") -> Document:
        """Return the first steps of XOR, the epochs, and what it comes to; in a page the picture too."""
        tables = [self._step_table()] if self.steps else []
        blocks: tuple[Block, ...] = (
            *_drawn(self, format, "error by epoch"),
            *tables,
            self._epoch_table(),
            Paragraph(self.verdict),
        )
        return Document(self.title, blocks, self._facts())

    def _step_table(self) -> Table:
        columns = ("X", "T", "O hidden", "O", "Err", "Err hidden", "change of w to the output", "of its bias")
        rows = []
        for sample, target, step in self.steps:
            change = self.rate * np.outer(step.outputs[-2], step.errors[-1])
            vectors = (step.outputs[1], step.outputs[-1], step.errors[-1], step.errors[0], change.ravel())
            cells = [_numbers(vector) for vector in (*vectors, self.rate * step.errors[-1])]
            rows.append((_numbers(sample, "g"), _numbers(target, "g"), *cells))
        title = "the first epoch, sample by sample"
        return Table(columns, tuple(rows), title, numbers=tuple(range(len(columns))))

    def _epoch_table(self) -> Table:
        of_xor = ("0 0", "0 1", "1 0", "1 1") if self.task == "xor" else ()
        share = "right" if self.task == "xor" else "test images right, %"
        rows = []
        for each in self.epochs:
            right = f"{4 * each.accuracy:.0f} of 4" if of_xor else f"{100 * each.accuracy:.2f}"
            rows.append(
                (f"{each.epoch:,}", f"{each.error:.4f}", *(f"{output:.3f}" for output in each.outputs), right)
            )
        columns = ("epochs", "mean error", *of_xor, share)
        return Table(columns, tuple(rows), self.title, numbers=tuple(range(len(columns))))

    def draw(self) -> Any:
        """Return the error by epoch."""
        from app.scratch.figures import draw_perceptron

        points = [(each.epoch, each.error, each.accuracy) for each in self.epochs]
        return draw_perceptron(points, self.task == "xor", self.title)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return weights and biases by layer: `save("net.npz")` writes them."""
        return {
            f"{what}{number}": array
            for what, arrays in (("weights", self.net.weights), ("biases", self.net.biases))
            for number, array in enumerate(arrays, 1)
        }

    def _facts(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "sizes": list(self.net.sizes),
            "rate": self.rate,
            "seed": self.seed,
            "epochs": [asdict(each) for each in self.epochs],
            "accuracy": self.accuracy,
            "is_stopped": self.is_stopped,
            "seconds": self.seconds,
        }


def _numbers(vector: np.ndarray, form: str = ".3f") -> str:
    return "  ".join(f"{value:{form}}" for value in vector)


def _drawn(result: Any, format_: str, caption: str) -> tuple[Block, ...]:
    """Return a result's picture for an HTML page, nothing for other formats."""
    if format_ not in PAGES:
        return ()
    from app.show.canvas import figure_svg

    return (Drawing(figure_svg(result.plot()), caption),)
