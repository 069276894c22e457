"""A calculation shown step by step: grids of numbers side by side, cells that are pointed at, the working in words.

Who calculates makes a `Walk`; who draws sees nothing else. It is drawn as text, as a page with a slider, as an
animation and as a still.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Number = float | None
"""A number of a grid; None where there is none."""
Place = tuple[int, int]
"""Row and column in a grid's `values`, from 0."""
Role = Literal["window", "result", "chosen"]
"""What a mark says. window: the cells that are read now. result: the cell that they make. chosen: one of the
window that decides, as the largest in max-pooling does."""
Tone = Literal["signed", "grey", "plain"]
"""Colours of cells. signed: blue below 0, white at 0, orange above. grey: ink on paper, 0 is white and the
largest black. plain: none."""


@dataclass(frozen=True)
class Mark:
    """Cells that are pointed at."""

    role: Role
    cells: tuple[Place, ...]


@dataclass(frozen=True)
class Grid:
    """Numbers in rows and columns.

    Raises:
        ValueError: its rows are not equally long, or it has none.
    """

    caption: str
    values: Sequence[Sequence[Number]] = field(repr=False)
    marks: tuple[Mark, ...] = ()
    tone: Tone = "signed"
    largest: float = 0.0
    """The value at which the colours are strongest; 0: the largest of these values."""
    border: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Rows above and below, columns left and right, that are no cells of the map but zeros set around it."""
    first: Place = (0, 0)
    """Row and column, in the whole map, of the first cell that is no border: a crop begins elsewhere than at 0."""
    shown: int | None = None
    """How many cells are known by now, row by row; the others are drawn empty. None: all."""
    note: str = ""
    """What else is to be said, as `rows 3 to 9 of 224`."""

    def __post_init__(self) -> None:
        if not self.values or not self.values[0] or len({len(row) for row in self.values}) > 1:
            raise ValueError("a grid has rows of equal length, and at least one number")

    @property
    def rows(self) -> int:
        """Number of rows, the border's too."""
        return len(self.values)

    @property
    def columns(self) -> int:
        """Number of columns, the border's too."""
        return len(self.values[0])

    @property
    def strongest(self) -> float:
        """The value at which the colours are strongest; 1 where all are 0."""
        return self.largest or largest_size(self.values) or 1.0

    def is_border(self, row: int, column: int) -> bool:
        """Return whether a cell is one of the zeros around the map."""
        above, below, left, right = self.border
        return not (above <= row < self.rows - below and left <= column < self.columns - right)

    def value(self, row: int, column: int) -> Number:
        """Return the number of a cell that is known by now."""
        is_known = self.shown is None or row * self.columns + column < self.shown
        return self.values[row][column] if is_known else None

    def roles(self, row: int, column: int) -> set[Role]:
        """Return what is pointed out of a cell."""
        return {mark.role for mark in self.marks if (row, column) in mark.cells}

    def cells_of(self, role: Role) -> set[Place]:
        """Return the cells that a role points at; what lies outside the grid is left out."""
        return {
            (row, column)
            for mark in self.marks
            if mark.role == role
            for row, column in mark.cells
            if 0 <= row < self.rows and 0 <= column < self.columns
        }

    def in_map(self, row: int, column: int) -> Place:
        """Return row and column of a cell as the whole map counts them, from 0; of a border cell −1 and its like.

        >>> Grid("X", [[0, 0], [0, 5]], border=(1, 0, 1, 0)).in_map(1, 1)
        (0, 0)
        """
        above, _, left, _ = self.border
        return row - above + self.first[0], column - left + self.first[1]


Part = Grid | str
"""A grid, or the sign between two: `×`, `=`, `→`, `+`."""


@dataclass(frozen=True)
class Frame:
    """One step: what is seen, and what is calculated."""

    title: str
    """As `row 0, column 1`."""
    parts: tuple[Part, ...]
    """From left to right."""
    working: tuple[str, ...] = ()
    """The arithmetic, a line each: `1·1 + 0·0 + 1·1 = 2`."""
    section: str = ""
    """The layer, or the part of the calculation, that the step belongs to: `conv: 3×3 kernels, 4 filters`."""

    @property
    def grids(self) -> list[Grid]:
        """The grids without the signs between them."""
        return [part for part in self.parts if isinstance(part, Grid)]


@dataclass(frozen=True)
class Walk:
    """A calculation from its first step to its last.

    Raises:
        ValueError: it has no step.
    """

    title: str
    frames: tuple[Frame, ...]
    introduction: tuple[str, ...] = ()
    """Sentences before the first step: what is calculated, with which settings and formula."""
    conclusion: tuple[str, ...] = ()
    """Sentences after the last: what it comes to."""
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    """Its numbers for programs, as JSON keeps them."""
    arrays: dict[str, Any] = field(default_factory=dict, repr=False)
    """Its arrays, for NumPy: `input`, `kernel`, `output`, …"""

    def __post_init__(self) -> None:
        if not self.frames:
            raise ValueError("a walk has one step at least")

    def with_title(self, title: str) -> "Walk":
        """Return the same walk under another title."""
        return replace(self, title=title)


def largest_size(values: Sequence[Sequence[Number]]) -> float:
    """Return the largest of the numbers without their signs; what is unknown or not finite is left out.

    >>> largest_size([[1, -3], [None, float("inf")]])
    3.0
    """
    return max(
        (abs(float(v)) for row in values for v in row if v is not None and math.isfinite(v)), default=0.0
    )


def rectangle(row: int, column: int, height: int, width: int, step: Place = (1, 1)) -> tuple[Place, ...]:
    """Return the cells of a window, row by row; a dilated one has a step between its cells.

    >>> rectangle(1, 2, 2, 2)
    ((1, 2), (1, 3), (2, 2), (2, 3))
    """
    return tuple((row + i * step[0], column + j * step[1]) for i in range(height) for j in range(width))


def number_text(value: Number, digits: int = 4) -> str:
    """Return a number as it stands in a cell: whole numbers whole, others with so many digits that count.

    >>> number_text(5.0), number_text(-0.12345), number_text(None), number_text(6600), number_text(0.98)
    ('5', '−0.1235', '', '6600', '0.98')
    """
    if value is None:
        return ""
    is_whole = abs(value) < 1e9 and value == int(value)
    text = str(int(value)) if is_whole else f"{value:.{digits}g}"
    return text.replace("-", "−")
