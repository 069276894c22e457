"""What changes from one network to another, as a report."""

from typing import Any

from app.counting.counted import Counted
from app.counting.rows import Row, shape_text
from app.params.changes import QUANTITIES, Change, find_changes
from app.params.reports.columns import sees
from app.show.document import Document, Paragraph, Table


def change_document(first: Counted, second: Counted, with_names: bool = False) -> Document:
    """Return the first difference and every changed row."""
    changes = find_changes(first.sheet.rows, second.sheet.rows, with_names)
    titles = (first.name, second.name)
    data = {"first": titles[0], "second": titles[1], "changes": [_data(c) for c in changes]}
    title = f"From {titles[0]} to {titles[1]}"
    if not changes:
        alike = "names included" if with_names else "names set aside"
        text = (
            f"Nothing differs, {alike}: {len(first.sheet.rows)} rows with the same kinds, settings, "
            "shapes, parameters, MACs and fields."
        )
        return Document(title, (Paragraph(text),), data)
    lines = [line for change in changes for line in _lines(change)]
    _, _, what, one, other = lines[0]
    begin = Paragraph(
        f"The first difference is at {changes[0].name}: {what}: {one or 'nothing'} in {titles[0]}, "
        f"{other or 'nothing'} in {titles[1]}. {len(changes)} "
        f"{'row differs' if len(changes) == 1 else 'rows differ'}."
    )
    columns = ("layer", "there", "what", titles[0], titles[1])
    if titles[0] == titles[1]:
        columns = (*columns[:3], "first", "second")
    return Document(title, (begin, Table(columns, tuple(lines), title, prose=(3, 4))), data)


def _lines(change: Change) -> list[tuple[str, ...]]:
    one, other = change.first, change.second
    row = one or other
    assert row is not None
    if one is None or other is None:
        text = f"{row.kind} {shape_text(row.output_shape)}"
        names, texts = ([what if there else "" for there in (one, other)] for what in (row.name, text))
        return [(*names, "the layer", *texts)]
    lines = []
    for i, quantity in enumerate(change.quantities):
        names = [row.name if i == 0 else "" for row in (one, other)]
        lines.append((*names, quantity, quantity_text(one, quantity), quantity_text(other, quantity)))
    return lines


def quantity_text(row: Row, quantity: str) -> str:
    """Return one quantity of a row as it is read."""
    match quantity:
        case "name":
            return row.name
        case "output shape":
            return shape_text(row.output_shape)
        case "sees":
            return sees(row)
        case "centres":
            fields = [field for field in row.fields.values() if not field.whole]
            axes = [axis for field in fields for axis in field.axes]
            return ", ".join(f"every {float(a.jump):g} from {float(a.start):g}" for a in axes)
        case "parameters" | "not trained" | "MACs":
            return f"{QUANTITIES[quantity](row):,}"
    return str(QUANTITIES[quantity](row))


def _data(change: Change) -> dict[str, Any]:
    one, other = change.first, change.second
    what: Any = "added" if other else "removed"
    if one and other:
        what = {q: [quantity_text(one, q), quantity_text(other, q)] for q in change.quantities}
    return {"first": one and one.name, "second": other and other.name, "what": what}
