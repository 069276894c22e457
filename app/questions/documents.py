"""Questions as pieces of a report: on a sheet, on a terminal, in a notebook."""

from typing import Any

from app.questions.drawings import draw_grids
from app.questions.grids import Number, size_of, write_number
from app.questions.question import GRID, LETTERS, Answer, Question
from app.show.document import PAGES, Block, Document, Drawing, Paragraph, Table

CELL = "___"
"""An empty cell in text."""


def points_text(points: float) -> str:
    """Return `1 point`, `2 points`."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def question_blocks(question: Question, number: int | None, format: str = "text") -> list[Block]:
    """Return a question as it is printed.

    Args:
        question: what is asked.
        number: on a sheet, with a place for the answer; None: alone, without one.
        format: grids are drawn in `html`, and are tables elsewhere.
    """
    head = f"({number}) [{points_text(question.points)}] {question.text}" if number else question.text
    blocks: list[Block] = [Paragraph(head, keeps_with_next=True)]
    if question.givens or (number and question.form == GRID):
        is_drawn = format in PAGES
        blocks.append(
            Drawing(draw_grids(question, number), "") if is_drawn else _grid_table(question, number)
        )
    if question.options:
        lines = [f"{letter})  {text}" for letter, text in zip(LETTERS, question.options, strict=False)]
        blocks.append(Paragraph("\n".join(lines), keeps_with_next=number is not None))
    if number and question.form != GRID:
        blocks.append(Paragraph(f"Answer: ({number}) {24 * '_'}"))
    return blocks


def _grid_table(question: Question, number: int | None) -> Table:
    """Return the grids side by side as the columns of one table, parted by empty ones."""
    grids = [(given.label, [[*map(write_number, row)] for row in given.grid]) for given in question.givens]
    if number and question.form == GRID:
        rows, columns = question.size
        grids.append((f"({number})", [[CELL] * columns for _ in range(rows)]))
    height = max(len(grid) for _, grid in grids)
    names: list[str] = []
    lines: list[list[str]] = [[] for _ in range(height)]
    for label, grid in grids:
        width = len(grid[0])
        names += [*([""] if names else []), label, *[""] * (width - 1)]
        for row, line in enumerate(lines):
            line += [*([""] if line else []), *(grid[row] if row < len(grid) else [""] * width)]
    return Table(tuple(names), tuple(map(tuple, lines)), numbers=tuple(range(len(names))))


def question_document(question: Question, format: str = "text") -> Document:
    """Return one question without its answer."""
    blocks = question_blocks(question, None, format)
    return Document(question.label[0].upper() + question.label[1:], tuple(blocks), question_data(question))


def question_data(question: Question) -> dict[str, Any]:
    """Return a question without its answer for machines."""
    return {
        "kind": question.kind,
        "question": question.label,
        "text": question.text,
        "given": {given.label: plain(given.grid) for given in question.givens},
        "options": dict(zip(LETTERS, question.options, strict=False)),
        "points": question.points,
        "size": list(size_of(question.answer)) if question.form == GRID else None,  # type: ignore[arg-type]
    }


def plain(answer: Answer) -> Any:
    """Return an answer for machines: numbers, lists of rows, or a letter."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, tuple):
        return [plain(each) for each in answer]  # type: ignore[arg-type]
    return _plain_number(answer)


def _plain_number(number: Number) -> int | float:
    return int(number) if number == int(number) else float(number)
