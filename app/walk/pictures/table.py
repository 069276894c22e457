"""LeNet-5's connection table: which maps of S2 each map of C3 reads, counted again."""

from dataclasses import dataclass
from typing import Any

from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from models.lenet5 import C3_READS

KERNEL = 5
"""C3's kernels are 5×5."""


@dataclass(frozen=True)
class ConnectionTable(ShowsReport, ShowsFigure):
    """Which input maps each output map reads."""

    reads: tuple[tuple[int, ...], ...]
    """For each map of C3, the maps of S2."""
    maps: int
    """Maps of S2."""

    @property
    def connections(self) -> int:
        """Pairs of maps that are joined."""
        return sum(map(len, self.reads))

    @property
    def parameters(self) -> int:
        """k·k weights for each pair, and a bias for each map."""
        return KERNEL * KERNEL * self.connections + len(self.reads)

    def draw(self) -> Any:
        """Return the table, a mark for each pair of maps that is joined."""
        from app.walk.pictures.figures.table import draw_table

        return draw_table(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the table, and what it comes to."""
        columns = ("S2 \\ C3", *(str(number) for number in range(len(self.reads))), "reads")
        rows = tuple(
            (
                str(i),
                *("X" if i in read else "" for read in self.reads),
                str(sum(i in read for read in self.reads)),
            )
            for i in range(self.maps)
        )
        total = ("reads", *(str(len(read)) for read in self.reads), str(self.connections))
        all_pairs = self.maps * len(self.reads)
        words = (
            f"{self.connections} of {self.maps}·{len(self.reads)} = {all_pairs} pairs of maps are joined: "
            f"{self._sum()} = {self.connections}.",
            f"C3 stores {KERNEL}·{KERNEL}·{self.connections} + {len(self.reads)} = {self.parameters:,} parameters; "
            f"with every pair joined it would be {KERNEL}·{KERNEL}·{all_pairs} + {len(self.reads)} = "
            f"{KERNEL * KERNEL * all_pairs + len(self.reads):,}.",
        )
        table = Table(columns, rows, numbers=tuple(range(1, len(columns))), total=total)
        data = {
            "reads": [list(read) for read in self.reads],
            "connections": self.connections,
            "parameters": self.parameters,
        }
        title = "LeNet-5: which maps of S2 each map of C3 reads"
        return Document(title, (table, *map(Paragraph, words)), data)

    def _sum(self) -> str:
        """Return `6·3 + 9·4 + 1·6`."""
        sizes = [len(read) for read in self.reads]
        return " + ".join(f"{sizes.count(size)}·{size}" for size in sorted(set(sizes)))


def connection_table() -> ConnectionTable:
    """Return LeNet-5's table. Source: LeCun et al. 1998, table I.

    >>> table = connection_table()
    >>> table.connections, table.parameters
    (60, 1516)
    """
    reads = tuple(map(tuple, C3_READS))
    return ConnectionTable(reads, 1 + max(max(read) for read in reads))
