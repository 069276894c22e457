"""A walk as plain data, as JSON keeps it: for its page, and for programs."""

import math
from collections.abc import Sequence
from typing import Any

from app.show.frames.frame import Grid, Mark, Number, Part, Place, Walk, largest_size, rectangle
from app.untrusted.text import visible

Values = list[list[int | float | str | None]]


def plain_walk(walk: Walk) -> dict[str, Any]:
    """Return a walk as lists, texts and numbers; equal grids of numbers are stored once.

    `numbers` holds the grids' values, and the parts of `frames` say by `numbers` which of them they show. A mark has
    its `cells`, or the `window` that they make: first row, first column, rows, columns, step down, step right. What
    is usual is left out: no marks, no border, everything known. Numbers that JSON lacks are texts: `NaN`, `Infinity`.
    """
    store = _Store()
    frames = [
        {
            "title": visible(frame.title),
            "section": visible(frame.section),
            "parts": [_plain_part(part, store) for part in frame.parts],
            "working": [visible(line) for line in frame.working],
        }
        for frame in walk.frames
    ]
    return {
        "title": visible(walk.title),
        "introduction": [visible(text) for text in walk.introduction],
        "conclusion": [visible(text) for text in walk.conclusion],
        "numbers": store.values,
        "frames": frames,
    }


class _Store:
    """Grids of numbers by what is in them."""

    def __init__(self) -> None:
        self.values: list[Values] = []
        self._by_content: dict[tuple[tuple[Number, ...], ...], int] = {}
        self._by_object: dict[int, tuple[Any, int, float]] = {}

    def index(self, grid: Grid) -> tuple[int, float]:
        """Return the place of a grid's numbers, and the largest of them, not counting signs."""
        known = self._by_object.get(id(grid.values))
        if known is not None:
            return known[1:]
        content = tuple(tuple(row) for row in grid.values)
        place = self._by_content.setdefault(content, len(self.values))
        if place == len(self.values):
            self.values.append([[_plain_number(value) for value in row] for row in content])
        reach = largest_size(content)
        self._by_object[id(grid.values)] = (grid.values, place, reach)  # keeps the object, and so its id
        return place, reach


def _plain_number(value: Number) -> int | float | str | None:
    if value is None:
        return None
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if abs(value) < 2**53 and value == int(value) else float(value)


def plain_facts(value: Any) -> Any:
    """Return facts as JSON keeps them; arrays become lists, numbers that JSON lacks texts.

    >>> plain_facts({"sizes": (1, float("inf"))})
    {'sizes': [1, 'Infinity']}
    """
    if hasattr(value, "tolist"):  # an array, or a number of NumPy's
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain_facts(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [plain_facts(inside) for inside in value]
    if isinstance(value, float) and not math.isfinite(value):
        return _plain_number(value)
    return value


def _plain_part(part: Part, store: _Store) -> str | dict[str, Any]:
    if isinstance(part, str):
        return visible(part)
    place, reach = store.index(part)
    plain: dict[str, Any] = {
        "caption": visible(part.caption),
        "numbers": place,
        "tone": part.tone,
        "largest": float(part.largest or reach or 1.0),
    }
    if part.note:
        plain["note"] = visible(part.note)
    if any(part.border):
        plain["border"] = list(part.border)
    if any(part.first):
        plain["first"] = list(part.first)
    if part.shown is not None:
        plain["shown"] = int(part.shown)
    marks = [_plain_mark(mark) for mark in part.marks if mark.cells]
    if marks:
        plain["marks"] = marks
    return plain


def _plain_mark(mark: Mark) -> dict[str, Any]:
    window = window_of(mark.cells)
    if window is not None and len(mark.cells) > 1:
        return {"role": mark.role, "window": list(window)}
    return {"role": mark.role, "cells": [[int(row), int(column)] for row, column in mark.cells]}


def window_of(cells: Sequence[Place]) -> tuple[int, int, int, int, int, int] | None:
    """Return first row and column, rows, columns and the two steps of cells that make a window; None if they do not.

    >>> window_of(rectangle(1, 2, 2, 3)), window_of(((0, 0), (1, 1)))
    ((1, 2, 2, 3, 1, 1), None)
    """
    rows, columns = ([int(n) for n in sorted({cell[axis] for cell in cells})] for axis in (0, 1))
    steps = [(line[1] - line[0] if len(line) > 1 else 1) for line in (rows, columns)]
    whole = rectangle(rows[0], columns[0], len(rows), len(columns), (steps[0], steps[1]))
    if len(whole) != len(cells) or set(whole) != set(cells):
        return None
    return rows[0], columns[0], len(rows), len(columns), steps[0], steps[1]
