"""One step as HTML without a script: the elements that `page_script` makes, attribute by attribute.

A grid of few numbers is a table with headers, a large one a picture in SVG. `page_script` makes the same elements
in the browser; a test compares the two.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from app.show.frames.frame import Place, number_text, rectangle
from app.show.frames.words import has_numbers, span_text, step_title

Plain = dict[str, Any]
LEVELS = 24
"""Shades of a picture's colour."""
LONG = 3
"""Letters of a sign that is written large."""
SPELLED = {"NaN": "nan", "Infinity": "inf", "-Infinity": "−inf"}
DEEP, MIDDLE = 0.537, 0.463
"""Shares of ink above which black letters are no longer read, and below which white ones are not yet, 4.5 : 1."""


def frame_html(data: Plain, index: int) -> str:
    """Return the heading, grids and working of a step.

    Args:
        data: the walk, from `plain_walk`.
        index: the step, from 0.
    """
    frame = data["frames"][index]
    title = step_title(frame["title"], index, len(data["frames"]))
    parts = "".join(_parts(frame["parts"], data["numbers"]))
    working = "".join(f"<p>{escape(line)}</p>" for line in frame["working"])
    return (
        f'<p class="section">{escape(frame["section"])}</p><h2>{escape(title)}</h2>'
        f'<div class="parts">{parts}</div><div class="working">{working}</div>'
    )


def _parts(parts: Sequence[Plain | str], numbers: list[Any]) -> Iterator[str]:
    """Give the grids; a sign stays beside the grid behind it."""
    signs = ""
    for part in parts:
        if isinstance(part, str):
            signs += _part(part, numbers)
        elif signs:
            yield f'<div class="pair">{signs}{_part(part, numbers)}</div>'
            signs = ""
        else:
            yield _part(part, numbers)
    yield signs


def _part(part: Plain | str, numbers: list[Any]) -> str:
    if isinstance(part, str):
        kind = "sign" if len(part) <= LONG else "sign long"
        return f'<span class="{kind}">{escape(part)}</span>'
    values = numbers[part["numbers"]]
    note = f'<span class="note">{escape(part["note"])}</span>' if part.get("note") else ""
    caption = f"<figcaption>{escape(part['caption'])}{note}</figcaption>"
    is_table = has_numbers(len(values), len(values[0]))
    body = _table(part, values) if is_table else _picture(part, values)
    return f'<figure class="grid">{caption}<div class="scroll">{body}</div></figure>'


def cells_of(mark: Plain, rows: int, columns: int) -> list[Place]:
    """Return the cells of a plain mark that lie in the grid."""
    if "window" in mark:
        row, column, height, width, down, right = mark["window"]
        cells: Iterable[Place] = rectangle(row, column, height, width, (down, right))
    else:
        cells = [(row, column) for row, column in mark["cells"]]
    return [(row, column) for row, column in cells if 0 <= row < rows and 0 <= column < columns]


def _marked(part: Plain, rows: int, columns: int) -> dict[str, set[Place]]:
    found: dict[str, set[Place]] = {"window": set(), "result": set(), "chosen": set()}
    for mark in part.get("marks", ()):
        found[mark["role"]].update(cells_of(mark, rows, columns))
    return found


def _known(part: Plain, values: Sequence[Sequence[Any]], row: int, column: int) -> Any:
    shown = part.get("shown")
    return None if shown is not None and row * len(values[0]) + column >= shown else values[row][column]


def _share(part: Plain, value: Any) -> float:
    """Return how strong a cell's colour is, 0…1."""
    if isinstance(value, str):
        return 0.0 if value == "NaN" else 1.0
    if part["tone"] == "plain" or (part["tone"] == "grey" and value < 0):
        return 0.0
    return min(1.0, abs(value) / part["largest"])


def _hue(part: Plain, value: Any) -> str:
    if part["tone"] == "signed":
        is_below = value == "-Infinity" if isinstance(value, str) else value < 0
        return "neg" if is_below else "pos"
    return "ink" if part["tone"] == "grey" else "plain"


def _is_border(part: Plain, rows: int, columns: int, row: int, column: int) -> bool:
    above, below, left, right = part.get("border", (0, 0, 0, 0))
    return not (above <= row < rows - below and left <= column < columns - right)


def _header(part: Plain, axis: int, number: int, count: int) -> str:
    """Return the number of a row or column in the whole map; the border has none."""
    before, after = part.get("border", (0, 0, 0, 0))[2 * axis : 2 * axis + 2]
    scope = ("row", "col")[axis]
    if before <= number < count - after:
        text = number_text(number - before + part.get("first", (0, 0))[axis])
        if count == 1:  # nobody needs to see it
            text = f'<span class="sr">{text}</span>'
    else:
        text = '<span class="sr">border</span>'
    return f'<th scope="{scope}">{text}</th>'


