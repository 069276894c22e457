"""The cells of one grid as shapes: colours, numbers, the border, and the lines around what is marked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.show.canvas import BLUE, ORANGE
from app.show.colours import DIVERGING
from app.show.frames.frame import Grid, Place, Role, number_text
from app.show.frames.shapes import (
    BLACK,
    EMPTY,
    FAINT,
    LETTERS,
    QUIET,
    SMALL,
    WHITE,
    Box,
    Pixels,
    Ring,
    Shape,
    Slant,
    Words,
    text_width,
)

LINES: tuple[tuple[Role, tuple[tuple[float, str], ...]], ...] = (
    ("window", ((5.5, WHITE), (3.0, BLUE))),
    ("result", ((6.5, WHITE), (4.8, ORANGE), (1.6, WHITE))),
)
"""The lines around marked cells, one over the other: width in points and colour."""


def header_room(grid: Grid) -> float:
    """Return the points that the numbers of a grid's rows take beside it."""
    ends = [number_text(grid.in_map(row, 0)[0]) for row in (grid.border[0], grid.rows - grid.border[1] - 1)]
    return max(text_width(text, SMALL) for text in ends) + 8


@dataclass(frozen=True)
class Cells:
    """Where the cells of a grid lie."""

    grid: Grid
    x: float
    y: float
    width: float
    height: float

    def headers(self, has_rows: bool, has_columns: bool) -> Iterator[Shape]:
        """Give the numbers of rows and columns in the whole map; the border has none."""
        grid = self.grid
        above, below, left, right = grid.border
        for row in range(above, grid.rows - below) if has_rows else ():
            y = self.y + (row + 0.5) * self.height
            yield Words(
                self.x - header_room(grid) / 2 - 1.5, y, number_text(grid.in_map(row, 0)[0]), SMALL, QUIET
            )
        for column in range(left, grid.columns - right) if has_columns else ():
            x = self.x + (column + 0.5) * self.width
            yield Words(x, self.y - SMALL, number_text(grid.in_map(0, column)[1]), SMALL, QUIET)

    def shapes(self, texts: dict[Place, str]) -> Iterator[Shape]:
        """Give cells, border, numbers and outlines, what lies on top last."""
        colours = shades(self.grid)
        if texts:
            for row, column in texts:
                yield Box(
                    *self._corner(row, column), self.width, self.height, _hex(colours[row, column]), FAINT
                )
        else:
            whole = (self.x, self.y, self.width * self.grid.columns, self.height * self.grid.rows)
            yield Pixels(*whole, colours)
            rows, columns = self.grid.rows, self.grid.columns
            for run in edges({(row, column) for row in range(rows) for column in range(columns)}):
                yield self._edge(*run, 0.8, FAINT)
        for rectangle in self._border():
            yield from _hatching(*rectangle)
        chosen = self.grid.cells_of("chosen")
        for (row, column), text in texts.items():
            x, y = self._corner(row, column)
            is_border = self.grid.is_border(row, column)
            colour = QUIET if is_border else ink_on(colours[row, column])
            yield Words(
                x + self.width / 2, y + self.height / 2, text, LETTERS, colour, (row, column) in chosen
            )
        yield from self._marks(colours)

    def _corner(self, row: float, column: float) -> tuple[float, float]:
        return self.x + column * self.width, self.y + row * self.height

    def _border(self) -> Iterator[tuple[float, float, float, float]]:
        """Give the rectangles of the border: x, y, width, height."""
        above, below, left, right = self.grid.border
        rows, columns = self.grid.rows, self.grid.columns
        for row, column, height, width in (
            (0, 0, above, columns),
            (rows - below, 0, below, columns),
            (above, 0, rows - above - below, left),
            (above, columns - right, rows - above - below, right),
        ):
            if height and width:
                yield (*self._corner(row, column), width * self.width, height * self.height)

    def _marks(self, colours: np.ndarray) -> Iterator[Shape]:
        for role, lines in LINES:
            runs = edges(self.grid.cells_of(role))
            for line, colour in lines:
                yield from (self._edge(*run, line, colour) for run in runs)
        for row, column in sorted(self.grid.cells_of("chosen")):
            x, y = self._corner(row, column)
            colour = ink_on(colours[row, column])
            across, up = 0.08 * self.width + 1, 0.08 * self.height + 1
            yield Ring(x + across, y + up, self.width - 2 * across, self.height - 2 * up, colour, 1.4)

    def _edge(self, row: int, column: int, length: int, is_across: bool, line: float, colour: str) -> Box:
        """Return a line along cells as a thin box, whose ends close the corners."""
        x, y = self._corner(row, column)
        if is_across:
            return Box(x - line / 2, y - line / 2, length * self.width + line, line, colour)
        return Box(x - line / 2, y - line / 2, line, length * self.height + line, colour)


def edges(cells: set[Place]) -> list[tuple[int, int, int, bool]]:
    """Return the lines around cells: row and column where each begins, its length, whether it runs across.

    >>> edges({(0, 0), (0, 1)})
    [(0, 0, 2, True), (0, 0, 1, False), (0, 2, 1, False), (1, 0, 2, True)]
    """
    across = {(r, c) for r, c in cells if (r - 1, c) not in cells}
    across |= {(r + 1, c) for r, c in cells if (r + 1, c) not in cells}
    down = {(r, c) for r, c in cells if (r, c - 1) not in cells}
    down |= {(r, c + 1) for r, c in cells if (r, c + 1) not in cells}
    found = []
    for units, (i, j), is_across in ((across, (0, 1), True), (down, (1, 0), False)):
        for row, column in units:
            if (row - i, column - j) in units:
                continue
            length = 1
            while (row + i * length, column + j * length) in units:
                length += 1
            found.append((row, column, length, is_across))
    return sorted(found, key=lambda run: (run[0], run[1], not run[3]))


def _hatching(x: float, y: float, width: float, height: float) -> Iterator[Slant]:
    """Give slanted lines over a rectangle."""
    offset = 4.0
    while offset < width + height:
        yield Slant(
            (x + min(offset, width), y + max(offset - width, 0)),
            (x + max(offset - height, 0), y + min(offset, height)),
        )
        offset += 6.0


def shades(grid: Grid) -> np.ndarray:
    """Return the colours of the cells, bytes (rows, columns, 3); what is unknown is pale grey, the border white."""
    values = np.array([[np.nan if v is None else float(v) for v in row] for row in grid.values], dtype=float)
    if grid.shown is not None:
        values.ravel()[grid.shown :] = np.nan
    share = np.clip(np.nan_to_num(values / grid.strongest), -1, 1)
    if grid.tone == "signed":
        colours = DIVERGING((share + 1) / 2, bytes=True)[..., :3]
    elif grid.tone == "grey":
        colours = np.repeat(np.round(255 * (1 - np.clip(share, 0, 1)))[..., None], 3, axis=-1).astype(
            np.uint8
        )
    else:
        colours = np.full((*values.shape, 3), 255, np.uint8)
    above, below, left, right = grid.border
    is_border = np.ones(values.shape, bool)
    is_border[above : grid.rows - below, left : grid.columns - right] = False
    colours[is_border] = 255
    colours[np.isnan(values)] = [*bytes.fromhex(EMPTY[1:])]
    return colours


def _hex(colour: np.ndarray) -> str:
    return "#" + bytes(colour.tolist()).hex()


def ink_on(colour: np.ndarray) -> str:
    """Return black or white, whichever is read better on a colour (WCAG's relative luminance)."""
    parts = np.asarray(colour, float) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return BLACK if float(linear @ (0.2126, 0.7152, 0.0722)) > 0.179 else WHITE
