"""One step back through windows: convolution, pooling, transposed convolution, number by number."""

from typing import Any

import numpy as np

from app.scratch.layers.convolution import convolve, convolve_back, kernel_gradient
from app.scratch.windows import Window
from app.show.frames.frame import Frame, Grid, Mark, Part, Place, Walk, number_text
from app.workings.convolving import kernel_window
from app.workings.maps import Array, as_map, map_tone, rows_of, times, window_at
from app.workings.pooling import LAYERS, Kind, largest_of, pooling_window, seen
from app.workings.sums import Term, in_brackets, products_text
from app.workings.transposing import transposed_window
from app.workings.units import as_vector

MOST_CELLS = 400
"""Cells of a map whose gradients are all worked out."""


def as_gradient(values: Any, shape: tuple[int, ...]) -> Array:
    """Return ∂L/∂y in the shape of the output; None: 1 everywhere, which is the gradient of the sum of all outputs.

    Raises:
        ValueError: it has another shape.
    """
    if values is None:
        return np.ones(shape)
    g = as_map(values, "the gradient")[..., 0] if len(shape) == 2 else as_vector(values, "the gradient")
    if g.shape != shape:
        raise ValueError(f"the gradient has the shape of the output, {times(shape)}, not {times(g.shape)}")
    return g


def one_channel(values: Any, what: str) -> Array:
    """Return numbers as rows and columns.

    Raises:
        ValueError: they have channels, or are too many to be shown one by one.
    """
    x = as_map(values, what)
    if x.shape[-1] != 1:
        raise ValueError(f"a step back is shown of one channel; {what} has {x.shape[-1]}")
    if x.size > MOST_CELLS:
        raise ValueError(
            f"{what} has {x.size:,} numbers, too many to show each (at most {MOST_CELLS}); give a part"
        )
    return x[..., 0]


def walk_convolution_back(
    image: Any, kernel: Any, gradient: Any = None, stride: Any = 1, padding: Any = "valid", dilation: Any = 1
) -> Walk:
    """Return the steps of ∂L/∂w[i] = Σ_o x[o·s + i]·g[o], of ∂L/∂b = Σ g and of ∂L/∂x = Σ g[o]·w[i], g = ∂L/∂y.

    Args:
        image: rows and columns.
        kernel: rows and columns.
        gradient: g, shaped as the output; None: 1 everywhere.
        stride: as forward.
        padding: as forward.
        dilation: as forward.

    Raises:
        ValueError: an array or a setting that makes no sense.

    >>> walk = walk_convolution_back([[1, 2], [3, 4]], [[1, 0], [0, 1]])
    >>> walk.arrays["by_kernel"].tolist(), walk.arrays["by_image"].tolist()
    ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]])
    """
    x, w = one_channel(image, "the image"), one_channel(kernel, "the kernel")
    window = kernel_window(x[..., None], w[..., None, None], stride, padding, dilation)
    g = as_gradient(gradient, window.outputs)
    batch, upper = x[None, ..., None], g[None, ..., None]
    by_kernel = kernel_gradient(batch, upper, window)[..., 0, 0]
    by_image = convolve_back(upper, w[..., None, None], window)[0, ..., 0]
    output = convolve(batch, w[..., None, None], window)[0, ..., 0]
    frames = (*_by_kernel(x, g, by_kernel, window), *_by_image(x, w, g, by_image, window))
    return Walk(
        f"Convolution, one step back: {times(w.shape)} kernel, {times(x.shape)} image",
        frames,
        (
            "g is the gradient of the loss by each number of the feature map.",
            "A weight met one number of the image at every place: its gradient is the sum of these numbers times g.",
            "A number of the image met a weight at some places: its gradient is the sum of these weights times g.",
            f"The gradient by the bias is the sum of g: {number_text(float(g.sum()))}.",
        ),
        (),
        {
            "operation": "convolution, backward",
            "by_kernel": by_kernel.tolist(),
            "by_image": by_image.tolist(),
            "by_bias": float(g.sum()),
        },
        {
            "input": x,
            "kernel": w,
            "gradient": g,
            "output": output,
            "by_kernel": by_kernel,
            "by_image": by_image,
        },
    )


def _bordered(x: Array, window: Window, cells: tuple[Place, ...], caption: str) -> Grid:
    (above, below), (left, right) = window.borders
    padded = np.zeros((x.shape[0] + above + below, x.shape[1] + left + right))
    padded[above : above + x.shape[0], left : left + x.shape[1]] = x
    sides = (above, below, left, right)
    return Grid(
        caption, rows_of(padded), (Mark("window", cells),), map_tone(x), float(np.abs(x).max()), sides
    )


