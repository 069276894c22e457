"""Activations as curves: y = f(x) and its slope f′(x), by the functions of the networks in NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.scratch.functions import linear
from app.scratch.layers.activations import as_layer
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

FORMULAS = {
    "sigmoid": "1/(1 + e^−x)",
    "tanh": "tanh x",
    "relu": "max(0, x)",
    "leaky_relu": "x, below 0: 0.2·x",
    "relu6": "max(0, x), at most 6",
    "elu": "x, below 0: e^x − 1",
    "selu": "1.0507·x, below 0: 1.7581·(e^x − 1)",
    "softplus": "log(1 + e^x)",
    "silu": "x/(1 + e^−x)",
    "gelu": "x·Φ(x)",
    "mish": "x·tanh(log(1 + e^x))",
    "softsign": "x/(1 + |x|)",
    "hard_sigmoid": "(x + 3)/6 between 0 and 1",
    "hard_silu": "x·hard_sigmoid(x)",
    "linear": "x",
    "exponential": "e^x",
}
"""Activations of single values, by Keras' names."""
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
USUAL = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu")
"""What is drawn unless names are given."""
POINTS = 801
SHOWN = 9
"""Values of a table."""
FURTHEST = 1000.0


@dataclass(frozen=True)
class Curve:
    """One activation on a stretch of numbers."""

    name: str
    formula: str
    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True)
class Curves(ShowsReport, ShowsFigure):
    """Activations side by side."""

    curves: tuple[Curve, ...]

    def draw(self) -> Any:
        """Return a panel for each function, with its slope."""
        from app.walk.pictures.figures.curves import draw_curves

        return draw_curves(self.curves)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table of values for each function."""
        tables = tuple(_table(curve) for curve in self.curves)
        slopes = (
            Paragraph(f"{c.name}: slope from {c.slope.min():.3g} to {c.slope.max():.3g}") for c in self.curves
        )
        data = [
            {"name": c.name, "formula": c.formula, "x": _few(c.x), "y": _few(c.y), "slope": _few(c.slope)}
            for c in self.curves
        ]
        return Document("Activations and their slopes", (*tables, *slopes), data)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return x, and each function's y and slope by its name."""
        found = {"x": self.curves[0].x}
        for curve in self.curves:
            found |= {curve.name: curve.y, f"{curve.name}_slope": curve.slope}
        return found


def activation_curves(names: Sequence[str] = (), low: float = -4.0, high: float = 4.0) -> Curves:
    """Return activations and their slopes from `low` to `high`.

    Args:
        names: Keras' names; none: the usual eight.
        low: the smallest x.
        high: the largest.

    Raises:
        ValueError: there is no such activation, or no such stretch of numbers.

    >>> sigmoid = activation_curves(["sigmoid"]).curves[0]
    >>> float(sigmoid.y.max().round(3)), float(sigmoid.slope.max())
    (0.982, 0.25)
    """
    if not -FURTHEST <= low < high <= FURTHEST:
        raise ValueError(
            f"x runs from a number to a larger one within ±{FURTHEST:g}, not from {low:g} to {high:g}"
        )
    chosen = list(dict.fromkeys(OTHER_NAMES.get(name, name) for name in names)) or list(USUAL)
    for name in chosen:
        if name not in FORMULAS:
            raise ValueError(f"there is no curve of {name!r}; take {', '.join([*FORMULAS, *OTHER_NAMES])}")
    x = np.linspace(low, high, POINTS)
    return Curves(tuple(Curve(name, FORMULAS[name], x, *values_and_slopes(name, x)) for name in chosen))


def values_and_slopes(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return f(x) and f′(x) of an activation of single values, as the layers of `app.scratch` compute them."""
    layer = as_layer(name)
    if layer is None:
        y, slope = linear(x)
        return y, slope()
    y, back = layer.forward(x)
    return y, np.asarray(back(np.ones_like(x))[0], float)


def _few(values: np.ndarray) -> list[float]:
    return [round(float(value), 6) for value in values[:: (POINTS - 1) // (SHOWN - 1)]]


def _table(curve: Curve) -> Table:
    columns: Any = ("", *(f"{x:.3g}".replace("-", "−") for x in _few(curve.x)))
    rows = (
        ("y", *(f"{y:.3f}".replace("-", "−") for y in _few(curve.y))),
        ("slope", *(f"{s:.3f}".replace("-", "−") for s in _few(curve.slope))),
    )
    return Table(
        ("x", *columns[1:]), rows, f"{curve.name}: y = {curve.formula}", numbers=tuple(range(1, SHOWN + 1))
    )
