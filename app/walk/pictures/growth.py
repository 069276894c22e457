"""Parameters against the side of the picture: a dense layer grows with n², a convolution does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.counting.formulas import conv_parameters, dense_parameters
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

SIDES = (28, 56, 112, 224, 448)
LARGEST = 100_000


@dataclass(frozen=True)
class Growth(ShowsReport, ShowsFigure):
    """Parameters of a dense layer and of a convolution, for pictures of several sizes."""

    sides: tuple[int, ...]
    channels: int
    units: int
    kernel: int
    filters: int

    @property
    def dense(self) -> list[int]:
        """(n·n·c + 1)·u for each side."""
        return [int(dense_parameters(n * n * self.channels, self.units)) for n in self.sides]

    @property
    def convolution(self) -> int:
        """(k·k·c + 1)·f, whatever the side."""
        return int(conv_parameters((self.kernel, self.kernel), self.channels, self.filters))

    def draw(self) -> Any:
        """Return both as curves over the side."""
        from app.walk.pictures.figures.growth import draw_growth

        return draw_growth(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table of both, and how the dense layer grows from line to line."""
        dense = self.dense
        rows = tuple(
            (
                f"{n}×{n}×{self.channels}",
                f"{count:,}",
                f"{count / dense[i - 1]:.2f}" if i else "",
                f"{self.convolution:,}",
            )
            for i, (n, count) in enumerate(zip(self.sides, dense, strict=True))
        )
        columns = (
            "picture",
            f"dense layer, {self.units} units",
            "times the line before",
            f"{self.filters} filters {self.kernel}×{self.kernel}",
        )
        words = (
            f"Dense: (n·n·{self.channels} + 1)·{self.units}. Convolution: "
            f"({self.kernel}·{self.kernel}·{self.channels} + 1)·{self.filters} = {self.convolution:,} at every size.",
            "Each doubling of n gives the dense layer about four times as many: it grows with n², not exponentially.",
        )
        data = {"sides": list(self.sides), "dense": dense, "convolution": self.convolution}
        title = "Parameters against the size of the picture"
        return Document(title, (Table(columns, rows, numbers=(1, 2, 3)), *map(Paragraph, words)), data)


def parameter_growth(
    sides: Sequence[int] = SIDES, channels: int = 1, units: int = 100, kernel: int = 3, filters: int = 32
) -> Growth:
    """Return the parameters of a dense layer and of a convolution on n×n pictures.

    Args:
        sides: n, in pixels, growing.
        channels: of the picture.
        units: of the dense layer.
        kernel: of the convolution, along an axis.
        filters: of the convolution.

    Raises:
        ValueError: a number is out of range.

    >>> parameter_growth([256], units=1).dense
    [65537]
    """
    numbers = (*sides, channels, units, kernel, filters)
    if not sides or list(sides) != sorted(set(sides)) or not all(1 <= n <= LARGEST for n in numbers):
        raise ValueError(
            f"sides grow, and all numbers are from 1 to {LARGEST:,}, not {', '.join(map(str, numbers))}"
        )
    return Growth(tuple(sides), channels, units, kernel, filters)
