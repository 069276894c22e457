"""A transposed convolution, in its two readings: stamps laid over each other, and a convolution over spread zeros."""

from typing import Any, Literal

import numpy as np

from app.scratch.layers.convolution import convolve_back
from app.scratch.windows import Window, slide, slide_back
from app.show.frames.frame import Frame, Grid, Mark, Place, Walk, number_text
from app.workings.convolving import walk_convolution
from app.workings.maps import Array, as_map, finite, map_tone, pair, rows_of, times, whole_pair, window_at
from app.workings.sums import in_brackets

Way = Literal["stamps", "zeros"]
MOST_INPUTS = 400
"""Cells of the input of one walk."""


def walk_transposed(
    image: Any,
    kernel: Any,
    bias: float | None = None,
    stride: Any = 1,
    padding: Any = "valid",
    output_padding: Any = None,
    way: Way = "stamps",
) -> Walk:
    """Return the steps of y[o·stride + i] += x[o] · w[i]: each cell of the input lays the kernel, times its value.

    Args:
        image: rows and columns.
        kernel: rows and columns, as it is laid.
        bias: added to each cell of the result; None: none.
        stride: cells from stamp to stamp.
        padding: `valid`, `same`, or how many cells are cut off the result at each side, as PyTorch has it.
        output_padding: cells more at the end of the result.
        way: `stamps`; or `zeros`: the same numbers as a convolution over the input spread with zeros.

    Raises:
        ValueError: an array or a setting that makes no sense.

    >>> walk = walk_transposed([[1, 2], [3, 4]], [[1, 1], [1, 1]])
    >>> walk.arrays["output"].tolist()
    [[1.0, 3.0, 2.0], [4.0, 10.0, 6.0], [3.0, 7.0, 4.0]]
    """
    x, w = as_map(image), as_map(kernel, "the kernel")
    if x.shape[-1] != 1 or w.shape[-1] != 1:
        raise ValueError("a transposed convolution is shown of one channel; give rows and columns alone")
    x, w = x[..., 0], w[..., 0]
    if x.size > MOST_INPUTS:
        raise ValueError(
            f"the input has {x.size:,} cells, too many to show each (at most {MOST_INPUTS}); give a part"
        )
    window = transposed_window(x, w, stride, padding, output_padding)
    output = convolve_back(x[np.newaxis, ..., np.newaxis], w[..., np.newaxis, np.newaxis], window)[0, ..., 0]
    output = finite(output + (bias or 0.0))
    made = _as_zeros if way == "zeros" else _as_stamps
    frames = made(x, w, window, bias, output)
    facts = {
        "operation": "transposed convolution",
        "input_shape": list(x.shape),
        "kernel_shape": list(w.shape),
        "output_shape": list(output.shape),
        "strides": list(window.strides),
        "cut_off": [list(sides) for sides in window.borders],
        "output": output.tolist(),
    }
    return Walk(
        f"Transposed convolution: {times(x.shape)} to {times(output.shape)}",
        frames,
        _introduction(x, w, window, output, way),
        (),
        facts,
        {"input": x, "kernel": w, "output": output},
    )


def transposed_window(x: Array, w: Array, stride: Any, padding: Any, output_padding: Any) -> Window:
    """Return the window that has a place on the result for each cell of the input.

    Raises:
        ValueError: the settings make no sense.
    """
    strides = pair(stride, "the stride")
    if isinstance(padding, str):
        return slide_back(x.shape, w.shape, strides, padding, 1, output_padding)
    cut = whole_pair(padding, "padding")
    extras = whole_pair(output_padding or 0, "output padding")
    larger = tuple(
        (n - 1) * s + k - 2 * p + e
        for n, s, k, p, e in zip(x.shape, strides, w.shape, cut, extras, strict=True)
    )
    if min(larger) < 1 or min(cut) < 0:
        raise ValueError(f"nothing is left of the result when {times(cut)} cells are cut off at each side")
    window = slide(larger, w.shape, strides, tuple((p, p) for p in cut))
    if window.outputs != x.shape:
        raise ValueError(
            f"output padding {max(extras)} does not fit stride {stride}: it must be smaller than the stride"
        )
    return window


