"""Worksheets and their answer keys as reports."""

from fractions import Fraction
from typing import Any

from app.questions.answers import Value, write_value
from app.questions.documents import plain, question_blocks, question_data
from app.questions.question import Question
from app.show.document import PAGES, Block, Document, Paragraph, Table
from app.worksheet.cases import LayerCase
from app.worksheet.drawing import draw_layers
from app.worksheet.forms import FORM_COLUMNS, SHEET_COLUMNS, form_rows, question
from app.worksheet.titles import task, whose, write_title
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
ONE_BY_ONE = "Each layer reads the one above it."
NAME, DATE = f"Name: {30 * '_'}", f"Date: {12 * '_'}"
FOR_MARKING = "For marking:"
"""Stands before the code from which a sheet is built again."""


def blank_text(number: int) -> str:
    """Return a blank as it is printed."""
    return f"({number}) {12 * '_'}"


def sheet_document(worksheet: Worksheet, with_form: bool = False, format: str = "text") -> Document:
    """Return the worksheet: the count of the network with its blanks, then the questions.

    Args:
        worksheet: what to print.
        with_form: with a table for the answers, for formats in which they can be typed.
        format: in which it is going to be written; pages have drawings.
    """
    blocks: list[Block] = [Paragraph(_head(worksheet)), Paragraph(task(worksheet), keeps_with_next=True)]
    if worksheet.cases:
        blocks += _count_blocks(worksheet, format)
    if not with_form:
        for number, asked in worksheet.questions.items():
            blocks += question_blocks(asked, number, format)
    code = Paragraph(f"{FOR_MARKING} {worksheet.identity}", is_small=True)
    if with_form:
        blocks += [code, Table(FORM_COLUMNS, tuple(form_rows(worksheet, in_full=True)))]
    else:
        blocks.append(code)
    return Document(write_title(worksheet.identity), tuple(blocks), _sheet_data(worksheet))


def _head(worksheet: Worksheet) -> str:
    """Return the line for name, date and points; the number of a numbered sheet stands apart before it."""
    student = worksheet.identity.student
    parts = [whose(worksheet.identity).capitalize()] if student.isdecimal() else []
    parts += [f"Name: {student}" if student and not student.isdecimal() else NAME, DATE]
    return "    ".join([*parts, f"Points: ______ of {worksheet.points}"])


def _count_blocks(worksheet: Worksheet, format: str) -> list[Block]:
    """Return the table of the network, its totals, the rules, and on a page the network drawn."""
    columns: tuple[str, ...] = SHEET_COLUMNS
    rows = tuple(_sheet_row(case, worksheet) for case in worksheet.cases.values())
    rules, prose = RULES, (2, 3) if format in PAGES else (2,)
    if format in PAGES and _is_chain(worksheet):
        columns, rows = _without_reads(columns), tuple(map(_without_reads, rows))
        rules, prose = f"{ONE_BY_ONE} {RULES}", (2,)
    numbers = tuple(columns.index(name) for name in (PARAMETERS, MACS))
    totals = tuple(
        (_total_name(cell), _cell_text(worksheet, cell))
        for cell in worksheet.cells.values()
        if cell.layer == TOTAL
    )
    blocks: list[Block] = [Table(columns, rows, numbers=numbers, prose=prose, is_form=True)]
    if totals:
        blocks.append(Table(("total", "value"), totals, numbers=(1,), is_form=True))
    drawing = draw_layers(worksheet) if format in PAGES else None
    return [*([drawing] if drawing else []), *blocks, Paragraph(rules)]


def _is_chain(worksheet: Worksheet) -> bool:
    """Return whether each layer reads the one above, so that nobody has to be told."""
    names = list(worksheet.cases)
    reads = [case.parents for case in worksheet.cases.values()]
    return reads == [(), *((name,) for name in names[:-1])]


def _without_reads(cells: tuple[str, ...]) -> tuple[str, ...]:
    place = SHEET_COLUMNS.index("reads")
    return cells[:place] + cells[place + 1 :]


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
    data = {
        "sheet": str(identity),
        "network": identity.network,
        "student": identity.student,
        "points": worksheet.points,
        "layers": layers,
        "totals": totals,
    }
    if worksheet.questions:
        data["questions"] = [
            {"blank": number, **question_data(asked)} for number, asked in worksheet.questions.items()
        ]
    return data


def key_document(worksheet: Worksheet, is_marked_inside: bool = False) -> Document:
    """Return the answers, with their workings.

    Args:
        worksheet: whose answers.
        is_marked_inside: with the mark of a key in the table, for formats that have nothing but tables.
    """
    rows = tuple(
        (str(number), question(cell), answer_text(cell), working_text(cell))
        for number, cell in worksheet.asked.items()
    )
    identity = worksheet.identity
    who = f" ({whose(identity)})" if identity.student else ""
    columns = ("number", "question", "answer", "working")
    data = {
        "key": identity.of_key(),
        "answers": [
            {"number": number, **asked_data(cell), "answer": answer_data(cell), "working": working_text(cell)}
            for number, cell in worksheet.asked.items()
        ],
    }
    title = f"Answers: {write_title(identity)}{who}"
    if is_marked_inside:
        table = Table(columns, (("key", identity.of_key(), "", ""), *rows))
        return Document(title, (table,), data)
    foot = Paragraph(f"Key: {identity.of_key()}", is_small=True)
    table = Table(columns, rows, prose=(1, 3) if worksheet.questions else ())
    return Document(title, (table, foot), data)


def answer_text(cell: Cell | Question) -> str:
    """Return the right answer as it is written."""
    return cell.answer_text if isinstance(cell, Question) else write_value(cell.value)


def working_text(cell: Cell | Question) -> str:
    """Return the working in one line; steps are parted by semicolons."""
    return "; ".join(cell.steps) if isinstance(cell, Question) else cell.working


def answer_data(cell: Cell | Question) -> Any:
    """Return the right answer for machines."""
    return plain(cell.answer) if isinstance(cell, Question) else as_json(cell.value)


def asked_data(cell: Cell | Question) -> dict[str, Any]:
    """Return what is asked, for machines."""
    if isinstance(cell, Question):
        return {"kind": cell.kind, "question": cell.label, "points": cell.points}
    return {"layer": cell.layer, "quantity": cell.quantity, "unit": cell.unit}
