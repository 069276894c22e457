"""How wide the columns of a table are on paper, in which size its letters are set, and which way a page lies."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.show.document import BLANK, Document, Table
from app.show.fonts import pieces, signs_for_pillow

SIZES_OF_PAPER = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
"""Points of width and height, upright."""
MARGIN = 36.0
"""Points on each side: half an inch, which every printer reaches."""
UPRIGHT_SIZES = (8.5, 8.0, 7.5, 7.0, 6.5)
"""Points of the letters of a table, those that are tried before the page is laid on its side."""
SIZES = (*UPRIGHT_SIZES, 6.0)
GAP = 7.5
"""Points between two columns."""
LINE, SHORT_LINE, BLANK_NUMBER = 62.0, 48.0, 6.5
"""Points of a line to write on, 22 mm or, so that a page can stand upright, 17 mm; and of the letters of its number."""
STEPS, SAMPLED = 24, 300
"""In how many steps columns of prose share what room there is, and about how many rows are looked at for it."""
PROSE = 9.0
"""A column of prose is made no narrower than so many times the size of its letters."""
BREAK = "\u200b"
"""Where a word that is wider than its column may be broken: a space without width."""
_PARTS = re.compile(r"[^\s\u200b]+")

Measure = Callable[[str], float]


@dataclass(frozen=True)
class TableLayout:
    """A table on paper, in points."""

    size: float
    """Of its letters."""
    widths: tuple[float, ...]
    """Of the columns, without the gaps between them."""
    line: float = LINE
    """Of the lines to write on."""


def font_folder() -> Path:
    """Return the folder with DejaVu Sans, which comes with matplotlib; it is looked up, and not imported."""
    found = find_spec("matplotlib")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"


@lru_cache
def measure(is_bold: bool = False) -> Measure:
    """Return what tells the width of a text in ems: times the size of its letters it is in points."""
    from PIL import ImageFont

    file = font_folder() / ("DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf")
    font: Any = ImageFont.truetype(str(file), 100, layout_engine=ImageFont.Layout.BASIC)

    def width(text: str) -> float:
        if text.isascii():
            return float(font.getlength(text)) / 100
        parts = pieces(text)
        if len(parts) == 1 and text == parts[0] and not _is_of_signs(text):
            return float(font.getlength(text)) / 100
        return sum(
            float(len(part)) if _is_of_signs(part) else float(font.getlength(part)) / 100 for part in parts
        )

    return width


def _is_of_signs(part: str) -> bool:
    from app.show.fonts import needs_cjk

    return needs_cjk(part) and signs_for_pillow(100.0) is not None


def lay_out(document: Document, paper: str) -> tuple[bool, dict[int, TableLayout]]:
    """Return whether the pages lie on their side, and the layout of each table by its place among the blocks.

    Pages stand upright if every table fits in letters that one reads; all tables have letters of one size.

    Args:
        document: the report.
        paper: a name of `PAPERS`.
    """
    tables = {i: block for i, block in enumerate(document.blocks) if isinstance(block, Table)}
    needs = {i: _Needs.of(table) for i, table in tables.items()}
    short, long = SIZES_OF_PAPER[paper]
    ways = ((False, UPRIGHT_SIZES[:-1], LINE), (False, UPRIGHT_SIZES, SHORT_LINE), (True, SIZES, LINE))
    for is_wide, sizes, line in ways:
        room = (long if is_wide else short) - 2 * MARGIN
        for size in sizes:
            found = {i: need.fit(room, size, line) for i, need in needs.items()}
            if all(found.values()):
                return is_wide, {i: layout for i, layout in found.items() if layout is not None}
    room = long - 2 * MARGIN
    return True, {i: need.squeeze(room, SIZES[-1]) for i, need in needs.items()}


@dataclass(frozen=True)
class _Needs:
    """What the columns of a table need: ems, and points of the numbers before lines to write on."""

    natural: tuple[float, ...]
    least: tuple[float, ...]
    words: tuple[float, ...]
    """What the longest word takes."""
    blanks: tuple[float, ...]
    """What stands before a line to write on; 0 in a column without one."""
    prose: tuple[tuple[int, ...], tuple[tuple[float, ...], ...]]
    """The columns that are broken at spaces, and what their cells take, row by row."""

    @classmethod
    def of(cls, table: Table) -> "_Needs":
        natural, least, words, blanks = [], [], [], []
        columns = zip(table.columns, *table.all_rows, strict=True)
        for i, (head, *cells) in enumerate(columns):
            empty = [match[1] for match in map(BLANK.fullmatch, cells) if match] if table.is_form else []
            texts = [cell for cell in cells if not (table.is_form and BLANK.fullmatch(cell))]
            total = cells[-1:] if table.total else []
            wide = max(
                (_widest(text, table.total is not None and text in total) for text in texts), default=0.0
            )
            wide = max(wide, measure(True)(head))
            word = max(
                (measure(True)(part) for text in (head, *texts) for part in _PARTS.findall(text)), default=0.0
            )
            numbers = max((measure()(number) * BLANK_NUMBER + 3.5 for number in empty), default=0.0)
            blanks.append(numbers)
            natural.append(wide)
            least.append(max(word, min(wide, PROSE)) if i in table.prose else natural[-1])
            words.append(word)
        rows = table.rows[:: 1 + len(table.rows) // SAMPLED]
        taken = tuple(tuple(_widest(row[i], False) for i in table.prose) for row in rows)
        return cls(tuple(natural), tuple(least), tuple(words), tuple(blanks), (table.prose, taken))

    def _points(self, ems: Sequence[float], size: float, line: float) -> list[float]:
        """Return the columns' widths, each with room for a line to write on where it has one."""
        numbers = [blank and blank + line for blank in self.blanks]
        return [max(em * size, number) + 0.5 for em, number in zip(ems, numbers, strict=True)]

    def fit(self, room: float, size: float, line: float = LINE) -> TableLayout | None:
        """Return the layout in letters of a size; None where there is not so much room."""
        room -= GAP * (len(self.natural) - 1)
        natural, least = self._points(self.natural, size, line), self._points(self.least, size, line)
        if sum(natural) <= room:
            return TableLayout(size, tuple(natural), line)
        if sum(least) > room:
            return None
        return TableLayout(size, tuple(self._share(natural, least, room)), line)

    def _share(self, natural: Sequence[float], least: Sequence[float], room: float) -> list[float]:
        """Return widths of which those of prose are such that the table is short: room goes where it saves most."""
        widths, (columns, rows) = list(least), self.prose
        step = (room - sum(least)) / STEPS

        def height() -> float:
            return sum(
                max(em / widths[i] for i, em in zip(columns, row, strict=True)) if row else 0.0
                for row in rows
            )

        def height_with(column: int) -> float:
            widths[column] += step
            found = height()
            widths[column] -= step
            return found

        for _ in range(STEPS):
            open_columns = [i for i in columns if widths[i] + step <= natural[i]]
            if not open_columns:
                break
            widths[min(open_columns, key=height_with)] += step
        return widths

    def squeeze(self, room: float, size: float) -> TableLayout:
        """Return a layout in which any cell is broken, at spaces if that is enough, else within words."""
        room -= GAP * (len(self.natural) - 1)
        natural, words = self._points(self.natural, size, LINE), self._points(self.words, size, LINE)
        if sum(words) <= room:
            return TableLayout(size, tuple(_shrink(natural, words, room)))
        floor = max(room / len(words), 1.0) * 0.5
        return TableLayout(size, tuple(_shrink(natural, [min(floor, n) for n in natural], max(room, 1.0))))


