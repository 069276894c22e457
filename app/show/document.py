"""What a report is before it has a format: paragraphs, tables and drawings, and the bare data."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

PAGES = ("html", "pdf")
"""Formats with pages: their reports have drawings, and lines to write on."""
PAPERS = ("a4", "letter")
"""Papers that pages are made for."""
BLANK = re.compile(r"(\(\d+\)) _+")
"""A cell to be written in: `(3) ____________`."""


@dataclass(frozen=True)
class Paragraph:
    """A piece of running text."""

    text: str
    is_small: bool = False
    """Whether it is set in small letters, where the format has any."""
    keeps_with_next: bool = False
    """Whether no page ends between it and the block behind it."""

    def changed(self, change: Callable[[str], str]) -> "Paragraph":
        """Return the paragraph with `change` made to each of its lines."""
        return replace(self, text="\n".join(map(change, self.text.split("\n"))))


@dataclass(frozen=True)
class Table:
    """Rows of cells, already written as text; nothing in a cell is ever cut."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    numbers: tuple[int, ...] = ()
    """Indices of the columns that are aligned to the right."""
    prose: tuple[int, ...] = ()
    """Indices of the columns that may be broken at spaces where room is short."""
    expendable: tuple[int, ...] = ()
    """Indices of the columns that a terminal without room for all leaves out, the least needed one first."""
    total: tuple[str, ...] | None = None
    """A last row, set apart."""
    is_form: bool = False
    """Whether it is filled in by hand: on paper its rows are taller and its blanks 25 mm wide."""

    @property
    def all_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows, and the total behind them where there is one."""
        return (*self.rows, self.total) if self.total else self.rows

    def changed(self, change: Callable[[str], str]) -> "Table":
        """Return the table with `change` made to its title and every cell."""

        def cells(row: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(map(change, row))

        return replace(
            self,
            columns=cells(self.columns),
            rows=tuple(map(cells, self.rows)),
            title=change(self.title),
            total=cells(self.total) if self.total else None,
        )


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG; the formats of `PAGES` show it, the others its caption."""

    svg: str
    caption: str

    def changed(self, change: Callable[[str], str]) -> "Drawing":
        """Return the drawing with `change` made to its caption."""
        return replace(self, caption=change(self.caption))


Block = Paragraph | Table | Drawing


@dataclass(frozen=True)
class Document:
    """A report."""

    title: str
    blocks: tuple[Block, ...]
    data: Any = None
    """The same facts for machines (`--format json`): numbers as numbers, shapes as lists."""

    def without_repeated_titles(self) -> "Document":
        """Return the report with no table whose title only says the report's again."""
        blocks = tuple(
            replace(block, title="") if isinstance(block, Table) and block.title == self.title else block
            for block in self.blocks
        )
        return replace(self, blocks=blocks)

    def changed(self, change: Callable[[str], str]) -> "Document":
        """Return the report with `change` made to every piece of text; the data stay as they are."""
        blocks = tuple(block.changed(change) for block in self.blocks)
        return replace(self, title=change(self.title), blocks=blocks)
