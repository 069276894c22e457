"""Grades: each answer right, following from an earlier slip, or wrong, and then why; and whole files."""

import functools
from dataclasses import dataclass
from pathlib import Path

from app.counting.chalkboard import Board, nn
from app.counting.counted import MODEL_ENDINGS
from app.counting.stored.model_files import read_config
from app.counting.stored.reader import read_board
from app.worksheet.answers import Value, agrees, read_value
from app.worksheet.beliefs import Beliefs, follow_answers
from app.worksheet.forms import place_answers, read_answers
from app.worksheet.identity import AnswerKeyError
from app.worksheet.mistakes import recognise
from app.worksheet.mistakes.mistake import Mistake
from app.worksheet.worksheet import MACS, OUTPUT, PARAMETERS, SEES, Cell, Worksheet, rebuild_worksheet
from models import CATALOGUE, find_network

FORMS = (".csv", ".tsv")
SHEET_COLUMNS = ("layer", "kind", "settings", "reads", OUTPUT, PARAMETERS, MACS, SEES)
"""The columns of a sheet."""
RIGHT, FOLLOWS, WRONG, UNREADABLE, MISSING = "right", "follows", "wrong", "unreadable", "missing"
CREDIT = 0.5
"""What an answer that follows from an earlier wrong one is worth."""


@dataclass(frozen=True)
class AnswerVerdict:
    """The grade of one answer."""

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
class Grades:
    """The grades of a whole sheet."""

    worksheet: Worksheet
    verdicts: tuple[AnswerVerdict, ...]
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


def grade_answers(
    worksheet: Worksheet, texts: dict[int, str], notes: tuple[str, ...] = (), credit: float = CREDIT
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
    extra = sorted(set(texts) - set(worksheet.blanks))
    more = [f"there is no question ({number}) on this sheet" for number in extra]
    return Grades(worksheet, tuple(verdicts), (*notes, *more), credit)


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
    return AnswerVerdict(number, cell, text, WRONG, "no mistake that is known here gives this")


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


@functools.lru_cache(maxsize=8)
def open_network(source: str) -> Board:
    """Return the network that is meant: one of the catalogue, or a model file read as data.

    Raises:
        ValueError: there is no such network, or the file cannot be followed on paper.
    """
    path = Path(source)
    if source in CATALOGUE or not (path.suffix.lower() in MODEL_ENDINGS or path.exists()):
        board: Board = find_network(source).builder(nn)
        return board
    try:
        return read_board(read_config(path))
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: the model configuration inside is damaged") from error


def name_of(source: str) -> str:
    """Return the name by which a sheet knows its network: a file's without the folder."""
    return source if source in CATALOGUE else Path(source).name


def grade_file(path: Path, source: str | None = None, credit: float = CREDIT) -> Grades:
    """Return the grades of the answers in a file.

    Args:
        path: a form that was filled in.
        source: the model file that the sheet was made from; needed where it is not a network of the
            catalogue, for a file that a student's answers name is never opened.
        credit: the worth of an answer that follows from an earlier wrong one, 0 to 1.

    Raises:
        ValueError: it is not a form, or its sheet cannot be built again.
    """
    answers = read_answers(path)
    network = answers.identity.network
    if source is not None and name_of(source) != network:
        raise ValueError(f"{path}: its sheet is about {network}, not {name_of(source)}")
    if source is None and network not in CATALOGUE and network.lower().endswith(MODEL_ENDINGS):
        raise ValueError(
            f"{path}: its sheet was made from the file {network}; name it too: "
            f"python -m app.worksheet path/to/{network} --grade {path}"
        )
    try:
        board = open_network(source) if source is not None else find_network(network).builder(nn)
        worksheet = rebuild_worksheet(board, answers.identity)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    place_answers(answers, worksheet, SHEET_COLUMNS)
    return grade_answers(worksheet, answers.texts, tuple(answers.notes), credit)


def grade_folder(
    folder: Path, source: str | None = None, credit: float = CREDIT
) -> tuple[dict[Path, Grades], dict[Path, str]]:
    """Return the grades of all forms in a folder and below it, and what is wrong with the others.

    Answer keys are passed over.

    Raises:
        ValueError: there is no form, or none that can be marked.
    """
    grades: dict[Path, Grades] = {}
    problems: dict[Path, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in FORMS or not path.is_file():
            continue
        try:
            grades[path] = grade_file(path, source, credit)
        except AnswerKeyError:
            continue
        except (ValueError, OSError) as error:
            problems[path] = str(error).removeprefix(f"{path}: ")
    if not grades and problems:
        path, problem = next(iter(problems.items()))
        raise ValueError(f"none of {len(problems)} files can be marked; {path}: {problem}")
    if not grades:
        raise ValueError(f"{folder} holds no answers; expected filled-in forms (*.csv)")
    return grades, problems
