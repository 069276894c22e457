"""Grids side by side as a picture: those that are given, and an empty one to be filled in."""

from app.questions.grids import Grid, write_number
from app.questions.question import GRID, Question
from app.show.svg import Picture, text_width

CELL = 36
"""Pixels; on paper 9.5 mm, room for a number written by hand."""
GAP = 40
LABEL = 22
EDGE = 1


def draw_grids(question: Question, number: int | None = None) -> str:
    """Return the given grids, and the empty one of the answer, as SVG.

    Args:
        question: with grids.
        number: of the question on a sheet, which stands above the empty grid; None: no empty grid.
    """
    picture = Picture(question.label)
    x = height = 0.0
    for given in question.givens:
        width, down = _draw(picture, x, given.label, given.grid, size=(len(given.grid), len(given.grid[0])))
        x, height = x + width + GAP, max(height, down)
    if number is not None and question.form == GRID:
        width, down = _draw(picture, x, f"({number}) result", None, question.size)
        x, height = x + width + GAP, max(height, down)
    return picture.finish(x - GAP + 2 * EDGE, height + 2 * EDGE)


def _draw(
    picture: Picture, x: float, label: str, grid: Grid | None, size: tuple[int, int]
) -> tuple[float, float]:
    """Draw one grid with its label; return the width and the height that it takes."""
    rows, columns = size
    picture.text(x + EDGE, 12, label, "ink" if grid else "ink bold")
    for row in range(rows):
        for column in range(columns):
            left, top = x + EDGE + column * CELL, LABEL + row * CELL
            picture.rectangle(left, top, CELL, CELL, "plain" if grid else "edge", round=0)
            if grid:
                number = write_number(grid[row][column])
                picture.text(left + CELL / 2, top + CELL / 2 + 4, number, "ink", "middle")
    return max(columns * CELL + EDGE, text_width(label)), LABEL + rows * CELL
