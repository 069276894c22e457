"""Several networks side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.counting.counted import Counted
from app.counting.rows import FLOAT_BYTES, Row, Sheet, shape_text
from app.params.reports.columns import at_least
from app.show.document import Document, Paragraph, Table
from app.show.drawings.bars import draw_panel
from app.show.numbers import decimal


@dataclass(frozen=True)
class NetworkSummary:
    """One network in a few numbers."""

    name: str
    year: int | None
    parameters: int
    multiply_accumulates: int
    depth: int
    """Weighted layers on the longest way from an input to an output."""
    field: tuple[int, ...]
    """The largest receptive field of a map, in pixels; empty where there is none."""
    sheet: Sheet

    @property
    def stored_bytes(self) -> int:
        """Memory of the parameters in float32."""
        return FLOAT_BYTES * self.parameters


def summarise(counted: Counted) -> NetworkSummary:
    """Return the numbers by which networks are compared."""
    sheet = counted.sheet
    return NetworkSummary(
        name=counted.name if counted.network is None else sheet.name,
        year=counted.network.year if counted.network else None,
        parameters=sheet.parameters,
        multiply_accumulates=sheet.multiply_accumulates,
        depth=weighted_depth(sheet.rows),
        field=largest_field(sheet.rows),
        sheet=sheet,
    )


def weighted_depth(rows: Sequence[Row]) -> int:
    """Return the number of layers that multiply by weights on the longest way through the network.

    Convolutions and dense layers count, normalisations do not; so ResNet-50 has 50 although it stores
    53 convolutions and a dense layer.
    """
    depths: dict[str, int] = {}
    for row in rows:
        before = max((depths.get(name, 0) for name in row.inputs), default=0)
        depths[row.name] = before + (row.multiply_accumulates > 0)
    return max(depths.values(), default=0)


def largest_field(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the largest receptive field of a map's cells, layers that read whole maps left out."""
    sizes = [field.window_sizes() for row in rows for field in row.fields.values() if not field.whole]
    return max(sizes, key=lambda size: (len(size) and min(size), size), default=())


def comparison_document(counts: Sequence[Counted], with_drawings: bool = False) -> Document:
    """Return one table with a line for each network, and the same as bars."""
    summaries = [summarise(counted) for counted in counts]
    columns = ("network", "year", "input", "parameters", "MB", "MiB", "MACs", "depth", "largest field")
    rows = tuple(map(_cells, summaries))
    table = Table(columns, rows, "Comparison", numbers=(1, 3, 4, 5, 6, 7), expendable=(5, 1, 2, 7, 4, 8))
    text = Paragraph(
        "MB is 10^6 bytes and MiB 2^20, in float32. Depth counts the layers with weights on the longest "
        "way through the network, normalisations left out. The largest field is the receptive "
        "field of the last maps, borders ignored, in pixels."
    )
    drawings = [draw_panel(*panel) for panel in panels(summaries)] if with_drawings else []
    return Document("Comparison", (table, text, *drawings), [_data(summary) for summary in summaries])


def panels(summaries: Sequence[NetworkSummary]) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return what the figure shows: a title, and each network's value, for four quantities."""
    return [
        ("Parameters", [(s.name, s.parameters) for s in summaries]),
        ("MACs for one image", [(s.name, s.multiply_accumulates) for s in summaries]),
        ("Depth, weighted layers", [(s.name, s.depth) for s in summaries]),
        ("Largest receptive field, pixels", [(s.name, max(s.field, default=0)) for s in summaries]),
    ]


def _cells(summary: NetworkSummary) -> tuple[str, ...]:
    return (
        summary.name,
        str(summary.year or "–"),
        ", ".join(map(shape_text, summary.sheet.input_shapes)),
        at_least(summary.parameters, summary.sheet.is_weighed),
        decimal(summary.stored_bytes / 10**6),
        decimal(summary.stored_bytes / 2**20),
        at_least(summary.multiply_accumulates, not summary.sheet.unknown),
        str(summary.depth),
        shape_text(summary.field) or "–",
    )


def _data(summary: NetworkSummary) -> dict[str, object]:
    return {
        "name": summary.name,
        "year": summary.year,
        "parameters": int(summary.parameters),
        "megabytes": summary.stored_bytes / 10**6,
        "mebibytes": summary.stored_bytes / 2**20,
        "multiply_accumulates": int(summary.multiply_accumulates),
        "depth": summary.depth,
        "largest_field": [int(n) for n in summary.field],
        "input_shapes": [[int(n) for n in shape] for shape in summary.sheet.input_shapes],
        "are_lower_bounds": bool(summary.sheet.unknown),
    }
