"""Reports as one HTML page that needs nothing else: no script, no other file, no network."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from app.show.document import BLANK, Block, Document, Drawing, Paragraph, Table
from app.show.writers.page_style import STYLE

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body{kind}>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def write(document: Document, ascii_only: bool = False, **_: Any) -> str:
    """Return the page; every name is escaped, so that none of them can add anything to it."""
    groups = groupby(document.blocks, key=lambda block: isinstance(block, Drawing))
    body = "\n".join(
        f'<div class="drawings">\n{"".join(map(_figure, blocks))}</div>'  # type: ignore[arg-type]
        if are_drawings
        else "\n".join(map(_text_block, blocks))
        for are_drawings, blocks in groups
    )
    is_form = any(isinstance(block, Table) and block.is_form for block in document.blocks)
    kind = ' class="form"' if is_form else ""
    page = PAGE.format(title=escape(document.title), style=STYLE, body=body, kind=kind)
    encoding = "ascii" if ascii_only else "utf-8"
    return page.encode(encoding, "xmlcharrefreplace").decode(encoding)


def _text_block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    assert isinstance(block, Table)
    heading = f"<h2>{escape(block.title)}</h2>\n" if block.title else ""
    return heading + _table(block)


def _figure(drawing: Drawing) -> str:
    caption = f"<figcaption>{escape(drawing.caption)}</figcaption>"
    return f'<figure>\n<div class="scroll">{drawing.svg}</div>\n{caption}\n</figure>\n'


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_style(table, i)}>{escape(column)}</th>' for i, column in enumerate(table.columns)
    )
    rows = "\n".join(_row(table, row) for row in table.rows)
    kind = ' class="form"' if table.is_form else ""
    foot = f"\n<tfoot>\n{_row(table, table.total)}\n</tfoot>" if table.total else ""
    return (
        f'<div class="scroll"><table{kind}>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>{foot}\n</table></div>"
    )


def _row(table: Table, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(_cells(table, cells))}</tr>"


def _cells(table: Table, cells: Sequence[str]) -> Iterator[str]:
    for i, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
        text = f"<span>{_cell_text(table, cell)}</span>" if cell else ""
        yield f'<td data-label="{escape(column)}"{_style(table, i)}>{text}</td>'


def _cell_text(table: Table, cell: str) -> str:
    blank = BLANK.fullmatch(cell) if table.is_form else None
    return f'{blank[1]} <span class="blank"></span>' if blank else escape(cell)


def _style(table: Table, column: int) -> str:
    if column in table.numbers:
        return ' class="number"'
    return ' class="prose"' if column in table.prose else ""
