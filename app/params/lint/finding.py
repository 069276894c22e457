"""A finding, and the network as the rules look at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.counting.counted import Counted
from app.counting.layers import layer_class
from app.counting.layers.activations import activation_name
from app.counting.rows import Row


@dataclass(frozen=True)
class Finding:
    """One thing to point at."""

    layer: str
    rule: str
    what: str
    why: str
    advice: str


class Inspection:
    """A network with its rows by name, their readers and their activations."""

    def __init__(self, counted: Counted) -> None:
        self.sheet, self.loss = counted.sheet, counted.loss
        self.rows = counted.sheet.rows
        self.named = {row.name: row for row in self.rows}
        self.readers: dict[str, list[Row]] = {row.name: [] for row in self.rows}
        for row in self.rows:
            for name in row.inputs:
                self.readers.setdefault(name, []).append(row)

    @property
    def outputs(self) -> list[Row]:
        """The rows that are the network's outputs."""
        named = [self.named[name] for name in self.sheet.outputs if name in self.named]
        return named or [row for row in self.rows if not self.readers[row.name]]

    def settings(self, row: Row) -> Mapping[str, Any] | None:
        """Return what the layer was told; None where that is not known."""
        return row.arguments or None

    def sources(self, row: Row) -> list[Row]:
        """Return the rows that a row reads."""
        return [self.named[name] for name in row.inputs if name in self.named]

    def upstream(self, row: Row) -> Iterator[Row]:
        """Yield every row that a row depends on, nearest first."""
        seen: set[str] = set()
        waiting = self.sources(row)
        while waiting:
            source = waiting.pop(0)
            if source.name not in seen:
                seen.add(source.name)
                yield source
                waiting += self.sources(source)

    def has_weights_behind(self, row: Row) -> bool:
        """Return whether a layer with weights depends on a row."""
        waiting, known = [row], {row.name}
        while waiting:
            for reader in self.readers[waiting.pop().name]:
                if is_weighted(reader):
                    return True
                if reader.name not in known:
                    known.add(reader.name)
                    waiting.append(reader)
        return False

    def activation(self, row: Row) -> str | None:
        """Return the activation that a row applies: `linear` where there is none, None if unknown."""
        if own := layer_class(row.kind).activation:
            return own
        settings = self.settings(row)
        name = None if settings is None else activation_name(settings.get("activation"))
        return name and name.lower()

    def final_activation(self, row: Row) -> tuple[Row, str | None]:
        """Return what an output ends with, and the row that applies it."""
        while layer_class(row.kind).keeps_values and len(self.sources(row)) == 1:
            row = self.sources(row)[0]
        return row, self.activation(row)


def is_weighted(row: Row) -> bool:
    """Return whether a row multiplies by weights: a convolution or a dense layer."""
    return layer_class(row.kind).is_weighted or bool(row.unknown and "Conv" in row.kind)
