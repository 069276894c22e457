"""Reports as comma-separated values, for spreadsheets and programs."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from app.show.document import Document, Table

NUMBER = re.compile(r"[+−-]?\d[\d,]*(\.\d+)?(×\d[\d,]*)*")
"""A number as people write it, or a shape: 1,690 or 1,024×3."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula, in wide letters too."""


def write(document: Document, **_: Any) -> str:
    """Return the tables as CSV with a header line each, parted by empty lines.

    Tables that have the same columns follow each other as one, their titles in a first column
    `table`. Totals are left out: whoever adds up a column would count everything twice. Numbers come
    without thousands separators. A text that a spreadsheet would take for a formula gets a `'` in front.
    """
    groups: dict[tuple[str, ...], list[Table]] = {}
    for block in document.blocks:
        if isinstance(block, Table):
            groups.setdefault(block.columns, []).append(block)
    return "\n".join(_write_group(tables) for tables in groups.values())


def _write_group(tables: Sequence[Table]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    several = len(tables) > 1
    writer.writerow([*(["table"] if several else []), *map(harmless, tables[0].columns)])
    for table in tables:
        columns = [_bare(column) for column in zip(*table.rows, strict=True)]
        for row in zip(*columns, strict=True):
            cells = [table.title, *row] if several else row
            writer.writerow([harmless(cell) for cell in cells])
    return stream.getvalue()


def _bare(column: Sequence[str]) -> list[str]:
    """Return a column's cells; where all are numbers or shapes, without thousands separators."""
    is_numeric = all(NUMBER.fullmatch(cell) or cell in ("", "?", "–") for cell in column)
    if not is_numeric:
        return list(column)
    return [cell.replace(",", "").replace("−", "-") for cell in column]


def harmless(cell: str) -> str:
    """Return the cell, marked as text where a spreadsheet would calculate it."""
    if cell.startswith(FORMULA_STARTS) and not re.fullmatch(r"[+-]\d+(\.\d+)?", cell):
        return "'" + cell
    return cell
