"""One layer explained: the whole derivation of its row, in sentences."""

import difflib
from collections.abc import Iterator, Sequence

from app.counting.count import Count, product
from app.counting.counted import Counted
from app.counting.fields import Field, find_unseen
from app.counting.rows import Row, Sheet, shape_text
from app.counting.windows import find_windows
from app.params.reports.columns import working
from app.params.reports.count import size_text
from app.params.reports.data import row_data
from app.show.document import Document, Paragraph
from app.show.numbers import percentage

AXES = {3: ("height", "width", "channels"), 2: ("positions", "channels"), 1: ("values",)}


def explanation_document(counts: Sequence[Counted], layer: str) -> Document:
    """Return everything that is known of one row of each network, each number with its working.

    Raises:
        ValueError: there is no such layer; the message names the closest.
    """
    rows = [(counted.sheet, find_row(counted.sheet, layer)) for counted in counts]
    explained = [[line for part in PARTS for line in part(row, sheet)] for sheet, row in rows]
    data = [
        {"network": sheet.name, **row_data(row), "explanation": lines}
        for (sheet, row), lines in zip(rows, explained, strict=True)
    ]
    title = " and ".join(f"{sheet.name}: {row.name}" for sheet, row in rows)
    blocks = tuple(Paragraph(line) for lines in explained for line in lines)
    return Document(title, blocks, data[0] if len(data) == 1 else data)


def find_row(sheet: Sheet, layer: str) -> Row:
    """Return the row called `layer`.

    Raises:
        ValueError: there is none; the message names the closest.
    """
    names = [row.name for row in sheet.rows]
    if not isinstance(layer, str):
        raise TypeError(f"a layer is called by its name, as {names[-1]!r}, not {layer!r}")
    if layer in names:
        return sheet.row(layer)
    close = difflib.get_close_matches(layer.lower(), names, n=1, cutoff=0.6)
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names[:20])}{more}."
    raise ValueError(f"{sheet.name} has no layer {layer!r}; {hint}")


def _reading(row: Row, sheet: Sheet) -> Iterator[str]:
    told = f" ({row.settings})" if row.settings else ""
    if not row.inputs:
        yield f"{row.name} is an input of {shape_text(row.output_shape)}{told}."
    else:
        pairs = zip(row.inputs, row.input_shapes, strict=False)
        sources = " and ".join(f"{name}, {shape_text(shape)}" for name, shape in pairs)
        yield f"{row.name} is a {row.kind}{told}. It reads {sources}."
    if row.unknown:
        yield f"There is no formula for it: {row.unknown}."
    if row.shared_with:
        yield f"It is the layer {row.shared_with}, called again: the weights are counted there."
    again = [other.name for other in sheet.rows if other.shared_with == row.name]
    if again:
        yield f"The same layer with the same weights is called again as {', '.join(again)}."


def _shape(row: Row, sheet: Sheet) -> Iterator[str]:  # noqa: ARG001
    names = AXES.get(len(row.output_shape)) or [f"axis {i}" for i in range(len(row.output_shape))]
    lines = [
        f"{name}: {size.sum_line() if isinstance(size, Count) else f'{size:,}'}"
        for name, size in zip(names, row.output_shape, strict=True)
    ]
    yield f"Out comes {shape_text(row.output_shape)}: " + "; ".join(lines) + "."


def _weights(row: Row, sheet: Sheet) -> Iterator[str]:
    for weight in row.weights:
        kept = "" if weight.is_trained else ", not trained"
        factors = f"{shape_text(weight.shape)} = " if len(weight.shape) > 1 else ""
        yield f"{weight.name}: {factors}{weight.size:,} numbers{kept}."
    if not row.parameters:
        if not row.shared_with and not row.unknown:
            yield "It stores nothing: 0 parameters."
        return
    line = working(row) or f"{row.parameters:,}"
    share = percentage(row.parameters, sheet.parameters)
    yield f"Parameters: {line}, which is {share} % of the network's {sheet.parameters:,}."


def _work(row: Row, sheet: Sheet) -> Iterator[str]:  # noqa: ARG001
    if row.unknown:
        yield "Multiply-accumulates: not known."
    elif row.multiply_accumulates:
        yield (
            f"Multiply-accumulates for one image: {row.multiply_accumulates.sum_line()}; bias additions "
            "are not counted."
        )
    if row.connections:
        yield f"Connections: {row.connections.sum_line()}."
    size = row.activation_bytes
    yield (
        f"The output takes {product(*row.output_shape)} values · {row.value_bytes} bytes = {size:,} "
        f"bytes ({size_text(size)}) for one image."
    )


def _field(row: Row, sheet: Sheet) -> Iterator[str]:
    for name, field in row.fields.items():
        of_input = f" of {name}" if len(row.fields) > 1 else ""
        if field.whole:
            yield f"Each value sees{of_input}: {field.text()}."
        else:
            yield f"Each cell sees {field.text()} pixels{of_input}, borders ignored."
            if any(len(axis.sizes) > 1 for axis in field.axes):
                yield "The field alternates from cell to cell between the sizes given."
    yield from _growth(row, sheet)
    for name, field in row.fields.items():
        yield from _unseen(name, field)


def _growth(row: Row, sheet: Sheet) -> Iterator[str]:
    windows = find_windows(row, {other.name: other for other in sheet.rows})
    if not windows or row.field is None:
        return
    before = sheet.row(row.inputs[0]).field
    assert before is not None
    lines = []
    for name, window, inner, outer in zip(
        ("height", "width"), windows, before.axes, row.field.axes, strict=False
    ):
        lines.append(
            f"{name} {_short(inner.size)} + ({_short(window.span)} − 1)·{_short(inner.jump)} "
            f"= {_short(outer.size)}, jump {_short(inner.jump)}·{_short(window.stride)} "
            f"= {_short(outer.jump)}"
        )
    yield "Receptive field r' = r + (window − 1)·jump: " + "; ".join(lines) + "."


def _unseen(name: str, field: Field) -> Iterator[str]:
    unseen = find_unseen([field])
    for missing, what, axis in zip(unseen.lines, ("rows", "columns"), field.axes, strict=False):
        if missing:
            listed = ", ".join(map(str, missing[:8])) + (" …" if len(missing) > 8 else "")
            yield f"Never seen: {what} {listed} of {name}'s {axis.pixels}, counted from 0."


def _readers(row: Row, sheet: Sheet) -> Iterator[str]:
    readers = [other.name for other in sheet.rows if row.name in other.inputs]
    if readers:
        yield f"It is read by {', '.join(readers)}."
    else:
        yield "Nothing reads it: it is an output of the network."


def _short(value: float) -> str:
    return f"{float(value):,.6g}"


PARTS = (_reading, _shape, _weights, _work, _field, _readers)
