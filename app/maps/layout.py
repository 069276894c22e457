"""Where the pictures of a figure of maps stand: geometry in inches, before anything is drawn."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

WIDE, TALL = 10.5, 10.9
"""Inches that a figure takes at most, unless its pictures became too small: so it fits a page of A4."""
LARGEST, SMALLEST = 2.6, 1.25
"""Inches of the side of a picture: at most, and below which a row is folded."""
LEAST, LEAST_SAID = 0.55, 1.0
"""And what is never gone below: of pictures without and with words below them."""
GAP, EDGE, BAR = 0.13, 0.12, 0.64
"""Inches between two pictures, around the figure, and of the colour bar with its numbers."""
BESIDE = 2 * EDGE + BAR
"""Inches of a figure's width that pictures do not take."""
HEAD, TITLE, LINE = 0.36, 0.24, 0.142
"""Inches of a line of the figure's title, of a picture's title, and of a line of small words."""
LETTERS, HEADING_LETTERS = 14.5, 12.5
"""Small letters in an inch, and letters of a picture's title."""
TITLE_LETTERS = 10.5
"""Letters of the figure's title in an inch."""


@dataclass(frozen=True)
class Cell:
    """A picture before it has a place."""

    title: str
    caption: str
    units: float = 1.0
    """Its width, in widths of an image."""
    tall: float = 1.0
    """Its height, in heights of an image."""


@dataclass(frozen=True)
class Place:
    """Where a picture stands, in inches from the figure's left lower corner."""

    left: float
    bottom: float
    width: float
    height: float
    title: str
    caption: str
    """Both folded."""


@dataclass(frozen=True)
class Layout:
    """A figure's size, and the places of what it shows."""

    width: float
    height: float
    places: tuple[tuple[Place, ...], ...]
    """A place for each cell of each row."""
    bar: Place
    """Of the colour bar."""
    notes: str
    """Folded."""
    title: str
    """Folded."""
    side: float
    """Width of an image."""


def fold_text(text: str, width: float) -> str:
    """Return `text` in lines of at most `width` letters, a number and its % kept together.

    A word is broken where it is much longer than a line.
    """
    width = max(6, int(width))
    is_long = max(map(len, text.split()), default=0) > 1.4 * width
    return textwrap.fill(text.replace(" %", "\u00a0%"), width, break_long_words=is_long)


def in_rows(row: Sequence[Any], length: int) -> list[list[Any]]:
    """Return a row as rows of so many pictures, the last one of what is left."""
    return [list(row[i : i + length]) for i in range(0, len(row), length)]


def lengths(count: int) -> list[int]:
    """Return how many of some pictures may stand side by side, the most first, where no row is left nearly empty.

    >>> lengths(6), lengths(5)
    ([6, 3, 2, 1], [5, 3, 2, 1])
    """
    return list(dict.fromkeys(math.ceil(count / rows) for rows in range(1, count + 1)))


def abreast(strips: int, units: float) -> int:
    """Return how many images with their maps stand side by side, so that no row is left torn.

    >>> abreast(4, 2.8), abreast(9, 2.8), abreast(5, 5.8)
    (2, 2, 1)
    """
    most = max(1, min(strips, int(6 / units)))
    return math.ceil(strips / math.ceil(strips / most))


def side_in(rows: Sequence[Sequence[Cell]], room: float) -> float:
    """Return the side of an image at which the longest row is `room` inches wide."""
    return min((room - GAP * (len(row) - 1)) / sum(cell.units for cell in row) for row in rows)


