"""A worksheet: a network's count, which of its cells are blank, and questions of other kinds."""

import dataclasses
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from app.counting.chalkboard import Board
from app.counting.count import Count, product
from app.counting.rows import FLOAT_BYTES, Row
from app.questions.answers import UNITS, Value
from app.questions.draws import pick
from app.questions.kinds import KINDS
from app.questions.making import make_questions
from app.questions.question import Question
from app.worksheet.cases import LayerCase, can_be_worked_out, list_cases
from app.worksheet.identity import Identity, read_blanks, read_kinds
from app.worksheet.variants import vary_board

OUTPUT, PARAMETERS, MACS, SEES = "output", "parameters", "MACs", "sees"
TRAINABLE, MEMORY = "trainable parameters", "memory of the parameters"
DOZEN = 12
"""Blanks where no number is asked for."""
MOST_NAMED = 3
"""Kinds of questions that a title names; of more it says how many."""
CREDIT = 0.5
"""What an answer that follows from an earlier wrong one is worth."""
TOTAL = ""
"""Stands for the name of a layer in the cells below the table, which no layer can have."""


def write_topic(identity: Identity) -> str:
    """Return what a sheet is about: the network, the kinds of questions, or both.

    >>> write_topic(Identity("mnist", kinds="sizes.2-choice.1"))
    'mnist, sizes, choice'
    """
    kinds = [kind for kind, _ in read_kinds(identity.kinds)]
    named = [KINDS[kind].topic or kind if kind in KINDS else kind for kind in kinds]
    named = named if len(kinds) <= MOST_NAMED else [f"{len(kinds)} kinds of questions"]
    return ", ".join([*([identity.network] if identity.network else []), *named])


@dataclass(frozen=True)
class Cell:
    """One number or shape of the sheet, with its working."""

    layer: str
    """Name of the row, or `TOTAL`."""
    quantity: str
    value: Value
    working: str = ""
    unit: str = ""
    is_trivial: bool = False
    """True where there is nothing to work out; such cells are less often blank."""

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands."""
        return self.layer, self.quantity


@dataclass(frozen=True, repr=False)
class Worksheet:
    """A network's count with numbered blanks, and questions behind them; either may be missing."""

    identity: Identity
    cases: dict[str, LayerCase]
    cells: dict[tuple[str, str], Cell]
    """Everything that can be asked, by its place, in reading order."""
    blanks: dict[int, Cell]
    """What is asked about the network, by number."""
    questions: dict[int, Question] = field(default_factory=dict)
    """What else is asked, by number; the numbers go on behind the blanks'."""

    def __repr__(self) -> str:
        return f"<{self.words}>"

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        student = f" for {self.identity.student}" if self.identity.student else ""
        parts = [(len(self.blanks), "blanks"), (len(self.questions), "questions")]
        counted = " and ".join(f"{number} {what}" for number, what in parts if number)
        return f"worksheet about {self.topic}{student}: {counted}"

    @property
    def topic(self) -> str:
        """The network, the kinds of questions, or both."""
        return write_topic(self.identity)

    @property
    def asked(self) -> dict[int, Cell | Question]:
        """Everything that is asked, by number: blanks, then questions."""
        return {**self.blanks, **self.questions}

    @property
    def points(self) -> int:
        """All points of the sheet: one for each blank, and those of the questions."""
        return len(self.blanks) + sum(question.points for question in self.questions.values())

    @property
    def unit(self) -> str:
        """The unit in which the sheet asks for memory."""
        memory = self.cells.get((TOTAL, MEMORY))
        return memory.unit if memory else "MB"

    def number(self, layer: str, quantity: str) -> int | None:
        """Return the number of the blank at a place; None where the cell is not blank."""
        return self._numbers.get((layer, quantity))

    @functools.cached_property
    def hidden(self) -> frozenset[tuple[str, str]]:
        """Cells that stay empty because a layer without arithmetic (Flatten, ReLU) would repeat the blank above."""
        found: set[tuple[str, str]] = set()
        for name, case in self.cases.items():
            for quantity, value in _handed_on(case):
                for parent in case.parents:
                    place = parent, quantity
                    is_secret = place in found or self.number(*place) is not None
                    is_same = (quantity, value) in _handed_on(self.cases[parent])
                    if is_secret and is_same and self.number(name, quantity) is None:
                        found.add((name, quantity))
        return frozenset(found)

    @functools.cached_property
    def _numbers(self) -> dict[tuple[str, str], int]:
        return {cell.place: number for number, cell in self.blanks.items()}


