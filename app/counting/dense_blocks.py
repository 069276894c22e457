"""Dense blocks in a network: layers that each read every map made before them, and how many links that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.counting.count import Count
from app.counting.rows import Row, Sheet

JOINS = "Concatenate"
MOST_MAPS = 256
"""A join of more counts as a map of its own."""


@dataclass(frozen=True)
class DenseBlock:
    """What enters, and the layers that append their maps to all that they read."""

    source: str
    """The row whose maps enter the block."""
    layers: tuple[str, ...]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every direct connection: the row that made a map, and the layer that reads it."""
        maps = (self.source, *self.layers)
        return [(maps[j], layer) for i, layer in enumerate(self.layers) for j in range(i + 1)]

    @property
    def connections(self) -> Count:
        """The direct connections: L(L + 1)/2 with L layers, since the l-th reads l maps.

        What reads all of them behind the block is none of its layers, and is not counted.
        Source: Huang, Liu, van der Maaten and Weinberger 2017, §1.
        """
        size = len(self.layers)
        return Count(len(self.links), f"{size}·({size} + 1)/2")


def find_dense_blocks(sheet: Sheet) -> list[DenseBlock]:
    """Return the dense blocks of two or more layers, each as long as it is.

    A layer is a convolution, or two of which the first reads the block (a bottleneck). What works on a map
    by itself (normalisation, activation, pooling) is no layer, and joining makes no map.
    """
    makers = _makers(sheet.rows)
    rows = {row.name: row for row in sheet.rows}
    blocks: dict[str, DenseBlock] = {}
    for row in reversed(sheet.rows):  # the longest join of a block comes last
        source, *layers = makers[row.name]
        if row.kind == JOINS and len(layers) > 1 and source not in blocks:
            block = _block(source, layers, rows, makers)
            if block is not None:
                blocks[source] = block
    return list(reversed(blocks.values()))


def _makers(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return for each row the rows that made the maps that come out of it, in order."""
    makers: dict[str, tuple[str, ...]] = {}
    for row in rows:
        read = _inputs(row, makers)
        joins = row.kind == JOINS and len(read) <= MOST_MAPS
        passes = len(row.inputs) == 1 and not row.multiply_accumulates and not row.unknown
        makers[row.name] = read if joins or passes else (row.name,)
    return makers


def _inputs(row: Row, makers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the rows whose maps a row reads."""
    return tuple(dict.fromkeys(maker for name in row.inputs for maker in makers.get(name, ())))


def _block(
    source: str, layers: Sequence[str], rows: Mapping[str, Row], makers: Mapping[str, tuple[str, ...]]
) -> DenseBlock | None:
    """Return the block of these layers, or None where one of them does not read all before it."""
    for i, layer in enumerate(layers):
        before = (source, *layers[:i])
        read = _inputs(rows[layer], makers)
        if read != before and len(read) == 1:
            read = _inputs(rows[read[0]], makers)  # through its bottleneck
        if read != before:
            return None
    return DenseBlock(source, tuple(layers))
