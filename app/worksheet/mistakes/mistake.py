"""A mistake as a recogniser reports it, and how tables of recognisers are gone through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.counting.rows import Row, Shape
from app.worksheet.answers import Value
from app.worksheet.cases import LayerCase

Recogniser = Callable[[LayerCase], Value | None]
"""Returns what the mistake it is named after would give; None where it cannot be made."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that gives the number a student wrote."""

    name: str
    """The same for all students."""
    words: str
    """What to tell the student."""
    value: Value
    """What the mistake gives."""


def try_all(table: Mapping[Recogniser, str], case: LayerCase) -> Iterator[Mistake]:
    """Yield what each recogniser of a table makes of the case."""
    for recogniser, words in table.items():
        value = recogniser(case)
        if value is not None:
            yield Mistake(recogniser.__name__.replace("_", " "), words, value)


def parameters_of(row: Row | None) -> int | None:
    """Return a row's parameters, if there is one."""
    return None if row is None else int(row.parameters)


def macs_of(row: Row | None) -> int | None:
    """Return a row's multiply-accumulates, if there is one."""
    return None if row is None else int(row.multiply_accumulates)


def with_depth(case: LayerCase, channels: int) -> tuple[Shape, ...]:
    """Return the inputs with another number of channels."""
    return tuple((*shape[:-1], channels) for shape in case.inputs)


def is_pooling(case: LayerCase) -> bool:
    """Return whether the layer is a pooling with a window."""
    return case.kind.family == "Pooling" and case.kind.slides


def is_colour_image(case: LayerCase) -> bool:
    """Return whether the layer reads an image of three channels."""
    return case.reads_image and case.inputs[0][-1] == 3
