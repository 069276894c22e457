"""Steps as slabs, as the papers draw them: the sides follow height, width and channels."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from app.counting.rows import Shape
from app.show.drawings.boxes import (
    LINE,
    MIDDLE,
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
from app.show.drawings.layout import Layout
from app.show.drawings.palette import BORDERS, EDGE, FILLS
from app.show.drawings.steps import Step


class Volumes:
    """Steps as slabs: height and depth follow the map's height and width, thickness its channels, all damped.

    A U has many slabs above each other. There they are lower, say less, in letters of one size, and what leads from
    one depth to the next has its words beside it, outside of the U. Its size is that of the step behind it.

    Args:
        steps: what is drawn.
        with_names: whether layers' names are written.
        widest: letters of a line.
        u_shape: the places of the steps where the network is drawn as a U.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        with_names: bool,
        widest: int = WIDEST_LINE,
        u_shape: Layout | None = None,
    ) -> None:
        sides = [max(step.map_shape[:2]) for step in steps if step.map_shape and _is_map(step.map_shape)]
        self._largest = max(sides, default=1)
        self._is_u = u_shape is not None
        self._tallest = 0.24 if self._is_u else 1.0
        self._beside = _sides(steps, u_shape) if u_shape else {}
        self._words = {step.name: self._lines(step, with_names, widest) for step in steps}
        self.size = {step.name: self._measure(step) for step in steps}

    def _lines(self, step: Step, with_names: bool, widest: int) -> list[Words]:
        if is_join(step):
            return []
        lines = words_of(step, with_names and step.kind != "input", widest)
        if self._is_u:
            lines = [line for line in lines if line.points > SMALL]
        shape = step.map_shape or step.shape
        if not shape or step.name in self._beside:
            return lines
        return [*lines, Words("×".join(f"{n:,}" for n in shape), MIDDLE if self._is_u else SMALL)]

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
        if step.name in self._beside:
            half = sum(line.points * LINE for line in lines) / 2
            return Size(
                thick + deep * SLANT[0] + 0.04, max(high / 2 + deep * SLANT[1], half), max(high / 2, half)
            )
        across = max([thick + deep * SLANT[0], *(line.width for line in lines)])
        below = sum(line.points * LINE for line in lines) + 0.06
        return Size(across + 0.04, high / 2 + deep * SLANT[1], high / 2 + below, thick + deep * SLANT[0])

    def paint(self, axes: Axes, step: Step, place: Place, scale: float) -> None:
        """Draw a step at its place."""
        if is_join(step):
            paint_join(axes, step, place, scale, MIDDLE if self._is_u else SMALL)
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
        face = [(right, top), (right + over, top - up), (right + over, bottom - up), (right, bottom)]
        axes.add_patch(Polygon(face, facecolor=fill, **look))
        axes.add_patch(Polygon(face, facecolor="black", alpha=0.1, edgecolor="none", zorder=3))
        lines = self._words[step.name]
        tall = sum(line.points * LINE for line in lines)
        side = self._beside.get(step.name)
        if side is None:
            write(axes, place.x, bottom + 0.05 + tall / 2, lines, scale)
        else:
            away = (thick + over) / 2 + 0.08 + max(line.width for line in lines) / 2
            write(axes, place.x + side * away, place.y, lines, scale)


SLANT = (0.7, 0.5)
"""How far an edge that leads away goes to the right and up."""


def _sides(steps: Sequence[Step], layout: Layout) -> dict[str, int]:
    """Return where the words of steps between two depths of a U stand: −1 on the left, 1 on the right.

    On the way down that is the left, on the way up the right, where nothing else is; not at the ends of the picture.
    """
    last = max(layout.levels.values())
    furthest: dict[int, int] = {}
    for step in steps:
        lane = layout.lanes[step.name]
        furthest[lane] = max(furthest.get(lane, 0), layout.levels[step.name])
    found = {}
    for step in steps:
        lane, level = layout.lanes[step.name], layout.levels[step.name]
        is_between = lane % 2 == 1 and not is_join(step)
        if is_between and layout.lanes[step.inputs[0]] < lane and level:
            found[step.name] = -1
        elif is_between and layout.lanes[step.inputs[0]] >= lane and furthest[lane] == level < last:
            found[step.name] = 1
    return found


def _is_map(shape: Shape | None) -> bool:
    return shape is not None and len(shape) == 3 and max(shape[:2]) > 1
