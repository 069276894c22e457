"""Bars: each layer's share of the parameters and of the work, and networks side by side."""

from collections.abc import Sequence

from app.counting.rows import Sheet
from app.show.document import Drawing
from app.show.numbers import percentage
from app.show.svg import Picture, text_width

WIDTH = 340
"""Pixels: a bar chart fits on a telephone, and two stand side by side on a desk."""
LINE = 30
MOST_BARS = 16
"""More layers than this are drawn as the largest and the sum of the others."""

Bar = tuple[str, float, str]
"""What a bar stands for, its value, and what is written beside it."""


def draw_shares(sheet: Sheet) -> list[Drawing]:
    """Return bars of each layer's parameters and of its multiply-accumulates."""
    drawings = []
    for what, style, values in (
        ("parameters", "one", [(row.name, row.parameters) for row in sheet.rows]),
        ("MACs", "two", [(row.name, row.multiply_accumulates) for row in sheet.rows]),
    ):
        total = sum(value for _, value in values)
        if total:
            bars = [
                (name, value, f"{value:,} · {percentage(value, total)} %") for name, value in _largest(values)
            ]
            title = f"{sheet.name}: {what} of each layer"
            caption = f"{title}, and its share of {total:,}."
            drawings.append(Drawing(_draw_bars(title, bars, style), caption))
    return drawings


def draw_panel(title: str, values: Sequence[tuple[str, float]]) -> Drawing:
    """Return one quantity of several networks as bars."""
    bars = [(name, value, f"{value:,}") for name, value in values]
    return Drawing(_draw_bars(title, bars, "one"), f"{title}, network by network.")


def _largest(values: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the values that are not 0 in their order; of very many the largest and the rest."""
    some = [pair for pair in values if pair[1]]
    if len(some) <= MOST_BARS:
        return some
    threshold = sorted((value for _, value in some), reverse=True)[MOST_BARS - 1]
    large = [pair for pair in some if pair[1] >= threshold][:MOST_BARS]
    rest = sum(value for _, value in some) - sum(value for _, value in large)
    return [*large, (f"the other {len(some) - len(large)} layers", rest)]


def _draw_bars(title: str, bars: Sequence[Bar], style: str) -> str:
    picture = Picture(title)
    longest = max((value for _, value, _ in bars), default=0) or 1
    width = max([WIDTH, *(text_width(name) + text_width(note) + 16 for name, _, note in bars)])
    for i, (name, value, note) in enumerate(bars):
        y = i * LINE
        picture.text(0, y + 11, name)
        picture.text(width, y + 11, note, "quiet", "end")
        picture.rectangle(0, y + 16, width * value / longest, 9, style, 2)
    return picture.finish(width, 6 + len(bars) * LINE)
