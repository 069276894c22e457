"""Maps as a report: the picture, and a table of verdicts."""

from collections.abc import Sequence
from typing import Any

from app.counting.rows import shape_text
from app.maps.methods import METHODS
from app.show.document import Block, Document, Drawing, Paragraph, Table

READ = (
    "Each map is scaled by itself, up to the value given here; two maps that look alike can differ a "
    "thousandfold. A blank map is a statement about that map, not a proof that the network has no reason "
    "to think of the class."
)


def map_report(title: str, records: Sequence[dict[str, Any]], svg: str, facts: dict[str, Any]) -> Document:
    """Return the report of explained images.

    Args:
        title: of the page.
        records: one an image, as `app.maps.record.as_record` makes them.
        svg: the figure.
        facts: what holds for the whole run: model, pixels, settings.
    """
    rows = [
        (
            record["image"],
            record["explained"],
            METHODS[each["method"]].title,
            each["verdict"],
            _made_of(each),
            "; ".join([*filter(None, [each["gradient_clipped"]]), *each["notes"]]),
        )
        for record in records
        for each in record["maps"]
    ]
    table = Table(
        ("image", "explained", "map", "verdict", "computed from", "notes"), tuple(rows), prose=(0, 2, 3, 5)
    )
    said = [f"{record['image']}: {record['sentence']}." for record in records]
    notes = dict.fromkeys(note for record in records for note in record["notes"])
    blocks: list[Block] = [Drawing(svg, title), Paragraph("\n".join(said)), table]
    blocks += [Paragraph(f"{note[0].upper()}{note[1:]}.") for note in notes]
    blocks += [Paragraph(READ), Paragraph("; ".join(f"{k}: {v}" for k, v in facts.items()) + ".")]
    return Document(title, tuple(blocks), {**facts, "images": list(records)})


def _made_of(each: dict[str, Any]) -> str:
    return f"{each['tensor']}, {shape_text(each['tensor_size'])}"