def _table(part: Plain, values: Sequence[Sequence[Any]]) -> str:
    rows, columns = len(values), len(values[0])
    marked = _marked(part, rows, columns)
    head = "".join(_header(part, 1, column, columns) for column in range(columns))
    lines = []
    for row in range(rows):
        cells = "".join(_cell(part, values, marked, row, column) for column in range(columns))
        lines.append(f"<tr>{_header(part, 0, row, rows)}{cells}</tr>")
    return (
        f'<table class="cells {part["tone"]}" style="--n:{_letters(values)}" aria-label="{escape(_name(part))}">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _letters(values: Sequence[Sequence[Any]]) -> int:
    """Return how long the longest number is: all columns are as wide, and do not change from step to step."""
    return max((len(_text(value)) for row in values for value in row if value is not None), default=1)


def _text(value: Any) -> str:
    return SPELLED.get(value) or number_text(value)


def _name(part: Plain) -> str:
    return part["caption"] or "Numbers"


def _cell(
    part: Plain, values: Sequence[Sequence[Any]], marked: dict[str, set[Place]], row: int, column: int
) -> str:
    value = _known(part, values, row, column)
    classes, said, share = [], [], 0.0
    if value is None:
        classes.append("unknown")
        said.append("empty")
    else:
        share = _share(part, value)
        classes.append(_hue(part, value))
        if part["tone"] == "grey" and share > MIDDLE:
            classes.append("deep" if share > DEEP else "middle")
        if _is_border(part, len(values), len(values[0]), row, column):
            classes.append("edge")
            said.append("border")
    for role, cells in marked.items():
        if (row, column) in cells:
            classes.append(role)
            said.append(role)
            if role == "window":
                classes += _open_sides(cells, row, column)
    number = "" if value is None else f'<span class="n">{_text(value)}</span>'
    words = f'<span class="sr"> {", ".join(said)}</span>' if said else ""
    return f'<td class="{" ".join(classes)}" style="--s:{_rounded(share * 100)}%">{number}{words}</td>'


def _rounded(number: float) -> int:
    return math.floor(number + 0.5)


def _open_sides(cells: set[Place], row: int, column: int) -> list[str]:
    """Return at which sides a cell has no neighbour in a mark."""
    beside = (
        ("wt", row - 1, column),
        ("wr", row, column + 1),
        ("wb", row + 1, column),
        ("wl", row, column - 1),
    )
    return [side for side, *neighbour in beside if tuple(neighbour) not in cells]


def _picture(part: Plain, values: Sequence[Sequence[Any]]) -> str:
    rows, columns = len(values), len(values[0])
    marked = _marked(part, rows, columns)
    outlines = "".join(
        f'<path class="{kind}" d="{outline(cells)}"></path>'
        for role, cells in marked.items()
        if cells
        for kind in ("halo", role, *(["core"] if role == "result" else []))
    )
    shape, size = picture_shape(rows, columns)
    return (
        f'<svg class="picture {part["tone"]} {shape}" style="--w:{size}" viewBox="0 0 {columns} {rows}" '
        f'preserveAspectRatio="none" role="img" aria-label="{escape(picture_label(part, values, marked))}">'
        f'<g class="shades">{_shades(part, values)}</g>{_inner(part, rows, columns)}'
        f'<g class="outlines">{outlines}</g></svg>'
    )


def picture_shape(rows: int, columns: int) -> tuple[str, str]:
    """Return how a picture lies, and its width as a share of the usual one."""
    if columns > 8 * rows:
        return "strip", "1"
    if rows > 8 * columns:
        return "pole", "0.1"
    return "whole", f"{_rounded(100 * min(1.0, columns / rows)) / 100:g}"


def _shades(part: Plain, values: Sequence[Sequence[Any]]) -> str:
    """Return the cells, those of one shade as one path, a rectangle for each run in a row."""
    paths: dict[tuple[str, int], list[str]] = {}
    for row in range(len(values)):
        run: tuple[str, int] | None = None
        start = 0
        for column in range(len(values[0]) + 1):
            value = _known(part, values, row, column) if column < len(values[0]) else None
            shade = None if value is None else (_hue(part, value), _rounded(_share(part, value) * LEVELS))
            if shade != run:
                if run is not None:
                    length = column - start
                    paths.setdefault(run, []).append(f"M{start} {row}h{length}v1h-{length}z")
                run, start = shade, column
    return "".join(
        f'<path class="{hue}" style="--s:{_rounded(100 * level / LEVELS)}%" d="{"".join(runs)}"></path>'
        for (hue, level), runs in paths.items()
    )


def _inner(part: Plain, rows: int, columns: int) -> str:
    """Return a dashed line around the cells that are no border, where there is one."""
    above, below, left, right = part.get("border", (0, 0, 0, 0))
    if not above + below + left + right:
        return ""
    d = f"M{left} {above}H{columns - right}V{rows - below}H{left}z"
    return f'<path class="inner" d="{d}"></path>'


def outline(cells: set[Place]) -> str:
    """Return the lines around cells as the path of an SVG picture.

    >>> outline({(0, 0)})
    'M0 0h1M1 0v1M0 1h1M0 0v1'
    """
    lines = {"wt": "M{c} {r}h1", "wr": "M{e} {r}v1", "wb": "M{c} {f}h1", "wl": "M{c} {r}v1"}
    return "".join(
        lines[side].format(r=row, c=column, e=column + 1, f=row + 1)
        for row, column in sorted(cells)
        for side in _open_sides(cells, row, column)
    )


def picture_label(part: Plain, values: Sequence[Sequence[Any]], marked: dict[str, set[Place]]) -> str:
    """Return what stands for the picture of a grid, for those who do not see it."""
    said = [f"{_name(part)}: {len(values)} rows, {len(values[0])} columns, drawn as a picture"]
    above, _, left, _ = part.get("border", (0, 0, 0, 0))
    top, side = part.get("first", (0, 0))
    for role, cells in marked.items():
        if not cells:
            continue
        rows = [row - above + top for row, _ in cells]
        columns = [column - left + side for _, column in cells]
        text = f"{role}: {span_text('row', min(rows), max(rows))}, {span_text('column', min(columns), max(columns))}"
        if len(cells) == 1:
            ((row, column),) = cells
            value = _known(part, values, row, column)
            text += "" if value is None else f", {_text(value)}"
        said.append(text)
    return "; ".join(said)
