"""The rows of a count: one per layer call, and the sheet that adds them up."""

from dataclasses import dataclass

from app.counting.count import NONE, Count
from app.counting.fields import Field

Shape = tuple[int, ...]
"""A shape without the batch axis."""


@dataclass(frozen=True)
class Row:
    """One call of one layer, worked out by hand."""

    name: str
    kind: str
    """The layer's class, as Keras names it."""
    output_shape: Shape
    trainable: Count = NONE
    non_trainable: Count = NONE
    multiply_accumulates: Count = NONE
    field: Field | None = None
    """The receptive field; None where the input is not an image."""
    shared_with: str = ""
    """Name of the row that counts the weights, where one layer is called again."""

    @property
    def parameters(self) -> int:
        """All parameters, trained or not."""
        return self.trainable + self.non_trainable


@dataclass(frozen=True)
class Sheet:
    """A network worked out row by row."""

    name: str
    rows: tuple[Row, ...]
    output_shapes: tuple[Shape, ...]

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
        """The multiply-accumulates of one forward pass of one image."""
        return sum(row.multiply_accumulates for row in self.rows)

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shapes of the inputs."""
        return tuple(row.output_shape for row in self.rows if row.kind == "InputLayer")

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