def _widest(text: str, is_bold: bool) -> float:
    return max(map(measure(is_bold), text.split("\n")))


def _shrink(natural: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """Return widths of which the largest are cut to one length, so that all fit; none below its least."""
    low, high = 0.0, max(natural, default=0.0)
    for _ in range(40):
        middle = (low + high) / 2
        total = sum(max(small, min(wide, middle)) for wide, small in zip(natural, least, strict=True))
        low, high = (middle, high) if total <= room else (low, middle)
    return [max(small, min(wide, low)) for wide, small in zip(natural, least, strict=True)]


def breakable(text: str, width: float, size: float, is_bold: bool = False) -> str:
    """Return a text in which every word that is wider than a line may be broken between any two of its signs.

    >>> breakable("conv1 " + 9 * "m", 40.0, 8.0).count(BREAK)
    8
    """
    length = measure(is_bold)

    def broken(match: re.Match[str]) -> str:
        word = match[0]
        return BREAK.join(word) if length(word) * size > width else word

    return _PARTS.sub(broken, text)


def lines_of(text: str, width: float, size: float) -> int:
    """Return about how many lines a text takes; rather too many than too few."""
    length = measure()
    return sum(1 + int(1.15 * length(line) * size / max(width, 1.0)) for line in text.split("\n"))
