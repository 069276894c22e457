"""A walk as text for a terminal: grids side by side, the window in brackets, the working below."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from app.show.frames.frame import Frame, Grid, Part, Place, Walk, number_text
from app.show.frames.words import MEANINGS, ROLES, has_numbers, sections_of, signs_of, span_text, step_title
from app.show.signs import to_ascii
from app.untrusted.text import visible

MOST_STEPS = 12
"""A walk of more steps is written in part."""
MOST_ROWS = 12
"""A grid of more rows is cropped."""
LEAST, AROUND = 7, 2
"""Cells that a crop has at least, and that it shows around what is marked."""
NARROWEST = 24
"""Columns of a terminal that a walk needs."""
CAPTION = 24
"""Columns that a caption may take above a grid that is narrower."""
GAP = 2
SIGNS = {"window": "[ ]", "result": "* *", "chosen": "< >", "border": "'0", "unknown": "."}


def write_text(walk: Walk, width: int, everything: bool = False, ascii_only: bool = False) -> str:
    """Return a walk as text; of more than 12 steps the first, the last and one of each section are written.

    Args:
        walk: what is written.
        width: columns of the terminal; no line is longer.
        everything: write all steps.
        ascii_only: write only signs that every terminal has.
    """
    width = max(width, NARROWEST)
    say = _ascii if ascii_only else visible
    shown = _chosen_steps(walk, everything)
    headings = {index: name for name, index in sections_of(walk)}
    paragraphs = [wrap(say(walk.title), width), *(wrap(say(text), width) for text in walk.introduction)]
    paragraphs.append(_legend([grid for index in shown for grid in walk.frames[index].grids], width))
    for before, index in zip([-1, *shown], shown, strict=False):
        if index in headings:
            paragraphs.append(_heading(say(headings[index]), width))
        if index > before + 1 and index not in headings:
            paragraphs.append([f"({_steps(index - before - 1)} left out)"])
        title = say(step_title(walk.frames[index].title, index, len(walk.frames)))
        paragraphs += _frame_paragraphs(_said(walk.frames[index], say), title, width)
    if len(shown) < len(walk.frames):
        left_out = len(walk.frames) - len(shown)
        sentence = (
            f"{_steps(left_out)} of {len(walk.frames)} are left out here; --output steps.html writes a page"
        )
        paragraphs.append(wrap(f"{sentence} with all of them.", width))
    paragraphs += [wrap(say(text), width) for text in walk.conclusion]
    written = "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"
    return to_ascii(written) if ascii_only else written


def _ascii(text: str) -> str:
    return to_ascii(visible(text))


def _steps(count: int) -> str:
    return f"{count} step" if count == 1 else f"{count} steps"


def _chosen_steps(walk: Walk, everything: bool) -> list[int]:
    """Return the steps that are written: all, or the first, the last and the first of each section."""
    count = len(walk.frames)
    if everything or count <= MOST_STEPS:
        return list(range(count))
    return sorted({0, count - 1, *(index for _, index in sections_of(walk))})


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return lines of at most `width` columns, broken at spaces where there are any; later lines are indented."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1].strip():
            lines.append(indent)
        for character in word:
            if cell_len(lines[-1] + character) > width:
                lines.append(indent)
            lines[-1] += character
    return lines


def _heading(name: str, width: int) -> list[str]:
    lines = wrap(name, width)
    return [*lines, "─" * max(map(cell_len, lines))]


def _legend(grids: Sequence[Grid], width: int) -> list[str]:
    """Return what the signs mean, those that occur."""
    return [
        line
        for sign in signs_of(grids)
        for line in wrap(f"{SIGNS[sign]:<4} {MEANINGS[sign]}", width, " " * 5)
    ]


def _said(frame: Frame, say: Callable[[str], str]) -> Frame:
    """Return a frame whose texts a terminal can show."""
    parts = tuple(
        say(part) if isinstance(part, str) else replace(part, caption=say(part.caption), note=say(part.note))
        for part in frame.parts
    )
    return replace(frame, parts=parts, working=tuple(map(say, frame.working)))


def _frame_paragraphs(frame: Frame, title: str, width: int) -> list[list[str]]:
    lines = [line for text in frame.working for line in wrap(f"  {text}", width, "    ")]
    return [wrap(title, width), *(_side_by_side(row) for row in _rows_of(frame.parts, width)), lines]


@dataclass(frozen=True)
class Block:
    """A grid or a sign, as lines."""

    head: tuple[str, ...]
    body: tuple[str, ...]
    is_sign: bool = False

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return max(map(cell_len, (*self.head, *self.body)))


def _rows_of(parts: Sequence[Part], width: int) -> list[list[Block]]:
    """Return the parts as blocks, in rows that fit; a sign goes to the next row with what follows it."""
    rows: list[list[Block]] = [[]]
    for part in parts:
        row = rows[-1]
        signs = row[len(row) - _trailing_signs(row) :]
        if isinstance(part, str):
            block = Block((), tuple(wrap(part, CAPTION)), is_sign=True)
            signs = []
        else:
            if signs and width - _width(signs) < NARROWEST // 2:  # no room for a grid beside them
                signs = []
            block = grid_block(part, width - (_width(signs) + GAP if signs else 0))
        if len(row) > len(signs) and _width(row) + GAP + block.width > width:
            rows[-1] = row[: len(row) - len(signs)]
            rows.append(signs)
        rows[-1].append(block)
    return [row for row in rows if row]


def _trailing_signs(row: Sequence[Block]) -> int:
    """Return how many signs stand behind the last grid of a row."""
    return next((i for i, block in enumerate(reversed(row)) if not block.is_sign), len(row))


def _width(row: Sequence[Block]) -> int:
    return sum(block.width for block in row) + GAP * (len(row) - 1)


def _side_by_side(row: Sequence[Block]) -> list[str]:
    """Return the lines of a row: captions end at one height, signs stand at the middle of the lowest grid."""
    head = max(len(block.head) for block in row)
    heights = [len(block.body) for block in row if not block.is_sign]
    middle = (min(heights, default=1) - 1) // 2
    columns = []
    for block in row:
        above = [""] * (middle if block.is_sign else 0)
        columns.append([*[""] * (head - len(block.head)), *block.head, *above, *block.body])
    lines = []
    for number in range(max(map(len, columns))):
        line = ""
        for column, block in zip(columns, row, strict=True):
            text = column[number] if number < len(column) else ""
            line += text + " " * (block.width - cell_len(text) + GAP)
        lines.append(line.rstrip())
    return lines


def grid_block(grid: Grid, width: int) -> Block:
    """Return a grid as lines of at most `width` columns.

    A large one in which nothing is pointed at is drawn in shades. What does not fit is cropped around the marks; a grid
    of one row is folded where that takes few lines.
    """
    if _is_picture(grid, width):
        head = [line for text in (grid.caption, grid.note) if text for line in wrap(text, width)]
        return Block(tuple(head), tuple(_shaded(grid)))
    texts = _cell_texts(grid)
    cell = max(map(len, texts.values()))
    fitting = max(1, width // (cell + GAP))
    if grid.rows == 1 and fitting < grid.columns <= MOST_ROWS * fitting // 2:
        rows, columns = range(1), range(grid.columns)
        body = _folded(grid, texts, cell, width)
    else:
        rows, columns = _crop(grid, fitting)
        cell = max(len(texts[row, column]) for row in rows for column in columns)
        body = [_line(grid, row, columns, texts, cell) for row in rows]
    room = min(width, max(CAPTION, *(len(line) for line in body)))
    notes = [note for note in (grid.note, _crop_text(grid, rows, columns)) if note]
    head = [line for text in (grid.caption, *notes) if text for line in wrap(text, room)]
    return Block(tuple(head), tuple(body))


SHADES = " .:-=+*#%@"
"""From 0 to the strongest value, whatever its sign."""


def _is_picture(grid: Grid, width: int) -> bool:
    """Return whether a grid is too large for its numbers, nothing is pointed at in it, and it fits when drawn."""
    is_whole = not grid.marks and (grid.shown is None or grid.shown >= grid.rows * grid.columns)
    is_large = not has_numbers(grid.rows, grid.columns)
    return is_whole and is_large and 2 * grid.columns <= width and grid.rows <= grid.columns * 2


def _shaded(grid: Grid) -> Iterable[str]:
    """Return a grid as rows of signs, two for each number, which are about as high as they are wide."""
    for row in grid.values:
        shares = [min(abs(value or 0.0) / grid.strongest, 1.0) for value in row]
        yield "".join(2 * SHADES[round(share * (len(SHADES) - 1))] for share in shares).rstrip()


def _cell_texts(grid: Grid) -> dict[Place, str]:
    """Return what stands in each cell; what one cell is marked with, the others have room for."""
    around = {"result": ("*", "*"), "chosen": ("<", ">")}
    marked = {cell: around[role] for role in ROLES if role in around for cell in grid.cells_of(role)}
    plain = (" ", " ") if marked else ("", "")
    texts = {}
    for row in range(grid.rows):
        for column in range(grid.columns):
            value = grid.value(row, column)
            is_border = grid.is_border(row, column)
            text = ("" if is_border else ".") if value is None else number_text(value)
            text = f"'{text}" if is_border and text else text
            left, right = marked.get((row, column), plain)
            texts[row, column] = left + text + right
    return texts


def _line(grid: Grid, row: int, columns: Sequence[int], texts: dict[Place, str], cell: int) -> str:
    """Return cells of one row; neighbours in the window share a pair of brackets."""
    window = {column for column in columns if (row, column) in grid.cells_of("window")}
    line = ""
    for column in columns:
        left = "[" if column in window and column - 1 not in window else " "
        right = "]" if column in window and column + 1 not in window else " "
        line += left + texts[row, column].rjust(cell) + right
    return line


def _folded(grid: Grid, texts: dict[Place, str], cell: int, width: int) -> list[str]:
    """Return a grid of one row in several lines, each with the number of its first column."""
    label = len(number_text(grid.in_map(0, grid.columns - 1)[1])) + 1
    most = max(1, (width - label) // (cell + GAP))
    lines = []
    for start in range(0, grid.columns, most):
        columns = range(start, min(start + most, grid.columns))
        first = number_text(grid.in_map(0, start)[1])
        lines.append(f"{first}:".rjust(label) + _line(grid, 0, columns, texts, cell))
    return lines


def _crop(grid: Grid, fitting: int) -> tuple[range, range]:
    """Return the rows and columns that are shown: all, or those around the marked cells."""
    marked = sorted(set().union(*map(grid.cells_of, ROLES))) or [(0, 0)]
    best = sorted(grid.cells_of("result") | grid.cells_of("chosen")) or marked
    return (
        _span(grid.rows, [row for row, _ in marked], [row for row, _ in best], MOST_ROWS),
        _span(grid.columns, [column for _, column in marked], [column for _, column in best], fitting),
    )


def _span(count: int, marked: Iterable[int], best: Iterable[int], most: int) -> range:
    if count <= most:
        return range(count)
    first, last = min(marked := list(marked)), max(marked)
    if last - first + 1 > most:
        first, last = min(best := list(best)), max(best)
    if last - first + 1 > most:
        return range(first, first + most)
    size = min(most, max(LEAST, last - first + 1 + 2 * AROUND))
    start = min(max(0, (first + last + 1 - size) // 2), count - size)
    return range(start, start + size)


def _crop_text(grid: Grid, rows: range, columns: range) -> str:
    """Return which rows and columns of the map are shown, where some are not."""
    above, below, left, right = grid.border
    said = []
    for axis, (word, shown, count, before, after) in enumerate(
        (("row", rows, grid.rows, above, below), ("column", columns, grid.columns, left, right))
    ):
        if len(shown) == count:
            continue
        inside = [number - before for number in shown if before <= number < count - after]
        first = grid.first[axis]
        text = span_text(word, inside[0] + first, inside[-1] + first) if inside else "the border"
        said.append(text if first or grid.note else f"{text} of {count - before - after}")
    return ", ".join(said)
