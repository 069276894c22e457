"""What a network says of images: of each one, and of many as a result that shows itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from app.maps.probabilities import LARGEST, MOST_LISTED, Probabilities
from app.maps.verdict import percent
from app.program.heads import Head
from app.show.document import Block, Document, Paragraph, Table
from app.show.results import ShowsReport

SHOWN = 3
"""Quantities that the table has of each image."""
DIGITS = 7
"""Digits of a number in a file: those that 32 bits hold."""

Unit = Literal["probability", "share", "value"]
"""What a network puts out for each class: its probability, its share of the pixels; or a quantity."""


@dataclass(frozen=True, eq=False)
class PicturePrediction:
    """What a network says of one image, or why it could not be asked."""

    image: str
    """Its file, with the number of the image where the file holds several."""
    values: np.ndarray | None = None
    """(classes,): probabilities, shares of the pixels, or quantities; None where the image could not be read."""
    changes: tuple[str, ...] = ()
    """What was changed on the way from the file to the network."""
    notes: tuple[str, ...] = ()
    """Why the answer may mean little: see `app.predict.unlike`."""
    error: str = ""
    """Why the image could not be read."""

    def top(self, class_names: Sequence[str], count: int = LARGEST) -> list[tuple[str, float]]:
        """Return the classes with the largest values, the largest first, as (name, value).

        Of equal ones the earlier class comes first.
        """
        if self.values is None:
            return []
        order = np.argsort(-self.values, kind="stable")[:count]
        return [(class_names[c], float(self.values[c])) for c in order]


@dataclass(frozen=True)
class Answers:
    """How the answers of a network are written down: a record, the cells of a table, the cells of a CSV file."""

    class_names: tuple[str, ...]
    unit: Unit = "probability"
    most: int = LARGEST
    """Classes that are written of each image; of quantities all are written to files."""

    @classmethod
    def of(cls, head: Head, class_names: Sequence[str], most: int = LARGEST) -> "Answers":
        """Return how what comes out of a head is written down."""
        unit: Unit = {"value": "value", "pixels": "share"}.get(head.kind, "probability")  # type: ignore[assignment]
        return cls(tuple(class_names), unit, min(most, len(class_names)))

    def record(self, said: PicturePrediction) -> dict[str, Any]:
        """Return an answer as plain values, as JSON keeps it."""
        if said.values is None:
            return {"image": said.image, "error": said.error}
        if self.unit == "value":
            every = zip(self.class_names, map(float, said.values), strict=True)
            found: dict[str, Any] = {"outputs": {name: _short(value) for name, value in every}}
        else:
            top = [{"class": name, self.unit: _short(p)} for name, p in said.top(self.class_names, self.most)]
            found = {**top[0], "top": top}
        return {"image": said.image, **found, "changes": list(said.changes), "notes": list(said.notes)}

    def csv_columns(self) -> tuple[str, ...]:
        """Return the names of the columns of a CSV file."""
        if self.unit == "value":
            found: list[str] = [f"output {name}" for name in self.class_names]
        else:
            marks = ["", *(f"_{place}" for place in range(2, self.most + 1))]
            found = [name for mark in marks for name in (f"class{mark}", f"{self.unit}{mark}")]
        return ("image", *found, "changes", "notes", "error")

    def csv_cells(self, said: PicturePrediction) -> tuple[str, ...]:
        """Return the cells of one image."""
        if said.values is None:
            empty = [""] * (len(self.csv_columns()) - 4)
        elif self.unit == "value":
            empty = [f"{value:.{DIGITS}g}" for value in said.values]
        else:
            top = said.top(self.class_names, self.most)
            empty = [cell for name, value in top for cell in (name, f"{value:.{DIGITS}g}")]
        return (said.image, *empty, "; ".join(said.changes), "; ".join(said.notes), said.error)

    def table_columns(self) -> tuple[str, ...]:
        """Return the headings of a table to be read."""
        if self.unit == "value":
            return ("image", *self.class_names[: self.most], "remarks")
        more = ("next likeliest",) if self.most > 1 else ()
        return ("image", "class", {"share": "pixels"}.get(self.unit, self.unit), *more, "remarks")

    def table_cells(self, said: PicturePrediction) -> tuple[str, ...]:
        """Return the cells of one image; its remarks say what was changed and what there is to doubt."""
        columns = self.table_columns()
        if said.values is None:
            dashes = ["" if name == "next likeliest" else "–" for name in columns[1:-1]]
            return (said.image, *dashes, f"not read: {said.error}")
        remarks = "; ".join((*said.notes, *said.changes))
        if self.unit == "value":
            return (said.image, *(f"{value:.4g}" for value in said.values[: self.most]), remarks)
        (name, value), *others = said.top(self.class_names, self.most)
        more = (", ".join(f"{other}: {percent(p)}" for other, p in others),) if self.most > 1 else ()
        return (said.image, name, percent(value), *more, remarks)

    def short_table(self, said: Sequence[PicturePrediction]) -> Table:
        """Return a table with a line for each image: the likeliest class alone, and how many remarks there are."""
        columns, rows = self.table_columns(), [self.table_cells(each) for each in said]
        kept = [i for i, name in enumerate(columns) if name not in ("next likeliest", "remarks")]
        cells = [
            (
                *(row[i] for i in kept),
                "not read" if each.values is None else "see --verbose" if each.notes else "",
            )
            for each, row in zip(said, rows, strict=True)
        ]
        heads = (*(columns[i] for i in kept), "doubts")
        if not any(row[-1] for row in cells):
            heads, cells = heads[:-1], [row[:-1] for row in cells]
        numbers = range(1, len(kept)) if self.unit == "value" else (2,)
        return Table(
            heads, tuple(cells), numbers=tuple(numbers), prose=(0, 1) if self.unit != "value" else (0,)
        )

    def table(self, said: Sequence[PicturePrediction]) -> Table:
        """Return a table with a row for each image; columns that would be empty are left out."""
        columns, rows = self.table_columns(), [self.table_cells(each) for each in said]
        if not any(row[-1] for row in rows):
            columns, rows = columns[:-1], [row[:-1] for row in rows]
        prose = tuple(i for i, name in enumerate(columns) if name in ("next likeliest", "remarks"))
        numbers = range(1, len(columns)) if self.unit == "value" else (2,)
        return Table(
            columns, tuple(rows), numbers=tuple(i for i in numbers if columns[i] != "remarks"), prose=prose
        )


@dataclass(frozen=True, repr=False, eq=False)
class Predictions(ShowsReport):
    """The probability of each class for each image, or the quantities that a network puts out."""

    model: str
    images: tuple[str, ...]
    """What the images are called."""
    values: np.ndarray
    """(images, classes): probabilities, or quantities."""
    class_names: tuple[str, ...]
    are_quantities: bool = False
    changes: tuple[tuple[str, ...], ...] = ()
    """What was changed in each image on its way into the network; () where that is not known."""
    notes: tuple[tuple[str, ...], ...] = ()
    """Why the answer for each image may mean little; () where nobody looked."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Files that could not be read, with the reason; they have no row in `values`."""
    are_shares: bool = False
    """Whether each pixel has a class; then `values` are shares of the pixels."""

    @property
    def classes(self) -> list[int]:
        """The class with the largest value of each image."""
        return [int(c) for c in self.values.argmax(axis=1)]

    @property
    def names(self) -> list[str]:
        """What these classes are called."""
        return [self.class_names[c] for c in self.classes]

    @property
    def probabilities(self) -> list[float]:
        """The probability of this class for each image: its largest value."""
        return [float(row.max()) for row in self.values]

    def top(self, count: int = 5) -> list[list[tuple[str, float]]]:
        """Return for each image its classes with the largest probabilities, the largest first, as (name, value).

        Of equal ones the earlier class comes first.
        """
        return [each.top(self.class_names, count) for each in self]

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[PicturePrediction]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> PicturePrediction:
        return PicturePrediction(
            self.images[number],
            self.values[number],
            self.changes[number] if self.changes else (),
            self.notes[number] if self.notes else (),
        )

    def __repr__(self) -> str:
        return f"<predictions of {self.model} for {len(self)} image{'s' if len(self) != 1 else ''}>"

    def answers(self, most: int) -> Answers:
        """Return how these are written down, so many classes of each image."""
        unit: Unit = "value" if self.are_quantities else "share" if self.are_shares else "probability"
        return Answers(self.class_names, unit, min(most, len(self.class_names)))

    def document(self, format: str = "text") -> Document:
        """Return a table with the probabilities of all classes, of more than ten the five largest.

        As CSV it has a column for each of the five likeliest classes and its probability.
        """
        unread = [PicturePrediction(image, error=reason) for image, reason in self.unreadable.items()]
        answers = self.answers(len(self.class_names))
        data = [answers.record(each) for each in (*self, *unread)] if format == "json" else None
        if format == "csv":
            short = self.answers(LARGEST)
            rows = tuple(short.csv_cells(each) for each in (*self, *unread))
            return Document("", (Table(short.csv_columns(), rows),))
        table = self._quantities() if self.are_quantities else self._probabilities()
        blocks: list[Block] = [
            table,
            *(Paragraph(f"not read: {each.image}: {each.error}") for each in unread),
        ]
        return Document(f"What {self.model} says", tuple(blocks), data)

    def _probabilities(self) -> Table:
        is_whole = len(self.class_names) <= MOST_LISTED
        heading = "probabilities" if is_whole else f"the {LARGEST} largest probabilities"
        rows = []
        for each, name in zip(self, self.names, strict=True):
            row = np.asarray(each.values, float)
            listed = Probabilities(self.class_names, tuple(row)).listed()
            rows.append((each.image, f"{name} ({percent(float(row.max()))})", listed, "; ".join(each.notes)))
        columns = ("image", "predicts", heading, "notes")
        if not any(row[-1] for row in rows):
            columns, rows = columns[:-1], [row[:-1] for row in rows]  # type: ignore[assignment, misc]
        return Table(columns, tuple(rows), prose=(2, 3)[: len(columns) - 2])

    def _quantities(self) -> Table:
        rows = tuple(
            (image, *(f"{name} ({value:.4g})" for name, value in found))
            for image, found in zip(self.images, self.top(SHOWN), strict=True)
        )
        return Table(("image", *("first", "second", "third")[: min(SHOWN, len(self.class_names))]), rows)


def _short(value: float) -> float | str:
    """Return a number with as many digits as it is worth; JSON has no word for what is no number."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else str(value)
