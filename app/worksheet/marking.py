"""Marks: each answer right, following from an earlier slip, or wrong, and then why."""

from dataclasses import dataclass

from app.worksheet.answers import Value, agrees, read_value
from app.worksheet.beliefs import Beliefs, follow
from app.worksheet.mistakes import recognise
from app.worksheet.mistakes.finding import Finding
from app.worksheet.worksheet import Cell, Worksheet

RIGHT, FOLLOWS, WRONG, UNREADABLE, MISSING = "right", "follows", "wrong", "unreadable", "missing"
CREDIT = 0.5
"""What an answer that follows from an earlier wrong one is worth."""


@dataclass(frozen=True)
class Verdict:
    """The mark of one answer."""

    number: int
    cell: Cell
    text: str
    """What the student wrote."""
    status: str
    words: str = ""
    """Why it is wrong, or what it follows from."""
    mistakes: tuple[str, ...] = ()
    """Names of the mistakes that give this number."""


@dataclass(frozen=True)
class Marks:
    """The marks of a whole sheet."""

    worksheet: Worksheet
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
    credit: float = CREDIT

    def count(self, status: str) -> int:
        """Return how many answers are `right`, `follows`, `wrong`, `unreadable` or `missing`."""
        return sum(verdict.status == status for verdict in self.verdicts)

    @property
    def points(self) -> float:
        """One for each right answer, `credit` for each that follows from a wrong one."""
        return self.count(RIGHT) + self.credit * self.count(FOLLOWS)

    @property
    def percent(self) -> float:
        """The points in per cent of the blanks."""
        return 100 * self.points / len(self.verdicts)


def mark_answers(
    worksheet: Worksheet, texts: dict[int, str], notes: tuple[str, ...] = (), credit: float = CREDIT
) -> Marks:
    """Return the marks of a student's answers.

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
    beliefs = follow(worksheet, readable)
    verdicts = []
    for number, cell in worksheet.blanks.items():
        if number in readable:
            verdicts.append(_judge(number, cell, texts[number], readable[number], worksheet, beliefs))
        elif number in problems:
            verdicts.append(Verdict(number, cell, texts[number], UNREADABLE, problems[number]))
        else:
            verdicts.append(Verdict(number, cell, "", MISSING, "no answer"))
    extra = sorted(set(texts) - set(worksheet.blanks))
    more = [f"there is no question ({number}) on this sheet" for number in extra]
    return Marks(worksheet, tuple(verdicts), (*notes, *more), credit)


def _read(text: str, cell: Cell) -> Value:
    value = read_value(text, cell.value, cell.unit)
    if cell.quantity == "sees" and isinstance(value, tuple) and len(value) == 1:
        return value * 2  # "5" stands for 5×5
    return value


def _judge(
    number: int, cell: Cell, text: str, given: Value, worksheet: Worksheet, beliefs: Beliefs
) -> Verdict:
    if agrees(given, cell.value):
        return Verdict(number, cell, text, RIGHT)
    for consequence in beliefs.consequences[cell.place]:
        if consequence.sources and agrees(given, consequence.value):
            words = f"follows from your answer {_say(consequence.sources)}"
            return Verdict(number, cell, text, FOLLOWS, words)
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
    return Verdict(number, cell, text, WRONG, "no mistake that is known here gives this")


def _explain(number: int, cell: Cell, text: str, found: list[Finding], more: str = "") -> Verdict:
    words = found[0].words
    if len(found) > 1:
        words = "either " + ", or ".join(_in_brackets(finding.words) for finding in found)
    names = tuple(dict.fromkeys(finding.mistake for finding in found))
    return Verdict(number, cell, text, WRONG, words + more, names)


def _say(numbers: frozenset[int]) -> str:
    return " and ".join(f"({number})" for number in sorted(numbers))


def _in_brackets(words: str) -> str:
    """Return `the bias is forgotten; …` with what follows the semicolon in brackets."""
    mistake, _, rule = words.partition("; ")
    return f"{mistake} ({rule})" if rule else mistake
