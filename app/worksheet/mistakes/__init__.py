"""Mistakes that are recognised by the number they give: what a wrong answer was meant to be."""

from collections.abc import Iterator

from app.questions.answers import Value, agrees
from app.questions.question import Mistake
from app.worksheet.cases import LayerCase
from app.worksheet.mistakes.fields import FIELD_MISTAKES
from app.worksheet.mistakes.mistake import try_all
from app.worksheet.mistakes.operations import MAC_MISTAKES
from app.worksheet.mistakes.outputs import OUTPUT_MISTAKES
from app.worksheet.mistakes.parameters import PARAMETER_MISTAKES
from app.worksheet.mistakes.slips import LAST_RESORTS, SLIPS, copied_from_another_row, find_slips
from app.worksheet.mistakes.totals import Totals, find_in_memory, find_in_sum
from app.worksheet.worksheet import MACS, MEMORY, OUTPUT, PARAMETERS, SEES, TOTAL, Cell, Worksheet

TABLES = {OUTPUT: OUTPUT_MISTAKES, PARAMETERS: PARAMETER_MISTAKES, MACS: MAC_MISTAKES, SEES: FIELD_MISTAKES}


def possible_mistakes(cell: Cell, case: LayerCase | None, totals: Totals) -> Iterator[Mistake]:
    """Yield what each mistake that can be made with a cell would give."""
    if case is not None:
        yield from try_all(TABLES[cell.quantity], case, cell.quantity)
    elif cell.quantity == MEMORY:
        yield from find_in_memory(cell.unit, totals)
    elif cell.layer == TOTAL:
        yield from find_in_sum(cell.quantity, totals)


def recognise(
    given: Value, cell: Cell, worksheet: Worksheet, case: LayerCase | None, totals: Totals
) -> list[Mistake]:
    """Return the mistakes that lead from the right answer of `cell` to `given`.

    Args:
        given: a wrong answer.
        cell: what was asked.
        worksheet: the sheet it was asked on.
        case: the layer, as it is or as the student's earlier answers make it; None for a total.
        totals: the columns that totals add up, likewise.
    """
    suspects = [
        *possible_mistakes(cell, case, totals),
        *copied_from_another_row(cell, worksheet),
        *find_slips(given, cell, SLIPS),
    ]
    found = {
        suspect.words: suspect
        for suspect in suspects
        if agrees(given, suspect.value) and not agrees(suspect.value, cell.value)
    }
    return list(found.values()) or list(find_slips(given, cell, LAST_RESORTS))
