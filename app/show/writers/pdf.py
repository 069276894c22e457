"""Reports as PDF, set by Typst: a library without dependencies, in whose language one short program sets every report.

Tables break between rows and repeat their heads, a heading stays with what follows, and nothing is wider than the
page. What a report says reaches Typst as data, so that no name can become a part of the program; it reads no file
but fonts, and asks the network for nothing.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from app.show.document import BLANK, Block, Document, Drawing, Paragraph, Table
from app.show.fonts import cjk_font, language_of, needs_cjk, signs_for_pillow
from app.show.writers.pdf_layout import (
    BLANK_NUMBER,
    GAP,
    MARGIN,
    SIZES_OF_PAPER,
    TableLayout,
    breakable,
    font_folder,
    lay_out,
    lines_of,
)
from app.show.writers.pdf_page import SOURCE

A4 = "a4"
FOOT = 44.0
"""Points below the text, in which the foot of the page stands."""
TEXT, CAPTION, TITLE = 9.0, 7.0, 15.0
"""Points of the letters of running text, of captions and of the title."""
SMALLEST, PAGE_NUMBER, MOST_FOOT_LINES = 6.0, 40.0, 3
"""Of the foot: points of its letters, points that the page's number takes beside it, and lines that fit."""
PIXEL = 0.75
"""Points of a pixel of a drawing, as browsers print it."""
GUTTER = 18.0
"""Points between two drawings."""
SMALLER = 0.8
"""By how much drawings may shrink so that they stand side by side."""
TALLEST = 0.8
"""Share of a page that a drawing takes at most."""
LONGEST_CELL = 12
"""Lines of a cell up to which its row stays on one page."""
ROOMY, TIGHT = (1.7, 1.35), (0.9, 0.8)
"""By how much rows to write in grow on a page with room, and all shrinks where that saves a nearly empty page."""
NEARLY_EMPTY, MANY_PAGES = 0.3, 6
LONGEST_LINE = 100_000
"""Signs; Typst breaks a line of five times as many nowhere."""
_FALLBACK = re.compile(r"var\(--[\w-]+, *([^()]+)\)")
_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)(pt|px|)"[^>]*? height="([\d.]+)(?:pt|px|)"')


def write(document: Document, paper: str | None = None, **_: Any) -> bytes:
    """Return the report as the bytes of a PDF; the same report always gives the same bytes.

    Args:
        document: the report.
        paper: `a4`, which it is without it, or `letter`.

    Raises:
        ValueError: a drawing is no SVG, or a font is damaged.
    """
    import typst

    document = document.changed(_encodable)
    page = _Page.of(document, paper or A4)
    data = json.dumps(page.data())
    found = cjk_font() if page.language else None
    fonts = _fonts(font_folder(), *([found.parent] if found else []))

    try:
        return _set(data, fonts, page.height, page.is_form)
    except (typst.TypstError, RuntimeError) as error:
        raise ValueError(f"the report cannot be written as PDF: {error}") from error


