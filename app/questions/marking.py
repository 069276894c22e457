"""Answers to questions marked: right, partly right, or wrong, and then why."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from app.counting.rows import Shape
from app.questions.answers import read_value
from app.questions.grids import Grid, TypedGrid, read_grid, read_number, size_of, write_number
from app.questions.question import GRID, LETTER, LETTERS, NUMBER, SIZES, Answer, Question

RIGHT, PARTLY, WRONG, UNREADABLE, MISSING = "right", "partly right", "wrong", "unreadable", "missing"
UNKNOWN = "no mistake that is known here gives this"
_RANGE = re.compile(r"(?<=\d)\s*(?:-|–|…|\.\.+|to)\s*(?=\d)")
"""What stands between two ends: 3-8, 3 to 8."""
MOST_CELLS = 3
"""So many wrong cells are listed; of more their number is said."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """The mark of one answer."""

    question: Question
    text: str
    """What was typed."""
    status: str
    points: float = 0
    """Earned, of `question.points`."""
    words: str = ""
    """Why it is wrong."""
    mistakes: tuple[str, ...] = ()
    """Names of the mistakes that give this answer."""

    def __repr__(self) -> str:
        words = f": {self.words}" if self.words else ""
        return f"<{self.status}, {self.points:g} of {self.question.points} points{words}>"


def mark(question: Question, text: str) -> Verdict:
    """Return the verdict on what was typed.

    A grid earns its points for the right cells, rounded down to half a point; another answer earns all or none.
    """
    if not text.strip():
        return Verdict(question, text, MISSING, words="no answer")
    try:
        given = read_answer(question, text)
    except ValueError as error:
        return Verdict(question, text, UNREADABLE, words=str(error))
    if given == question.answer:
        return Verdict(question, text, RIGHT, question.points)
    found = [mistake for mistake in question.mistakes if mistake.value == given]
    points, words = _compare(question, given)
    if found:
        words = "; or ".join(mistake.words for mistake in found)
    names = tuple(dict.fromkeys(mistake.name for mistake in found))
    return Verdict(question, text, PARTLY if points else WRONG, points, words, names)


def read_answer(question: Question, text: str) -> Answer:
    """Return what an answer says, read as the form that is asked for.

    Raises:
        ValueError: it cannot be read; the message says what is expected.
    """
    if question.form == LETTER:
        letter = text.strip().strip("().:'\"").upper()
        if len(letter) != 1 or letter not in LETTERS[: len(question.options)]:
            raise ValueError(
                f"{text!r} is no letter of an option; expected A to {LETTERS[len(question.options) - 1]}"
            )
        return letter
    if question.form == GRID:
        return read_grid(text, *question.size)
    if question.form == NUMBER and isinstance(question.answer, Fraction):
        return read_number(text)
    if question.form == SIZES:
        text = _RANGE.sub(" ", text)
    value = read_value(text, question.answer)  # type: ignore[arg-type]
    if isinstance(question.answer, tuple) and isinstance(value, tuple):
        return _all_axes(value, question.answer)  # type: ignore[arg-type]
    return value


def _all_axes(value: Shape, answer: Shape) -> Shape:
    """Return 5 as 5×5 where a square's sides are asked for."""
    return value * 2 if len(value) == 1 and len(answer) == 2 and len(set(answer)) == 1 else value


def _compare(question: Question, given: Answer) -> tuple[float, str]:
    """Return the points of a wrong answer, and what is wrong with it: of a grid, which cells."""
    if question.form != GRID:
        return 0, UNKNOWN
    answer, typed = cast(Grid, question.answer), cast(TypedGrid, given)
    (rows, columns), (r, c) = size_of(answer), size_of(typed)
    if (rows, columns) != (r, c):
        return 0, f"the answer has {rows}×{columns} cells (rows × columns), not {r}×{c}"
    wrong, cells = _wrong_cells(typed, answer), rows * columns
    points = 2 * question.points * (cells - len(wrong)) // cells / 2
    listed = "; ".join(wrong[:MOST_CELLS])
    more = f"; {len(wrong) - MOST_CELLS} more" if len(wrong) > MOST_CELLS else ""
    return points, f"{cells - len(wrong)} of {cells} cells are right; wrong: {listed}{more}"


def _wrong_cells(given: TypedGrid, answer: Grid) -> list[str]:
    return [
        f"row {r}, column {c} ({'empty' if wrote is None else write_number(wrote)}, not {write_number(right)})"
        for r, (typed, rights) in enumerate(zip(given, answer, strict=True), 1)
        for c, (wrote, right) in enumerate(zip(typed, rights, strict=True), 1)
        if wrote != right
    ]
