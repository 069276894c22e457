"""The maps of a layer in numbers and in words, and what one cell of a map answers to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.counting.rows import shape_text
from app.maps.placement import Box


@dataclass(frozen=True)
class LayerMaps:
    """The maps of one layer for one image."""

    layer: str
    values: np.ndarray
    """(rows, columns, maps)."""

    @cached_property
    def dead(self) -> tuple[int, ...]:
        """The numbers of the maps that are 0 in every cell."""
        return tuple(int(k) for k in np.flatnonzero((self.values == 0).all(axis=(0, 1))))

    @cached_property
    def constant(self) -> tuple[int, ...]:
        """The numbers of the maps that have one value, not 0, in every cell."""
        same = (self.values == self.values[:1, :1]).all(axis=(0, 1))
        return tuple(int(k) for k in np.flatnonzero(same & (self.values[0, 0] != 0)))

    @property
    def count(self) -> int:
        """The number of maps."""
        return int(self.values.shape[-1])

    def strongest(self, count: int) -> list[int]:
        """Return the numbers of the `count` maps with the largest cells, the largest first."""
        peaks = self.values.max(axis=(0, 1))
        return [int(k) for k in np.argsort(-peaks, kind="stable")[:count]]

    def sentences(self) -> list[str]:
        """Return what there is to say of the maps, a line each."""
        values = self.values
        row, column, best = np.unravel_index(int(values.argmax()), values.shape)
        zero = float((values == 0).mean())
        lines = [
            f"{shape_text(values.shape)}, values {values.min():.3g} to {values.max():.3g}, {zero:.0%} of the "
            f"cells are 0; the largest is in map {best}, row {row}, column {column}".replace("%", " %")
        ]
        for units, one, many, what in (
            (self.dead, "is", "are", "0 everywhere for this image"),
            (self.constant, "has", "have", "one value everywhere"),
        ):
            if units:
                verb = one if len(units) == 1 else many
                lines.append(f"{len(units)} of {self.count} maps {verb} {what} ({listed(units)})")
        return lines


@dataclass(frozen=True)
class CloseUp:
    """One image and the strongest cell of one map."""

    value: float
    """The cell's activation."""
    cell: tuple[int, int]
    """Its row and column."""
    seen: np.ndarray
    """What it sees of the image, (rows, columns, channels); NaN where its window hangs over the edge."""
    projection: np.ndarray
    """The activation carried back to the image, summed over the colours, (height, width), signed."""
    projection_seen: np.ndarray
    """The part of it that the cell sees, (rows, columns)."""
    box: Box | None
    """What it sees, in pixels (`Placement.field_box`)."""


def listed(numbers: Sequence[int], most: int = 12) -> str:
    """Return numbers with commas between them, cut with an ellipsis after `most` of them."""
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")


def tally(labels: Sequence[str]) -> str:
    """Return labels counted, the most frequent first: `3 (7), 8 (2)`."""
    counted = sorted(set(labels), key=lambda label: (-labels.count(label), labels.index(label)))
    return ", ".join(f"{label} ({labels.count(label)})" for label in counted)
