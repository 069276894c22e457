"""Reports as text for a terminal. No number and no name is ever cut."""

from typing import Any

from app.show.document import Block, Document, Paragraph, Table
from app.show.signs import to_ascii
from app.show.styles import BOLD
from app.show.table_text import Terminal, table_lines, wrap
from app.show.tables import WIDE


def write(
    document: Document,
    width: int | None = None,
    ascii_only: bool = False,
    terminal: Terminal | None = None,
    **_: Any,
) -> str:
    """Return the document as text of `width` columns.

    A table is as wide as it has to be if that fits; else its prose is broken at spaces, or goes into
    lines of its own below each row; else each row becomes a block of lines `label: value`, and what
    is still too long is left whole. With `terminal` the columns that are needed least are left out
    instead, and a line below the table says which.
    """
    width = width or WIDE
    title = terminal.paint(document.title, BOLD) if terminal else document.title
    parts = [title, *("\n".join(block_lines(b, width, terminal)) for b in document.blocks)]
    written = "\n\n".join(part for part in parts if part) + "\n"
    return to_ascii(written) if ascii_only else written


def block_lines(block: Block, width: int, terminal: Terminal | None = None) -> list[str]:
    """Return the lines of a piece of a report."""
    if isinstance(block, Table):
        return table_lines(block, width, terminal)
    if isinstance(block, Paragraph):
        return [line for text in block.text.split("\n") for line in wrap(text, width)]
    return wrap(f"Picture (with --format html): {block.caption}", width)
