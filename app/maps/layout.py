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
NOTES = 2.5
"""Inches of notes that stand beside the pictures."""
POINTS = 7.5
"""Size of small letters."""
SLIDE_POINTS = (10.5, 9.5, 8.5, POINTS)
"""Sizes that notes may have on a slide."""
LEAST_ON_SLIDE = 0.25
"""Inches of the side of a picture below which it is not made smaller to fit a slide."""
LETTERS, HEADING_LETTERS, NOTE_LETTERS = 14.5, 13.0, 17.0
"""Small letters in an inch, letters of a picture's title, and small letters of long lines."""
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
    notes_at: tuple[float, float]
    """Their left lower corner, in inches."""
    points: float
    """Size of their letters."""
    title: str
    """Folded."""
    side: float
    """Width of an image."""


def fold_text(text: str, width: float) -> str:
    """Return `text` in lines of at most `width` letters, a number and its % kept together.

    A word is broken where it is much longer than a line.
    """
    width = max(6, int(width))
    is_long = max(map(len, text.split()), default=0) > 1.6 * width
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
    wide: float | None = None,
    barred: int = 0,
) -> Layout:
    """Return where everything stands on a page.

    Args:
        rows: pictures.
        shape: height and width of an image.
        title: of the figure.
        notes: what stands below.
        wide: inches that the figure has to have; None: as it comes.
        barred: the row that the colour bar stands beside.
    """
    around = _Around(title, tuple(notes), wide, barred)
    side = min(LARGEST, side_in(rows, (wide or WIDE) - BESIDE))
    made = _at(rows, shape, around, side)
    least = LEAST_SAID if any(cell.caption for row in rows[1:] for cell in row) else LEAST
    while made.height > TALL and side > least:
        side *= 0.95
        made = _at(rows, shape, around, side)
    return made


def lay_out_slide(
    rows: Sequence[Sequence[Cell]],
    shape: tuple[float, float],
    title: str,
    notes: Sequence[str],
    size: tuple[float, float],
    barred: int = 0,
) -> Layout:
    """Return where everything stands on a slide, pictures as large as they become, then notes as large as they become.

    Notes stand below the pictures or at their right. Captions are left out where they would leave small pictures, and
    so are titles that the picture above has too, where all would not fit.

    Args:
        rows: pictures.
        shape: height and width of an image.
        title: of the figure.
        notes: what is said.
        size: inches of the slide.
        barred: the row that the colour bar stands beside.
    """
    bare = [[replace(cell, caption="") for cell in row] for row in rows]
    for cells, least in ((rows, LEAST_SAID), (bare, LEAST_ON_SLIDE), (_titled_once(bare), 0.0)):
        ways = [
            _on_slide(cells, shape, _Around(title, tuple(notes), size[0], barred, points, is_beside), size[1])
            for is_beside in ((False, True) if notes else (False,))
            for points in SLIDE_POINTS
        ]
        made = [each for each in ways if each.height <= size[1] and each.side >= least]
        if made:
            best = max(each.side for each in made)
            return _centred(
                max((each for each in made if each.side > 0.97 * best), key=lambda m: m.points), size[1]
            )
    return _centred(ways[-1], size[1])


def _titled_once(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Return rows without the titles that stand above the same picture of the row above."""
    titles = [[cell.title for cell in row] for row in rows]
    return [
        [
            replace(cell, title="")
            if number and titles[number - 1][place : place + 1] == [cell.title]
            else cell
            for place, cell in enumerate(row)
        ]
        for number, row in enumerate(rows)
    ]


@dataclass(frozen=True)
class _Around:
    """What stands around pictures."""

    title: str
    notes: tuple[str, ...]
    wide: float | None
    """Inches of the figure; None: as it comes."""
    barred: int
    """The row that the colour bar stands beside."""
    points: float = POINTS
    """Size of the notes."""
    is_beside: bool = False
    """Whether the notes stand at the right of the pictures, not below."""

    @property
    def aside(self) -> float:
        """Inches of the figure's width that the notes take."""
        return NOTES if self.is_beside else 0.0

    def folded(self, width: float) -> str:
        """Return the notes of a figure of this width."""
        room = (self.aside or width) - 2 * EDGE
        return "\n".join(fold_text(note, NOTE_LETTERS * room * POINTS / self.points) for note in self.notes)


def _on_slide(
    rows: Sequence[Sequence[Cell]], shape: tuple[float, float], around: _Around, tall: float
) -> Layout:
    """Return the layout with the largest images at which it is `tall` at most, or with the least ones."""
    assert around.wide is not None
    side = min(LARGEST, side_in(rows, around.wide - around.aside - BESIDE))
    made = _at(rows, shape, around, side)
    while made.height > tall and side > LEAST_ON_SLIDE:
        side *= 0.97
        made = _at(rows, shape, around, side)
    return made


def _at(rows: Sequence[Sequence[Cell]], shape: tuple[float, float], around: _Around, side: float) -> Layout:
    """Return the layout with images of this side, in inches."""
    tallness = min(1.6, max(0.4, shape[0] / shape[1]))
    longest = max(side * sum(cell.units for cell in row) + GAP * (len(row) - 1) for row in rows)
    width = around.wide or max(longest + BESIDE, 3.2)
    folded = around.folded(width)
    headed = fold_text(around.title, TITLE_LETTERS * (width - 2 * EDGE)) if around.title else ""
    said = LINE * lines_in(folded) * around.points / POINTS
    foot = said + 0.1 if folded and not around.is_beside else 0.0
    head = HEAD * (0.4 + 0.75 * lines_in(headed)) if headed else EDGE
    strips = [_Strip.of(row, side, tallness) for row in rows]
    high = sum(strip.height for strip in strips)
    height = head + max(high, said if around.is_beside else 0.0) + foot + EDGE
    left, top, places = (width - around.aside - BESIDE - longest) / 2 + EDGE, height - head, []
    for strip in strips:
        places.append(strip.places(left, top))
        top -= strip.height
    first = places[around.barred][0]
    bar = Place(left + longest + GAP, first.bottom, 0.1, first.height, "", "")
    at = (width - NOTES, max(EDGE, height - head - (high + said) / 2)) if around.is_beside else (EDGE, 0.08)
    return Layout(width, height, tuple(places), bar, folded, at, around.points, headed, side)


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
    left, bottom = made.notes_at
    notes_at = (left, bottom + max(up, 0)) if left > EDGE else made.notes_at  # notes below stay at the edge
    return replace(made, height=tall, places=places, bar=moved(made.bar), notes_at=notes_at)
