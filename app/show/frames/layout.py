"""Where the grids, signs and words of a step lie on paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.show.canvas import INK
from app.show.frames.cells import Cells, header_room
from app.show.frames.frame import Frame, Grid, Part, number_text
from app.show.frames.shapes import LETTERS, QUIET, SMALL, TITLE, Shape, Sheet, Slant, Words, text_width, wrap
from app.show.frames.words import has_numbers, signs_of
from app.untrusted.text import visible

MARGIN, GAP, CELL, PICTURE = 16.0, 16.0, 26.0, 210.0
"""Points: around everything, between grids, the least side of a cell, the longer side of a large grid."""
MOST_WIDTH, PROSE = 760.0, 460.0
"""Points: of a row of grids, and what the working may widen a step to."""
LEADING = 1.35
LONG = 3
"""Letters of a sign that is written large."""
WORDS = {
    "window": "thick blue line: the window",
    "result": "double orange line: the result",
    "chosen": "ring: the cell that decides",
    "border": "slanted lines: zeros around the map",
    "unknown": "light grey, empty: not calculated yet",
}


def lay_out(
    frame: Frame, title: str, heading: str = "", legend: Sequence[str] | None = None, least: float = 0.0
) -> Sheet:
    """Return a step as shapes.

    Args:
        frame: the step.
        title: what stands above it.
        heading: which step it is, as `Step 2 of 9: row 0, column 1`; without it the frame's own title.
        legend: sentences about the outlines; without them, those that the frame needs.
        least: points that the sheet is wide at least.
    """
    rows = _rows_of(frame.parts)
    legend = legend_of(frame.grids) if legend is None else legend
    prose = max((text_width(visible(line), LETTERS) for line in frame.working), default=0.0)
    room = max(PROSE / 2, min(prose, PROSE), *(_width(row) for row in rows), least - 2 * MARGIN)
    shapes: list[Shape] = []
    y = MARGIN
    for text, size, colour, is_bold in (
        (title, TITLE, INK, True),
        (frame.section, LETTERS, QUIET, False),
        (heading or frame.title, LETTERS, INK, False),
    ):
        y = _paragraph(shapes, text, y, size, room, colour, is_bold) if text else y
    y += GAP / 2
    for row in rows:
        height = max(block.height for block in row)
        x = MARGIN
        for block in row:
            shapes += block.shapes_at(x, y + (height - block.height) / 2)
            x += block.width + GAP
        y += height + GAP
    for line in frame.working:
        y = _paragraph(shapes, line, y, LETTERS, room)
    if legend:
        y += GAP / 2
        y = _paragraph(shapes, "; ".join(legend), y, SMALL, room, QUIET)
    return Sheet(room + 2 * MARGIN, y + MARGIN, tuple(shapes))


def legend_of(grids: Iterable[Grid]) -> list[str]:
    """Return what the outlines mean, those that occur."""
    return [WORDS[sign] for sign in signs_of(grids)]


def _paragraph(
    shapes: list[Shape],
    text: str,
    y: float,
    size: float,
    room: float,
    colour: str = INK,
    is_bold: bool = False,
) -> float:
    """Add a text, and return where what is below it begins."""
    for line in wrap(text, size, room, is_bold):
        shapes.append(Words(MARGIN, y + size * LEADING / 2, line, size, colour, is_bold, is_centred=False))
        y += size * LEADING
    return y + size * 0.25


@dataclass(frozen=True)
class Block:
    """A grid or a sign, and the room that it takes."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    """At their places in a block at (0, 0)."""
    is_sign: bool = False

    def shapes_at(self, x: float, y: float) -> Iterator[Shape]:
        """Give the shapes of the block at a place."""
        for shape in self.shapes:
            if isinstance(shape, Slant):
                (x1, y1), (x2, y2) = shape.start, shape.end
                yield Slant((x1 + x, y1 + y), (x2 + x, y2 + y))
            else:
                yield type(shape)(**{**vars(shape), "x": shape.x + x, "y": shape.y + y})


def _width(row: Sequence[Block]) -> float:
    return sum(block.width for block in row) + GAP * (len(row) - 1)


def _rows_of(parts: Sequence[Part]) -> list[list[Block]]:
    """Return the parts in rows that are not too wide; a sign goes to the next row with what follows it."""
    rows: list[list[Block]] = [[]]
    for part in parts:
        block = _sign_block(part) if isinstance(part, str) else _grid_block(part)
        row = rows[-1]
        signs = [row[-1]] if row and row[-1].is_sign else []
        if not block.is_sign and len(row) > len(signs) and _width([*row, block]) > MOST_WIDTH:
            rows[-1] = row[: len(row) - len(signs)]
            rows.append(signs)
        rows[-1].append(block)
    return [row for row in rows if row]


def _sign_block(sign: str) -> Block:
    text = visible(sign)
    size = 1.5 * LETTERS if len(text) <= LONG else LETTERS
    width = text_width(text, size)
    return Block(width, size, (Words(width / 2, size / 2, text, size, QUIET),), is_sign=True)


def _grid_block(grid: Grid) -> Block:
    """Return a grid below its caption; the numbers of its rows and columns beside it, where it has numbers."""
    is_small = has_numbers(grid.rows, grid.columns)
    texts = (
        {
            (row, column): number_text(grid.value(row, column))
            for row in range(grid.rows)
            for column in range(grid.columns)
        }
        if is_small
        else {}
    )
    if is_small:
        width = max(CELL, *(text_width(text, LETTERS) + 9 for text in texts.values()))
        height = CELL
    else:
        width = height = PICTURE / max(grid.rows, grid.columns)
        width, height = max(width, 8 / grid.columns), max(height, 8 / grid.rows)
    has_rows, has_columns = is_small and grid.rows > 1, is_small and grid.columns > 1
    left = header_room(grid) if has_rows else 0.0
    whole = max(left + width * grid.columns, 80.0)
    shapes: list[Shape] = []
    y = 0.0
    for text, colour in ((grid.caption, INK), (grid.note, QUIET)):
        for line in wrap(text, 0.9 * LETTERS, max(whole, 120.0)) if text else ():
            shapes.append(Words(0, y + 0.6 * LETTERS, line, 0.9 * LETTERS, colour, is_centred=False))
            whole = max(whole, text_width(line, 0.9 * LETTERS))
            y += 1.2 * LETTERS
    y += 2.0 * SMALL if has_columns else 0.5 * LETTERS
    frame = Cells(grid, left, y, width, height)
    shapes += frame.headers(has_rows, has_columns)
    shapes += frame.shapes(texts)
    whole = max(
        left + width * grid.columns + 2,
        max(
            (text_width(s.text, s.size) for s in shapes if isinstance(s, Words) and not s.is_centred),
            default=0.0,
        ),
    )
    return Block(whole, y + height * grid.rows + 3, tuple(shapes))
