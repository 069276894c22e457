"""Slips of the pen, which can happen to any number."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from app.questions.answers import Value
from app.questions.question import Mistake
from app.worksheet.worksheet import Cell, Worksheet

SHORTEST = 4
"""From this many digits on, one digit too many or too few is taken for a slip."""


def copied_from_another_row(cell: Cell, worksheet: Worksheet) -> Iterator[Mistake]:
    """Yield the same quantity of the other layers."""
    values: dict[Value, list[str]] = {}
    for other in worksheet.cells.values():
        if other.quantity == cell.quantity and other.place != cell.place and other.value:
            values.setdefault(other.value, []).append(other.layer or "the total")
    for value, names in values.items():
        words = f"this is the answer of another row ({', '.join(names[:2])})"
        yield Mistake("copied from another row", words, value)


def digits_of(value: Value) -> list[str]:
    """Return the numbers in a value as they are typed; none for a memory, which is rounded."""
    if isinstance(value, Fraction):
        return []
    return [str(int(n)) for n in value] if isinstance(value, tuple) else [str(int(value))]


def digits_swapped(given: Value, cell: Cell) -> bool:
    """Return whether two digits of one number changed places."""
    pairs = _one_difference(given, cell.value)
    if pairs is None:
        return False
    wrote, right = pairs
    different = [i for i in range(min(len(wrote), len(right))) if wrote[i] != right[i]]
    if len(wrote) != len(right) or len(different) != 2:
        return False
    i, j = different
    return (wrote[i], wrote[j]) == (right[j], right[i])


def digit_left_out_or_repeated(given: Value, cell: Cell) -> bool:
    """Return whether one digit of a long number is missing, or one is there too many."""
    pairs = _one_difference(given, cell.value)
    if pairs is None or len(pairs[1]) < SHORTEST:
        return False
    short, long = sorted(pairs, key=len)
    shortened = (long[:i] + long[i + 1 :] for i in range(len(long)))
    return len(long) == len(short) + 1 and short in shortened


def rounded(given: Value, cell: Cell) -> bool:
    """Return whether a large whole number is right to its first digits only."""
    value = cell.value
    if not isinstance(given, int) or not isinstance(value, int) or abs(value) < 10**SHORTEST:
        return False
    zeros = len(str(given)) - len(str(given).rstrip("0"))
    return zeros >= 2 and abs(given - value) <= 10**zeros // 2


SLIPS: dict[Callable[[Value, Cell], bool], str] = {
    digits_swapped: "two digits are swapped: a slip in writing"
}
LAST_RESORTS: dict[Callable[[Value, Cell], bool], str] = {
    digit_left_out_or_repeated: "one digit is missing, or one too many: a slip in writing",
    rounded: "rounded; the whole number is asked for",
}
"""What is thought of only where no other mistake gives the number."""


def find_slips(
    given: Value, cell: Cell, table: Mapping[Callable[[Value, Cell], bool], str]
) -> Iterator[Mistake]:
    """Yield the slips of a table that turn the right value into `given`."""
    for slip, words in table.items():
        if slip(given, cell):
            yield Mistake(slip.__name__.replace("_", " "), words, given)


def _one_difference(given: Value, value: Value) -> tuple[str, str] | None:
    """Return the one number that differs, as given and as it should be."""
    if isinstance(given, tuple) != isinstance(value, tuple):
        return None
    wrote, right = digits_of(given), digits_of(value)
    if len(wrote) != len(right):
        return None
    different = [(a, b) for a, b in zip(wrote, right, strict=True) if a != b]
    return different[0] if len(different) == 1 else None
