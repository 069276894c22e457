"""The maps of a layer, in numbers and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.counting.rows import shape_text


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
            f"{shape_text(values.shape)}, {values.min():.3g} to {values.max():.3g}, {zero:.0%} of the "
            f"cells 0; strongest: map {best}, row {row}, column {column}".replace("%", " %")
        ]
        for units, one, many, what in (
            (self.dead, "is", "are", "0 everywhere for this image"),
            (self.constant, "has", "have", "one value everywhere"),
        ):
            if units:
                verb = one if len(units) == 1 else many
                lines.append(f"{len(units)} of {self.count} maps {verb} {what} ({listed(units)})")
        return lines


def listed(numbers: Sequence[int], most: int = 12) -> str:
    """Return numbers with commas between them, cut with an ellipsis after `most` of them."""
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")
