"""Grades as reports: one sheet's, and a class's."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.show.document import Document, Paragraph, Table
from app.worksheet.answers import write_value
from app.worksheet.documents import as_json
from app.worksheet.forms import question
from app.worksheet.grading import FOLLOWS, RIGHT, AnswerVerdict, Grades


def grades_document(grades: Grades) -> Document:
    """Return the grades of one sheet, each wrong answer with the mistake behind it."""
    identity = grades.worksheet.identity
    rows = tuple(_verdict_row(verdict) for verdict in grades.verdicts)
    columns = ("number", "question", "your answer", "right answer", "mark", "why")
    table = Table(columns, rows, prose=(1, 3, 5))
    notes = [Paragraph(f"Note: {note}.") for note in grades.notes]
    title = f"Marks: {identity.student or 'one sheet'}, {identity.network}"
    first = Paragraph(f"Sheet: {identity}")
    return Document(title, (first, table, Paragraph(score_text(grades)), *notes), _grades_data(grades))


def _verdict_row(verdict: AnswerVerdict) -> tuple[str, ...]:
    cell = verdict.cell
    right = "" if verdict.status == RIGHT else cell.working or write_value(cell.value)
    given = verdict.text if len(verdict.text) <= 60 else f"{verdict.text[:59]}…"
    return str(verdict.number), question(cell), given, right, verdict.status, verdict.words


def score_text(grades: Grades) -> str:
    """Return the score in words: `9 of 12 right (75 %)`."""
    blanks, right, follows = len(grades.verdicts), grades.count(RIGHT), grades.count(FOLLOWS)
    text = f"{right} of {blanks} right ({100 * right / blanks:.0f} %)."
    if follows:
        text += (
            f" {follows} more worked out correctly from an earlier wrong answer, at {grades.credit:g} "
            f"each: {grades.points:g} of {blanks} points ({grades.percent:.0f} %)."
        )
    return text


def _grades_data(grades: Grades) -> dict[str, Any]:
    identity = grades.worksheet.identity
    return {
        "sheet": str(identity),
        "network": identity.network,
        "student": identity.student,
        "blanks": len(grades.verdicts),
        "right": grades.count(RIGHT),
        "follows": grades.count(FOLLOWS),
        "points": grades.points,
        "percent": round(grades.percent, 2),
        "notes": list(grades.notes),
        "answers": [
            {
                "number": verdict.number,
                "layer": verdict.cell.layer,
                "quantity": verdict.cell.quantity,
                "given": verdict.text,
                "answer": as_json(verdict.cell.value),
                "mark": verdict.status,
                "why": verdict.words,
                "mistakes": list(verdict.mistakes),
            }
            for verdict in grades.verdicts
        ],
    }


def class_document(grades: Mapping[Path, Grades], problems: Mapping[Path, str]) -> Document:
    """Return the grades of a class: a line for each sheet, and the mistakes by how often they were made."""
    rows = tuple(
        (
            m.worksheet.identity.student or "–",
            path.name,
            m.worksheet.identity.network,
            f"{m.count(RIGHT)} of {len(m.verdicts)}",
            str(m.count(FOLLOWS)),
            f"{m.points:g}",
            f"{m.percent:.0f} %",
        )
        for path, m in grades.items()
    )
    columns = ("student", "file", "network", "right", "follow", "points", "score")
    average = sum(m.percent for m in grades.values()) / len(grades)
    blocks: list[Paragraph | Table] = [
        Table(columns, rows, numbers=(3, 4, 5, 6)),
        Paragraph(f"Average of {len(grades)}: {average:.0f} %."),
    ]
    frequent = Counter(name for m in grades.values() for v in m.verdicts for name in v.mistakes)
    if frequent:
        counted = tuple((name, str(times)) for name, times in frequent.most_common())
        blocks.append(Table(("mistake", "times"), counted, numbers=(1,)))
    if problems:
        unread = tuple((path.name, problem) for path, problem in problems.items())
        blocks.append(Table(("not marked", "why"), unread, prose=(1,)))
    data = {
        "sheets": [{"file": path.name, **_grades_data(m)} for path, m in grades.items()],
        "percent": round(average, 2),
        "mistakes": dict(frequent.most_common()),
        "not marked": {path.name: problem for path, problem in problems.items()},
    }
    return Document("Marks of the class", tuple(blocks), data)
