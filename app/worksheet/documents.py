"""Worksheets and their answer keys as reports."""

from fractions import Fraction
from typing import Any

from app.show.document import Document, Paragraph, Table
from app.worksheet.answers import Value, write_value
from app.worksheet.cases import LayerCase
from app.worksheet.forms import FORM_COLUMNS, SHEET_COLUMNS, form_rows, question
from app.worksheet.worksheet import MACS, OUTPUT, PARAMETERS, SEES, TOTAL, Cell, Worksheet

ROW_QUANTITIES = (OUTPUT, PARAMETERS, MACS, SEES)
RULES = (
    "Shapes are height × width × channels. Where nothing is said: stride 1, one group, with a bias; "
    "“valid” is no padding, and a ZeroPadding2D adds its number of cells on every side (1+2: one before, "
    "two after). A multiply-accumulate (MAC) counts once; biases are not counted. “sees” is the receptive "
    "field of one cell, away from the borders, in pixels of the input. An output or “sees” is left empty "
    "where it only repeats a blank above. A parameter takes 4 bytes; kB and MB "
    "are 10^3 and 10^6 bytes, KiB and MiB 2^10 and 2^20; give a memory with three digits."
)
NAME = "Name: ____________________    Date: ____________"


def blank_text(number: int) -> str:
    """Return a blank as it is printed."""
    return f"({number}) {12 * '_'}"


def sheet_document(worksheet: Worksheet, with_form: bool = False) -> Document:
    """Return the worksheet: the count of the network with its blanks.

    Args:
        worksheet: what to print.
        with_form: with a table for the answers, for formats in which they can be typed.
    """
    student = worksheet.identity.student
    rows = tuple(_sheet_row(case, worksheet) for case in worksheet.cases.values())
    totals = tuple(
        (_total_name(cell), _cell_text(worksheet, cell))
        for cell in worksheet.cells.values()
        if cell.layer == TOTAL
    )
    blocks: list[Paragraph | Table] = [
        Paragraph(f"Name: {student}" if student else NAME),
        Table(SHEET_COLUMNS, rows, numbers=(5, 6), prose=(2,), is_form=True),
    ]
    if totals:
        blocks.append(Table(("total", "value"), totals, numbers=(1,), is_form=True))
    blocks += [Paragraph(RULES), Paragraph(f"Sheet: {worksheet.identity}")]
    if with_form:
        blocks.append(Table(FORM_COLUMNS, tuple(form_rows(worksheet))))
    title = f"Worksheet: {worksheet.identity.network}"
    return Document(title, tuple(blocks), _sheet_data(worksheet))


def _sheet_row(case: LayerCase, worksheet: Worksheet) -> tuple[str, ...]:
    row = case.row
    shown = (
        write_value(row.output_shape),
        f"{row.parameters:,}",
        f"{row.multiply_accumulates:,}" if row.multiply_accumulates else "",
        row.field.text() if row.field else "–",
    )
    numbers = [worksheet.number(row.name, quantity) for quantity in ROW_QUANTITIES]
    cells = [
        blank_text(number) if number else "" if (row.name, quantity) in worksheet.hidden else text
        for quantity, number, text in zip(ROW_QUANTITIES, numbers, shown, strict=True)
    ]
    return (row.name, row.kind, case.settings, ", ".join(case.parents), *cells)


def _total_name(cell: Cell) -> str:
    return f"{cell.quantity} in {cell.unit}" if cell.unit else cell.quantity


def _cell_text(worksheet: Worksheet, cell: Cell) -> str:
    number = worksheet.number(*cell.place)
    return write_value(cell.value) if number is None else blank_text(number)


def as_json(value: Value) -> Any:
    """Return a value for a machine: a shape as a list, a memory as a number of its unit."""
    if isinstance(value, tuple):
        return [int(n) for n in value]
    return float(value) if isinstance(value, Fraction) else int(value)


def _sheet_data(worksheet: Worksheet) -> dict[str, Any]:
    """Return the sheet for machines; a blank is `{"blank": 3}`."""

    def shown(layer: str, quantity: str, value: Value | None) -> Any:
        number = worksheet.number(layer, quantity)
        if number is not None:
            return {"blank": number}
        return None if value is None or (layer, quantity) in worksheet.hidden else as_json(value)

    layers = [
        {
            "layer": name,
            "kind": case.row.kind,
            "settings": case.settings,
            "reads": [*case.parents],
            OUTPUT: shown(name, OUTPUT, case.row.output_shape),
            PARAMETERS: shown(name, PARAMETERS, int(case.row.parameters)),
            MACS: shown(name, MACS, int(case.row.multiply_accumulates)),
            SEES: shown(name, SEES, case.row.field.window_sizes() if case.row.field else None),
        }
        for name, case in worksheet.cases.items()
    ]
    totals = {
        _total_name(cell): shown(*cell.place, cell.value)
        for cell in worksheet.cells.values()
        if cell.layer == TOTAL
    }
    identity = worksheet.identity
    return {
        "sheet": str(identity),
        "network": identity.network,
        "student": identity.student,
        "layers": layers,
        "totals": totals,
    }


def key_document(worksheet: Worksheet, is_marked_inside: bool = False) -> Document:
    """Return the answers, with their workings.

    Args:
        worksheet: whose answers.
        is_marked_inside: with the mark of a key in the table, for formats that have nothing but tables.
    """
    rows = tuple(
        (str(number), question(cell), write_value(cell.value), cell.working)
        for number, cell in worksheet.blanks.items()
    )
    identity = worksheet.identity
    who = f" ({identity.student})" if identity.student else ""
    columns = ("number", "question", "answer", "working")
    data = {
        "key": identity.of_key(),
        "answers": [
            {
                "number": number,
                "layer": cell.layer,
                "quantity": cell.quantity,
                "unit": cell.unit,
                "answer": as_json(cell.value),
                "working": cell.working,
            }
            for number, cell in worksheet.blanks.items()
        ],
    }
    title = f"Answer key: {identity.network}{who}"
    if is_marked_inside:
        table = Table(columns, (("key", identity.of_key(), "", ""), *rows))
        return Document(title, (table,), data)
    return Document(title, (Table(columns, rows), Paragraph(f"Key: {identity.of_key()}")), data)
