"""The window that makes one map of another, recovered from what the cells of both maps see."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.counting.axes import Axis
from app.counting.rows import Row


@dataclass(frozen=True)
class RecoveredWindow:
    """A sliding window along one axis, in cells of the map it slides over."""

    span: float
    """Cells from its first to its last tap: d·(k − 1) + 1."""
    stride: float
    before: float
    """Cells of padding in front."""
    inputs: int
    outputs: int

    @property
    def is_whole(self) -> bool:
        """Whether it slides by whole cells; behind enlarged maps it may not."""
        return self.stride >= 1 and all(float(n).is_integer() for n in (self.span, self.stride, self.before))

    @property
    def last(self) -> int:
        """The last cell that any tap touches, counted from 0."""
        return math.floor((self.outputs - 1) * self.stride - self.before + self.span - 1)

    def cells(self) -> set[int]:
        """Return the cells from the first to the last tap of each window, padding left out."""
        span, stride, before = int(self.span), int(self.stride), int(self.before)
        if stride <= span:
            return set(range(max(-before, 0), min(self.last + 1, self.inputs)))
        starts = range(-before, self.outputs * stride - before, stride)
        touched = {cell for start in starts for cell in range(start, start + span)}
        return touched & set(range(self.inputs))


def window_between(inner: Axis, outer: Axis) -> RecoveredWindow:
    """Return the window that slid over `inner` and made `outer`.

    From r' = r + (span − 1)·j, j' = s·j and c' = c + ((span − 1)/2 − p)·j.
    """
    jump = float(inner.jump)
    span = float(outer.size - inner.size) / jump + 1
    return RecoveredWindow(
        span=span,
        stride=float(outer.jump) / jump,
        before=(span - 1) / 2 - float(outer.start - inner.start) / jump,
        inputs=len(inner.windows),
        outputs=len(outer.windows),
    )


def find_windows(row: Row, rows: Mapping[str, Row]) -> tuple[RecoveredWindow, ...]:
    """Return the window of a row along each axis; none where it is not one window over one map.

    Args:
        row: one row of a network.
        rows: all rows of the network, by name.
    """
    sources = [rows[name] for name in row.inputs if name in rows]
    if len(sources) != 1 or sources[0].field is None or row.field is None or row.field.whole:
        return ()
    inner, outer = sources[0].field.axes, row.field.axes
    if len(inner) != len(outer):
        return ()
    return tuple(window_between(one, other) for one, other in zip(inner, outer, strict=True))
