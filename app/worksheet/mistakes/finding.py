"""What a recogniser reports, and how tables of recognisers are gone through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.counting.rows import Row, Shape
from app.worksheet.answers import Value
from app.worksheet.cases import Case

Recogniser = Callable[[Case], Value | None]
"""Returns what the mistake it is named after would give; None where it cannot be made."""


@dataclass(frozen=True)
class Finding:
    """A mistake that gives the number a student wrote."""

    mistake: str
    """Its name, the same for all students."""
    words: str
    """What to tell the student."""
    value: Value
    """What the mistake gives."""


def try_all(table: Mapping[Recogniser, str], case: Case) -> Iterator[Finding]:
    """Yield what each recogniser of a table makes of the case."""
    for recogniser, words in table.items():
        value = recogniser(case)
        if value is not None:
            yield Finding(recogniser.__name__.replace("_", " "), words, value)


def parameters_of(row: Row | None) -> int | None:
    """Return a row's parameters, if there is one."""
    return None if row is None else int(row.parameters)


def macs_of(row: Row | None) -> int | None:
    """Return a row's multiply-accumulates, if there is one."""
    return None if row is None else int(row.multiply_accumulates)


def with_depth(case: Case, channels: int) -> tuple[Shape, ...]:
    """Return the inputs with another number of channels."""
    return tuple((*shape[:-1], channels) for shape in case.inputs)


def is_colour_image(case: Case) -> bool:
    """Return whether the layer reads an image of three channels."""
    return case.reads_image and case.inputs[0][-1] == 3
