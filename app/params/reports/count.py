"""The count of a network as a report: its rows, its totals, what was published of it."""

from collections.abc import Sequence
from typing import Any

from app.counting.counted import Counted
from app.counting.dense_blocks import find_dense_blocks
from app.counting.published import compare_figures
from app.counting.rows import FLOAT_BYTES, Sheet, shape_text
from app.counting.stored.count_file import StoredCount
from app.params.reports.columns import COLUMNS, DEFAULT, EXPENDABLE, at_least
from app.params.reports.data import figure_data, row_data, shape_data, totals_data
from app.show.document import Block, Document, Paragraph, Table
from app.show.drawings import count_drawings
from app.show.numbers import decimal
from models import Network


def count_document(
    counts: Sequence[Counted],
    columns: Sequence[str] = DEFAULT,
    with_drawings: bool = False,
    in_full: bool = True,
) -> Document:
    """Return the counts of one or several networks.

    Args:
        counts: the networks.
        columns: names of `COLUMNS`.
        with_drawings: add the network, its parameters, its work and its receptive fields as pictures.
        in_full: say every total in bytes too, and what it counts.
    """
    blocks: list[Block] = []
    for counted in counts:
        blocks += count_blocks(counted, columns, in_full)
        if with_drawings:
            blocks += count_drawings(counted.sheet)
    title = counts[0].sheet.name if len(counts) == 1 else "Counts by hand"
    data = [count_data(counted) for counted in counts]
    return Document(title, tuple(blocks), data[0] if len(data) == 1 else data)


def rows_document(counts: Sequence[Counted], columns: Sequence[str] = DEFAULT) -> Document:
    """Return the bare rows, for programs that read tables."""
    tables = tuple(rows_table(counted.sheet, columns) for counted in counts)
    return Document("Counts by hand", tables, [count_data(counted) for counted in counts])


def count_blocks(counted: Counted, columns: Sequence[str], in_full: bool = True) -> list[Block]:
    """Return one network's table of rows, its totals in words, its published figures, its source."""
    totals = totals_text(counted.sheet) if in_full else short_totals(counted.sheet)
    blocks: list[Block] = [rows_table(counted.sheet, columns), Paragraph(totals)]
    if counted.network is not None:
        blocks += _published_blocks(counted.network, counted.sheet)
    if counted.stored is not None:
        blocks.append(Paragraph(stored_text(counted.stored)))
    return blocks


def stored_text(stored: StoredCount) -> str:
    """Return what the comparison with a file's stored weights gave, and the optimiser's state."""
    lines = [f"Stored weights: {stored.note}."] if stored.note else []
    if stored.weights is not None and stored.sheet.outputs:
        rows = sum(1 for row in stored.sheet.rows if row.weights)
        verdict = (
            f"{len(stored.differences)} of {rows} rows differ"
            if stored.differences
            else (
                f"all {rows} rows with weights agree, array by array"
                if rows > 1
                else "the one row with weights agrees"
                if rows
                else "there are none"
            )
        )
        lines.append(f"Stored weights: {verdict}.")
        lines += [f"  {difference}" for difference in stored.differences]
    if stored.weights is not None and stored.weights.optimizer_values:
        values = stored.weights.optimizer_values
        lines.append(f"Optimiser state, kept beside the model and no part of it: {values:,} numbers.")
    return "\n".join(lines)


def rows_table(sheet: Sheet, columns: Sequence[str] = DEFAULT) -> Table:
    """Return the count row by row, with totals below."""
    chosen = [COLUMNS[name] for name in columns]
    whole = sheet.parameters
    return Table(
        columns=tuple(column.head for column in chosen),
        rows=tuple(tuple(column.cell(row, whole) for column in chosen) for row in sheet.rows),
        title=sheet.name,
        numbers=tuple(i for i, column in enumerate(chosen) if column.is_number),
        prose=tuple(i for i, column in enumerate(chosen) if column.is_prose),
        expendable=tuple(columns.index(name) for name in EXPENDABLE if name in columns),
        total=tuple(column.total(sheet) for column in chosen),
    )


def totals_text(sheet: Sheet) -> str:
    """Return the totals in sentences: numbers, memory, work."""
    stored, outputs = FLOAT_BYTES * sheet.parameters, sheet.activation_bytes
    split = f"of them {sheet.trainable:,} trainable and {sheet.non_trainable:,} not"
    if not sheet.is_split_known:
        split = "of which the file does not say how many are trained"
    lines = [
        f"Parameters: {at_least(sheet.parameters, sheet.is_weighed)}, {split}; in float32 "
        f"{at_least(stored, sheet.is_weighed)} bytes = {size_text(stored)}.",
        f"One image: {at_least(sheet.multiply_accumulates, not sheet.unknown)} MACs; all outputs together "
        f"(the input and reshapes included) {outputs:,} bytes = {size_text(outputs)}.",
    ]
    if sheet.connections:
        lines.append(
            f"Connections: {at_least(sheet.connections, not sheet.unknown)}; one link for every value "
            "that a unit reads, and one for its bias; poolings included."
        )
    return "\n".join([*lines, *_further_lines(sheet)])


