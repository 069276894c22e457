"""Small grids of exact numbers: written, read from what a student typed, and compared cell by cell."""

import re
from collections.abc import Sequence
from fractions import Fraction

Number = int | Fraction
Grid = tuple[tuple[Number, ...], ...]
"""Rows of cells."""
TypedGrid = tuple[tuple[Number | None, ...], ...]
"""What somebody typed; None is a cell that was left empty."""

LONGEST = 400
"""Signs of a typed grid."""
_EMPTY = ("_", "__", "?", "–", "…")
_NUMBER = re.compile(r"[+−-]?(\d{1,9}([.,]\d{1,9})?|[.,]\d{1,9}|\d{1,9}/[1-9]\d{0,8})")
_ROWS = re.compile(r"[;|\n]|\]\s*,?\s*\[")
EXPECTED = "rows such as 1 2; 3 4"


def write_number(number: Number) -> str:
    """Return a number as it is written on a sheet: 3, −2, 2.5; what has no end as a decimal stays 1/3.

    >>> write_number(Fraction(-5, 2)), write_number(Fraction(1, 3))
    ('−2.5', '1/3')
    """
    value = Fraction(number)
    sign, value = ("−" if value < 0 else ""), abs(value)
    places = next((n for n in range(7) if (value * 10**n).denominator == 1), None)
    if places is None:
        return f"{sign}{value.numerator}/{value.denominator}"
    digits = str(int(value * 10**places)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def write_grid(grid: TypedGrid) -> str:
    """Return a grid in one line, as an answer is typed.

    >>> write_grid(((1, 2), (Fraction(5, 2), -4)))
    '1 2; 2.5 −4'
    """
    return "; ".join(" ".join("_" if cell is None else write_number(cell) for cell in row) for row in grid)


def size_of(grid: Sequence[Sequence[object]]) -> tuple[int, int]:
    """Return rows and columns."""
    return len(grid), len(grid[0])


def read_number(text: str) -> Number:
    """Return a number with a point or a comma: 2, −1, 2.5, 2,5 or 5/2.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number; expected one such as 3, -2 or 2.5")
    value = Fraction(text.replace("−", "-").replace(",", "."))
    return int(value) if value.denominator == 1 else value


def read_grid(text: str, rows: int, columns: int) -> TypedGrid:
    """Return the grid that was typed, of whatever size it is.

    Rows are parted by `;`, cells by spaces. Where a grid of the size asked for was typed in one line, it is cut
    into rows. A cell that is `_` was left empty.

    Args:
        text: `1 2; 3 4`, `[[1, 2], [3, 4]]`, or `1,2,3,4`.
        rows: how many are asked for.
        columns: how many are asked for.

    Raises:
        ValueError: it is no grid, or its rows have different lengths.

    >>> read_grid("1 2,5; _ 4", 2, 2)
    ((1, Fraction(5, 2)), (None, 4))
    """
    if len(text) > LONGEST:
        raise ValueError(f"longer than any answer: {text[:20]}…")
    bare = text.strip().rpartition("=")[2].strip().strip("'\"").strip().removeprefix("[[").removesuffix("]]")
    parts = [part for part in _ROWS.split(bare.strip("[]()")) if part.strip()]
    grid = [_read_row(part, columns) for part in parts]
    cells = [cell for row in grid for cell in row]
    if len(grid) == 1 and len(cells) == rows * columns and cells:
        grid = [cells[row * columns : (row + 1) * columns] for row in range(rows)]
    if not grid or len({len(row) for row in grid}) > 1:
        raise ValueError(f"{text!r} is no grid whose rows are equally long; expected {EXPECTED}")
    return tuple(map(tuple, grid))


def _read_row(text: str, columns: int) -> list[Number | None]:
    """Return the cells of a row; a comma between digits is a decimal mark where spaces part the cells."""
    pieces = re.sub(r",\s+|\s+,", " ", text.strip(" ,()[]\t")).split()
    if len(pieces) == 1 and columns > 1:
        pieces = [piece for piece in pieces[0].split(",") if piece]
    try:
        return [None if piece in _EMPTY else read_number(piece) for piece in pieces]
    except ValueError as error:
        raise ValueError(f"{error}; a grid is written in {EXPECTED}") from error
