"""A residual block in numbers: y = relu(F(x) + x), and what is left of it when its weights are 0."""

import numpy as np

from app.scratch.loops import convolve
from app.show.frames.frame import Frame, Grid, Mark, Walk

X = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0], [2.0, 1.0, 0.0]])
FIRST = np.array([[0.0, 1.0, 0.0], [1.0, -2.0, 1.0], [0.0, 1.0, 0.0]])
SECOND = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, -1.0], [0.0, 0.0, 0.0]])
"""Two small kernels; any would do."""


def residual_walk(x: np.ndarray = X, first: np.ndarray = FIRST, second: np.ndarray = SECOND) -> Walk:
    """Return a residual block step by step, then the same block with both kernels 0.

    Args:
        x: a map, (rows, columns).
        first: the first kernel, with an odd number of rows and columns.
        second: the second.

    Raises:
        ValueError: x is no map, or a kernel has an even side.

    >>> walk = residual_walk()
    >>> walk.facts["y"][1], walk.facts["without weights"] == X.tolist()
    ([6.0, 0.0, 4.0], True)
    """
    for name, kernel in (("first", first), ("second", second)):
        if kernel.ndim != 2 or kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
            raise ValueError(f"the {name} kernel has an odd number of rows and columns, not {kernel.shape}")
    if x.ndim != 2:
        raise ValueError(f"x is a map of rows and columns, not of {x.ndim} axes")
    frames, values = _block(x, first, second, "with weights")
    still, left = _block(x, np.zeros_like(first), np.zeros_like(second), "all weights 0")
    facts = {name: value.tolist() for name, value in values.items()} | {"without weights": left["y"].tolist()}
    ending = (
        "x passes unchanged" if np.array_equal(left["y"], x) else "x passes, and what is below 0 becomes 0"
    )
    return Walk(
        "A residual block: y = relu(F(x) + x)",
        (*frames, *still),
        ("F is convolution, ReLU, convolution, with a border of zeros; x is added to what comes out.",),
        (
            f"With all weights 0, F(x) = 0 and y = relu(x): {ending}. A plain block would put out 0.",
            "The slope of y by x is F′(x) + 1 where y is positive: the 1 carries the gradient past the weights.",
        ),
        facts,
        {"x": x, "first": first, "second": second, **values},
    )


def _block(
    x: np.ndarray, first: np.ndarray, second: np.ndarray, section: str
) -> tuple[list[Frame], dict[str, np.ndarray]]:
    one = _same(x, first)
    rectified = np.maximum(one, 0)
    two = _same(rectified, second)
    total = two + x
    y = np.maximum(total, 0)
    row, column = (size // 2 for size in x.shape)
    mark = (Mark("result", ((row, column),)),)
    pointed = (Mark("window", ((row, column),)),)
    largest = float(max(np.abs(a).max() for a in (x, one, two, total)) or 1)

    def grid(caption: str, values: np.ndarray, marks: tuple[Mark, ...] = ()) -> Grid:
        return Grid(caption, values.tolist(), marks, largest=largest)

    at = f"row {row}, column {column}"
    a, b, f, xi = (float(m[row, column]) for m in (one, rectified, two, x))
    frames = [
        Frame(
            "the first convolution",
            (grid("x", x), "∗", Grid("first kernel", first.tolist()), "=", grid("W1·x", one, mark)),
            (f"{at}: {a:g}",),
            section,
        ),
        Frame(
            "ReLU",
            (grid("W1·x", one, pointed), "→", grid("relu(W1·x)", rectified, mark)),
            (f"{at}: max(0, {a:g}) = {b:g}",),
            section,
        ),
        Frame(
            "the second convolution",
            (
                grid("relu(W1·x)", rectified),
                "∗",
                Grid("second kernel", second.tolist()),
                "=",
                grid("F(x)", two, mark),
            ),
            (f"{at}: {f:g}",),
            section,
        ),
        Frame(
            "the shortcut adds x",
            (grid("F(x)", two, pointed), "+", grid("x", x, pointed), "=", grid("F(x) + x", total, mark)),
            (f"{at}: {f:g} + {xi:g} = {f + xi:g}",),
            section,
        ),
        Frame(
            "ReLU",
            (grid("F(x) + x", total, pointed), "→", grid("y", y, mark)),
            (f"{at}: max(0, {f + xi:g}) = {max(f + xi, 0):g}",),
            section,
        ),
    ]
    return frames, {"F(x)": two, "F(x) + x": total, "y": y}


def _same(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the convolution of a map with a border of zeros, so that it keeps its size."""
    return convolve(x[None, ..., None], kernel[..., None, None], padding="same")[0, ..., 0]
