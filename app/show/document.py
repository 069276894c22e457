"""What a report is before it has a format: paragraphs, tables and drawings, and the bare data."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Paragraph:
    """A piece of running text."""

    text: str


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
    total: tuple[str, ...] | None = None
    """A last row, set apart."""


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG; only the HTML page shows it, the other formats show its caption."""

    svg: str
    caption: str


Block = Paragraph | Table | Drawing


@dataclass(frozen=True)
class Document:
    """A report."""

    title: str
    blocks: tuple[Block, ...]
    data: Any = None
    """The same facts for machines (`--format json`): numbers as numbers, shapes as lists."""
