"""Answers written as they come: as a table, as CSV, as JSON, or as JSON line by line; the whole is never in memory."""

import csv
import json
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

from app.maps.predictions import Answers, PicturePrediction
from app.show.document import Document, Paragraph, Table
from app.show.tables import output_terminal
from app.show.writers import write_document
from app.show.writers.csv import FORMULA_STARTS, harmless
from app.untrusted.text import visible

FORMATS = {"table": (".txt",), "csv": (".csv",), "json": (".json",), "jsonl": (".jsonl", ".ndjson")}
"""How answers can be written, and the endings of such files."""
FIRST = 6
"""Rows of a summary."""
BLOCK = 1000
"""Rows of one table; a longer one has its headings again."""


class Writer(Protocol):
    """Writes answers as they come."""

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Write some more answers."""

    def finish(self) -> None:
        """Write what is left to be written, so that the whole can be read."""


def open_writer(
    format_: str,
    stream: TextIO,
    answers: Answers,
    model: str,
    width: int,
    goes_on: bool = False,
    is_short: bool = False,
) -> Writer:
    """Return what writes answers into a stream, in one of `FORMATS`.

    Args:
        format_: one of `FORMATS`.
        stream: where.
        answers: how each is told.
        model: what the network is called.
        width: columns of a table.
        goes_on: whether it goes on behind others of the same kind.
        is_short: of a table the first rows alone, a line each.
    """
    if format_ == "table" and is_short:
        return ShortTableWriter(stream, answers, model, width)
    if format_ == "table":
        return TableWriter(stream, answers, model, width)
    if format_ == "csv":
        return CsvWriter(stream, answers, goes_on)
    return JsonWriter(stream, answers) if format_ == "json" else JsonLinesWriter(stream, answers)


class TableWriter:
    """A table to be read, in blocks of 1,000 rows, each as wide as its longest cells."""

    def __init__(self, stream: TextIO, answers: Answers, model: str, width: int) -> None:
        self.stream, self.answers, self.width = stream, answers, width
        self.title = f"What {model} says"
        self.held: list[PicturePrediction] = []

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Hold some more answers, and write the blocks that are full."""
        self.held += said
        while len(self.held) >= BLOCK:
            self._print(self.held[:BLOCK])
            del self.held[:BLOCK]

    def finish(self) -> None:
        """Write the last block."""
        if self.held:
            self._print(self.held)

    def _print(self, said: Sequence[PicturePrediction]) -> None:
        document = Document(self.title, (self.answers.table(said),))
        is_ascii = not can_be_written("─–×", self.stream)
        written = write_document(document, width=self.width, ascii_only=is_ascii)
        self.stream.write(written.encode("utf-8", "backslashreplace").decode())
        self.stream.flush()
        self.title = ""


class ShortTableWriter:
    """The first few answers, a line each, and how many more there are: what a screen has room for."""

    def __init__(self, stream: TextIO, answers: Answers, model: str, width: int) -> None:
        self.stream, self.answers, self.width = stream, answers, width
        self.title, self.more = f"What {model} says", 0
        self.held: list[PicturePrediction] = []

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Hold the first answers, and count the others."""
        room = max(0, FIRST - len(self.held))
        self.held += said[:room]
        self.more += len(said[room:])

    def finish(self) -> None:
        """Write the table."""
        if not self.held:
            return
        blocks: list[Table | Paragraph] = [self.answers.short_table(self.held)]
        if self.more:
            blocks.append(Paragraph(f"{self.more:,} more: --verbose, or --output predictions.csv"))
        is_ascii = not can_be_written("─–×", self.stream)
        terminal = output_terminal("--verbose has them")
        written = write_document(Document(self.title, tuple(blocks)), "text", self.width, is_ascii, terminal)
        self.stream.write(written.encode("utf-8", "backslashreplace").decode())
        self.stream.flush()


class CsvWriter:
    """Comma-separated values: a line of headings, and a line for each picture.

    Control characters in names are written as escapes, and what a spreadsheet would take for a formula is marked: a
    path gets `./` in front, which leads to the same file, other texts a `'`.
    """

    def __init__(self, stream: TextIO, answers: Answers, goes_on: bool = False) -> None:
        self.stream, self.answers = stream, answers
        self.writer = csv.writer(stream, lineterminator="\n")
        if not goes_on:
            self.writer.writerow([harmless(visible(name)) for name in answers.csv_columns()])

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Write some more answers."""
        for each in said:
            path, *cells = map(visible, self.answers.csv_cells(each))
            path = f"./{path}" if path.startswith(FORMULA_STARTS) else path
            self.writer.writerow([path, *map(harmless, cells)])
        self.stream.flush()

    def finish(self) -> None:
        """There is nothing left to be written."""


class JsonLinesWriter:
    """A JSON object for each picture, each in a line of its own. Names are as they are, escaped as JSON does it."""

    def __init__(self, stream: TextIO, answers: Answers) -> None:
        self.stream, self.answers = stream, answers

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Write some more answers."""
        self.stream.writelines(f"{as_json(self.answers.record(each))}\n" for each in said)
        self.stream.flush()

    def finish(self) -> None:
        """There is nothing left to be written."""


class JsonWriter:
    """One JSON array with an object for each picture."""

    def __init__(self, stream: TextIO, answers: Answers) -> None:
        self.stream, self.answers = stream, answers
        self.before = "[\n"

    def write(self, said: Sequence[PicturePrediction]) -> None:
        """Write some more answers."""
        for each in said:
            self.stream.write(f"{self.before}  {as_json(self.answers.record(each))}")
            self.before = ",\n"
        self.stream.flush()

    def finish(self) -> None:
        """Close the array."""
        self.stream.write("[]\n" if self.before == "[\n" else "\n]\n")


def as_json(record: Any) -> str:
    """Return a record as JSON in one line; what is no text in UTF-8, or steers a terminal, is written as escapes.

    >>> as_json({"image": "\\udcff\\u202e.png"})
    '{"image": "\\\\udcff\\\\u202e.png"}'
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def can_be_written(text: str, stream: TextIO) -> bool:
    """Return whether a stream has these signs."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