def _handed_on(case: LayerCase) -> list[tuple[str, object]]:
    """Return what of a layer the next one may only repeat: its output's shape, and what a cell sees."""
    field = case.row.field
    values: list[tuple[str, object]] = [(OUTPUT, case.row.output_shape)]
    if field is not None and not field.whole:
        values.append((SEES, tuple(axis.sizes for axis in field.axes)))
    return values


def make_worksheet(board: Board | None, identity: Identity) -> Worksheet:
    """Return the worksheet that `identity` describes; its check is filled in.

    Args:
        board: the network; None where the sheet has none.
        identity: network, seed, student, and how much is asked.

    Raises:
        ValueError: there are not that many cells to blank, or questions of a kind that there is not.
    """
    nothing = Worksheet(dataclasses.replace(identity, check=""), {}, {}, {})
    count = nothing if board is None else _make_count(board, identity)
    if not identity.kinds:
        return count
    asked = make_questions(read_kinds(identity.kinds), identity.seed, identity.student)
    questions = dict(enumerate(asked, len(count.blanks) + 1))
    check = _digest((count.identity.check, [_facts(question) for question in asked]))
    return dataclasses.replace(
        count, identity=dataclasses.replace(count.identity, check=check), questions=questions
    )


def _facts(question: Question) -> tuple[object, ...]:
    """Return what makes a question the same one, in whatever words it is asked."""
    return (
        question.kind,
        question.label,
        question.givens,
        question.options,
        question.answer_text,
        question.points,
    )


def _make_count(board: Board, identity: Identity) -> Worksheet:
    source = f"{identity.network}|{identity.seed}|{identity.student}"
    if identity.vary:
        board = vary_board(board, Random(f"settings|{source}"))
    random = Random(f"blanks|{source}")
    cases = list_cases(board)
    cells = {cell.place: cell for cell in _find_cells(cases, pick(random, (0, 1)))}
    wanted = read_blanks(identity.blanks) if identity.blanks else min(DOZEN, len(cells))
    if not cells or (wanted is not None and wanted > len(cells)):
        raise ValueError(
            f"{identity.network} has {len(cells)} cells that can be worked out; "
            f"{identity.blanks} blanks were asked for: give at most {len(cells)}, or 'all'"
        )
    blanks = dict(enumerate(_choose(list(cells.values()), wanted, random), 1))
    blank = identity.blanks or str(wanted)
    checked = dataclasses.replace(identity, blanks=blank, check=_hash(cases, blanks))
    return Worksheet(checked, cases, cells, blanks)


def rebuild_worksheet(board: Board | None, identity: Identity) -> Worksheet:
    """Return the worksheet that an answers file was made with.

    Raises:
        ValueError: the network, or the line that names the sheet, is not the same any more.
    """
    worksheet = make_worksheet(board, identity)
    if worksheet.identity.check != identity.check:
        what = identity.network or "sheet"
        raise ValueError(
            f"its answers belong to another {what}: the {'network' if identity.network else 'questions'}, or the line "
            f"{identity}, has changed since the sheet was made"
        )
    return worksheet


def _choose(cells: Sequence[Cell], wanted: int | None, random: Random) -> list[Cell]:
    """Return `wanted` of the cells in reading order, such as need no work less often."""
    order = [(random.random() + cell.is_trivial, i) for i, cell in enumerate(cells)]
    return [cells[i] for i in sorted(i for _, i in sorted(order)[:wanted])]


