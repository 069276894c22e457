"""Two counts of one network, compared row by row.

Totals do not see strides or paddings: three stride layouts of ResNet-50, one of them wrong, have the
same total. So names, kinds, shapes and both parameter counts are compared, layer by layer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.counting.rows import Row, Shape

FURTHER = re.compile(r"\[\d+\]$")
"""How the name of a row ends that stands for the second, third … output of a call."""


@dataclass(frozen=True)
class LayerCount:
    """What a second witness says of one layer."""

    name: str
    kind: str
    output_shape: Shape
    trainable: int
    non_trainable: int


@dataclass(frozen=True)
class Difference:
    """One thing on which the two counts disagree."""

    layer: str
    quantity: str
    ours: object
    theirs: object
    witness: str = "Keras"

    def __str__(self) -> str:
        return f"{self.layer}: {self.quantity} is {self.ours} by hand, {self.theirs} in {self.witness}"


def compare_rows(ours: Sequence[Row], theirs: Iterable[LayerCount]) -> list[Difference]:
    """Return every difference between `ours` (chalkboard rows) and `theirs`; empty if there is none.

    Layers are matched by name, so that one missing layer is reported as missing and does not make
    all later rows differ.
    """
    unmatched: dict[str, LayerCount] = {}
    differences: list[Difference] = []
    for count in theirs:
        if count.name in unmatched:
            differences.append(Difference(count.name, "the layer", "one", "there twice"))
        unmatched.setdefault(count.name, count)
    for row in ours:
        other = unmatched.pop(row.name, None)
        if other is None and FURTHER.search(row.name) and not row.parameters:
            continue  # the second output of a call, of which Keras lists the first alone
        if other is None:
            differences.append(Difference(row.name, "the layer", "there", "missing"))
            continue
        for quantity in ("kind", "output_shape", "trainable", "non_trainable"):
            mine, other_value = getattr(row, quantity), getattr(other, quantity)
            if mine != other_value and not (quantity == "output_shape" and _agree(mine, other_value)):
                label = quantity.replace("_", " ")
                differences.append(Difference(row.name, label, mine, other_value))
    differences += [Difference(name, "the layer", "missing", "there") for name in unmatched]
    return differences


def _agree(ours: Shape, theirs: Sequence[int | None]) -> bool:
    """Return whether two shapes are the same, where the witness may leave sizes open."""
    return len(ours) == len(theirs) and all(n in (None, m) for m, n in zip(ours, theirs, strict=True))
