"""A convolution, place by place: the window, nine products, their sum, the bias, the activation."""

from typing import Any

import numpy as np

from app.scratch.layers.convolution import convolve
from app.scratch.windows import Window, slide
from app.show.frames.frame import Frame, Grid, Part, Place, Walk
from app.workings.maps import (
    MOST_FRAMES,
    Array,
    View,
    as_kernel,
    as_map,
    as_padding,
    border_text,
    channel_name,
    finite,
    listed,
    map_tone,
    middle_of,
    pair,
    rows_of,
    setting,
    shown_text,
    size_text,
    times,
    view_of,
    window_at,
)
from app.workings.sums import Sum, Term, activation_title, function_of

MOST_CHANNELS = 3
"""Channels of the image that are drawn beside each other."""


def walk_convolution(
    image: Any,
    kernel: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = "valid",
    dilation: Any = 1,
    activation: str = "linear",
    flip: bool = False,
) -> Walk:
    """Return the steps of y[o, f] = a(Σ_i Σ_c x[o·stride + i·dilation, c] · w[i, c, f] + b[f]).

    Args:
        image: rows and columns, or (rows, columns, channels).
        kernel: rows and columns, for each channel; or (rows, columns, channels[, filters]).
        bias: one number, or one for each filter; None: none.
        stride: cells from place to place; two numbers are down and across.
        padding: `valid`, `same`, or cells of zeros around the map: one number, or two for rows and columns.
        dilation: cells from cell to cell of the kernel.
        activation: a name of `ELEMENTWISE`.
        flip: turn the kernel by 180° first: what mathematics calls a convolution.

    Raises:
        ValueError: an array or a setting that makes no sense, or a kernel larger than the image with its border.

    >>> walk = walk_convolution([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    >>> walk.arrays["output"][..., 0].tolist(), walk.frames[0].working
    ([[19.0, 25.0], [37.0, 43.0]], ('0·0 + 1·1 + 3·2 + 4·3 = 19',))
    """
    x, said = middle_of(as_map(image))
    w = as_kernel(kernel, x.shape[-1])
    w = w[::-1, ::-1] if flip else w
    filters = w.shape[-1]
    biases = _biases(bias, filters)
    function_of(activation)
    window = kernel_window(x, w, stride, padding, dilation)
    with np.errstate(over="ignore", invalid="ignore"):
        before = convolve(x[np.newaxis], w, window)[0] + (0 if biases is None else biases)
        output = finite(function_of(activation)(before))
    view = view_of(window, output)
    drawn = range(min(filters, max(1, MOST_FRAMES // len(view.places))))
    frames = [
        _frame(x, w, output, view, place_sum(x, w, window, (*place, f), _at(biases, f), activation), place, f)
        for f in drawn
        for place in view.places
    ]
    facts = {
        "operation": "convolution",
        "input_shape": list(x.shape),
        "kernel_shape": list(w.shape),
        "output_shape": list(output.shape),
        "strides": list(window.strides),
        "border": [list(sides) for sides in window.borders],
        "dilation": list(window.dilation),
        "activation": activation,
        "output": listed(output),
    }
    return Walk(
        f"Convolution: a {times(w.shape[:2])} kernel over {times(x.shape)}",
        tuple(frames),
        _introduction(x, w, window, biases, activation, flip, output),
        (*((said,) if said else ()), *shown_text(view, filters, len(drawn))),
        facts,
        {"input": x, "kernel": w, "bias": np.zeros(0) if biases is None else biases, "output": output},
    )


def kernel_window(x: Array, w: Array, stride: Any, padding: Any, dilation: Any) -> Window:
    """Return where a kernel stands on a map.

    Raises:
        ValueError: the settings make no sense, or the kernel is larger than the map.
    """
    strides, steps = pair(stride, "the stride"), pair(dilation, "the dilation")
    window_size = w.shape[:2]
    reach = [step * (size - 1) + 1 for size, step in zip(window_size, steps, strict=True)]
    try:
        return slide(x.shape[:2], window_size, strides, as_padding(padding), steps)
    except ValueError as error:
        if "larger than" in str(error):
            raise ValueError(
                f"a kernel that reaches over {times(reach)} cells is larger than the image of {times(x.shape[:2])}"
                "; take a smaller kernel, or a border by padding"
            ) from error
        raise


def place_sum(
    x: Array,
    w: Array,
    window: Window,
    place: tuple[int, int, int],
    bias: float | None,
    activation: str = "linear",
) -> Sum:
    """Return one number of a convolution as its sum of products.

    Args:
        x: the map, (rows, columns, channels).
        w: the kernel, (rows, columns, channels, filters).
        window: where it stands.
        place: row, column and filter of the number.
        bias: of that filter.
        activation: what is done with the sum.
    """
    row, column, f = place
    above, left = window.borders[0][0], window.borders[1][0]
    terms = []
    for k, (i, j) in enumerate(window_at(window, row, column)):
        at = i - above, j - left
        is_border = not (0 <= at[0] < x.shape[0] and 0 <= at[1] < x.shape[1])
        for channel in range(x.shape[-1]):
            value = 0.0 if is_border else float(x[(*at, channel)])
            weight = float(w[k // w.shape[1], k % w.shape[1], channel, f])
            terms.append(Term((*at, channel), value, weight, is_border))
    return Sum(tuple(terms), bias, activation)


def _biases(bias: Any, filters: int) -> Array | None:
    if bias is None:
        return None
    found = np.atleast_1d(np.asarray(bias, float)).ravel()
    if len(found) not in (1, filters) or not np.isfinite(found).all():
        raise ValueError(f"the bias is one finite number, or one for each of the {filters} filters")
    return np.broadcast_to(found, (filters,)).copy()


def _at(biases: Array | None, f: int) -> float | None:
    return None if biases is None else float(biases[f])


def _frame(x: Array, w: Array, output: Array, view: View, one: Sum, place: Place, f: int) -> Frame:
    channels, filters = x.shape[-1], w.shape[-1]
    parts: list[Part] = []
    for channel in range(min(channels, MOST_CHANNELS)):
        name, kernel = channel_name("image", channel, channels), channel_name("kernel", channel, channels)
        kernel = kernel if filters == 1 else f"{kernel}, filter {f}"
        parts += [
            *(["+"] if parts else []),
            view.grid(name, x[..., channel], place, map_tone(x), float(np.abs(x).max())),
            "×",
            Grid(kernel, rows_of(w[..., channel, f]), tone="signed", largest=float(np.abs(w).max())),
        ]
    if channels > MOST_CHANNELS:
        parts.append(f"+ {channels - MOST_CHANNELS} more channels")
    if channels == 1:
        products = np.array([term.product for term in one.terms]).reshape(w.shape[:2])
        parts += ["=", Grid("products", rows_of(products))]
    title, found = "feature map" if filters == 1 else f"feature map of filter {f}", output[..., f]
    parts += ["→", view.result(title, found, place, map_tone(output), float(np.abs(output).max()))]
    section = f"filter {f}" if filters > 1 else ""
    return Frame(f"row {place[0]}, column {place[1]}", tuple(parts), one.lines(), section)


def _introduction(
    x: Array, w: Array, window: Window, biases: Array | None, activation: str, flip: bool, output: Array
) -> tuple[str, ...]:
    products = w[..., 0].size
    said = [
        "At each place the kernel's one weight is multiplied by the value that it lies on."
        if products == 1
        else f"At each place the kernel's {products:,} weights are multiplied by the {products:,} values that they lie "
        "on, and the products are added up.",
        f"Image {times(x.shape)}, kernel {times(w.shape[:2])}, stride {setting(window.strides)}, "
        f"{border_text(window)}{_dilation_text(window)}: the result is {times(output.shape)}.",
        f"Rows: {size_text(x.shape[0], window, 0)}; columns: {size_text(x.shape[1], window, 1)}.",
    ]
    if flip:
        said.append(
            "The kernel is turned by 180° first: a convolution as mathematics has it. Networks do not turn it."
        )
    if biases is not None:
        said.append("A bias is added to each sum.")
    if activation != "linear":
        said.append(f"Then {activation_title(activation)} is applied to each sum.")
    return tuple(said)


def _dilation_text(window: Window) -> str:
    return "" if set(window.dilation) == {1} else f", dilation {setting(window.dilation)}"
