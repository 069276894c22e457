"""What a student must believe after the answers given: wrong ones carried on to where they lead."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.counting.rows import FLOAT_BYTES, Shape
from app.questions.answers import UNITS, Value, agrees
from app.worksheet.cases import LARGEST_SIZE, LayerCase, MapReach, reach_before
from app.worksheet.mistakes.parameters import kernel_weights
from app.worksheet.mistakes.totals import Totals
from app.worksheet.worksheet import MACS, MEMORY, OUTPUT, PARAMETERS, SEES, TOTAL, TRAINABLE, Cell, Worksheet

Place = tuple[str, str]


@dataclass(frozen=True)
class Consequence:
    """A value as it follows from earlier answers."""

    value: Value
    sources: frozenset[int] = frozenset()
    """Numbers of the wrong answers it builds on; empty: it is the right value."""


@dataclass
class Beliefs:
    """A student's sheet: each value as answered, as shown, or as it follows from the others."""

    worksheet: Worksheet
    answers: Mapping[int, Value]
    cases: dict[str, LayerCase] = field(default_factory=dict)
    """The layers with inputs as the student believes them to be."""
    values: dict[Place, Consequence] = field(default_factory=dict)
    consequences: dict[Place, tuple[Consequence, ...]] = field(default_factory=dict)
    """Every value that is a correct step on from earlier answers."""

    def settle(self, place: Place, true: Value, *following: Consequence) -> None:
        """Record the values that would be correct here, and the one that the student goes on with.

        Args:
            place: a cell.
            true: its value.
            following: what would be correct given the earlier answers.
        """
        self.consequences[place] = following
        number = self.worksheet.number(*place)
        if number is None:
            is_hidden = place in self.worksheet.hidden
            self.values[place] = following[0] if is_hidden else Consequence(true)
        elif number in self.answers:
            given = self.answers[number]
            wrong = not agrees(given, true)
            self.values[place] = Consequence(given, frozenset({number} if wrong else ()))
        else:
            self.values[place] = following[0]

    def column(self, quantity: str) -> dict[str, int]:
        """Return what the student has in a column, as whole numbers."""
        values = {name: self.values.get((name, quantity)) for name in self.cases}
        return {
            name: value.value
            for name, value in values.items()
            if value is not None and isinstance(value.value, int)
        }

    def sources_in(self, quantity: str) -> frozenset[int]:
        """Return the wrong answers that a column builds on."""
        places = [(name, quantity) for name in self.cases]
        return frozenset().union(*(self.values[p].sources for p in places if p in self.values))

    def sources_of(self, cell: Cell) -> frozenset[int]:
        """Return the wrong answers that a cell builds on."""
        return frozenset().union(*(c.sources for c in self.consequences[cell.place]))

    @property
    def totals(self) -> Totals:
        """The columns as the student has them."""
        return Totals(self.cases, self.column(PARAMETERS), self.column(MACS))

    @property
    def true_totals(self) -> Totals:
        """The columns as they are."""
        cases = self.worksheet.cases
        return Totals(
            cases,
            {name: int(case.row.parameters) for name, case in cases.items()},
            {name: int(case.row.multiply_accumulates) for name, case in cases.items()},
        )


def follow_answers(worksheet: Worksheet, answers: Mapping[int, Value]) -> Beliefs:
    """Return what follows, row by row, from the answers to the worksheet."""
    beliefs = Beliefs(worksheet, answers)
    reaches: dict[str, MapReach | None] = {}
    for name, case in worksheet.cases.items():
        believed = _believed(case, beliefs, reaches)
        beliefs.cases[name] = believed
        _settle_row(name, case, believed, beliefs)
        reaches[name] = _believed_reach(name, believed, beliefs)
    _settle_totals(beliefs)
    return beliefs


def _believed(case: LayerCase, beliefs: Beliefs, reaches: Mapping[str, MapReach | None]) -> LayerCase:
    """Return the case with inputs and reach as the student believes them to be."""
    before = reach_before(case.row, [reaches[name] for name in case.parents])
    shapes = tuple(_shape(beliefs.values[name, OUTPUT].value) for name in case.parents)
    earlier = beliefs.cases[case.parents[0]].inputs[0] if case.earlier else None
    # A shape with another number of axes, which no layer would take, is not followed.
    is_sane = list(map(len, shapes)) == list(map(len, case.inputs))
    row = case.row if shapes == case.inputs or not is_sane else case.recount(shapes)
    if row is None or not is_sane:
        return dataclasses.replace(case, before=before)
    row = dataclasses.replace(row, name=case.row.name)
    return dataclasses.replace(case, row=row, inputs=shapes, before=before, earlier=earlier)


