"""What a test finds of some images: numbers with a row an image, and sums over them; parts are put together again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.shards.columns import Columns, join_columns

SUM = "sum_"
"""What the columns of sums begin with, in a file."""


@dataclass(frozen=True)
class Part:
    """What was found of some images."""

    rows: Columns
    """Arrays with a row for each image, or for each map that was compared."""
    sums: Mapping[str, np.ndarray]
    """Sums over the images, of any shape."""

    @classmethod
    def of(cls, columns: Columns) -> Self:
        """Return the part that lies in the columns of a file."""
        rows = {name: values for name, values in columns.items() if not name.startswith(SUM)}
        sums = {name.removeprefix(SUM): values[0] for name, values in columns.items() if name.startswith(SUM)}
        return cls(rows, sums)

    def columns(self) -> dict[str, np.ndarray]:
        """Return all of it as columns; that of a sum has one row."""
        return {**self.rows, **{f"{SUM}{name}": values[None] for name, values in self.sums.items()}}


class Gathered:
    """Parts that are put together as they come: rows under one another, sums added in the order of the parts."""

    def __init__(self) -> None:
        self._rows: list[Columns] = []
        self._sums: dict[str, np.ndarray] = {}

    def add(self, part: Part) -> None:
        """Take in one more part.

        Raises:
            ValueError: it holds other sums than those before.
        """
        if self._rows and list(self._sums) != list(part.sums):
            raise ValueError(f"parts differ: sums {', '.join(self._sums)}, and {', '.join(part.sums)}")
        self._rows.append(part.rows)
        for name, value in part.sums.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value

    def whole(self) -> Part:
        """Return all parts as one.

        Raises:
            ValueError: their rows have other names.
        """
        return Part(join_columns(self._rows), self._sums)


def put_together(parts: Iterable[Part]) -> Part:
    """Return parts as one.

    >>> one = Part({"a": np.array([1])}, {"n": np.array(2.0)})
    >>> both = put_together([one, one])
    >>> both.rows["a"].tolist(), float(both.sums["n"])
    ([1, 1], 4.0)

    Raises:
        ValueError: they hold other things.
    """
    gathered = Gathered()
    for part in parts:
        gathered.add(part)
    return gathered.whole()
