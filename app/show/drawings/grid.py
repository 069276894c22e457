"""Columns that rows of a drawing have in common, so that like steps stand below each other."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDENED = 1.15
"""What rows may become wider for a grid."""
LIKE = 0.7
"""A box that takes so much of its column is made as wide as the column."""

Kinds = tuple[str, ...]
"""The kinds of the steps of one level, as `("conv",)`."""
Beginning = tuple[Kinds, ...]
"""The kinds of a row's first steps, level by level."""


@dataclass(frozen=True)
class Grid:
    """Columns in inches. Rows have a column in common where they begin with the same kinds of steps up to there."""

    begin: float
    """What is left before the first column, in rows behind the first one."""
    columns: dict[Beginning, float]
    gaps: dict[Beginning, float]
    """Behind each column."""


def make_grid(
    rows: Sequence[range], kinds: Sequence[Kinds], columns: Sequence[float], gaps: Sequence[float]
) -> Grid:
    """Return the grid of rows: each column as wide as the widest in it.

    Args:
        rows: the levels of each row.
        kinds: of the steps of each level.
        columns: how wide each level is, in inches.
        gaps: how wide the gap behind each level is.

    >>> grid = make_grid([range(2), range(2, 4)], [("conv",), ("pool",)] * 2, [1.0, 2.0, 3.0, 1.0], [0.5] * 4)
    >>> grid.columns[("conv",),], grid.columns[("conv",), ("pool",)]
    (3.0, 2.0)
    """
    grid = Grid(max((gaps[levels.start - 1] for levels in rows if levels.start), default=0.0), {}, {})
    for levels in rows:
        for level, key in zip(levels, beginnings(kinds, levels), strict=True):
            grid.columns[key] = max(grid.columns.get(key, 0.0), columns[level])
            if level != levels[-1]:
                grid.gaps[key] = max(grid.gaps.get(key, 0.0), gaps[level])
    return grid


def beginnings(kinds: Sequence[Kinds], levels: range) -> list[Beginning]:
    """Return for each level of a row the kinds of steps from the begin of the row up to there."""
    return [tuple(kinds[levels.start : level + 1]) for level in levels]
