"""A question: what is given and asked, the answer with its working, and what typical mistakes give."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from app.questions.answers import Value, write_value
from app.questions.grids import Grid, TypedGrid, size_of, write_grid, write_number
from app.show.document import Document
from app.show.results import ShowsReport

if TYPE_CHECKING:
    from app.questions.marking import Verdict

Answer = Value | Grid | TypedGrid | str
"""A number, sizes, a grid, or the letter of an option."""
LETTERS = "ABCD"
GRID, SIZES, NUMBER, LETTER = "grid", "sizes", "number", "letter"
HOW = {
    GRID: "rows such as 1 2; 3 4",
    SIZES: "sizes such as 3x3",
    NUMBER: "one number",
    LETTER: "one letter, A to D",
}
"""How each form of answer is typed."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that gives the number a student wrote."""

    name: str
    """The same for all students."""
    words: str
    """What to tell the student."""
    value: Any
    """What the mistake gives: an answer of the same form as the right one."""


@dataclass(frozen=True)
class Given:
    """A grid that is printed with the question."""

    label: str
    grid: Grid


@dataclass(frozen=True, repr=False)
class Question(ShowsReport):
    """One question. `print` it to see it, `question.check("1 2; 3 4")` marks an answer."""

    kind: str
    """A name of `app.questions.kinds.KINDS`."""
    label: str
    """What it is about, in a few words, for tables."""
    text: str
    """What is asked."""
    answer: Answer
    steps: tuple[str, ...]
    """The working, step by step."""
    hint: str
    points: int = 1
    givens: tuple[Given, ...] = ()
    options: tuple[str, ...] = ()
    """The texts behind the letters A to D, where there is a choice."""
    is_range: bool = False
    """Whether two numbers are a first and a last, and no sizes."""
    mistakes: tuple[Mistake, ...] = ()
    """What typical mistakes give; where one gives the right answer too, it is left out."""

    def __repr__(self) -> str:
        return f"<{self.kind}: {self.label}>"

    @property
    def form(self) -> str:
        """The form of its answer: `grid`, `sizes`, `number` or `letter`."""
        if isinstance(self.answer, str):
            return LETTER
        if isinstance(self.answer, tuple):
            return GRID if isinstance(self.answer[0], tuple) else SIZES
        return NUMBER

    @property
    def answer_text(self) -> str:
        """The answer as it is typed."""
        return self.write(self.answer)

    def write(self, answer: Answer) -> str:
        """Return an answer to this question as it is typed."""
        return write_answer(answer).replace("×", " to ") if self.is_range else write_answer(answer)

    @property
    def how(self) -> str:
        """How the answer is typed."""
        if self.form == GRID:
            rows, columns = self.size
            example = "; ".join(
                " ".join(str(row * columns + c + 1) for c in range(columns)) for row in range(rows)
            )
            return (
                f"{rows}×{columns} numbers, written as {example}"
                if rows > 1
                else f"numbers such as {example}"
            )
        if self.is_range:
            return "first and last, such as 3 8"
        if self.form == SIZES and isinstance(self.answer, tuple):
            digits = "864"[: len(self.answer)]
            return f"{len(digits)} numbers, such as {'x'.join(digits)} or {' '.join(digits)}"
        return HOW[self.form]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the grid that is asked for; one cell for all other answers."""
        return size_of(self.answer) if self.form == GRID else (1, 1)  # type: ignore[arg-type]

    @property
    def line(self) -> str:
        """The whole question in one line, for a cell of a table."""
        given = [f"{given.label}: {write_grid(given.grid)}." for given in self.givens]
        options = [f"{letter}: {text}" for letter, text in zip(LETTERS, self.options, strict=False)]
        return " ".join(" ".join([self.text, *given, *options]).split())

    def check(self, answer: object) -> "Verdict":
        """Return the verdict on an answer: a text as it is typed, a number, a tuple or a list of rows.

        >>> from app.questions.making import make_question
        >>> make_question("article", seed=1, number=3).check("102x102x4").status
        'right'
        """
        from app.questions.marking import mark

        return mark(self, as_typed(answer))

    def document(self, format: str = "text") -> Document:
        """Return the question as it is printed."""
        from app.questions.documents import question_document

        return question_document(self, format)


def write_answer(answer: Answer) -> str:
    """Return an answer as it is typed: 1,690, 26×26×32, `1 2; 3 4` or B.

    >>> write_answer((26, 26, 32)), write_answer(((1, 2), (3, 4))), write_answer(Fraction(5, 2))
    ('26×26×32', '1 2; 3 4', '2.5')
    """
    if isinstance(answer, str):
        return answer
    if isinstance(answer, tuple) and answer and isinstance(answer[0], tuple):
        return write_grid(answer)
    return write_number(answer) if isinstance(answer, Fraction) else write_value(answer)  # type: ignore[arg-type]


def as_typed(answer: object) -> str:
    """Return what somebody would type for a Python value."""
    if isinstance(answer, list | tuple) and answer and isinstance(answer[0], list | tuple):
        return "; ".join(" ".join(map(str, row)) for row in answer)
    if isinstance(answer, list | tuple):
        return " ".join(map(str, answer))
    if isinstance(answer, float) and not math.isfinite(answer):
        raise ValueError(f"an answer must be a finite number, not {answer}")
    return str(answer)


def distinct(answer: Answer, mistakes: Sequence[Mistake | None]) -> tuple[Mistake, ...]:
    """Return the mistakes that do not give the right answer, each value once, the first name first."""
    found: dict[Answer, Mistake] = {}
    for mistake in mistakes:
        if mistake is not None and mistake.value != answer:
            found.setdefault(mistake.value, mistake)
    return tuple(found.values())
