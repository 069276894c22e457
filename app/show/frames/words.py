"""What every view of a walk says in words: the steps, the sections, the legend."""

from collections.abc import Iterable

from app.show.frames.frame import Grid, Role, Walk, number_text

ROLES: tuple[Role, ...] = ("window", "result", "chosen")
MEANINGS: dict[str, str] = {
    "window": "the window: the cells that are read now",
    "result": "the result of this step",
    "chosen": "the cell of the window that decides",
    "border": "the border: zeros around the map",
    "unknown": "empty: not calculated yet, or no number there",
}
"""What the signs of a view mean, the signs being its own."""


MOST_COLUMNS, MOST_NUMBERS = 20, 400
"""A grid of more columns, or of more numbers, is drawn as a picture without numbers, on pages and in figures."""


def has_numbers(rows: int, columns: int) -> bool:
    """Return whether a grid is small enough for its numbers to be read in a page or a figure."""
    return columns <= MOST_COLUMNS and rows * columns <= MOST_NUMBERS and rows <= 3 * MOST_COLUMNS


def step_title(title: str, index: int, count: int) -> str:
    """Return the heading of a step, which are counted from 1; a single one is not counted.

    >>> step_title("row 0, column 1", 1, 9), step_title("row 0, column 1", 0, 1)
    ('Step 2 of 9: row 0, column 1', 'row 0, column 1')
    """
    place = "" if count == 1 and title else f"Step {index + 1} of {count}"
    return ": ".join(text for text in (place, title) if text)


def sections_of(walk: Walk) -> list[tuple[str, int]]:
    """Return the sections, each with the index of its first step; none where no step belongs to one."""
    found, before = [], ""
    for index, frame in enumerate(walk.frames):
        if frame.section and frame.section != before:
            found.append((frame.section, index))
        before = frame.section
    return found


def signs_of(grids: Iterable[Grid]) -> list[str]:
    """Return which of `MEANINGS` are to be explained for these grids, in their order there."""
    found: set[str] = set()
    whole: set[int] = set()  # values that were looked through
    for grid in grids:
        found.update(mark.role for mark in grid.marks if mark.cells)
        if (
            any(grid.border)
            and grid.values[0 if grid.border[0] else -1][0 if grid.border[2] else -1] is not None
        ):
            found.add("border")
        if grid.shown is not None and grid.shown < grid.rows * grid.columns:
            found.add("unknown")
        elif "unknown" not in found and id(grid.values) not in whole:
            whole.add(id(grid.values))
            if any(value is None for row in grid.values for value in row):
                found.add("unknown")
    return [sign for sign in MEANINGS if sign in found]


def span_text(word: str, first: int, last: int) -> str:
    """Return `row 3` or `rows 3 to 9`.

    >>> span_text("row", 3, 9), span_text("column", -1, -1)
    ('rows 3 to 9', 'column −1')
    """
    ends = [number_text(first)] if first == last else [number_text(first), number_text(last)]
    return f"{word}{'s' if len(ends) > 1 else ''} {' to '.join(ends)}"
