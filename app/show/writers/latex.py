"""Reports as a LaTeX document that pdflatex sets, with tables that run over several pages."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.show.document import BLANK, Block, Document, Paragraph, Table
from app.show.writers.tex_escapes import escape, printed_length

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{textcomp}
\usepackage{array}
\usepackage{longtable}
\usepackage[paperwidth=%dmm,paperheight=%dmm,margin=15mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\LTleft}{0pt}
\setlength{\tabcolsep}{5pt}
\raggedright
"""
SIGN_MM = 2.0
"""The width allowed for one sign at 10 points; lmodern's digits take 1.76 mm, an M takes 3.1."""
EX_PER_SIGN = 1.25
"""The same in the unit ex, the height of an x, which is 1.5 mm."""
SIZES = (("normalsize", 1.0), ("footnotesize", 0.82), ("scriptsize", 0.72))
PAGES = ((210, 297), (297, 210))
"""A4 upright and on its side, in millimetres."""
MARGINS_MM = 30
GAP_MM = 4
PROSE_SIGNS = 36
"""A column that may be broken at spaces is not wider than this, or than its longest word."""
LONGEST_CELL = 60
"""A longer cell is broken wherever it must be, without a hyphen: in print nothing runs off the page."""


def write(document: Document, **_: Any) -> str:
    """Return the document: A4, on its side where a table needs it; smaller letters before that fails."""
    tables = [block for block in document.blocks if isinstance(block, Table)]
    width = max((_width_mm(table) for table in tables), default=0)
    paper, size = _choose_page(width)
    parts = [
        PREAMBLE % paper,
        r"\begin{document}",
        rf"\section*{{{escape(document.title)}}}",
        *(_write_block(block, size) for block in document.blocks),
        r"\end{document}",
    ]
    return "\n".join(parts) + "\n"


def _choose_page(width: float) -> tuple[tuple[int, int], str]:
    """Return the paper, in millimetres, and the size of letters for a table of `width` mm."""
    for paper in PAGES:
        for size, scale in SIZES[:2] if paper == PAGES[0] else SIZES:
            if width * scale <= paper[0] - MARGINS_MM:
                return paper, size
    size, scale = SIZES[-1]
    return (int(width * scale) + MARGINS_MM + 1, PAGES[-1][1]), size


def _write_block(block: Block, size: str) -> str:
    if isinstance(block, Paragraph):
        lines = [escape(line) for line in block.text.split("\n")]
        text = r"\\ ".join(line if line.strip() else r"\mbox{}" for line in lines)
        small = rf"{{\scriptsize {text}\par}}" if block.is_small else text
        return f"\n\\par {small}" + (r"\nopagebreak" if block.keeps_with_next else "")
    if isinstance(block, Table):
        tall = "\\renewcommand{\\arraystretch}{2}\n" if block.is_form else ""
        return f"{{\\{size}\n{tall}{_write_table(block)}\n}}"
    return f"\n\\par\\emph{{Picture (in the HTML report): {escape(block.caption)}}}"


def _write_table(table: Table) -> str:
    widths = _column_signs(table)
    columns = "".join(_column(table, i, widths[i]) for i in range(len(table.columns)))
    heading = rf"\subsection*{{{escape(table.title)}}}" if table.title else ""
    head = " & ".join(rf"\textbf{{{escape(column)}}}" for column in table.columns)
    if not table.columns:
        return heading  # TeX knows no table without columns
    lines = [
        heading,
        rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}",
        rf"{head} \\ \hline \noalign{{\smallskip}} \endhead",
        *(_line(table, row, widths) for row in table.rows),
    ]
    if table.total:
        lines += [r"\noalign{\smallskip} \hline \noalign{\smallskip}", _line(table, table.total, widths)]
    return "\n".join([*lines, r"\end{longtable}"])


def _line(table: Table, row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip(row, widths, strict=True)
    written = [
        (table.is_form and _blank(cell)) or _cell(cell, width, i in table.prose)
        for i, (cell, width) in enumerate(cells)
    ]
    return " & ".join(written) + r" \\"


def _blank(cell: str) -> str:
    """Return a blank as a line to write on; nothing for another cell."""
    blank = BLANK.fullmatch(cell)
    return rf"{blank[1]} \rule{{25mm}}{{0.4pt}}" if blank else ""


def _cell(cell: str, width: int, is_prose: bool) -> str:
    words = cell.split() if is_prose else [cell]
    if max(map(printed_length, words), default=0) <= width:
        return escape(cell)
    return r"\allowbreak{}".join(map(escape, _pieces(cell, 10)))


def _pieces(text: str, length: int) -> Iterator[str]:
    for start in range(0, len(text), length):
        yield text[start : start + length]


def _column(table: Table, index: int, signs: int) -> str:
    longest = max((printed_length(row[index]) for row in table.rows), default=0)
    if index in table.numbers:
        return "r"
    if longest > signs:
        return rf">{{\raggedright\arraybackslash}}p{{{signs * EX_PER_SIGN:.0f}ex}}"
    return "l"


def _column_signs(table: Table) -> list[int]:
    """Return the width of each column in signs."""
    widths = []
    for i, column in enumerate(zip(table.columns, *table.all_rows, strict=True)):
        width = max(map(printed_length, column))
        if i in table.prose:
            words = [word for cell in column for word in cell.split()]
            width = min(width, max(PROSE_SIGNS, *map(printed_length, words)))
        widths.append(width if i in table.numbers else min(width, LONGEST_CELL))
    return widths


def _width_mm(table: Table) -> float:
    return sum(_column_signs(table)) * SIGN_MM + GAP_MM * len(table.columns)
