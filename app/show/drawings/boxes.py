"""Steps as boxes with words in them, and what every form of a step shares: its words, its colours, what joins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from app.show.drawings.flow import Place, Size
from app.show.drawings.palette import BORDERS, EDGE, FILLS, INK, QUIET
from app.show.drawings.steps import Step
from app.untrusted.text import visible

WIDEST_LINE, NARROW_LINE, SHORT_LINES = 26, 18, (12, 14, 18)
"""Letters of a line in a box; longer ones are broken."""
SMALL, MIDDLE, LARGE = 6.5, 7.5, 8.0
"""Points of letters, before the drawing is fitted to its page."""
SPACE = "\u00a0"
"""A space at which no line is broken."""
LINE = 1.28 / 72
"""Inches of a line for each point of its letters."""


@lru_cache(maxsize=4096)
def text_width(text: str, points: float, is_bold: bool = False) -> float:
    """Return the width of a line in inches; a Chinese sign is as wide as high."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    plain = "".join("M" if ord(letter) > 0x2E80 else letter for letter in text)
    font = FontProperties(size=points, weight="bold" if is_bold else "normal")
    return float(text_to_path.get_text_width_height_descent(plain, font, False)[0]) / 72


@dataclass(frozen=True)
class Words:
    """A line of a box."""

    text: str
    points: float
    is_bold: bool = False
    colour: str = QUIET

    @property
    def width(self) -> float:
        """Inches."""
        return text_width(self.text, self.points, self.is_bold)


def words_of(step: Step, with_name: bool, widest: int = WIDEST_LINE) -> list[Words]:
    """Return the lines of a step: its name, what it does, what else, its parameters; in narrow boxes the least."""
    times = f"{SPACE}{SPACE}×{SPACE}{step.times}" if step.times > 1 else ""
    lines = [Words(text, LARGE, True, INK) for text in _broken(step.name, widest)] if with_name else []
    lines += [
        Words(text, MIDDLE, not with_name, INK)
        for text in _broken(step.what.replace(", /", f",{SPACE}/") + times, widest)
    ]
    if widest < WIDEST_LINE:
        return [*lines, *(Words(text, SMALL) for text in _broken(step.parameters_short, widest))]
    lines += [Words(text, SMALL) for text in _broken(", ".join(step.also), widest)]
    return [*lines, *(Words(text, SMALL) for text in _broken(step.parameter_text, widest))]


def _broken(text: str, widest: int) -> list[str]:
    """Return a text in lines of at most so many letters where it can be broken: behind spaces and signs in names."""
    lines = [""]
    for piece in filter(None, re.split(r"(?<=[ _.-])|(?<=/)(?=\D)", visible(text))):
        if len(lines[-1] + piece.rstrip()) > widest and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return [line.strip(" ") for line in lines if line.strip(" ")]


class Boxes:
    """Steps as boxes with words in them."""

    def __init__(self, steps: Sequence[Step], with_names: bool, widest: int = WIDEST_LINE) -> None:
        self._words = {
            step.name: words_of(step, with_names and step.kind not in NAMELESS, widest) for step in steps
        }
        self.size = {step.name: self._measure(step) for step in steps}

    def _measure(self, step: Step) -> Size:
        lines = self._words[step.name]
        if is_join(step, lines):
            return size_of_join(step)
        height = sum(line.points * LINE for line in lines) + 0.1
        return Size(max(line.width for line in lines) + 0.16, height / 2, height / 2)

    def paint(self, axes: Axes, step: Step, place: Place, scale: float) -> None:
        """Draw a step at its place."""
        if is_join(step, self._words[step.name]):
            paint_join(axes, step, place, scale)
            return
        axes.add_patch(_rounded(place, FILLS[step.kind], BORDERS.get(step.kind, EDGE), 0.05, scale))
        write(axes, place.x, (place.top + place.bottom) / 2, self._words[step.name], scale)


NAMELESS = ("concat", "sign", "input")
"""Kinds that show no name of their own."""


def is_join(step: Step, lines: Sequence[Words] = ()) -> bool:
    """Return whether a step is drawn as a bar or a sign between lines: one that says no more than that."""
    return step.kind == "concat" or (step.kind == "sign" and len(lines) < 2)


def size_of_join(step: Step) -> Size:
    """Return the size of a bar, which grows with the lanes that it joins, or of a sign in a circle."""
    return Size(0.15, 0.24, 0.24) if step.kind == "concat" else Size(0.24, 0.12, 0.12)


def paint_join(axes: Axes, step: Step, place: Place, scale: float, points: float = SMALL) -> None:
    """Draw a bar with its word, in letters of so many points, or a sign in a circle."""
    middle = (place.top + place.bottom) / 2
    if step.kind == "concat":
        axes.add_patch(_rounded(place, FILLS["concat"], FILLS["concat"], 0.03))
        look: dict[str, Any] = {"rotation": 90, "color": "white", "fontsize": points * scale}
    else:
        circle = Circle(
            (place.x, place.y), 0.12, facecolor="white", edgecolor=INK, linewidth=1.1 * scale, zorder=3
        )
        axes.add_patch(circle)
        look = {"color": INK, "fontsize": 11 * scale}
    axes.text(place.x, middle, step.what, ha="center", va="center", zorder=5, **look)


def write(axes: Axes, x: float, middle: float, lines: Sequence[Words], scale: float) -> None:
    """Write lines below each other, round their common middle."""
    y = middle - sum(line.points * LINE for line in lines) / 2
    for line in lines:
        height = line.points * LINE
        axes.text(x, y + height * 0.76, line.text, fontsize=line.points * scale, color=line.colour, ha="center",
                  va="baseline", fontweight="bold" if line.is_bold else "normal", zorder=5)  # fmt: skip
        y += height


def _rounded(place: Place, fill: str, edge: str, radius: float, scale: float = 1.0) -> FancyBboxPatch:
    return FancyBboxPatch(
        (place.left, place.top),
        place.width,
        place.bottom - place.top,
        boxstyle=f"round,pad=0,rounding_size={radius}",
        facecolor=fill,
        edgecolor=edge,
        linewidth=0.9 * scale,
        zorder=3,
    )