def short_totals(sheet: Sheet) -> str:
    """Return the totals in two lines: what a screen has room for."""
    parameters, is_exact = at_least(sheet.parameters, sheet.is_weighed), not sheet.unknown
    split = f"of which {sheet.non_trainable:,} are not trained" if sheet.non_trainable else "all trainable"
    if not sheet.is_split_known:
        split = "of which the file does not say how many are trained"
    stored, outputs = FLOAT_BYTES * sheet.parameters, sheet.activation_bytes
    links = f", {at_least(sheet.connections, is_exact)} connections" if sheet.connections else ""
    lines = [
        f"Parameters: {parameters}, {split}; {decimal(stored / 10**6)} MB in float32.",
        f"One image: {at_least(sheet.multiply_accumulates, is_exact)} MACs{links}; all outputs take "
        f"{decimal(outputs / 10**6)} MB.",
    ]
    return "\n".join([*lines, *_further_lines(sheet)])


def _further_lines(sheet: Sheet) -> list[str]:
    lines = []
    if blocks := find_dense_blocks(sheet):
        links = "; ".join(f"{b.connections.sum_line()} behind {b.source}" for b in blocks)
        lines.append(f"Direct connections in dense blocks, L·(L + 1)/2 for L layers: {links}.")
    if sheet.unknown:
        names = ", ".join(f"{row.name} ({row.unknown})" for row in sheet.unknown)
        lines.append(f"Not counted by formula, so that totals are lower bounds (≥): {names}.")
    if not sheet.is_weighed:
        lines.append(
            "Where those layers are defined, app.count(model) in Python counts the weights of the model itself."
        )
    return lines


def size_text(size_bytes: int) -> str:
    """Return a size in both units: 1.35 MB (10^6 bytes) or 1.29 MiB (2^20)."""
    return f"{decimal(size_bytes / 10**6)} MB or {decimal(size_bytes / 2**20)} MiB"


def _published_blocks(network: Network, sheet: Sheet) -> list[Block]:
    blocks: list[Block] = []
    if network.figures:
        blocks.append(published_table(network, sheet))
    note = f"\nNote: {network.note}" if network.note else ""
    blocks.append(Paragraph(f"Source: {network.source}.{note}"))
    return blocks


def published_table(network: Network, sheet: Sheet) -> Table:
    """Return the published figures beside ours, the source's own first, and why one differs."""
    rows = tuple(
        (
            compared.published.quantity,
            f"{compared.published.value:,}",
            f"{compared.ours:,}",
            compared.verdict,
            ": ".join(filter(None, (compared.published.source, compared.published.why))),
        )
        for compared in compare_figures(network, sheet)
    )
    columns = ("quantity", "published", "ours", "verdict", "source")
    return Table(columns, rows, numbers=(1, 2), prose=(4,))


def catalogue_document(networks: Sequence[Network], parameters: Sequence[int] = ()) -> Document:
    """Return the list of the networks, with their parameters if these are given."""
    rows: list[tuple[str, ...]] = [
        (n.name, shape_text(n.input_shape), str(len(n.outputs) or "–"), str(n.year or "–"), n.source)
        for n in networks
    ]
    columns: tuple[str, ...] = ("name", "input", "classes", "year", "source")
    data: list[dict[str, Any]] = [
        {
            "name": n.name,
            "input_shape": list(n.input_shape),
            "classes": len(n.outputs) or None,
            "year": n.year,
            "source": n.source,
        }
        for n in networks
    ]
    if parameters:
        columns = (*columns[:3], "parameters", *columns[3:])
        rows = [(*row[:3], f"{n:,}", *row[3:]) for row, n in zip(rows, parameters, strict=True)]
        data = [{**item, "parameters": n} for item, n in zip(data, parameters, strict=True)]
    last = len(columns) - 1
    table = Table(columns, tuple(rows), "Networks", tuple(range(2, last)), prose=(last,), expendable=(last,))
    return Document("Networks", (table,), data)


def count_data(counted: Counted) -> dict[str, Any]:
    """Return a count as plain values: numbers as numbers, shapes as lists."""
    sheet, network = counted.sheet, counted.network
    data: dict[str, Any] = {
        "name": sheet.name,
        "rows": [row_data(row) for row in sheet.rows],
        "output_shapes": [shape_data(shape) for shape in sheet.output_shapes],
        "totals": totals_data(sheet),
        "dense_blocks": [
            {"source": block.source, "layers": list(block.layers), "connections": int(block.connections)}
            for block in find_dense_blocks(sheet)
        ],
    }
    if counted.stored is not None:
        weights = counted.stored.weights
        data["stored"] = {
            "differences": [str(difference) for difference in counted.stored.differences],
            "arrays": None if weights is None else len(weights.arrays),
            "optimizer_values": None if weights is None else weights.optimizer_values,
            "note": counted.stored.note or None,
        }
    if network is not None:
        data |= {"source": network.source, "note": network.note, "year": network.year}
        data["published"] = [figure_data(figure) for figure in compare_figures(network, sheet)]
    return data
