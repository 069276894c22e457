"""What came out of an experiment, as a result that shows itself: a table, a verdict, a figure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.experiment.study import Rows, StudyVerdict
from app.files.folders import shown
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from app.show.tables import output_terminal, printed

MOST_ROWS = 4
"""Rows of a table that the summary has."""
A_NUMBER = 20
"""Signs beyond which a cell is no number, and may be broken at spaces."""


@dataclass(frozen=True, repr=False, eq=False)
class ExperimentResult(ShowsReport, ShowsFigure):
    """What came out of an experiment.

    `print` it for its table and its verdict; in a notebook it is its figure.
    """

    facts: dict[str, Any]
    """Every number, as plain values."""
    rows: Rows
    folder: Path
    """Where the numbers, the figure and the finished runs lie."""

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook an experiment is its figure."""

    @property
    def name(self) -> str:
        """What the experiment is called."""
        return str(self.facts["experiment"])

    @property
    def question(self) -> str:
        """What was asked."""
        return str(self.facts["question"])

    @property
    def verdict(self) -> StudyVerdict:
        """Whether the effect shows (None after a smoke run), and the sentence that says so."""
        return StudyVerdict(**self.facts["verdict"])

    @property
    def table(self) -> list[dict[str, str]]:
        """The rows as they are printed, each by its columns."""
        columns, rows = self.rows
        return [dict(zip(columns, row, strict=True)) for row in rows]

    @property
    def files(self) -> dict[str, Path]:
        """What was left: the numbers as JSON, and the figure."""
        return {"numbers": self.folder / f"{self.name}.json", "picture": self.folder / f"{self.name}.png"}

    def __repr__(self) -> str:
        said = {True: "the effect shows", False: "the effect does not show", None: "a smoke run"}
        return f"<experiment {self.name}: {said[self.verdict.shows]}>"

    def parts(self) -> list[Any]:
        """Return what is printed: the table, and lines."""
        return [self._table(), *self.words(), *self._places(), *self._statements()]

    def summary(self) -> list[Any]:
        """Return what is printed without --verbose: the table where it is short, the verdict, the files."""
        said = [self.verdict.words, *self._places()]
        if len(self.rows[1]) > MOST_ROWS:
            return [*said, "The table and what must be known of it: --verbose"]
        return [self._table(), *said]

    def words(self) -> list[str]:
        """Return the verdict, and what must be known of the numbers, a line each."""
        facts, lines = self.facts, [self.verdict.words]
        if len(facts.get("seeds", ())) > 1:
            lines.insert(0, "±: the standard deviation over the seeds.")
        if "seconds" in facts:
            lines.append(
                f"{len(facts['runs'])} runs took {facts['seconds']:,.0f} s in all, and "
                f"{facts['processor_seconds']:,.0f} s of processor time"
            )
        return lines

    def __str__(self) -> str:
        return printed(self.parts(), output_terminal())

    def document(self, format: str = "text") -> Document:
        """Return the table and the verdict; in an HTML page the figure too."""
        drawings: tuple[Block, ...] = ()
        if format in PAGES:
            from app.show.canvas import figure_svg

            drawings = (Drawing(figure_svg(self.plot()), self.question),)
        words = Paragraph("\n".join([*self.words(), *self._statements()]))
        return Document(self.question, (*drawings, self._table(), words), self.facts)

    def draw(self) -> Any:
        """Return the figure of the experiment."""
        from app.experiment.figures import DRAW

        return DRAW[self.name](self.facts)

    def _table(self) -> Table:
        columns, rows = self.rows
        prose = tuple(i for i in range(1, len(columns)) if max(len(row[i]) for row in rows) > A_NUMBER)
        return Table(columns, tuple(rows), prose=prose, expendable=tuple(range(len(columns) - 1, 2, -1)))

    def _places(self) -> list[str]:
        return [f"{what.capitalize()}: {shown(path)}" for what, path in self.files.items()]

    def _statements(self) -> list[str]:
        """Return why statements of the article on single years are not as published."""
        said = [each for year in self.facts.get("years", ()) for each in year["article"]]
        return [f"{each['claim']}: {each['why']}" for each in said if not each["agrees"]]
