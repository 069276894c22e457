"""Steps as slabs, as the papers draw them: the sides follow height, width and channels."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from app.counting.rows import Shape
from app.show.drawings.boxes import (
    LINE,
    NARROW_LINE,
    SMALL,
    WIDEST_LINE,
    Words,
    is_join,
    paint_join,
    size_of_join,
    words_of,
    write,
)
from app.show.drawings.flow import Place, Size
from app.show.drawings.palette import BORDERS, EDGE, FILLS
from app.show.drawings.steps import Step


class Volumes:
    """Steps as slabs: height and depth follow the map's height and width, thickness its channels, all damped."""

    def __init__(self, steps: Sequence[Step], with_names: bool, widest: int = WIDEST_LINE) -> None:
        sides = [max(step.map_shape[:2]) for step in steps if step.map_shape and _is_map(step.map_shape)]
        self._largest = max(sides, default=1)
        self._tallest = 1.0 if widest >= NARROW_LINE else 0.5  # a U has many slabs above each other
        self._words = {step.name: self._lines(step, with_names, widest) for step in steps}
        self.size = {step.name: self._measure(step) for step in steps}

    @staticmethod
    def _lines(step: Step, with_names: bool, widest: int) -> list[Words]:
        if is_join(step):
            return []
        lines = words_of(step, with_names and step.kind != "input", widest)
        if widest < NARROW_LINE:  # a U is high enough without them
            lines = [line for line in lines if line.points > SMALL]
        shape = step.map_shape or step.shape
        return [*lines, Words("×".join(f"{n:,}" for n in shape), SMALL)] if shape else lines

    def solid(self, step: Step) -> tuple[float, float, float]:
        """Return thickness, height and depth of a step's output, in inches."""
        shape = step.map_shape or ()
        if not _is_map(shape):
            units = math.prod(shape) if shape else 1
            return 0.1, 0.25 + 0.8 * min(math.log2(1 + units) / 12, 1.0), 0.1
        high, wide = (0.16 + self._tallest * (side / self._largest) ** 0.5 for side in shape[:2])
        return 0.05 + 0.5 * min(math.log2(1 + shape[-1]) / 11, 1.2) ** 2, high, 0.42 * wide

    def _measure(self, step: Step) -> Size:
        if is_join(step):
            return size_of_join(step)
        thick, high, deep = self.solid(step)
        lines = self._words[step.name]
        across = max([thick + deep * SLANT[0], *(line.width for line in lines)])
        below = sum(line.points * LINE for line in lines) + 0.06
        return Size(across + 0.04, high / 2 + deep * SLANT[1], high / 2 + below, thick + deep * SLANT[0])

    def paint(self, axes: Axes, step: Step, place: Place, scale: float) -> None:
        """Draw a step at its place."""
        if is_join(step):
            paint_join(axes, step, place, scale)
            return
        thick, high, deep = self.solid(step)
        over, up = deep * SLANT[0], deep * SLANT[1]
        left, top = place.x - (thick + over) / 2, place.y - high / 2
        right, bottom = left + thick, top + high
        fill, edge = FILLS[step.kind], BORDERS.get(step.kind, EDGE)
        look: dict[str, Any] = {
            "edgecolor": edge,
            "linewidth": 0.8 * scale,
            "zorder": 3,
            "joinstyle": "round",
        }
        axes.add_patch(Rectangle((left, top), thick, high, facecolor=fill, **look))
        roof = [(left, top), (left + over, top - up), (right + over, top - up), (right, top)]
        axes.add_patch(Polygon(roof, facecolor=fill, **look))
        axes.add_patch(Polygon(roof, facecolor="white", alpha=0.45, edgecolor="none", zorder=3))
        side = [(right, top), (right + over, top - up), (right + over, bottom - up), (right, bottom)]
        axes.add_patch(Polygon(side, facecolor=fill, **look))
        axes.add_patch(Polygon(side, facecolor="black", alpha=0.1, edgecolor="none", zorder=3))
        lines = self._words[step.name]
        tall = sum(line.points * LINE for line in lines)
        write(axes, place.x, bottom + 0.05 + tall / 2, lines, scale)


SLANT = (0.7, 0.5)
"""How far an edge that leads away goes to the right and up."""


def _is_map(shape: Shape | None) -> bool:
    return shape is not None and len(shape) == 3 and max(shape[:2]) > 1
