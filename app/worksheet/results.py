"""Worksheets that show themselves: one with its key, and those of a class."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.counting.chalkboard import Board
from app.questions.question import Question, as_typed
from app.show.document import Document, Table
from app.show.results import ShowsReport
from app.show.tables import WIDE
from app.show.writers import ENDINGS
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.forms import write_form
from app.worksheet.handouts import FileStyle, SheetFiles, file_name, place_files
from app.worksheet.identity import Identity, read_kinds
from app.worksheet.titles import write_title
from app.worksheet.worksheet import CREDIT, Cell, Worksheet, make_worksheet, write_topic

if TYPE_CHECKING:
    from app.worksheet.grading import Grades

SHEETS, KEYS = "sheets", "keys"
"""The folders of a class: what is handed out, and what is kept."""


@dataclass(frozen=True, repr=False)
class AnswerKey(ShowsReport):
    """The answers of a worksheet, each with its working."""

    worksheet: Worksheet

    def __repr__(self) -> str:
        return f"<key of {self.worksheet.words}>"

    def document(self, format: str = "text") -> Document:
        """Return the table of the answers."""
        return key_document(self.worksheet, is_marked_inside=format == "csv")


class SavesSheets(ShowsReport):
    """Worksheets that are saved with their keys and forms; how is said in one way, what goes where is their own."""

    def write(self, path: Path, style: FileStyle) -> Path:
        """Write the files of this kind of result; return what `save` returns."""
        raise NotImplementedError

    def save(
        self,
        path: str | Path,
        format: str = "",
        width: int = WIDE,
        ascii_only: bool = False,
        paper: str | None = None,
    ) -> Path:
        """Write the sheets, their keys and empty forms for the answers.

        A form that is there already, and may have answers in it, is never written over.

        Args:
            path: of one sheet its file, whose ending says the format, or a folder; of a class a folder. It is made.
            format: another format: text, markdown, html (a class without this), pdf, csv, json or latex.
            width: columns that text may take.
            ascii_only: write only ASCII signs.
            paper: `a4` or `letter`; without it A4 as PDF, and in HTML what the printer has.

        Returns:
            The path of the sheet, or the folder of the class.

        Raises:
            ValueError: no sheet is written with such an ending, the path of a class is not a folder's, or a form with
                answers is in the way.
        """
        return self.write(Path(path), FileStyle(format, width, ascii_only, paper=paper))


@dataclass(frozen=True, repr=False)
class Handout(SavesSheets):
    """A worksheet: `print` it for the sheet, and `handout.key` for its answers; `handout.save` writes both."""

    worksheet: Worksheet

    @property
    def student(self) -> str:
        """For whom it is; empty for nobody in particular."""
        return self.worksheet.identity.student

    @property
    def blanks(self) -> dict[int, Cell]:
        """What is asked, by the number of the blank: layer, quantity, value and working."""
        return self.worksheet.blanks

    @property
    def questions(self) -> dict[int, Question]:
        """The questions of other kinds, by number: text, answer, steps and mistakes."""
        return self.worksheet.questions

    @property
    def key(self) -> AnswerKey:
        """The answers with their workings."""
        return AnswerKey(self.worksheet)

    @property
    def form(self) -> str:
        """The empty form for the answers, as CSV."""
        return write_form(self.worksheet)

    def __repr__(self) -> str:
        return f"<{self.worksheet.words}>"

    def document(self, format: str = "text") -> Document:
        """Return the sheet; as CSV it has a table for the answers."""
        return sheet_document(self.worksheet, with_form=format == "csv", format=format)

    def grade(self, answers: Mapping[int, Any], credit: float = CREDIT) -> "Grades":
        """Return the grades of answers, given by the numbers of the blanks: `{1: "26×26×32", 2: 320}`.

        A grid is a text, `"1 2; 3 4"`, or a list of rows; a choice is a letter.

        Args:
            answers: numbers, shapes or texts, as a student would write them.
            credit: the worth of an answer that follows from an earlier wrong one, from 0 to 1.

        Raises:
            ValueError: the credit is out of range.
        """
        from app.worksheet.grading import check_credit, grade_texts

        texts = {
            number: as_typed(answer) if number in self.questions else str(answer)
            for number, answer in answers.items()
            if answer is not None and answer != ""
        }
        return grade_texts(self.worksheet, texts, credit=check_credit(credit))

    def write(self, path: Path, style: FileStyle) -> Path:
        """Write the sheet, its key (…-key) and an empty form for the answers (…-answers.csv); return the sheet's path.

        A sheet written as CSV is its own form.
        """
        files = self.files(path, style)
        files.sheet.parent.mkdir(parents=True, exist_ok=True)
        files.write(self.worksheet)
        return files.sheet

    def files(self, path: str | Path, style: FileStyle | None = None) -> SheetFiles:
        """Return where `save` would write the sheet, the form and the key."""
        return place_files(self.worksheet.identity, Path(path), style or FileStyle())


@dataclass(frozen=True, repr=False)
class ClassHandouts(SavesSheets):
    """A worksheet of their own for each student of a class: `handouts["Ada"]`, or `handouts[0]` for the first.

    Each is made when it is asked for, so that a large class takes no more memory than a small one.
    """

    board: Board | None
    identity: Identity
    """What all sheets have in common."""
    students: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.students)

    def __iter__(self) -> Iterator[Handout]:
        return (self._make(student) for student in self.students)

    def __getitem__(self, which: int | str) -> Handout:
        if isinstance(which, str) and which not in self.students:
            raise ValueError(f"there is no student {which!r}; there are {', '.join(self.students)}")
        return self._make(which if isinstance(which, str) else self.students[which])

    def __repr__(self) -> str:
        return f"<{len(self)} worksheets about {self.topic}>"

    @property
    def topic(self) -> str:
        """The network, the kinds of questions, or both."""
        return write_topic(self.identity)

    def _make(self, student: str) -> Handout:
        return Handout(make_worksheet(self.board, replace(self.identity, student=student)))

    def file_names(self) -> dict[str, str]:
        """Return what each student's files are called, without endings."""
        digits = len(str(len(self)))
        return {
            name: name if name.isdigit() else f"{i:0{digits}d}-{file_name(name)}"
            for i, name in enumerate(self.students, 1)
        }

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return for whom there are sheets, and what their files are called."""
        identity, rows = self.identity, tuple(self.file_names().items())
        words = f"{len(rows)} worksheets: {write_title(identity)}, seed {identity.seed}"
        data: dict[str, Any] = {"network": identity.network, "seed": identity.seed, "vary": identity.vary}
        if identity.kinds:
            data["kinds"] = dict(read_kinds(identity.kinds))
        table = Table(("student", "files"), rows)
        return Document(words, (table,), {**data, "students": dict(rows)})

    def write(self, path: Path, style: FileStyle) -> Path:
        """Write all sheets with their forms into `sheets/` of a folder, and all keys into `keys/`; return the folder.

        Raises:
            ValueError: the path is a file's.
        """
        from app.show.progress import Progress
        from app.show.tables import make_console

        style = style.chosen()
        if path.suffix.lower() in ENDINGS and not path.is_dir():
            raise ValueError(f"the sheets of a class are many files; name a folder, not {path.name}")
        for part in (SHEETS, KEYS):
            (path / part).mkdir(parents=True, exist_ok=True)
        with Progress(make_console(), "sheets", len(self)) as progress:
            for handout, name in zip(self, self.file_names().values(), strict=True):
                files = SheetFiles.named(name, path / SHEETS, path / KEYS, style)
                files.write(handout.worksheet)
                progress.advance(1)
        return path
