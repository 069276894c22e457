"""A transposed convolution as a convolution over its input, spread with zeros and set in a border of zeros."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

MOST_CELLS = 60
"""Cells along an axis that are drawn."""


@dataclass(frozen=True)
class Stretched:
    """A square map with zeros between its cells and around them, and a kernel that slides over it with stride 1.

    Raises:
        ValueError: it is too large to be drawn, or the kernel does not fit.
    """

    size: int
    """Cells of the map along an axis."""
    kernel: int
    between: int = 0
    """Zeros between neighbouring cells: s − 1 for a transposed convolution with stride s."""
    border: int = 0
    """Zeros around: k − 1 − p for a transposed convolution that cuts p cells off each side."""

    def __post_init__(self) -> None:
        if min(self.size, self.kernel) < 1 or min(self.between, self.border) < 0:
            raise ValueError(
                f"a map and a kernel have 1 cell or more, not {self.size} and {self.kernel}; there are 0 or more "
                f"zeros between and around, not {self.between} and {self.border}"
            )
        if self.side > MOST_CELLS:
            raise ValueError(f"{self.side} cells along an axis are not drawn; at most {MOST_CELLS} are")
        if self.output < 1:
            raise ValueError(
                f"a kernel of {self.kernel} does not fit into {self.side} cells; add zeros around"
            )

    @property
    def side(self) -> int:
        """Cells along an axis with the zeros: n + (n − 1)·z + 2·b."""
        return self.size + (self.size - 1) * self.between + 2 * self.border

    @property
    def output(self) -> int:
        """Places of the kernel along an axis."""
        return self.side - self.kernel + 1

    @property
    def title(self) -> str:
        """What becomes what."""
        return f"{self.size}×{self.size} becomes {self.output}×{self.output}"

    def places(self) -> np.ndarray:
        """Return which cells along an axis hold numbers of the map."""
        return np.arange(self.size) * (self.between + 1) + self.border

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return a map of numbers with its zeros.

        >>> Stretched(2, 3, between=1).spread(np.array([[1, 2], [3, 4]])).tolist()
        [[1, 0, 2], [0, 0, 0], [3, 0, 4]]
        """
        found = np.zeros((self.side, self.side), values.dtype)
        found[np.ix_(self.places(), self.places())] = values
        return found

    def working(self) -> str:
        """Return the sum behind the output's size."""
        spread = f"{self.size} + {self.size - 1}·{self.between} + 2·{self.border} = {self.side}"
        return f"{spread}; {self.side} − {self.kernel} + 1 = {self.output}"


@dataclass(frozen=True)
class StretchesDrawn(ShowsReport, ShowsFigure):
    """Maps with their zeros, side by side."""

    maps: tuple[Stretched, ...]

    def draw(self) -> Any:
        """Return each map with its zeros, the kernel at its first place, and what comes out."""
        from app.walk.pictures.figures.stretch import draw_stretched

        return draw_stretched(self.maps)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table: zeros, sizes and the transposed convolution that it is."""
        rows = tuple(
            (
                each.title,
                str(each.between),
                str(each.border),
                each.working(),
                f"stride {each.between + 1}, each side cut by {cut}"
                if (cut := each.kernel - 1 - each.border) >= 0
                else "–",
            )
            for each in self.maps
        )
        columns = (
            "map",
            "zeros between",
            "zeros around",
            "cells along an axis",
            "as a transposed convolution",
        )
        words = "A transposed convolution is one of stride 1 over this larger map, with the kernel turned by 180°."
        data = [
            {
                "input": m.size,
                "kernel": m.kernel,
                "between": m.between,
                "border": m.border,
                "side": m.side,
                "output": m.output,
            }
            for m in self.maps
        ]
        return Document(
            "Convolutions over maps with zeros",
            (Table(columns, rows, numbers=(1, 2)), Paragraph(words)),
            data,
        )


ARTICLE = (Stretched(5, 3), Stretched(5, 3, border=1), Stretched(3, 3, border=2))
"""Article 004: 5×5 to 3×3, 5×5 to 5×5, 3×3 to 5×5."""


def stretched_maps(maps: Sequence[Stretched] = ARTICLE) -> StretchesDrawn:
    """Return maps with their zeros, ready to be drawn; without any, those of article 004."""
    return StretchesDrawn(tuple(maps))


def transposed_map(size: int, kernel: int, stride: int = 1, cut: int = 0) -> StretchesDrawn:
    """Return what a transposed convolution slides over.

    Args:
        size: cells of the map along an axis.
        kernel: taps along an axis.
        stride: cells of the output between two cells of the input.
        cut: cells cut off each side, p; at most k − 1.

    Raises:
        ValueError: the numbers do not go together.

    >>> transposed_map(3, 3, stride=2).maps[0].output
    7
    """
    if stride < 1 or not 0 <= cut < kernel:
        raise ValueError(
            f"the stride is 1 or more, and from 0 to {kernel - 1} cells are cut off, not {stride} and {cut}"
        )
    return StretchesDrawn((Stretched(size, kernel, stride - 1, kernel - 1 - cut),))
