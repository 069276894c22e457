"""Reports as text for a terminal."""

import io

from rich.console import Console

from app.show.document import Document, Paragraph, Table
from app.show.tables import WIDE, plain_table

SIGNS = {"·": "*", "×": "x", "−": "-", "–": "-", "—": "-", "─": "-", "…": "...", "⌊": "floor(",
         "⌋": ")", "⌈": "ceil(", "⌉": ")", "≥": ">=", "≤": "<="}  # fmt: skip


def write(document: Document, width: int | None) -> str:
    """Return the document as it is printed on a terminal of `width` columns."""
    stream = io.StringIO()
    console = Console(file=stream, width=width or WIDE, highlight=False, markup=False, emoji=False)
    for block in document.blocks:
        if isinstance(block, Table):
            table = plain_table(block.columns, block.rows, block.title, block.numbers)
            if block.total:
                table.add_section()
                table.add_row(*block.total, style="bold")
            console.print(table)
        elif isinstance(block, Paragraph):
            console.print(block.text)
    return stream.getvalue()


def to_ascii(written: str) -> str:
    """Return the text with every sign outside ASCII written in ASCII; names stay readable."""
    for sign, plain in SIGNS.items():
        written = written.replace(sign, plain)
    return written.encode("ascii", "backslashreplace").decode()