def _by_kernel(x: Array, g: Array, by_kernel: Array, window: Window) -> list[Frame]:
    (above, _), (left, _) = window.borders
    frames = []
    for number, (i, j) in enumerate(np.ndindex(by_kernel.shape)):
        cells = tuple(
            (
                row * window.strides[0] + i * window.dilation[0],
                column * window.strides[1] + j * window.dilation[1],
            )
            for row, column in np.ndindex(g.shape)
        )
        terms = []
        for (row, column), upper in zip(cells, g.ravel(), strict=True):
            at = row - above, column - left
            is_border = not (0 <= at[0] < x.shape[0] and 0 <= at[1] < x.shape[1])
            terms.append(Term(at, 0.0 if is_border else float(x[at]), float(upper), is_border))
        result = Grid("∂L/∂w", rows_of(by_kernel), (Mark("result", ((i, j),)),), shown=number + 1)
        parts: tuple[Part, ...] = (
            _bordered(x, window, cells, "image"),
            "×",
            Grid("g", rows_of(g)),
            "→",
            result,
        )
        line = f"{products_text(terms)} = {number_text(float(by_kernel[i, j]))}"
        frames.append(Frame(f"weight at row {i}, column {j}", parts, (line,), "gradient by the kernel"))
    return frames


def _by_image(x: Array, w: Array, g: Array, by_image: Array, window: Window) -> list[Frame]:
    (above, _), (left, _) = window.borders
    met: dict[Place, list[tuple[Place, Place]]] = {}
    for row, column in np.ndindex(g.shape):
        for k, cell in enumerate(window_at(window, row, column)):
            at = cell[0] - above, cell[1] - left
            met.setdefault(at, []).append(((row, column), (k // w.shape[1], k % w.shape[1])))
    frames = []
    for number, at in enumerate(np.ndindex(x.shape)):
        pairs = met.get((at[0], at[1]), [])
        terms = [Term(place, float(g[place]), float(w[cell])) for place, cell in pairs]
        marks = (
            (Mark("window", tuple(place for place, _ in pairs)),),
            (Mark("window", tuple(c for _, c in pairs)),),
        )
        result = Grid("∂L/∂x", rows_of(by_image), (Mark("result", ((at[0], at[1]),)),), shown=number + 1)
        parts = (Grid("g", rows_of(g), marks[0]), "×", Grid("kernel", rows_of(w), marks[1]), "→", result)
        line = f"{products_text(terms)} = {number_text(float(by_image[at]))}"
        if not pairs:
            line = "No window sees this number: its gradient is 0."
        frames.append(Frame(f"image at row {at[0]}, column {at[1]}", parts, (line,), "gradient by the image"))
    return frames


def walk_pooling_back(
    image: Any,
    kind: Kind = "max",
    gradient: Any = None,
    size: Any = 2,
    stride: Any = None,
    padding: Any = "valid",
) -> Walk:
    """Return the steps back through a pooling: max sends g to the largest cell, mean an equal share to each.

    Args:
        image: rows and columns of the map that was pooled.
        kind: `max`, `mean` or `sum`.
        gradient: g = ∂L/∂y, shaped as the output; None: 1 everywhere.
        size: as forward.
        stride: as forward.
        padding: as forward.

    Raises:
        ValueError: an array or a setting that makes no sense.

    >>> walk = walk_pooling_back([[1, 5], [2, 3]], "max", [[8]])
    >>> walk.arrays["by_image"].tolist(), walk.frames[0].working[0]
    ([[0.0, 8.0], [0.0, 0.0]], 'max_id: row 0, column 1. It gets the whole gradient: 8')
    """
    x = one_channel(image, "the map")
    window = pooling_window(x[..., None], kind, size, stride, padding)
    layer = LAYERS[kind](window.size, window.strides, padding if isinstance(padding, str) else window.borders)
    output, back = layer.forward(x[None, ..., None])
    g = as_gradient(gradient, window.outputs)
    by_image = back(g[None, ..., None])[0][0, ..., 0]
    so_far, frames = np.zeros_like(x), []
    for place in np.ndindex(g.shape):
        cells = seen(x[..., None], window, (place[0], place[1]), 0)
        upper = float(g[place])
        at = largest_of(cells)
        for cell, _ in cells:
            share = {"max": float(cell == at), "mean": 1 / len(cells), "sum": 1.0}[kind]
            so_far[cell] += share * upper
        places = tuple(cell for cell, _ in cells)
        marks = (Mark("window", places), *([Mark("chosen", (at,))] if kind == "max" else []))
        parts = (
            Grid("map", rows_of(x), marks, map_tone(x)),
            Grid("g", rows_of(g), (Mark("window", ((place[0], place[1]),)),)),
            "→",
            Grid("∂L/∂x so far", rows_of(so_far), (Mark("result", places if kind != "max" else (at,)),)),
        )
        line = {
            "max": f"max_id: row {at[0]}, column {at[1]}. It gets the whole gradient: {number_text(upper)}",
            "mean": f"each of {len(cells)} cells gets {in_brackets(upper)} / {len(cells)} = "
            f"{number_text(upper / len(cells))}",
            "sum": f"each of {len(cells)} cells gets {number_text(upper)}",
        }[kind]
        frames.append(Frame(f"row {place[0]}, column {place[1]}", parts, (line,)))
    introduction = {
        "max": "Only the largest number of a window changed the result: it gets the whole gradient, the others get 0. "
        "Of several equally large ones the first gets it, row by row.",
        "mean": "Each number of a window changed the mean equally, so each gets an equal share of the gradient.",
        "sum": "Each number of a window changed the sum as much as itself, so each gets the whole gradient.",
    }[kind]
    total = f"g adds up to {number_text(float(g.sum()))}, ∂L/∂x to "
    return Walk(
        f"{kind.capitalize()} pooling, one step back: {times(window.size)} windows on {times(x.shape)}",
        tuple(frames),
        (introduction, "Where windows overlap, what a number gets from each is added up."),
        (f"{total}{number_text(float(by_image.sum()))}.",),
        {"operation": f"{kind} pooling, backward", "by_image": by_image.tolist()},
        {"input": x, "gradient": g, "output": output[0, ..., 0], "by_image": by_image},
    )


def walk_transposed_back(
    image: Any,
    kernel: Any,
    gradient: Any = None,
    stride: Any = 1,
    padding: Any = "valid",
    output_padding: Any = None,
) -> Walk:
    """Return the steps back through a transposed convolution: an ordinary one, of g with the same kernel.

    Raises:
        ValueError: an array or a setting that makes no sense.

    >>> walk_transposed_back([[1]], [[1, 2], [3, 4]]).arrays["by_image"].tolist()
    [[10.0]]
    """
    x, w = one_channel(image, "the input"), one_channel(kernel, "the kernel")
    window = transposed_window(x, w, stride, padding, output_padding)
    size = tuple(n - sum(cut) for n, cut in zip(window.sizes, window.borders, strict=True))
    g = as_gradient(gradient, size)
    upper = g[None, ..., None]
    by_image = convolve(upper, w[..., None, None], window)[0, ..., 0]
    by_kernel = kernel_gradient(upper, x[None, ..., None], window)[..., 0, 0]
    (above, _), (left, _) = window.borders
    frames = []
    for number, place in enumerate(np.ndindex(x.shape)):
        cells = window_at(window, place[0], place[1])
        terms = []
        for k, (i, j) in enumerate(cells):
            at = i - above, j - left
            is_cut = not (0 <= at[0] < g.shape[0] and 0 <= at[1] < g.shape[1])
            terms.append(Term(at, 0.0 if is_cut else float(g[at]), float(w.ravel()[k]), is_cut))
        result = Grid(
            "∂L/∂x", rows_of(by_image), (Mark("result", ((place[0], place[1]),)),), shown=number + 1
        )
        parts = (_bordered(g, window, cells, "g"), "×", Grid("kernel", rows_of(w)), "→", result)
        line = f"{products_text(terms)} = {number_text(float(by_image[place]))}"
        frames.append(Frame(f"input row {place[0]}, column {place[1]}", parts, (line,)))
    return Walk(
        f"Transposed convolution, one step back: {times(g.shape)} to {times(x.shape)}",
        tuple(frames),
        (
            "Back through a transposed convolution goes an ordinary convolution: the kernel slides over the gradient.",
        ),
        (),
        {
            "operation": "transposed convolution, backward",
            "by_image": by_image.tolist(),
            "by_kernel": by_kernel.tolist(),
        },
        {"input": x, "kernel": w, "gradient": g, "by_image": by_image, "by_kernel": by_kernel},
    )
