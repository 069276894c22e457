"""Grades: each answer right, following from an earlier slip, or wrong, and then why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.questions.answers import Value, agrees, read_value
from app.questions.marking import MISSING, PARTLY, RIGHT, UNKNOWN, UNREADABLE, WRONG
from app.questions.question import Mistake, Question
from app.show.document import Document
from app.show.results import ShowsReport
from app.worksheet.beliefs import Beliefs, follow_answers
from app.worksheet.forms import question
from app.worksheet.mistakes import recognise
from app.worksheet.titles import whose
from app.worksheet.worksheet import CREDIT, Cell, Worksheet

FOLLOWS = "follows"


@dataclass(frozen=True, repr=False)
class AnswerVerdict:
    """The grade of one answer."""

    number: int
    cell: Cell | Question
    text: str
    """What the student wrote."""
    status: str
    words: str = ""
    """Why it is wrong, or what it follows from."""
    mistakes: tuple[str, ...] = ()
    """Names of the mistakes that give this number."""
    worth: int = 1
    """Points of the question."""
    partly: float = 0
    """Points of an answer that is partly right."""

    def __repr__(self) -> str:
        return f"<({self.number}) {question(self.cell)}: {self.status}>"


@dataclass(frozen=True, repr=False)
class Grades(ShowsReport):
    """The grades of a whole sheet, answer by answer."""

    worksheet: Worksheet
    verdicts: tuple[AnswerVerdict, ...]
    notes: tuple[str, ...] = ()
    credit: float = CREDIT
    name: str = ""
    """What was typed as the name on a sheet that was made for nobody in particular."""

    def __iter__(self) -> Iterator[AnswerVerdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __repr__(self) -> str:
        right = self.count(RIGHT)
        return (
            f"<grades of {self.who or 'one sheet'}, {self.worksheet.topic}: "
            f"{right} of {len(self)} right, {self.percent:.0f} %>"
        )

    @property
    def who(self) -> str:
        """Whose answers they are: a name, else `sheet 1`, else nothing."""
        return self.name or whose(self.worksheet.identity)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return every answer with its mark, and why it is wrong."""
        from app.worksheet.grades import grades_document

        return grades_document(self)

    def count(self, status: str) -> int:
        """Return how many answers are `right`, `partly right`, `follows`, `wrong`, `unreadable` or `missing`."""
        return sum(verdict.status == status for verdict in self.verdicts)

    @property
    def points(self) -> float:
        """What the right answers are worth, `credit` for each that follows from a wrong one, and parts of grids."""
        right = sum(verdict.worth for verdict in self.verdicts if verdict.status == RIGHT)
        return right + self.credit * self.count(FOLLOWS) + sum(verdict.partly for verdict in self.verdicts)

    @property
    def most(self) -> int:
        """The points of the whole sheet."""
        return sum(verdict.worth for verdict in self.verdicts)

    @property
    def is_handed_in(self) -> bool:
        """Whether anything was answered at all."""
        return self.count(MISSING) < len(self.verdicts)

    @property
    def percent(self) -> float:
        """The points in per cent of the whole sheet's."""
        return 100 * self.points / self.most


def check_credit(credit: float) -> float:
    """Return the worth of an answer that follows from a wrong one.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    if not 0 <= credit <= 1:
        raise ValueError(f"credit must be from 0 to 1, not {credit!r}")
    return credit


def grade_texts(
    worksheet: Worksheet, texts: Mapping[int, str], notes: tuple[str, ...] = (), credit: float = CREDIT
) -> Grades:
    """Return the grades of a student's answers.

    Args:
        worksheet: the sheet, built again from its identity.
        texts: what was written, by number.
        notes: what was noticed while reading the file.
        credit: the worth of an answer that follows from an earlier wrong one, 0 to 1.
    """
    readable: dict[int, Value] = {}
    problems: dict[int, str] = {}
    for number, cell in worksheet.blanks.items():
        if number in texts:
            try:
                readable[number] = _read(texts[number], cell)
            except ValueError as error:
                problems[number] = str(error)
    beliefs = follow_answers(worksheet, readable)
    verdicts = []
    for number, cell in worksheet.blanks.items():
        if number in readable:
            verdicts.append(_judge(number, cell, texts[number], readable[number], worksheet, beliefs))
        elif number in problems:
            verdicts.append(AnswerVerdict(number, cell, texts[number], UNREADABLE, problems[number]))
        else:
            verdicts.append(AnswerVerdict(number, cell, "", MISSING, "no answer"))
    for number, asked in worksheet.questions.items():
        verdicts.append(_mark(number, asked, texts.get(number, "")))
    extra = sorted(set(texts) - set(worksheet.asked))
    more = [f"there is no question ({number}) on this sheet" for number in extra]
    return Grades(worksheet, tuple(verdicts), (*notes, *more), credit)


def _mark(number: int, asked: Question, text: str) -> AnswerVerdict:
    """Return the verdict on the answer to a question."""
    verdict = asked.check(text)
    partly = verdict.points if verdict.status == PARTLY else 0
    return AnswerVerdict(
        number, asked, text, verdict.status, verdict.words, verdict.mistakes, asked.points, partly
    )


def _read(text: str, cell: Cell) -> Value:
    value = read_value(text, cell.value, cell.unit)
    if cell.quantity == "sees" and isinstance(value, tuple) and len(value) == 1:
        return value * 2  # "5" stands for 5×5
    return value


def _judge(
    number: int, cell: Cell, text: str, given: Value, worksheet: Worksheet, beliefs: Beliefs
) -> AnswerVerdict:
    if agrees(given, cell.value):
        return AnswerVerdict(number, cell, text, RIGHT)
    for consequence in beliefs.consequences[cell.place]:
        if consequence.sources and agrees(given, consequence.value):
            words = f"follows from your answer {_say(consequence.sources)}"
            return AnswerVerdict(number, cell, text, FOLLOWS, words)
    readings = [given]
    if cell.unit:
        readings.append(read_value(text, cell.value, cell.unit, grouped=True))
    believed, sources = beliefs.cases.get(cell.layer), beliefs.sources_of(cell)
    for reading in readings:
        case = worksheet.cases.get(cell.layer)
        found = recognise(reading, cell, worksheet, case, beliefs.true_totals)
        if found:
            return _explain(number, cell, text, found)
        found = recognise(reading, cell, worksheet, believed, beliefs.totals) if sources else []
        if found:
            more = f" (worked out with your answer {_say(sources)})"
            return _explain(number, cell, text, found, more)
    return AnswerVerdict(number, cell, text, WRONG, UNKNOWN)


def _explain(number: int, cell: Cell, text: str, found: list[Mistake], more: str = "") -> AnswerVerdict:
    words = found[0].words
    if len(found) > 1:
        words = "either " + ", or ".join(_in_brackets(mistake.words) for mistake in found)
    names = tuple(dict.fromkeys(mistake.name for mistake in found))
    return AnswerVerdict(number, cell, text, WRONG, words + more, names)


def _say(numbers: frozenset[int]) -> str:
    return " and ".join(f"({number})" for number in sorted(numbers))


def _in_brackets(words: str) -> str:
    """Return `the bias is forgotten; …` with what follows the semicolon in brackets."""
    mistake, _, rule = words.partition("; ")
    return f"{mistake} ({rule})" if rule else mistake