def _shape(value: Value) -> Shape:
    return value if isinstance(value, tuple) else ()


def _believed_reach(name: str, believed: LayerCase, beliefs: Beliefs) -> MapReach | None:
    seen = beliefs.values.get((name, SEES))
    if seen is None or believed.after is None or not isinstance(seen.value, tuple):
        return believed.after
    is_sane = len(seen.value) == 2 and max(seen.value) <= LARGEST_SIZE
    return MapReach(seen.value, believed.after.jumps) if is_sane else believed.after


def _settle_row(name: str, case: LayerCase, believed: LayerCase, beliefs: Beliefs) -> None:
    sources = frozenset().union(*(beliefs.values[p, OUTPUT].sources for p in case.parents))
    if believed.inputs == case.inputs:
        sources = frozenset()
    row = believed.row
    beliefs.settle((name, OUTPUT), case.row.output_shape, Consequence(row.output_shape, sources))
    beliefs.settle((name, PARAMETERS), int(case.row.parameters), Consequence(int(row.parameters), sources))
    if case.row.multiply_accumulates:
        plain = Consequence(int(row.multiply_accumulates), sources)
        others = tuple(_macs_from_answers(name, believed, beliefs))
        # Whoever has answered the output of the layer goes on with that answer.
        beliefs.settle((name, MACS), int(case.row.multiply_accumulates), *others, plain)
    if case.after is not None and case.after != case.before and believed.after is not None:
        fields = frozenset().union(
            *(beliefs.values[p, SEES].sources for p in case.parents if (p, SEES) in beliefs.values)
        )
        beliefs.settle((name, SEES), case.after.sizes, Consequence(believed.after.sizes, fields))
    elif case.parents and (case.parents[0], SEES) in beliefs.values:
        beliefs.values[name, SEES] = beliefs.values[case.parents[0], SEES]


def _macs_from_answers(name: str, believed: LayerCase, beliefs: Beliefs) -> Iterator[Consequence]:
    """Yield the MACs that follow from the student's own output shape, or own parameters, of a layer."""
    output, parameters = beliefs.values[name, OUTPUT], beliefs.values[name, PARAMETERS]
    row = believed.row
    positions = math.prod(row.output_shape[:-1])
    if output.sources and isinstance(output.value, tuple):
        macs = row.multiply_accumulates * math.prod(output.value)
        if macs % math.prod(row.output_shape) == 0:
            yield Consequence(macs // math.prod(row.output_shape), output.sources)
        positions = math.prod(output.value[:-1])
    weights = kernel_weights(believed)
    if parameters.sources and isinstance(parameters.value, int) and weights is not None:
        biases = int(row.parameters) - weights
        macs = (parameters.value - biases) * positions
        yield Consequence(macs, parameters.sources | output.sources)


def _settle_totals(beliefs: Beliefs) -> None:
    true, totals = beliefs.true_totals, beliefs.totals
    right, summed = sum(true.parameters.values()), sum(totals.parameters.values())
    sources = beliefs.sources_in(PARAMETERS)
    beliefs.settle((TOTAL, PARAMETERS), right, Consequence(summed, sources))
    kept = true.non_trainable
    own = beliefs.values[TOTAL, PARAMETERS]
    parameters = [Consequence(own.value, own.sources), Consequence(summed, sources)]
    wholes = [(int(c.value), c.sources) for c in parameters if isinstance(c.value, int)]
    beliefs.settle((TOTAL, TRAINABLE), right - kept, *(Consequence(n - kept, s) for n, s in wholes))
    macs = Consequence(sum(totals.macs.values()), beliefs.sources_in(MACS))
    beliefs.settle((TOTAL, MACS), sum(true.macs.values()), macs)
    unit = UNITS[beliefs.worksheet.unit]
    sizes = [Consequence(Fraction(n * FLOAT_BYTES, unit), s) for n, s in wholes]
    beliefs.settle((TOTAL, MEMORY), Fraction(right * FLOAT_BYTES, unit), *sizes)