def _as_stamps(x: Array, w: Array, window: Window, bias: float | None, output: Array) -> tuple[Frame, ...]:
    (above, _), (left, _) = window.borders
    total = np.zeros(window.sizes)
    sides = (*window.borders[0], *window.borders[1])
    strongest = float(np.abs(output).max()) or 1.0
    frames = []
    for place in np.ndindex(x.shape):
        value, stamp = float(x[place]), x[place] * w
        cells = _stamp(window, place)
        for cell, product in zip(cells, stamp.ravel(), strict=True):
            total[cell] += product
        grid = Grid(
            "result so far", rows_of(total), (Mark("result", cells),), map_tone(output), strongest, sides
        )
        here = Grid(
            "input",
            rows_of(x),
            (Mark("window", ((place[0], place[1]),)),),
            map_tone(x),
            float(np.abs(x).max()),
        )
        parts = (here, "×", Grid("kernel", rows_of(w)), "=", Grid("stamp", rows_of(stamp)), "→", grid)
        line = f"{number_text(value)} times the kernel is added at row {place[0] * window.strides[0] - above}, column "
        frames.append(
            Frame(
                f"input row {place[0]}, column {place[1]}",
                parts,
                (f"{line}{place[1] * window.strides[1] - left}",),
            )
        )
    said = ["The cells outside are cut off."] if any(sides) else []
    if bias is not None:
        said.append(f"The bias {in_brackets(bias)} is added to every cell.")
    result = Grid("result", rows_of(output), tone=map_tone(output), largest=strongest)
    last = Grid("all stamps", rows_of(total), (), map_tone(output), strongest, sides)
    frames.append(Frame("the result", (last, "→", result), tuple(said) or ("All stamps are laid.",)))
    return tuple(frames)


def _stamp(window: Window, place: Any) -> tuple[Place, ...]:
    return window_at(window, int(place[0]), int(place[1]))


def _as_zeros(x: Array, w: Array, window: Window, bias: float | None, _: Array) -> tuple[Frame, ...]:
    spread = spread_with_zeros(x, window)
    return walk_convolution(spread, w[::-1, ::-1], bias).frames


def spread_with_zeros(x: Array, window: Window) -> Array:
    """Return the input with zeros between its cells and around them: over it the turned kernel goes with stride 1.

    >>> window = transposed_window(np.ones((2, 2)), np.ones((3, 3)), 2, 1, None)
    >>> spread_with_zeros(np.ones((2, 2)), window).shape, window.sizes
    ((5, 5), (5, 5))
    """
    sizes = [
        full - sum(cut) + k - 1
        for k, cut, full in zip(window.size, window.borders, window.sizes, strict=True)
    ]
    firsts = [k - 1 - before for k, (before, _) in zip(window.size, window.borders, strict=True)]
    spread = np.zeros(sizes)
    for place in np.ndindex(x.shape):
        at = [first + o * s for first, o, s in zip(firsts, place, window.strides, strict=True)]
        if all(0 <= i < size for i, size in zip(at, sizes, strict=True)):
            spread[tuple(at)] = x[place]
    return spread


def _introduction(x: Array, w: Array, window: Window, output: Array, way: Way) -> tuple[str, ...]:
    sizes = f"Input {times(x.shape)}, kernel {times(w.shape)}: the result is {times(output.shape)}."
    if way == "zeros":
        spread = spread_with_zeros(x, window)
        return (
            f"The input is spread with zeros, between its cells and around them, to {times(spread.shape)}. The kernel, "
            "turned by 180°, slides over it with stride 1.",
            sizes,
        )
    return (
        "Each number of the input is multiplied by the whole kernel. The product is laid on the result like a stamp. "
        "Where stamps overlap, they are added up.",
        sizes,
    )
