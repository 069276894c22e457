"""A picture as numbers: each channel of a piece of it as a matrix, and a small picture as one column."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.show.document import Document, Paragraph, Table
from app.show.frames.frame import number_text
from app.show.results import ShowsFigure, ShowsReport

MOST_WRITTEN = 12
"""Rows and columns of numbers that are written."""
MOST_IN_A_COLUMN = 64
"""Numbers of a picture up to which it is written as one column too."""
CHANNELS = {1: ("pixels",), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "opaque")}


@dataclass(frozen=True)
class Pixels(ShowsReport, ShowsFigure):
    """A picture, and a piece of it as numbers."""

    values: np.ndarray
    """(rows, columns, channels)."""
    first: tuple[int, int]
    """Row and column where the piece begins."""
    side: tuple[int, int]
    """Its rows and columns."""

    @property
    def piece(self) -> np.ndarray:
        """The numbers that are written."""
        (row, column), (high, wide) = self.first, self.side
        return self.values[row : row + high, column : column + wide]

    @property
    def names(self) -> tuple[str, ...]:
        """What the channels are called."""
        count = self.values.shape[-1]
        return CHANNELS.get(count, tuple(f"channel {i}" for i in range(count)))

    @property
    def column(self) -> np.ndarray | None:
        """The whole picture as one column, row after row; None of a large one."""
        return self.values.ravel() if self.values.size <= MOST_IN_A_COLUMN else None

    def draw(self) -> Any:
        """Return the picture, the matrix of each channel, and the column of a small picture."""
        from app.walk.pictures.figures.pixels import draw_pixels

        return draw_pixels(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the matrix of each channel, and what there is in all."""
        (row, column), wide = self.first, self.side[1]
        columns = ("", *(str(c) for c in range(column, column + wide)))
        tables = [
            Table(
                columns,
                tuple(
                    (str(row + i), *map(number_text, line[:, c].tolist()))
                    for i, line in enumerate(self.piece)
                ),
                name,
                numbers=tuple(range(len(columns))),
            )
            for c, name in enumerate(self.names)
        ]
        low, high = (number_text(float(value)) for value in (self.values.min(), self.values.max()))
        words = [f"{shape_text(self.values.shape)} = {self.values.size:,} numbers, from {low} to {high}."]
        if self.column is not None:
            words.append(f"As one column, row after row: {' '.join(map(number_text, self.column.tolist()))}")
        data = {"shape": list(self.values.shape), "first": list(self.first), "piece": self.piece.tolist()}
        return Document("A picture as numbers", (*tables, *map(Paragraph, words)), data)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the picture."""
        return {"picture": self.values}


def picture_numbers(values: np.ndarray, at: tuple[int, int] | None = None, side: int = 8) -> Pixels:
    """Return a picture as numbers.

    Args:
        values: (rows, columns), or with channels behind.
        at: row and column where the piece that is written begins; None: the middle, of a small picture all.
        side: its rows and columns, at most 12.

    Raises:
        ValueError: it is no picture, or has no such place.

    >>> picture_numbers(np.eye(5)).piece.shape
    (5, 5, 1)
    """
    picture = np.asarray(values, float)
    picture = picture[..., None] if picture.ndim == 2 else picture
    if picture.ndim != 3 or 0 in picture.shape or picture.shape[-1] > 4:
        raise ValueError(
            f"a picture has rows, columns and 1 to 4 channels, not {shape_text(np.shape(values))}"
        )
    if not 1 <= side <= MOST_WRITTEN:
        raise ValueError(f"1 to {MOST_WRITTEN} rows and columns are written, not {side}")
    rows, columns = picture.shape[:2]
    side_rows, side_columns = (
        min(n, MOST_WRITTEN if n <= MOST_WRITTEN and at is None else side) for n in (rows, columns)
    )
    if at is None:
        at = (rows - side_rows) // 2, (columns - side_columns) // 2
    if not (0 <= at[0] < rows and 0 <= at[1] < columns):
        raise ValueError(
            f"the picture has rows 0 to {rows - 1} and columns 0 to {columns - 1}, not {at[0]},{at[1]}"
        )
    return Pixels(picture, at, (min(side_rows, rows - at[0]), min(side_columns, columns - at[1])))
