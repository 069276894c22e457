"""Grades as reports: one sheet's, and a class's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.questions.marking import PARTLY, RIGHT
from app.questions.question import Question
from app.show.document import Block, Document, Paragraph, Table
from app.worksheet.documents import FOR_MARKING, answer_data, answer_text, asked_data
from app.worksheet.forms import question
from app.worksheet.grading import FOLLOWS, AnswerVerdict, Grades
from app.worksheet.titles import write_title
from app.worksheet.worksheet import Cell

ABSENT = "not handed in"


def grades_document(grades: Grades) -> Document:
    """Return the grades of one sheet, each wrong answer with the mistake behind it."""
    identity = grades.worksheet.identity
    rows = tuple(_verdict_row(verdict) for verdict in grades.verdicts)
    columns = ("number", "question", "your answer", "right answer", "mark", "why")
    table = Table(columns, rows, prose=(1, 3, 5))
    notes = [Paragraph(f"Note: {note}.") for note in grades.notes]
    if not grades.is_handed_in:
        notes.append(Paragraph("Nothing is filled in: in a class this form counts as not handed in."))
    title = f"Marks of {grades.who or 'one sheet'}: {write_title(identity)}"
    last = Paragraph(f"{FOR_MARKING} {identity}", is_small=True)
    return Document(title, (Paragraph(score_text(grades)), table, *notes, last), _grades_data(grades))


def _verdict_row(verdict: AnswerVerdict) -> tuple[str, ...]:
    cell = verdict.cell
    right = "" if verdict.status == RIGHT else _right_answer(cell)
    given = verdict.text if len(verdict.text) <= 60 else f"{verdict.text[:59]}…"
    return str(verdict.number), question(cell), given, right, verdict.status, verdict.words


def _right_answer(cell: Cell | Question) -> str:
    """Return the working of a blank, which ends in its value; of a question the answer, and for a letter why."""
    if isinstance(cell, Question):
        return cell.steps[-1].removeprefix("so ") if cell.options else cell.answer_text
    return cell.working or answer_text(cell)


def score_text(grades: Grades) -> str:
    """Return the score in words: `9 of 12 right (75 %)`."""
    blanks, right, follows = len(grades.verdicts), grades.count(RIGHT), grades.count(FOLLOWS)
    partly = grades.count(PARTLY)
    score = f"{grades.points:g} of {grades.most} points ({grades.percent:.0f} %)"
    if grades.most == blanks and not partly:
        text = f"{right} of {blanks} right ({100 * right / blanks:.0f} %)."
    else:
        also = f", {partly} partly right" if partly else ""
        text = f"{right} of {blanks} right{also}" + ("." if follows else f": {score}.")
    if follows:
        text += (
            f" {follows} more worked out correctly from an earlier wrong answer, at {grades.credit:g} "
            f"each: {score}."
        )
    return text


def _grades_data(grades: Grades) -> dict[str, Any]:
    identity = grades.worksheet.identity
    return {
        "sheet": str(identity),
        "network": identity.network,
        "student": identity.student,
        "name": grades.name,
        "blanks": len(grades.verdicts),
        "right": grades.count(RIGHT),
        "follows": grades.count(FOLLOWS),
        "points": grades.points,
        "most": grades.most,
        "percent": round(grades.percent, 2),
        "handed in": grades.is_handed_in,
        "notes": list(grades.notes),
        "answers": [
            {
                "number": verdict.number,
                **{name: fact for name, fact in asked_data(verdict.cell).items() if name != "unit"},
                "given": verdict.text,
                "answer": answer_data(verdict.cell),
                "mark": verdict.status,
                "why": verdict.words,
                "mistakes": list(verdict.mistakes),
            }
            for verdict in grades.verdicts
        ],
    }


def average_percent(grades: Mapping[Path, Grades]) -> float | None:
    """Return the average of the forms that were handed in; None where none was."""
    handed_in = [each.percent for each in grades.values() if each.is_handed_in]
    return sum(handed_in) / len(handed_in) if handed_in else None


def class_document(grades: Mapping[Path, Grades], problems: Mapping[Path, str]) -> Document:
    """Return the grades of a class: a line for each sheet, and the mistakes by how often they were made."""
    titles = {path: write_title(each.worksheet.identity) for path, each in grades.items()}
    title, is_one = "Marks of the class", len(set(titles.values())) == 1
    if is_one:
        title += f": {next(iter(titles.values()))}"
    columns = ("student", "file", "sheet", "right", "follow", "points", "score")
    rows = [_class_row(path, each, titles[path]) for path, each in grades.items()]
    table = Table(columns, tuple(rows), numbers=(3, 4, 5, 6), prose=(0, 2))
    blocks: list[Block] = [Paragraph(line) for line in _class_summary(grades)]
    blocks.append(_without_column(table, 2) if is_one else table)
    frequent = Counter(name for m in grades.values() for v in m.verdicts for name in v.mistakes)
    if frequent:
        counted = tuple((name, str(times)) for name, times in frequent.most_common())
        blocks.append(Table(("mistake", "times"), counted, numbers=(1,), prose=(0,)))
    if problems:
        unread = tuple((path.name, problem) for path, problem in problems.items())
        blocks.append(Table(("not marked", "why"), unread, prose=(1,)))
    average = average_percent(grades)
    data = {
        "sheets": [{"file": path.name, **_grades_data(m)} for path, m in grades.items()],
        "percent": None if average is None else round(average, 2),
        "not handed in": sum(not m.is_handed_in for m in grades.values()),
        "mistakes": dict(frequent.most_common()),
        "not marked": {path.name: problem for path, problem in problems.items()},
    }
    return Document(title, tuple(blocks), data)


def _class_row(path: Path, grades: Grades, title: str) -> tuple[str, ...]:
    """Return the line of a sheet; of one that was not handed in nothing is counted."""
    first = (grades.who or "–", path.name, title)
    if not grades.is_handed_in:
        return (*first, "", "", "", ABSENT)
    return (
        *first,
        f"{grades.count(RIGHT)} of {len(grades.verdicts)}",
        str(grades.count(FOLLOWS)),
        f"{grades.points:g} of {grades.most}",
        f"{grades.percent:.0f} %",
    )


def _class_summary(grades: Mapping[Path, Grades]) -> list[str]:
    """Return the average, and who handed in nothing, by name."""
    average = average_percent(grades)
    absent = [each.who or path.name for path, each in grades.items() if not each.is_handed_in]
    if average is None:
        return ["No form was filled in."]
    number = len(grades) - len(absent)
    lines = [f"Average of {number} {'sheet' if number == 1 else 'sheets'}: {average:.0f} %."]
    return [*lines, f"Not handed in, and not in the average: {', '.join(absent)}."] if absent else lines


def _without_column(table: Table, column: int) -> Table:
    def kept(row: Sequence[str]) -> tuple[str, ...]:
        return (*row[:column], *row[column + 1 :])

    def moved(places: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(place - (place > column) for place in places if place != column)

    return replace(
        table,
        columns=kept(table.columns),
        rows=tuple(map(kept, table.rows)),
        numbers=moved(table.numbers),
        prose=moved(table.prose),
    )