def lay_out(
    rows: Sequence[Sequence[Cell]],
    shape: tuple[float, float],
    title: str,
    notes: Sequence[str],
    size: tuple[float | None, float | None] = (None, None),
    barred: int = 0,
) -> Layout:
    """Return where everything stands.

    Args:
        rows: pictures.
        shape: height and width of an image.
        title: of the figure.
        notes: what stands below.
        size: inches that the figure has to have; None: as it comes.
        barred: the row that the colour bar stands beside.
    """
    wide, tall = size
    side = min(LARGEST, side_in(rows, (wide or WIDE) - BESIDE))
    made = _at(rows, shape, title, notes, side, wide, barred)
    least = LEAST_SAID if tall is None and any(cell.caption for row in rows[1:] for cell in row) else LEAST
    while made.height > (tall or TALL) and side > least:
        side *= 0.95
        made = _at(rows, shape, title, notes, side, wide, barred)
    return made if tall is None else _centred(made, tall)


def _at(
    rows: Sequence[Sequence[Cell]],
    shape: tuple[float, float],
    title: str,
    notes: Sequence[str],
    side: float,
    wide: float | None,
    barred: int,
) -> Layout:
    """Return the layout with images of this side, in inches."""
    tallness = min(1.6, max(0.4, shape[0] / shape[1]))
    longest = max(side * sum(cell.units for cell in row) + GAP * (len(row) - 1) for row in rows)
    width = wide or max(longest + BESIDE, 3.2)
    folded = "\n".join(fold_text(note, LETTERS * (width - 2 * EDGE)) for note in notes)
    headed = fold_text(title, TITLE_LETTERS * (width - 2 * EDGE)) if title else ""
    foot = LINE * lines_in(folded) + 0.1 if folded else 0.0
    head = HEAD * (0.4 + 0.75 * lines_in(headed)) if headed else EDGE
    strips = [_Strip.of(row, side, tallness) for row in rows]
    height = head + sum(strip.height for strip in strips) + foot + EDGE
    left, top, places = (width - BESIDE - longest) / 2 + EDGE, height - head, []
    for strip in strips:
        places.append(strip.places(left, top))
        top -= strip.height
    first = places[barred][0]
    bar = Place(left + longest + GAP, first.bottom, 0.1, first.height, "", "")
    return Layout(width, height, tuple(places), bar, folded, headed, side)


def lines_in(text: str) -> int:
    """Return how many lines a text takes."""
    return text.count("\n") + 1 if text else 0


@dataclass(frozen=True)
class _Strip:
    """A row whose pictures have a size, in inches, and whose words are folded."""

    row: Sequence[Cell]
    titles: tuple[str, ...]
    captions: tuple[str, ...]
    side: float
    tallness: float

    @classmethod
    def of(cls, row: Sequence[Cell], side: float, tallness: float) -> "_Strip":
        """Return a row with images of this side."""
        titles = tuple(fold_text(c.title, HEADING_LETTERS * side * c.units) if c.title else "" for c in row)
        captions = tuple(fold_text(c.caption, LETTERS * side * c.units) if c.caption else "" for c in row)
        return cls(row, titles, captions, side, tallness)

    @property
    def above(self) -> float:
        """Inches of the titles."""
        lines = max(map(lines_in, self.titles))
        return TITLE + 0.16 * (lines - 1) if lines else 0.0

    @property
    def height(self) -> float:
        """Inches of the whole, the gap below it included."""
        lines = max(map(lines_in, self.captions))
        below = LINE * lines + 0.16 if lines else 0.06
        return self.above + self.side * self.tallness * max(cell.tall for cell in self.row) + below

    def places(self, left: float, top: float) -> tuple[Place, ...]:
        """Return the places of its pictures, which hang from one line."""
        made, top = [], top - self.above
        for cell, title, caption in zip(self.row, self.titles, self.captions, strict=True):
            width, height = self.side * cell.units, self.side * self.tallness * cell.tall
            made.append(Place(left, top - height, width, height, title, caption))
            left += width + GAP
        return tuple(made)


def _centred(made: Layout, tall: float) -> Layout:
    """Return a layout on a sheet of a given height, its pictures in the middle."""
    up = (tall - made.height) / 2

    def moved(place: Place) -> Place:
        return replace(place, bottom=place.bottom + max(up, 0))

    places = tuple(tuple(map(moved, row)) for row in made.places)
    return Layout(made.width, tall, places, moved(made.bar), made.notes, made.title, made.side)
