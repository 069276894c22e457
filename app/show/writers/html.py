"""Reports as one HTML page that needs nothing else: no script, no other file, no network."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from app.show.document import BLANK, Block, Document, Drawing, Paragraph, Table
from app.show.writers.page_style import FRAGMENT_STYLE, STYLE

UPRIGHT = 525.0
"""Points of width within the margins of A4; Letter has a few more."""
LETTER, COLUMN_GAP, BLANK_POINTS, LEAST_PROSE = 4.3, 7.0, 78.0, 14
"""On paper: points of a letter, between two columns, and of a line to write on; letters of a column of prose."""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body{kind}>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def write(document: Document, ascii_only: bool = False, paper: str | None = None, **_: Any) -> str:
    """Return the page; every name is escaped, so that none of them can add anything to it.

    Args:
        document: the report.
        ascii_only: write every other character as an escape.
        paper: `a4` or `letter`, on which it is printed; without it the printer decides.
    """
    groups = groupby(document.blocks, key=lambda block: isinstance(block, Drawing))
    body = "\n".join(
        f'<div class="drawings">\n{"".join(map(_figure, blocks))}</div>'  # type: ignore[arg-type]
        if are_drawings
        else "\n".join(map(_text_block, blocks))
        for are_drawings, blocks in groups
    )
    is_form = any(isinstance(block, Table) and block.is_form for block in document.blocks)
    is_wide = is_form and _lies_on_its_side(document)
    kind = f' class="form{" wide" if is_wide else ""}"' if is_form else ""
    size = ""
    if paper:
        named, turned = (" wide", " landscape") if is_wide else ("", "")
        size = f"@media print {{ @page{named} {{ size: {paper}{turned}; }} }}\n"
    page = PAGE.format(title=escape(document.title), style=STYLE + size, body=body, kind=kind)
    encoding = "ascii" if ascii_only else "utf-8"
    return page.encode(encoding, "xmlcharrefreplace").decode(encoding)


def _lies_on_its_side(document: Document) -> bool:
    """Return whether a form is printed on pages that lie on their side: a table of it is too wide for others."""
    tables = [block for block in document.blocks if isinstance(block, Table)]
    return any(sum(_points(table, i) for i in range(len(table.columns))) > UPRIGHT for table in tables)


def _points(table: Table, column: int) -> float:
    """Return about how wide a column is on paper; a column of prose as wide as it has to be."""
    cells = [row[column] for row in table.all_rows]
    blanks = [cell for cell in cells if table.is_form and BLANK.fullmatch(cell)]
    texts = [table.columns[column], *(cell for cell in cells if cell not in blanks)]
    letters = max(
        len(part) for text in texts for part in (text.split() if column in table.prose else [text]) or [""]
    )
    letters = max(letters, LEAST_PROSE) if column in table.prose else letters
    return max(LETTER * letters, BLANK_POINTS if blanks else 0.0) + COLUMN_GAP


def write_fragment(document: Document) -> str:
    """Return the report's texts and tables as one element, with a style that touches nothing outside it."""
    blocks = [block for block in document.blocks if not isinstance(block, Drawing)]
    parts = [_text_block(block) for block in blocks]
    title = f"<h3>{escape(document.title)}</h3>" if document.title else ""
    return f'<div class="convlab"><style>{FRAGMENT_STYLE}</style>\n{title}\n' + "\n".join(parts) + "\n</div>"


def _text_block(block: Block) -> str:
    if isinstance(block, Paragraph):
        kinds = [
            name for name, is_so in (("small", block.is_small), ("keep", block.keeps_with_next)) if is_so
        ]
        kind = f' class="{" ".join(kinds)}"' if kinds else ""
        return f"<p{kind}>{escape(block.text)}</p>"
    assert isinstance(block, Table)
    heading = f"<h2>{escape(block.title)}</h2>\n" if block.title else ""
    return heading + _table(block)


def _figure(drawing: Drawing) -> str:
    caption = f"<figcaption>{escape(drawing.caption)}</figcaption>"
    return f"<figure>\n{_scrolled(drawing.svg, 'picture')}\n{caption}\n</figure>\n"


def _scrolled(content: str, label: str) -> str:
    """Return what may be wider than the screen in a frame of its own, which the keyboard reaches and scrolls."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}">{content}</div>'


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_style(table, i)}>{escape(column)}</th>' for i, column in enumerate(table.columns)
    )
    rows = "\n".join(_row(table, row) for row in table.rows)
    kind = ' class="form"' if table.is_form else ""
    foot = f"\n<tfoot>\n{_row(table, table.total)}\n</tfoot>" if table.total else ""
    content = f"<table{kind}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>{foot}\n</table>"
    return _scrolled(content, f"table of {table.columns[0]}")


def _row(table: Table, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(_cells(table, cells))}</tr>"


def _cells(table: Table, cells: Sequence[str]) -> Iterator[str]:
    for i, cell in enumerate(cells):
        yield f"<td{_style(table, i)}>{_cell_text(table, cell)}</td>"


def _cell_text(table: Table, cell: str) -> str:
    blank = BLANK.fullmatch(cell) if table.is_form else None
    return f'{blank[1]} <span class="blank"></span>' if blank else escape(cell)


def _style(table: Table, column: int) -> str:
    if column in table.numbers:
        return ' class="number"'
    return ' class="prose"' if column in table.prose else ""
