"""A table as lines of text of a given width."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size

from app.show.document import Table
from app.show.styles import BOLD, Paint, unpainted, verdict_style

PROSE = 20
"""A column of prose is made no narrower than this."""
LEAST = 6
"""Any column is made as narrow as this, at a terminal where nothing else helps."""
GAP = 3
"""Columns of the terminal between two columns of a table."""


@dataclass(frozen=True)
class Terminal:
    """How tables are shown where they must not be wider than the screen."""

    paint: Paint = unpainted
    elsewhere: str = "a wider terminal has them"
    """Where the columns are that are left out."""


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


def fold(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken at spaces, and where a word is longer within it.

    >>> fold("efficientnet_lite0 by pip", 10)
    ['efficientn', 'et_lite0', 'by pip']
    """
    words = [piece for word in text.split() for piece in _pieces(word, width)]
    return wrap(" ".join(words), width)


def _pieces(word: str, width: int) -> list[str]:
    if cell_len(word) <= width:
        return [word]
    ends = list(accumulate(map(get_character_cell_size, word)))
    last = max(1, sum(end <= width for end in ends))
    return [word[:last], *_pieces(word[last:], width)]


def table_lines(table: Table, width: int, terminal: Terminal | None = None) -> list[str]:
    """Return the lines of a table that is to take at most `width` columns.

    At a terminal the columns that are needed least are left out until the rest fits, and a line below says which.
    """
    if terminal is None:
        return _lines(table, width) or _narrow_lines(table, width)
    for count in range(len(table.expendable) + 1):
        left_out = table.expendable[:count]
        lines = _lines(_without(table, left_out), width, terminal)
        if lines:
            break
    else:
        if len(table.all_rows) == 1:
            return _stacked_lines(table, width)
        lines = _fitted_lines(_without(table, left_out), width, terminal.paint)
    if left_out:
        names = ", ".join(table.columns[i] for i in sorted(left_out))
        lines += ["", *wrap(f"not shown at this width: {names}; {terminal.elsewhere}", width)]
    return lines


def _lines(table: Table, width: int, terminal: Terminal | None = None) -> list[str]:
    """Return the table with a line for each row, its prose broken at spaces; [] where that does not fit.

    At a terminal its heads are broken at spaces, too.
    """
    columns = _columns(table)
    natural = [max(1, *map(cell_len, column)) for column in columns]
    least = [
        max(min(natural[i], PROSE), *(cell_len(word) for cell in column for word in cell.split()), 1)
        if i in table.prose
        else _least(column)
        if terminal
        else natural[i]
        for i, column in enumerate(columns)
    ]
    room = width - GAP * len(columns) - 1
    if columns and sum(least) <= room:
        paint = terminal.paint if terminal else unpainted
        return _columns_lines(table, _shrink(natural, least, room), paint)
    return []


def _least(column: Sequence[str]) -> int:
    """Return the width of a column with its head broken at spaces."""
    head, *cells = column
    return max(1, *map(cell_len, cells), *map(cell_len, head.split()))


def _narrow_lines(table: Table, width: int) -> list[str]:
    """Return the table with its prose below each row, or each row as a block of lines."""
    kept = _beside_prose(table, width)
    return _annotated_lines(table, kept, width, unpainted) if kept else _stacked_lines(table, width)


def _beside_prose(table: Table, width: int) -> list[int]:
    """Return the columns beside the prose if these fit, and [] if not."""
    columns = _columns(table)
    kept = [i for i in range(len(columns)) if i not in table.prose]
    narrow = sum(max(1, *map(cell_len, columns[i])) for i in kept) + GAP * len(kept) + 1
    return kept if table.prose and max(narrow, PROSE + 10) <= width else []


def _fitted_lines(table: Table, width: int, paint: Paint) -> list[str]:
    """Return the table in a width that is too small for it: its prose below each row, or its cells folded."""
    kept = _beside_prose(table, width)
    if kept:
        return _annotated_lines(table, kept, width, paint)
    natural = [max(1, *map(cell_len, column)) for column in _columns(table)]
    room = width - GAP * len(natural) - 1
    least = [min(n, LEAST) for n in natural]
    return _columns_lines(table, _shrink(natural, least, max(room, sum(least))), paint)


def _without(table: Table, left_out: Sequence[int]) -> Table:
    """Return the table without some of its columns."""
    return _with_only(table, [i for i in range(len(table.columns)) if i not in left_out])


def _with_only(table: Table, kept: Sequence[int]) -> Table:
    def cells(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[i] for i in kept)

    return replace(
        table,
        columns=cells(table.columns),
        rows=tuple(map(cells, table.rows)),
        numbers=tuple(place for place, i in enumerate(kept) if i in table.numbers),
        prose=tuple(place for place, i in enumerate(kept) if i in table.prose),
        expendable=(),
        total=cells(table.total) if table.total else None,
    )


def _columns(table: Table) -> list[tuple[str, ...]]:
    return list(zip(table.columns, *table.all_rows, strict=True))


def _shrink(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return the widths of the columns, the widest ones made smaller until all fit into `room`."""
    widths = list(natural)
    while sum(widths) > room:
        widest = max((i for i, w in enumerate(widths) if w > least[i]), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _columns_lines(table: Table, widths: Sequence[int], paint: Paint) -> list[str]:
    whole = sum(widths) + GAP * len(widths) - 1
    lines = [*(paint(line, BOLD) for line in wrap(table.title, whole + 2)), ""] if table.title else []
    lines += [paint(line, BOLD) for line in _row_lines(table, table.columns, widths)] + [" " + "─" * whole]
    for row in table.rows:
        lines += _row_lines(table, row, widths, paint)
    if table.total:
        lines += ["", *(paint(line, BOLD) for line in _row_lines(table, table.total, widths))]
    return lines


def _row_lines(
    table: Table, row: Sequence[str], widths: Sequence[int], paint: Paint = unpainted
) -> list[str]:
    """Return the lines of one row: as many as its longest cell takes."""
    cells = [
        [cell] if cell_len(cell) <= width else fold(cell, width)
        for cell, width in zip(row, widths, strict=True)
    ]
    styles = [verdict_style(cell) for cell in row]
    lines = []
    for i in range(max(map(len, cells), default=0)):
        line = " "
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            text = cell[i] if i < len(cell) else ""
            blank = " " * (width - cell_len(text))
            shown = paint(text, styles[column]) if styles[column] else text
            line += f" {blank}{shown} " if column in table.numbers else f" {shown}{blank} "
            line += " "
        lines.append(line.rstrip())
    return lines


def _annotated_lines(table: Table, kept: Sequence[int], width: int, paint: Paint) -> list[str]:
    """Return the table without its prose, which stands in lines of its own below each row."""
    narrow = _with_only(table, kept)
    widths = [max(1, *map(cell_len, column)) for column in _columns(narrow)]
    drawn = _columns_lines(narrow, widths, paint)
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
