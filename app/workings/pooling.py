"""Pooling, place by place: the window's largest value, its mean or its sum; and which cell was the largest."""

from typing import Any, Literal

import numpy as np

from app.scratch.layers.pooling import AveragePooling2D, MaxPooling2D, SumPooling2D
from app.scratch.windows import Window, slide
from app.show.frames.frame import Frame, Place, Walk, number_text
from app.workings.maps import (
    MOST_FRAMES,
    Array,
    View,
    as_map,
    as_padding,
    border_text,
    channel_name,
    finite,
    listed,
    map_tone,
    middle_of,
    pair,
    setting,
    shown_text,
    size_text,
    times,
    view_of,
    window_at,
)
from app.workings.sums import values_text

Kind = Literal["max", "mean", "sum"]
LAYERS = {"max": MaxPooling2D, "mean": AveragePooling2D, "sum": SumPooling2D}
NAMES = {"max": "Max-pooling", "mean": "Mean pooling", "sum": "Sum pooling"}


def walk_pooling(
    image: Any, kind: Kind = "max", size: Any = 2, stride: Any = None, padding: Any = "valid"
) -> Walk:
    """Return the steps of a pooling: y[o] = the largest, the mean or the sum of what the window sees.

    Args:
        image: rows and columns, or (rows, columns, channels); each channel is pooled by itself.
        kind: `max`, `mean` or `sum`.
        size: rows and columns of the window.
        stride: cells from place to place; None: the size of the window.
        padding: `valid`: whole windows alone. `same`: incomplete windows at the end too. Or cells around the map, which
            count for nothing: no maximum, no part of a mean.

    Raises:
        ValueError: an array or a setting that makes no sense, or a window larger than the map.

    >>> walk = walk_pooling([[1, 2, 0], [3, 4, 1], [0, 5, 6]], padding="same")
    >>> walk.arrays["output"][..., 0].tolist(), walk.frames[0].working
    ([[4.0, 1.0], [5.0, 6.0]], ('max(1, 2, 3, 4) = 4', 'max_id: row 1, column 1'))
    """
    x, said = middle_of(as_map(image))
    window = pooling_window(x, kind, size, stride, padding)
    layer = LAYERS[kind](window.size, window.strides, _padding(window, padding))
    with np.errstate(over="ignore"):
        output = finite(layer.forward(x[np.newaxis])[0][0])
    view, channels = view_of(window, output), x.shape[-1]
    drawn = range(min(channels, max(1, MOST_FRAMES // len(view.places))))
    frames = [_frame(x, output, view, kind, place, channel) for channel in drawn for place in view.places]
    facts = {
        "operation": f"{kind} pooling",
        "input_shape": list(x.shape),
        "output_shape": list(output.shape),
        "size": list(window.size),
        "strides": list(window.strides),
        "border": [list(sides) for sides in window.borders],
        "output": listed(output),
    }
    return Walk(
        f"{NAMES[kind]}: {times(window.size)} windows on {times(x.shape)}",
        tuple(frames),
        _introduction(x, window, kind, output),
        (*((said,) if said else ()), *shown_text(view, channels, len(drawn))),
        facts,
        {"input": x, "output": output},
    )


def pooling_window(x: Array, kind: str, size: Any, stride: Any, padding: Any) -> Window:
    """Return where a pooling's window stands on a map.

    Raises:
        ValueError: there is no such kind, a setting makes no sense, or the window is larger than the map.
    """
    if kind not in LAYERS:
        raise ValueError(f"pooling is {', '.join(LAYERS)}, not {kind!r}")
    sizes = pair(size, "the size of the window")
    strides = sizes if stride is None else pair(stride, "the stride")
    padding = as_padding(padding)
    if not isinstance(padding, str) and any(
        2 * sides[0] > n for sides, n in zip(padding, sizes, strict=True)
    ):
        raise ValueError(
            f"padding is at most half of the window of {times(sizes)}; beyond, a window sees no number"
        )
    try:
        return slide(x.shape[:2], sizes, strides, padding)
    except ValueError as error:
        if "larger than" in str(error):
            raise ValueError(
                f"a window of {times(sizes)} is larger than the map of {times(x.shape[:2])}; take a smaller one, or "
                "padding same"
            ) from error
        raise


def _padding(window: Window, padding: Any) -> Any:
    return padding if isinstance(padding, str) else window.borders


def seen(x: Array, window: Window, place: Place, channel: int) -> list[tuple[Place, float]]:
    """Return the cells of the map that the window sees at a place, with their values, row by row."""
    (above, _), (left, _) = window.borders
    found = [(i - above, j - left) for i, j in window_at(window, *place)]
    return [
        ((i, j), float(x[i, j, channel])) for i, j in found if 0 <= i < x.shape[0] and 0 <= j < x.shape[1]
    ]


def largest_of(cells: list[tuple[Place, float]]) -> Place:
    """Return the cell with the largest value, the first of several: its max_id."""
    return max(cells, key=lambda cell: cell[1])[0]


def _frame(x: Array, output: Array, view: View, kind: Kind, place: Place, channel: int) -> Frame:
    cells, y = seen(x, view.window, place, channel), float(output[(*place, channel)])
    (above, _), (left, _) = view.window.borders
    at = largest_of(cells) if kind == "max" and cells else None
    chosen = [(at[0] + above, at[1] + left)] if at else []
    scale = float(np.abs(x).max())
    name = channel_name("map", channel, x.shape[-1])
    grid = view.grid(name, x[..., channel], place, map_tone(x), scale, fill=None, chosen=chosen)
    result = view.result("result", output[..., channel], place, map_tone(output), float(np.abs(output).max()))
    title, section = f"row {place[0]}, column {place[1]}", name if x.shape[-1] > 1 else ""
    return Frame(title, (grid, "→", result), working(kind, cells, y, at), section)


def working(
    kind: str, cells: list[tuple[Place, float]], y: float, at: Place | None = None
) -> tuple[str, ...]:
    """Return the arithmetic of one window, and where its largest value is."""
    values = [value for _, value in cells]
    if kind == "max":
        lines = [f"max({values_text(values, 25)}) = {number_text(y)}"]
        return (*lines, f"max_id: row {at[0]}, column {at[1]}") if at else tuple(lines)
    total = " + ".join(number_text(v) if v >= 0 else f"({number_text(v)})" for v in values[:25])
    total += f" + … ({len(values)} values)" if len(values) > 25 else ""
    if kind == "sum":
        return (f"{total} = {number_text(y)}",)
    return (f"({total}) / {len(values)} = {number_text(y)}",)


def _introduction(x: Array, window: Window, kind: Kind, output: Array) -> tuple[str, ...]:
    what = {
        "max": "the largest value is kept",
        "mean": "the mean of the values is taken",
        "sum": "the values are added up",
    }[kind]
    said = [
        f"Of each window {what}. Nothing is learnt here: pooling has no weights.",
        f"Map {times(x.shape)}, window {times(window.size)}, stride {setting(window.strides)}, "
        f"{border_text(window)}: the result is {times(output.shape)}.",
        f"Rows: {size_text(x.shape[0], window, 0)}; columns: {size_text(x.shape[1], window, 1)}.",
    ]
    if any(map(any, window.borders)):
        said.append("Cells outside the map count for nothing.")
    return tuple(said)
