"""Reports as text for a terminal. No number and no name is ever cut."""

from collections.abc import Sequence

from rich.cells import cell_len

from app.show.document import Block, Document, Paragraph, Table
from app.show.signs import to_ascii
from app.show.tables import WIDE

PROSE = 20
"""A column of prose is made no narrower than this."""
GAP = 3
"""Columns of the terminal between two columns of a table."""


def write(document: Document, width: int | None = None, ascii_only: bool = False) -> str:
    """Return the document for a terminal of `width` columns.

    A table is as wide as it has to be if that fits; else its prose is broken at spaces, or goes into
    lines of its own below each row; else each row becomes a block of lines `label: value`, and what
    is still too long is left whole.
    """
    width = width or WIDE
    parts = [document.title, *("\n".join(_block_lines(b, width)) for b in document.blocks)]
    written = "\n\n".join(part for part in parts if part) + "\n"
    return to_ascii(written) if ascii_only else written


def wrap(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken at spaces only; a longer word stays whole."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _block_lines(block: Block, width: int) -> list[str]:
    if isinstance(block, Table):
        return table_lines(block, width)
    if isinstance(block, Paragraph):
        return [line for text in block.text.split("\n") for line in wrap(text, width)]
    return wrap(f"Picture (with --format html): {block.caption}", width)


def table_lines(table: Table, width: int) -> list[str]:
    """Return the lines of a table that is to take at most `width` columns."""
    columns = _columns(table)
    natural = [max(1, *map(cell_len, column)) for column in columns]
    least = [
        max(min(natural[i], PROSE), *(cell_len(word) for cell in column for word in cell.split()), 1)
        if i in table.prose
        else natural[i]
        for i, column in enumerate(columns)
    ]
    room = width - GAP * len(columns) - 1
    if columns and sum(least) <= room:
        return _columns_lines(table, _shrink(natural, least, room))
    kept = [i for i in range(len(columns)) if i not in table.prose]
    narrow = sum(natural[i] for i in kept) + GAP * len(kept) + 1
    if table.prose and kept and max(narrow, PROSE + 10) <= width:
        return _annotated_lines(table, kept, width)
    return _stacked_lines(table, width)


def _columns(table: Table) -> list[tuple[str, ...]]:
    return list(zip(table.columns, *table.all_rows, strict=True))


def _shrink(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return the widths of the columns, the widest ones made smaller until all fit into `room`."""
    widths = list(natural)
    while sum(widths) > room:
        widest = max((i for i, w in enumerate(widths) if w > least[i]), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _columns_lines(table: Table, widths: Sequence[int]) -> list[str]:
    whole = sum(widths) + GAP * len(widths) - 1
    lines = [*wrap(table.title, whole + 2), ""] if table.title else []
    lines += [*_row_lines(table, table.columns, widths), " " + "─" * whole]
    for row in table.rows:
        lines += _row_lines(table, row, widths)
    if table.total:
        lines += ["", *_row_lines(table, table.total, widths)]
    return lines


def _row_lines(table: Table, row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the lines of one row: as many as its longest cell takes."""
    cells = [
        [cell] if cell_len(cell) <= width else wrap(cell, width)
        for cell, width in zip(row, widths, strict=True)
    ]
    lines = []
    for i in range(max(map(len, cells), default=0)):
        line = " "
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            text = cell[i] if i < len(cell) else ""
            blank = " " * (width - cell_len(text))
            line += f" {blank}{text} " if column in table.numbers else f" {text}{blank} "
            line += " "
        lines.append(line.rstrip())
    return lines


def _annotated_lines(table: Table, kept: Sequence[int], width: int) -> list[str]:
    """Return the table without its prose, which stands in lines of its own below each row."""
    narrow = Table(
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
        title=table.title,
        numbers=tuple(place for place, i in enumerate(kept) if i in table.numbers),
        total=tuple(table.total[i] for i in kept) if table.total else None,
    )
    widths = [max(1, *map(cell_len, column)) for column in _columns(narrow)]
    drawn = _columns_lines(narrow, widths)
    start = 1 + next(i for i, line in enumerate(drawn) if set(line.strip()) == {"─"})
    lines = drawn[:start]
    body = iter(drawn[start:])
    for i, row in enumerate(table.all_rows):
        if i == len(table.rows):
            lines.append(next(body, ""))  # the gap above the total
        lines.append(next(body, ""))
        for place in table.prose:
            if row[place]:
                said = wrap(f"{table.columns[place]}: {row[place]}", width - 6)
                lines += [f"      {line}" for line in said]
    return lines


def _stacked_lines(table: Table, width: int) -> list[str]:
    blocks = [[table.title]] if table.title else []
    label_width = max(map(cell_len, table.columns), default=0) + 1
    for row in table.all_rows:
        lines = []
        for i, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if not cell:
                continue
            label = f"{column}:" if column else ""
            start = "  " + label + " " * (label_width - cell_len(label) + 1)
            values = wrap(cell, width - cell_len(start)) if i in table.prose else [cell]
            lines += [start + values[0], *(" " * cell_len(start) + value for value in values[1:])]
        blocks.append(lines)
    return "\n\n".join("\n".join(block) for block in blocks).split("\n")