@lru_cache
def _fonts(*folders: Path) -> Any:
    """Return the fonts in folders, and those that Typst brings, as Typst knows them; none of the system's."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[*map(str, folders)])


def _set(data: str, fonts: Any, height: float, is_form: bool) -> bytes:
    """Return the PDF, with as much room in it as leaves it as many pages, and no last page that is nearly empty."""
    setter = _Setter(data, fonts)
    pages, down = setter.end(1.0)
    filled = (down - MARGIN) / (height - MARGIN - FOOT)
    others: tuple[float, ...] = ()
    if pages > 1 and filled < NEARLY_EMPTY and pages <= MANY_PAGES:
        others, pages = TIGHT, pages - 1
    elif is_form and pages <= MANY_PAGES:
        others = ROOMY
    return setter.pdf(next((room for room in others if setter.end(room)[0] <= pages), 1.0))


@dataclass(frozen=True)
class _Setter:
    """Typst with a report, which it sets with more or less room."""

    data: str
    fonts: Any

    def end(self, room: float) -> tuple[int, float]:
        """Return on which page the report ends, and how many points down."""
        end = json.loads(self._compiler(room).query("<end>", field="value"))[0]
        return end["page"], end["down"]

    def pdf(self, room: float) -> bytes:
        """Return the report as PDF."""
        return bytes(
            self._compiler(room).compile(input=SOURCE.encode(), format="pdf", sys_inputs=self._told(room))
        )

    def _told(self, room: float) -> dict[str, str]:
        return {"report": self.data, "room": str(room)}

    def _compiler(self, room: float) -> Any:
        import typst

        return typst.Compiler(SOURCE.encode(), font_paths=self.fonts, sys_inputs=self._told(room))


@dataclass(frozen=True)
class _Page:
    """A report and the page that it is set on, in points."""

    document: Document
    width: float
    height: float
    layouts: dict[int, TableLayout]
    language: str
    """Whose forms the signs of Chinese, Japanese and Korean have; empty where there are none."""

    @classmethod
    def of(cls, document: Document, paper: str) -> "_Page":
        is_wide, layouts = lay_out(document, paper)
        width, height = SIZES_OF_PAPER[paper][::-1] if is_wide else SIZES_OF_PAPER[paper]
        text = "".join(_texts(document))
        language = language_of(text) if needs_cjk(text) and signs_for_pillow(100.0) else ""
        return cls(document, width, height, layouts, language)

    @property
    def room(self) -> float:
        """Points of a line."""
        return self.width - 2 * MARGIN

    @property
    def is_form(self) -> bool:
        """Whether it is filled in by hand."""
        return any(isinstance(block, Table) and block.is_form for block in self.document.blocks)

    def data(self) -> dict[str, Any]:
        """Return what the program in Typst's language is told."""
        blocks, foot = self.document.blocks, ""
        if blocks and self._is_foot(blocks[-1]):
            foot, blocks = blocks[-1].text, blocks[:-1]  # type: ignore[union-attr]
        language, _, region = (self.language or "en").partition("-")
        return {
            "title": self.document.title,
            "head": self.lines(self.document.title, TITLE),
            "foot": breakable(foot, self.room - PAGE_NUMBER, SMALLEST),
            "width": self.width,
            "height": self.height,
            "margin": MARGIN,
            "gap": GAP,
            "blank": BLANK_NUMBER,
            "fonts": ["DejaVu Sans", *([_family()] if self.language else [])],
            "lang": language,
            "region": "CN" if region else None,
            "blocks": list(self._blocks(blocks)),
        }

    def _is_foot(self, block: Block) -> bool:
        """Return whether the last block stands at the foot of every page: small, and short enough for it."""
        if not (isinstance(block, Paragraph) and block.is_small):
            return False
        return lines_of(block.text, self.room - PAGE_NUMBER, SMALLEST) <= MOST_FOOT_LINES

    def _blocks(self, blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
        places = enumerate(blocks)
        for is_drawn, group in groupby(places, key=lambda pair: isinstance(pair[1], Drawing)):
            if is_drawn:
                drawings = [block for _, block in group if isinstance(block, Drawing)]
                yield from ({"kind": "figures", "figures": row} for row in self._figures(drawings))
                continue
            for place, block in group:
                yield (
                    self._table(block, self.layouts[place]) if isinstance(block, Table) else self._text(block)
                )

    def _text(self, block: Block) -> dict[str, Any]:
        assert isinstance(block, Paragraph)
        lines = self.lines(block.text, TEXT)
        return {"kind": "paragraph", "lines": lines, "small": block.is_small, "keep": block.keeps_with_next}

    def _table(self, table: Table, layout: TableLayout) -> dict[str, Any]:
        return {
            "kind": "table",
            "title": self.lines(table.title, 10.5) if table.title else None,
            "size": layout.size,
            "widths": layout.widths,
            "numbers": list(table.numbers),
            "form": table.is_form,
            "head": self._cells(table.columns, layout, is_bold=True),
            "rows": [self._row(table, row, layout) for row in table.rows],
            "total": self._cells(table.total, layout, is_bold=True) if table.total else None,
        }

    def _row(self, table: Table, row: Sequence[str], layout: TableLayout) -> dict[str, Any]:
        cells: list[Any] = self._cells(row, layout)
        blanks = [BLANK.fullmatch(cell) for cell in row] if table.is_form else []
        for place, match in enumerate(blanks):
            if match:
                cells[place] = {"number": match[1], "line": layout.line}
        tallest = max(map(lines_of, row, layout.widths, [layout.size] * len(row)), default=1)
        return {"cells": cells, "tall": any(blanks), "breakable": tallest > LONGEST_CELL}

    def _cells(self, row: Sequence[str], layout: TableLayout, is_bold: bool = False) -> list[list[str]]:
        return [
            breakable(cell, width, layout.size, is_bold).split("\n")
            for cell, width in zip(row, layout.widths, strict=True)
        ]

    def lines(self, text: str, size: float) -> list[str]:
        """Return the lines of a text in which no word is wider than the page."""
        return breakable(text, self.room, size, is_bold=size > TEXT).split("\n")

    def _figures(self, drawings: Sequence[Drawing]) -> Iterator[list[dict[str, Any]]]:
        """Yield the drawings, as many side by side as the page is wide."""
        row: list[tuple[Drawing, str, float]] = []
        tallest = TALLEST * (self.height - MARGIN - FOOT)
        for drawing in drawings:
            svg = _FALLBACK.sub(r"\1", drawing.svg)
            width, height = _size(svg)
            width *= min(1.0, self.room / width, tallest / height)
            if row and self._scale([*(wide for *_, wide in row), width]) < SMALLER:
                yield self._row_of(row)
                row = []
            row.append((drawing, svg, width))
        if row:
            yield self._row_of(row)

    def _scale(self, widths: Sequence[float]) -> float:
        """Return by how much drawings shrink that stand side by side."""
        return min(1.0, (self.room - GUTTER * (len(widths) - 1)) / sum(widths))

    def _row_of(self, drawings: Sequence[tuple[Drawing, str, float]]) -> list[dict[str, Any]]:
        scale = self._scale([width for *_, width in drawings])
        return [
            {
                "svg": svg,
                "width": width * scale,
                "alt": drawing.caption or "drawing",
                "caption": breakable(drawing.caption, width * scale, CAPTION).split("\n")
                if drawing.caption
                else None,
                "long": lines_of(drawing.caption, width * scale, CAPTION) > LONGEST_CELL,
            }
            for drawing, svg, width in drawings
        ]


def _size(svg: str) -> tuple[float, float]:
    """Return the width and height of a drawing in points.

    Raises:
        ValueError: it does not say them.
    """
    found = _SIZE.search(svg)
    if found is None or not float(found[1]) or not float(found[3]):
        raise ValueError("a figure of the report is not an SVG with a width and a height")
    points = 1.0 if found[2] == "pt" else PIXEL
    return float(found[1]) * points, float(found[3]) * points


def _family() -> str:
    """Return the name of the font with the signs of Chinese, Japanese and Korean."""
    name: str = signs_for_pillow(100.0).getname()[0]
    return name


def _texts(document: Document) -> Iterator[str]:
    yield document.title
    for block in document.blocks:
        if isinstance(block, Table):
            yield from (block.title, *block.columns, *(cell for row in block.all_rows for cell in row))
        else:
            yield block.text if isinstance(block, Paragraph) else block.caption


def _encodable(text: str) -> str:
    """Return a text with what is no character, half of a pair, as an escape, and without lines of a whole book."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST_LINE else re.sub(f".{{{LONGEST_LINE}}}(?=.)", r"\g<0>\n", text)