def _hash(cases: dict[str, LayerCase], blanks: dict[int, Cell]) -> str:
    """Return eight digits that change with any number of the sheet and any choice of blanks."""
    rows = []
    for name, row in ((name, case.row) for name, case in cases.items()):
        shape = tuple(map(int, row.output_shape))
        rows.append((name, row.kind, shape, int(row.parameters), int(row.multiply_accumulates)))
    return _digest((rows, [(number, cell.place) for number, cell in blanks.items()]))


def _digest(facts: object) -> str:
    """Return the first eight digits of a hash of facts."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:8]


def _find_cells(cases: dict[str, LayerCase], binary: int) -> list[Cell]:
    rows = [case.row for case in cases.values()]
    cells = [cell for case in cases.values() if can_be_worked_out(case) for cell in _row_cells(case)]
    return cells + ([] if any(row.unknown for row in rows) else _total_cells(rows, binary))


def _row_cells(case: LayerCase) -> list[Cell]:
    row, shape, parameters = case.row, case.row.output_shape, int(case.row.parameters)
    cells = [Cell(row.name, OUTPUT, shape, _shape_working(case), is_trivial=shape in case.inputs)]
    if not row.shared_with:
        working = row.working
        cells.append(Cell(row.name, PARAMETERS, parameters, working, is_trivial=not parameters))
    if row.multiply_accumulates:
        macs = row.multiply_accumulates
        cells.append(Cell(row.name, MACS, int(macs), macs.sum_line()))
    return cells + _reach_cells(case)


def _shape_working(case: LayerCase) -> str:
    """Return how the sizes of the output are worked out: `28 − 5 + 1 = 24`, once if all are alike."""
    output = case.row.output_shape
    if case.row.kind == "Flatten":
        return f"{product(*case.inputs[0])} = {output[0]:,}"
    lines = [n.sum_line() for n in output if isinstance(n, Count) and n.working]
    return "; ".join(dict.fromkeys(lines))


def _reach_cells(case: LayerCase) -> list[Cell]:
    """Return the receptive field as a cell, where two ways to work it out agree."""
    field, after = case.row.field, case.after
    slides = case.before is not None and after is not None and after != case.before
    if not slides or field is None or field.whole or case.layer is None:
        return []
    if tuple(field.window_sizes()) != after.sizes:  # type: ignore[union-attr]
        return []
    working = f"{case.before.working(case.layer)} = {after.sizes[0]:,}"  # type: ignore[union-attr]
    return [Cell(case.row.name, SEES, after.sizes, working if len(set(after.sizes)) == 1 else "")]  # type: ignore[union-attr]


def _total_cells(rows: Sequence[Row], binary: int) -> list[Cell]:
    parameters, macs = (
        [int(row.parameters) for row in rows],
        [int(row.multiply_accumulates) for row in rows],
    )
    total, kept = sum(parameters), sum(int(row.non_trainable) for row in rows)
    cells = [Cell(TOTAL, PARAMETERS, total, _sum_working(parameters))] if total else []
    if kept:
        cells.append(Cell(TOTAL, TRAINABLE, total - kept, f"{total:,} − {kept:,} = {total - kept:,}"))
    if sum(macs):
        cells.append(Cell(TOTAL, MACS, sum(macs), _sum_working(macs)))
    if total:
        unit = memory_unit(total * FLOAT_BYTES, binary)
        working = f"{total:,}·{FLOAT_BYTES} / {UNITS[unit]:,}"
        value = Fraction(total * FLOAT_BYTES, UNITS[unit])
        cells.append(Cell(TOTAL, MEMORY, value, f"{working} = {float(value):.4g} {unit}", unit))
    return cells


def _sum_working(terms: Sequence[int]) -> str:
    counted = [term for term in terms if term]
    if len(counted) < 2:
        return ""
    return f"{' + '.join(f'{term:,}' for term in counted)} = {sum(counted):,}"


def memory_unit(size_bytes: int, binary: int) -> str:
    """Return the unit in which a size is a number below a thousand; binary: KiB instead of kB."""
    pairs = (("kB", "KiB"), ("MB", "MiB"), ("GB", "GiB"))
    for pair in pairs[:-1]:
        if size_bytes < 990 * UNITS[pair[0]]:
            return pair[binary]
    return pairs[-1][binary]
