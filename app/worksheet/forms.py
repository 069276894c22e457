"""Answer forms: written for students as CSV, read back from whatever a spreadsheet made of them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.questions.question import Question
from app.worksheet.identity import Identity, find_identity
from app.worksheet.students import LONGEST_NAME
from app.worksheet.worksheet import MACS, OUTPUT, PARAMETERS, SEES, Cell, Worksheet

FORM_COLUMNS = ("number", "question", "answer")
SHEET_COLUMNS = ("layer", "kind", "settings", "reads", OUTPUT, PARAMETERS, MACS, SEES)
"""The columns of a sheet."""
NAME = "name"
"""Stands in place of a number in the line for the name."""
LARGEST_FILE = 1_000_000
"""Bytes; a form has a few thousand."""
NUMBERED = re.compile(r"^\((\d{1,6})\)[\s_]*(.*?)[\s_]*$", re.S)
"""A blank of the sheet, filled in or not: `(3) ______`, `(3) 260`."""


@dataclass
class Answers:
    """What a student wrote."""

    identity: Identity
    texts: dict[int, str]
    """By number; an answer that was left empty is not there."""
    lines: list[list[str]]
    """The cells of every line, in which answers may stand in their places in the table."""
    notes: list[str] = field(default_factory=list)
    name: str = ""
    """What was typed as the name; a sheet that is made for somebody does not ask for it."""


def question(cell: Cell | Question) -> str:
    """Return what is asked, in words: `conv1: parameters`."""
    if isinstance(cell, Question):
        return cell.label
    unit = f" in {cell.unit}" if cell.unit else ""
    return f"{cell.layer or 'total'}: {cell.quantity}{unit}"


def form_rows(worksheet: Worksheet, in_full: bool = False) -> list[tuple[str, str, str]]:
    """Return the lines of the form: first which sheet it belongs to, then one for each blank and question.

    Args:
        worksheet: what is asked.
        in_full: with the whole questions, for a form that is the sheet itself.
    """
    rows = [(str(number), question(cell), "") for number, cell in worksheet.blanks.items()]
    for number, asked in worksheet.questions.items():
        words = f"{asked.line} ({asked.points} points)" if in_full else question(asked)
        rows.append((str(number), f"{words} [{asked.how}]", ""))
    student = worksheet.identity.student
    name = [] if student and not student.isdecimal() else [(NAME, "your name", "")]
    return [("sheet", str(worksheet.identity), ""), *name, *rows]


def write_form(worksheet: Worksheet) -> str:
    """Return the empty form as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FORM_COLUMNS)
    writer.writerows(form_rows(worksheet))
    return stream.getvalue()


def read_answers(path: Path) -> Answers:
    """Return the answers in a form.

    Commas, semicolons and tabs, quotes, byte order marks and both ends of line are understood.

    Raises:
        ValueError: it is not such a file; the message says why.
    """
    try:
        text = _decode(path)
        identity = find_identity(text)
        lines = _split(text)
    except ValueError as error:
        raise type(error)(f"{path}: {error}") from error
    answers = Answers(identity, {}, lines)
    header = next((i for i, cells in enumerate(lines) if _is_header(cells)), None)
    if header is not None:
        _read_column(lines[header], lines[header + 1 :], answers)
    for cells in lines:
        for match in filter(None, map(NUMBERED.match, cells)):
            if match[2]:
                answers.texts.setdefault(int(match[1]), match[2])
    return answers


def _decode(path: Path) -> str:
    if not path.is_file():
        raise ValueError("there is no such file")
    size_bytes = path.stat().st_size
    if size_bytes > LARGEST_FILE:
        raise ValueError(f"{size_bytes:,} bytes are too many for a form of answers")
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if not text.strip():
        raise ValueError("it is empty")
    if "\0" in text or content[:2] == b"PK":
        raise ValueError("it is not a text file; save the spreadsheet as CSV")
    return text


def _split(text: str) -> list[list[str]]:
    """Return the cells of each line, split at the mark that parts the header's words."""
    first = next((line for line in text.splitlines() if _names_columns(line)), "")
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(f"it cannot be read as CSV ({error})") from error


def _names_columns(line: str) -> bool:
    return {"number", "answer"} <= set(re.findall(r"\w+", line.lower()))


def _is_header(cells: Sequence[str]) -> bool:
    return {"number", "answer"} <= {cell.strip().lower() for cell in cells}


def _read_column(header: Sequence[str], lines: Iterable[list[str]], answers: Answers) -> None:
    names = [cell.strip().lower() for cell in header]
    number_at, answer_at = names.index("number"), names.index("answer")
    is_last = not any(names[answer_at + 1 :])
    for cells in lines:
        mark = cells[number_at].strip().strip("()") if len(cells) > number_at else ""
        if not re.fullmatch(r"[0-9]{1,6}", mark) and mark.lower() != NAME:
            continue
        # Where a comma of an answer was not quoted, its pieces are put together again.
        pieces = cells[answer_at:] if is_last else cells[answer_at : answer_at + 1]
        text = ",".join(pieces).strip().strip(",").strip()
        if mark.lower() == NAME:
            answers.name = " ".join(text.split())[:LONGEST_NAME]
            continue
        number = int(mark)
        if text and answers.texts.get(number, text) != text:
            answers.notes.append(f"({number}) is answered twice; the last answer counts")
        if text:
            answers.texts[number] = text


def place_answers(answers: Answers, worksheet: Worksheet, columns: Sequence[str] = SHEET_COLUMNS) -> None:
    """Add the answers that were written over the blanks of the sheet itself.

    A sheet saved as CSV has the table of the network in it: the line of a layer begins with its name,
    and the cell in the column of a quantity is its answer.
    """
    for cells in answers.lines:
        for number, cell in worksheet.blanks.items():
            at = columns.index(cell.quantity) if cell.quantity in columns else 0
            if not at or len(cells) < len(columns) or cells[0].strip() != (cell.layer or None):
                continue
            text = NUMBERED.sub(r"\2", cells[at].strip()).strip("_ ")
            if text:
                answers.texts.setdefault(number, text)
