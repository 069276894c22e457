"""The rows of a count: one per layer call, and the sheet that adds them up."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.counting.count import NONE, Count, product
from app.counting.fields import Field, Unseen, find_unseen

Shape = tuple[int, ...]
"""A shape without the batch axis. Sizes that were worked out are `Count`s and carry their working."""

FLOAT_BYTES = 4
"""Bytes of one number in float32."""


def shape_text(shape: Sequence[int | None]) -> str:
    """Return sizes as people write them: 26×26×32, `any` where one is left open."""
    return "×".join("any" if n is None else f"{n:,}" for n in shape)


@dataclass(frozen=True)
class Weight:
    """One array of numbers that a layer stores."""

    name: str
    """As Keras calls it: kernel, bias, gamma, moving_mean …"""
    shape: Shape
    is_trained: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, repr=False)
class Row:
    """One call of one layer, worked out by hand."""

    name: str
    """Unique in the sheet. A nested layer is `network/layer`, a second call `layer:2`."""
    kind: str
    """The layer's class, as Keras names it."""
    output_shape: Shape
    trainable: Count = NONE
    non_trainable: Count = NONE
    multiply_accumulates: Count = NONE
    connections: Count = NONE
    """Links into the layer's units: every value that a unit reads, and its bias."""
    weights: tuple[Weight, ...] = ()
    """The stored arrays; empty in a later call of a shared layer."""
    input_shapes: tuple[Shape, ...] = ()
    inputs: tuple[str, ...] = ()
    """Names of the rows whose outputs are read."""
    settings: str = ""
    """What the layer was told, in words: `32 filters 3×3, stride 2, same`."""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False)
    """What the layer was told, by the names of its arguments; from a file, all that Keras stores."""
    fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    """The receptive field in each input image, by the input's name."""
    value_bytes: int = FLOAT_BYTES
    """Bytes of one value of the output: 4 in float32, 2 in half precision."""
    shared_with: str = ""
    """Name of the row that counts the weights, where one layer is called again."""
    unknown: str = ""
    """Why this row has no formula; its multiply-accumulates are then not known (never zero)."""
    is_weighed: bool = True
    """Whether its parameters are known: by formula, or without one from the stored weights."""
    is_split_known: bool = True
    """Whether it is known which of the parameters are trained; without a formula a file does not say."""
    is_shape_known: bool = True
    """False where neither a formula nor the file says what comes out; `output_shape` is then empty."""

    def __repr__(self) -> str:
        shape = shape_text(self.output_shape) if self.is_shape_known else "?"
        known = "" if self.is_weighed else "≥ "
        return f"<{self.name}: {self.kind}, {shape}, {known}{self.parameters:,} parameters>"

    @property
    def parameters(self) -> int:
        """All parameters, trained or not."""
        return self.trainable + self.non_trainable

    @property
    def macs(self) -> Count:
        """`multiply_accumulates`, by the name that most people use."""
        return self.multiply_accumulates

    @property
    def working(self) -> str:
        """How the parameters are worked out, `(5·5·1 + 1)·10 = 260`; "" where there are none."""
        terms = [count.working for count in (self.trainable, self.non_trainable) if count.working]
        return f"{' + '.join(terms)} = {self.parameters:,}" if terms else ""

    @property
    def activation_bytes(self) -> Count:
        """The memory that the output takes for one image: values · bytes of a value."""
        if not self.is_shape_known:
            return NONE
        working = product(*self.output_shape, self.value_bytes)
        return Count(math.prod(self.output_shape) * self.value_bytes, working)

    @property
    def field(self) -> Field | None:
        """The receptive field, where there is just one input image; otherwise None."""
        return next(iter(self.fields.values())) if len(self.fields) == 1 else None


@dataclass(frozen=True, repr=False)
class Sheet:
    """A network worked out row by row."""

    name: str
    rows: tuple[Row, ...]
    output_shapes: tuple[Shape, ...]
    outputs: tuple[str, ...] = ()
    """Names of the rows that are the network's outputs."""

    def __repr__(self) -> str:
        known = "" if self.is_weighed else "≥ "
        return f"<{self.name}: {len(self.rows)} rows, {known}{self.parameters:,} parameters>"

    @property
    def trainable(self) -> int:
        """The trainable parameters of all rows together."""
        return sum(row.trainable for row in self.rows)

    @property
    def non_trainable(self) -> int:
        """The parameters that training by gradient leaves alone."""
        return sum(row.non_trainable for row in self.rows)

    @property
    def parameters(self) -> int:
        """All parameters, trained or not."""
        return self.trainable + self.non_trainable

    @property
    def multiply_accumulates(self) -> int:
        """The multiply-accumulates of one forward pass of one image, unknown rows left out."""
        return sum(row.multiply_accumulates for row in self.rows)

    @property
    def connections(self) -> int:
        """The connections of all rows together."""
        return sum(row.connections for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """The memory of all outputs together, as training keeps them, for one image."""
        return sum(row.activation_bytes for row in self.rows)

    @property
    def unknown(self) -> tuple[Row, ...]:
        """The rows without a formula; where there are any, the totals of work are lower bounds."""
        return tuple(row for row in self.rows if row.unknown)

    @property
    def is_weighed(self) -> bool:
        """Whether the parameters of all rows are known; if not, their total is a lower bound."""
        return all(row.is_weighed for row in self.rows)

    @property
    def is_split_known(self) -> bool:
        """Whether it is known of all parameters whether they are trained."""
        return all(row.is_split_known for row in self.rows)

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shapes of the inputs."""
        return tuple(row.output_shape for row in self.rows if row.kind == "InputLayer")

    def unseen(self) -> dict[str, Unseen]:
        """Return the pixels of each input image that no output sees, where all fields are known."""
        found = {}
        outputs = [self.row(name) for name in self.outputs]
        for row in self.rows:
            if row.kind == "InputLayer" and row.fields and all(row.name in o.fields for o in outputs):
                found[row.name] = find_unseen([output.fields[row.name] for output in outputs])
        return found

    def row(self, name: str) -> Row:
        """Return the row called `name`.

        Raises:
            ValueError: there is no such row.
        """
        for row in self.rows:
            if row.name == name:
                return row
        names = ", ".join(row.name for row in self.rows)
        raise ValueError(f"{self.name} has no layer {name!r}; its layers are: {names}")
