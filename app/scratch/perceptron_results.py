"""What a perceptron learnt, as a result that shows itself."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.scratch.perceptron import Perceptron, Step
from app.scratch.results import drawn_block
from app.show.document import Block, Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport


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
            *drawn_block(self, format, "error by epoch"),
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
