"""What changes from one network to another, row by row.

Rows are aligned by what they are told and store, never by their place: a layer that is put in moves no
other one. Names count only if asked for.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.counting.layers import layer_class
from app.counting.rows import Row

Quantity = Callable[[Row], object]

QUANTITIES: dict[str, Quantity] = {
    "kind": lambda row: row.kind,
    "settings": lambda row: row.settings,
    "output shape": lambda row: row.output_shape,
    "parameters": lambda row: row.parameters,
    "not trained": lambda row: row.non_trainable,
    "MACs": lambda row: row.multiply_accumulates,
    "sees": lambda row: tuple((field.window_sizes(), field.whole) for field in row.fields.values()),
    "centres": lambda row: tuple(
        (float(axis.start), float(axis.jump))
        for field in row.fields.values()
        if not field.whole
        for axis in field.axes
    ),
}
"""What is compared of two rows, in the order in which it is told."""


@dataclass(frozen=True)
class Change:
    """One row of the first network and the one in its place in the second; None: there is none."""

    first: Row | None
    second: Row | None
    quantities: tuple[str, ...]
    """What differs; empty where a row is missing on one side."""

    @property
    def name(self) -> str:
        """What the row is called, in the first network if it is there."""
        row = self.first or self.second
        return row.name if row else ""


def find_changes(first: Sequence[Row], second: Sequence[Row], with_names: bool = False) -> list[Change]:
    """Return every changed, missing or added row, from the input on; empty if there is none."""
    changes = []
    for one, other in align_rows(first, second):
        if one is None or other is None:
            changes.append(Change(one, other, ()))
            continue
        differing = [name for name, of in QUANTITIES.items() if of(one) != of(other)]
        if with_names and one.name != other.name:
            differing.insert(0, "name")
        if differing:
            changes.append(Change(one, other, tuple(differing)))
    return changes


def align_rows(first: Sequence[Row], second: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Return pairs of rows that take each other's place, in order.

    Rows that are told and store the same are paired first; between those, rows of one family: a
    convolution with a convolution of another kind. The others are missing on one side.
    """
    pairs: list[tuple[Row | None, Row | None]] = []
    for ones, others in _blocks(first, second, _identity):
        for same_ones, same_others in _blocks(ones, others, _family):
            if same_ones and same_others and _family(same_ones[0]) == _family(same_others[0]):
                pairs += zip(same_ones, same_others, strict=True)
            else:
                pairs += [*((row, None) for row in same_ones), *((None, row) for row in same_others)]
    return pairs


def _family(row: Row) -> str:
    return layer_class(row.kind).family or row.kind


def _identity(row: Row) -> object:
    return row.kind, row.settings, int(row.trainable), int(row.non_trainable), row.shared_with != ""


def _blocks(
    first: Sequence[Row], second: Sequence[Row], key: Callable[[Row], object]
) -> list[tuple[Sequence[Row], Sequence[Row]]]:
    """Return matching rows one by one, and between them the stretches that do not match."""
    keys, others = [key(row) for row in first], [key(row) for row in second]
    alike = 0
    while alike < min(len(keys), len(others)) and keys[alike] == others[alike]:
        alike += 1  # the common beginning need not be searched: a network of one repeated block is slow
    matcher = difflib.SequenceMatcher(None, keys[alike:], others[alike:], autojunk=False)
    blocks = [(first[n : n + 1], second[n : n + 1]) for n in range(alike)]
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        ones, twos = first[alike + i : alike + i_end], second[alike + j : alike + j_end]
        if tag == "equal":
            blocks += [(ones[n : n + 1], twos[n : n + 1]) for n in range(len(ones))]
        else:
            blocks.append((ones, twos))
    return blocks
