"""Filled-in forms graded: one file, or all of a folder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from app.counting.chalkboard import Board, nn
from app.show.document import Document
from app.show.results import ShowsReport
from app.worksheet.forms import place_answers, read_answers
from app.worksheet.grades import average_percent, class_document
from app.worksheet.grading import Grades, check_credit, grade_texts
from app.worksheet.identity import AnswerKeyError, Identity
from app.worksheet.networks import is_file_name, name_of, open_network
from app.worksheet.worksheet import CREDIT, rebuild_worksheet
from models import CATALOGUE, find_network

FORMS = (".csv", ".tsv")
NAME_IT = 'grade_answers("{path}", network="path/to/{network}")'


@dataclass(frozen=True, repr=False)
class ClassGrades(ShowsReport):
    """The grades of a class, form by form; the files that are no forms are in `problems`."""

    grades: dict[Path, Grades]
    problems: dict[Path, str]
    """What is wrong with the files that could not be graded."""

    def __iter__(self) -> Iterator[Grades]:
        return iter(self.grades.values())

    def __len__(self) -> int:
        return len(self.grades)

    def __getitem__(self, student: str) -> Grades:
        found = {
            name: grades
            for grades in self
            for name in (grades.worksheet.identity.student, grades.name)
            if name
        }
        if student not in found:
            raise ValueError(f"there are no answers of {student!r}; there are {', '.join(found)}")
        return found[student]

    def __repr__(self) -> str:
        left = f", {self.absent} not handed in" if self.absent else ""
        left += f", {len(self.problems)} files not graded" if self.problems else ""
        average = "nothing handed in" if self.percent is None else f"{self.percent:.0f} % on average"
        return f"<grades of {len(self)} sheets: {average}{left if self.percent is not None else ''}>"

    @property
    def absent(self) -> int:
        """How many forms are empty: they count as not handed in."""
        return sum(not grades.is_handed_in for grades in self)

    @property
    def percent(self) -> float | None:
        """The average of the forms that were handed in; None where none was."""
        return average_percent(self.grades)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a line for each sheet, and the mistakes by how often they were made."""
        return class_document(self.grades, self.problems)


@dataclass(frozen=True)
class Grading:
    """How forms are graded."""

    source: str | None = None
    """The model file that the sheets were made from; needed where it is not a network of the catalogue, for a
    file that a student's answers name is never opened."""
    credit: float = CREDIT
    """The worth of an answer that follows from an earlier wrong one, from 0 to 1."""
    name_it: str = NAME_IT
    """How to name the model file, for messages."""

    @cached_property
    def _given(self) -> Board:
        assert self.source is not None
        return open_network(self.source)

    def grade(self, path: Path) -> Grades | ClassGrades:
        """Return the grades of a form, or of all forms in a folder and below it.

        Raises:
            ValueError: there is no form, or none that can be graded.
        """
        check_credit(self.credit)
        return self.grade_folder(path) if path.is_dir() else self.grade_file(path)

    def grade_file(self, path: Path) -> Grades:
        """Return the grades of the answers in a form that was filled in.

        Raises:
            ValueError: it is not a form, or its sheet cannot be built again.
        """
        answers = read_answers(path)
        try:
            board = self._open(answers.identity, path)
            worksheet = rebuild_worksheet(board, answers.identity)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        place_answers(answers, worksheet)
        grades = grade_texts(worksheet, answers.texts, tuple(answers.notes), self.credit)
        return replace(grades, name=answers.name)

    def _open(self, identity: Identity, path: Path) -> Board | None:
        """Return the network that a sheet is about; None where it has only questions of other kinds."""
        network = identity.network
        if not network and identity.kinds:
            if self.source is not None:
                raise ValueError(f"its sheet has no network; leave out {self.source}")
            return None
        if self.source is not None:
            if name_of(self.source) != network:
                raise ValueError(f"its sheet is about {network}, not {name_of(self.source)}")
            return self._given
        if network not in CATALOGUE and is_file_name(network):
            how = self.name_it.format(network=network, path=path)
            raise ValueError(f"its sheet was made from the file {network}; name it too: {how}")
        board: Board = find_network(network).builder(nn)
        return board

    def grade_folder(self, folder: Path) -> ClassGrades:
        """Return the grades of all forms in a folder and below it, and what is wrong with the others.

        Answer keys are passed over.

        Raises:
            ValueError: there is no form, or none that can be graded.
        """
        grades: dict[Path, Grades] = {}
        problems: dict[Path, str] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() not in FORMS or not path.is_file():
                continue
            try:
                grades[path] = self.grade_file(path)
            except AnswerKeyError:
                continue
            except (ValueError, OSError) as error:
                problems[path] = str(error).removeprefix(f"{path}: ")
        if not grades and problems:
            path, problem = next(iter(problems.items()))
            raise ValueError(f"none of {len(problems)} files can be marked; {path}: {problem}")
        if not grades:
            raise ValueError(f"{folder} holds no answers; expected filled-in forms (*.csv)")
        return ClassGrades(grades, problems)
