"""A transfer that shows itself: what learnt in each phase, how well, and what was left."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.counting.intervals import wilson_interval
from app.files.cards import Card, card_path
from app.files.folders import shown
from app.files.saved import trained_models
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

History = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class PhaseResult:
    """One phase: what learnt, and its epochs."""

    what: str
    """The layers that learnt, in words."""
    parameters: tuple[int, int]
    """How many learnt, and how many were frozen."""
    learning_rate: float
    """At the beginning; it falls to 0 along a cosine."""
    history: History
    """loss, accuracy, val_loss, val_accuracy (on the test pictures) and seconds of each epoch."""
    is_kept: bool = True
    """Whether its weights were taken: they are where the loss on the training pictures did not grow."""

    @property
    def test_accuracy(self) -> float:
        """The share of test pictures, 0…1, that were put into the right class after its last epoch."""
        return float(self.history[-1]["val_accuracy"])


@dataclass(frozen=True)
class Scratch:
    """The same network, trained from weights drawn at random."""

    history: History
    parameters: int
    """All of them learn."""

    @property
    def test_accuracy(self) -> float:
        """The share of test pictures, 0…1, that were put into the right class after the last epoch."""
        return float(self.history[-1]["val_accuracy"])


@dataclass(frozen=True, repr=False, eq=False)
class Transferred(ShowsReport, ShowsFigure):
    """A classifier made of a trained network and a new head.

    `print` it for its phases and its accuracy; in a notebook it is the curves of its phases.
    """

    model: Any
    """The `keras.Model`, whole."""
    path: Path
    """Its file; the card and a picture lie beside it."""
    card: Card
    phases: tuple[PhaseResult, ...]
    scratch: Scratch | None = None
    """The same network without the borrowed weights, where it was asked for."""

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook a transfer is its curves."""

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.path.stem

    @property
    def test_accuracy(self) -> float:
        """The share of test pictures, 0…1, that the saved model puts into the right class."""
        return next(phase for phase in reversed(self.phases) if phase.is_kept).test_accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy (`app.counting.intervals`)."""
        return self._interval(self.test_accuracy)

    @property
    def files(self) -> dict[str, Path]:
        """What was left: the model, its card and the curves."""
        curves = self.path.with_name(f"{self.path.stem}-phases.png")
        return {"model": self.path, "card": card_path(self.path), "curves": curves}

    def _interval(self, accuracy: float) -> tuple[float, float]:
        count = int(self.card.data["test_images"])
        return wilson_interval(round(accuracy * count), count)

    def _accuracy_words(self, accuracy: float) -> str:
        low, high = self._interval(accuracy)
        return f"{100 * accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f} %)"

    def __repr__(self) -> str:
        return f"<{self.name} from {self.card.recipe['backbone']}: {100 * self.test_accuracy:.1f} % right>"

    def table(self) -> Table:
        """Return a row for each phase: what learnt, how long, how well."""
        rows = []
        for number, phase in enumerate(self.phases, 1):
            learns, frozen = phase.parameters
            rows.append(
                (
                    str(number),
                    phase.what,
                    f"{learns:,}",
                    f"{frozen:,}",
                    str(len(phase.history)),
                    f"{phase.learning_rate:.2g}",
                    self._accuracy_words(phase.test_accuracy),
                )
            )
        if self.scratch is not None:
            epochs, words = len(self.scratch.history), self._accuracy_words(self.scratch.test_accuracy)
            rows.append(
                ("", "all, from scratch", f"{self.scratch.parameters:,}", "0", str(epochs), "0.001", words)
            )
        columns = ("phase", "what learns", "learn", "frozen", "epochs", "rate", "right (95 % interval)")
        return Table(columns, tuple(rows), "phases", numbers=(2, 3, 4, 5), prose=(1, 6), expendable=(5, 3, 4))

    def sentences(self) -> list[str]:
        """Return what is to be said of the phases, a sentence or two each."""
        said = []
        last = self.phases[-1]
        if not last.is_kept:
            said.append(
                "The second phase made the loss on the training pictures larger; its weights are left out, and those "
                "of the first phase are saved."
            )
        count, chance = int(self.card.data["test_images"]), 1 / len(self.card.class_names)
        low, _ = self.interval
        said.append(
            f"The saved model puts {self._accuracy_words(self.test_accuracy)} of {count:,} test pictures into the "
            f"right class; nothing was chosen by them."
        )
        if low <= chance:
            said.append(
                f"That may be chance, which is right in {100 * chance:.0f} %: more test pictures, or more training, "
                "would tell."
            )
        if self.scratch is not None:
            better = 100 * (self.test_accuracy - self.scratch.test_accuracy)
            learnt = 100 * float(self.scratch.history[-1]["accuracy"])
            said.append(
                f"Without the borrowed weights: {100 * self.scratch.test_accuracy:.1f} %, {abs(better):.1f} points "
                f"{'less' if better >= 0 else 'more'} (on its training pictures {learnt:.0f} %)."
            )
        return said

    def files_lines(self) -> list[str]:
        """Return where the files are, and what to do with them, a line each."""
        is_usual = self.path.parent.resolve() == trained_models().resolve()
        where = self.name if is_usual else shown(self.path)
        names = {"model": "Model", "card": "Card", "curves": "Picture"}
        return [
            *(f"{names[what]:9}{shown(path)}" for what, path in self.files.items()),
            f"Use it   python -m app.predict --model {where} PICTURES",
            f"See it   python -m app.saliency --model {where} --image PICTURE",
        ]

    def summary(self) -> list[str]:
        """Return what is printed without --verbose: how well it does, and the files, a line each."""
        return [*self.sentences(), *self.files_lines()]

    def parts(self) -> list[Any]:
        """Return what is printed: a table and lines."""
        return [self.table(), *self.sentences(), *self.files_lines()]

    def __str__(self) -> str:
        from app.show.tables import output_terminal, printed

        return printed(self.parts(), output_terminal())

    def document(self, format: str = "text") -> Document:
        """Return the phases and what is to be said of them; in an HTML page the curves too."""
        blocks: tuple[Block, ...] = (self.table(), *map(Paragraph, self.sentences()))
        if format in PAGES:
            from app.show.canvas import figure_svg

            blocks = (*blocks, Drawing(figure_svg(self.plot()), self.title))
        facts = {
            "path": str(self.path),
            "test_accuracy": self.test_accuracy,
            "interval": list(self.interval),
            "phases": [{**asdict(phase), "history": [*phase.history]} for phase in self.phases],
            "scratch": None if self.scratch is None else asdict(self.scratch),
            "card": asdict(self.card),
        }
        return Document(self.title, blocks, facts)

    @property
    def title(self) -> str:
        """What the figure is called."""
        data, is_named = self.card.data["name"], self.name != self.card.data["name"]
        return f"{self.card.recipe['backbone']} learns {data}{f': {self.name}' if is_named else ''}"

    def draw(self) -> Any:
        """Return the curves of the phases, one behind the other."""
        from app.transfer.figures import draw_phases

        scratch = None if self.scratch is None else self.scratch.history
        return draw_phases([phase.history for phase in self.phases], scratch, self.title)
