"""A mistake as a recogniser reports it, and how tables of recognisers are gone through."""

from collections.abc import Callable, Iterator, Mapping

from app.counting.rows import Row
from app.questions.answers import Value
from app.questions.question import Mistake
from app.worksheet.cases import LayerCase

Recogniser = Callable[[LayerCase], Value | Row | None]
"""Returns what the mistake it is named after would give, or the row it would make; None where it cannot be
made."""
IN_ROW: dict[str, Callable[[Row], Value]] = {
    "output": lambda row: row.output_shape,
    "parameters": lambda row: int(row.parameters),
    "MACs": lambda row: int(row.multiply_accumulates),
}
"""What a row says of a quantity."""


def try_all(table: Mapping[Recogniser, str], case: LayerCase, quantity: str) -> Iterator[Mistake]:
    """Yield what each recogniser of a table makes of a quantity of the case."""
    for recogniser, words in table.items():
        value = recogniser(case)
        if isinstance(value, Row):
            value = IN_ROW[quantity](value)
        if value is not None:
            yield Mistake(recogniser.__name__.replace("_", " "), words, value)
