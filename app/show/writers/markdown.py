"""Reports as Markdown."""

import re
from collections.abc import Iterable
from typing import Any

from app.show.document import Block, Document, Paragraph, Table

MEANINGFUL = re.compile(r"([\\|*_<>`\[\]~$]|&(?=[#\w])|:(?=[\w+-]+:))")
"""What Markdown, or GitHub's, would take for something other than itself."""
LEADING = re.compile(r"^(\s*)([#+=>-]|\d+(?=[.)]))", re.M)
"""What would begin a heading, a list or a quotation at the start of a line."""


def write(document: Document, **_: Any) -> str:
    """Return headings, paragraphs and pipe tables; of a drawing the caption."""
    parts = [f"# {escape(document.title)}", *map(_write_block, document.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return the text so that Markdown shows it as it is.

    >>> print(escape("conv_1 | *2"))
    conv\\_1 \\| \\*2
    """
    return MEANINGFUL.sub(r"\\\1", text)


def write_table(table: Table) -> str:
    """Return a pipe table, its title above it."""
    lines = [f"**{escape(table.title)}**", ""] if table.title else []
    lines.append(_line(map(escape, table.columns)))
    marks = ["---:" if i in table.numbers else "---" for i in range(len(table.columns))]
    lines.append(_line(marks))
    lines += [_line(map(escape, row)) for row in table.rows]
    if table.total:
        lines.append(_line(f"**{escape(cell)}**" if cell else "" for cell in table.total))
    return "\n".join(lines)


def _write_block(block: Block) -> str:
    if isinstance(block, Table):
        return write_table(block)
    if isinstance(block, Paragraph):
        return LEADING.sub(_protected, escape(block.text))
    return f"Picture (in the HTML report): {escape(block.caption)}"


def _protected(match: re.Match[str]) -> str:
    space, start = match.groups()
    return f"{space}{start}\\" if start.isdigit() else f"{space}\\{start}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
