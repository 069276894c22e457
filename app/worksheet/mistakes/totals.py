"""Mistakes with the totals below the table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.counting.rows import FLOAT_BYTES
from app.questions.answers import UNITS
from app.questions.question import Mistake
from app.worksheet.cases import LayerCase
from app.worksheet.mistakes.parameters import has_bias, kernel_weights

BITS = 8
TWINS = {"kB": "KiB", "KiB": "kB", "MB": "MiB", "MiB": "MB", "GB": "GiB", "GiB": "GB"}
SMALLER = {"MB": "kB", "MiB": "KiB", "GB": "MB", "GiB": "MiB", "kB": "MB", "KiB": "MiB"}


@dataclass(frozen=True)
class Totals:
    """The columns that are added up, by the names of the layers."""

    cases: Mapping[str, LayerCase]
    parameters: Mapping[str, int]
    macs: Mapping[str, int]

    @property
    def non_trainable(self) -> int:
        """The parameters that are not trained."""
        return sum(int(case.row.non_trainable) for case in self.cases.values())


def output_layer_left_out(terms: Mapping[str, int]) -> Iterator[Mistake]:
    """Yield the sum without the last layer that adds something, if it is the network's last."""
    name = list(terms)[-1]
    words = f"the output layer ({name}) is left out of the total"
    yield Mistake("output layer left out", words, sum(terms.values()) - terms[name])


def layer_left_out(terms: Mapping[str, int]) -> Iterator[Mistake]:
    """Yield the sums without one layer each; the output layer has words of its own."""
    for name in list(terms)[:-1]:
        words = f"{name} is left out of the total"
        yield Mistake("layer left out", words, sum(terms.values()) - terms[name])


def layer_counted_twice(terms: Mapping[str, int]) -> Iterator[Mistake]:
    """Yield the sums with one layer twice."""
    for name, term in terms.items():
        yield Mistake("layer counted twice", f"{name} is added twice", sum(terms.values()) + term)


def biases_forgotten(totals: Totals) -> int:
    """Return the parameters without any bias."""
    return sum(
        (kernel_weights(totals.cases[name]) or 0) if has_bias(totals.cases[name]) else number
        for name, number in totals.parameters.items()
    )


def moving_statistics_forgotten(totals: Totals) -> int:
    """Return the trainable parameters."""
    return sum(totals.parameters.values()) - totals.non_trainable


def moving_statistics_counted_as_trainable(totals: Totals) -> int:
    """Return all parameters."""
    return sum(totals.parameters.values())


def macs_for_parameters(totals: Totals) -> int:
    """Return the sum of the multiply-accumulates."""
    return sum(totals.macs.values())


def parameters_for_macs(totals: Totals) -> int:
    """Return the sum of the parameters."""
    return sum(totals.parameters.values())


def counted_as_two_operations(totals: Totals) -> int:
    """Return 2·MACs."""
    return 2 * sum(totals.macs.values())


TotalRecogniser = Callable[[Totals], int]
SUM_MISTAKES: dict[str, dict[TotalRecogniser, str]] = {
    "parameters": {
        biases_forgotten: "the biases are forgotten in every layer",
        moving_statistics_forgotten: "what is not trained is left out; all parameters are asked for",
        macs_for_parameters: "these are the multiply-accumulates, not the parameters",
    },
    "trainable parameters": {
        moving_statistics_counted_as_trainable: "what is not trained (moving statistics, frozen "
        "layers) is counted too; only what is trained is asked for"
    },
    "MACs": {
        parameters_for_macs: "these are the parameters, not the multiply-accumulates",
        counted_as_two_operations: "a product and its addition count as one here, not two",
    },
}


def find_in_sum(quantity: str, totals: Totals) -> Iterator[Mistake]:
    """Yield what mistakes would make of a total of `quantity`."""
    column = totals.macs if quantity == "MACs" else totals.parameters
    terms = {name: number for name, number in column.items() if number}
    missing = totals.non_trainable if quantity == "trainable parameters" else 0
    if len(terms) > 1:
        for recogniser in (output_layer_left_out, layer_left_out, layer_counted_twice):
            for found in recogniser(terms):
                assert isinstance(found.value, int)
                yield Mistake(found.name, found.words, found.value - missing)
    for simple, words in SUM_MISTAKES[quantity].items():
        yield Mistake(simple.__name__.replace("_", " "), words, simple(totals))


def other_kind_of_unit(size_bytes: int, unit: str) -> Fraction:
    """Return the size in MiB for MB, in MB for MiB."""
    return Fraction(size_bytes, UNITS[TWINS[unit]])


def bytes_for_the_unit(size_bytes: int, unit: str) -> Fraction:  # noqa: ARG001
    """Return the bytes."""
    return Fraction(size_bytes)


def bits_counted(size_bytes: int, unit: str) -> Fraction:
    """Return the size in bits."""
    return Fraction(size_bytes * BITS, UNITS[unit])


def one_byte_a_parameter(size_bytes: int, unit: str) -> Fraction:
    """Return the parameters, without their four bytes."""
    return Fraction(size_bytes // 4, UNITS[unit])


def half_precision(size_bytes: int, unit: str) -> Fraction:
    """Return the size with two bytes a parameter."""
    return Fraction(size_bytes // 2, UNITS[unit])


def double_precision(size_bytes: int, unit: str) -> Fraction:
    """Return the size with eight bytes a parameter."""
    return Fraction(size_bytes * 2, UNITS[unit])


def neighbouring_unit(size_bytes: int, unit: str) -> Fraction:
    """Return the size in kB for MB, and so on."""
    return Fraction(size_bytes, UNITS[SMALLER[unit]])


MEMORY_MISTAKES: dict[Callable[[int, str], Fraction], str] = {
    other_kind_of_unit: "the wrong kind of unit: kB, MB, GB are powers of 10^3, KiB, MiB, GiB of 2^10",
    bytes_for_the_unit: "these are bytes; divide by the unit",
    bits_counted: "these are bits; a byte is eight of them",
    one_byte_a_parameter: "one byte a parameter is counted; in float32 there are four",
    half_precision: "two bytes a parameter are counted; in float32 there are four",
    double_precision: "eight bytes a parameter are counted; in float32 there are four",
    neighbouring_unit: "wrong by a factor of a thousand: another unit",
}


def find_in_memory(unit: str, totals: Totals) -> Iterator[Mistake]:
    """Yield what mistakes would make of the memory of the parameters, in `unit`."""
    size_bytes = FLOAT_BYTES * sum(totals.parameters.values())
    for recogniser, words in MEMORY_MISTAKES.items():
        name = recogniser.__name__.replace("_", " ")
        yield Mistake(name, words, recogniser(size_bytes, unit))
    for found in find_in_sum("parameters", totals):
        assert isinstance(found.value, int)
        yield Mistake(found.name, found.words, Fraction(FLOAT_BYTES * found.value, UNITS[unit]))
