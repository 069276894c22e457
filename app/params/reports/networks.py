"""The catalogue: what we count, what was printed, what well-known code has instead, and why."""

from collections.abc import Sequence
from typing import Any

from app.counting.counted import Counted
from app.counting.published import FigureCheck, compare_figures, split_quantity
from app.counting.rows import Sheet, shape_text
from app.params.reports.comparison import largest_field
from app.params.reports.data import figure_data
from app.params.reports.network_notes import traps_table
from app.show.document import Document, Paragraph, Table
from models import Network

INTRODUCTION = (
    "Written by python -m app.params --catalogue; with --output docs/networks.md it writes this page anew. "
    "What is ours is counted by formula, and Keras agrees row by row (python -m app.params NAME). What is "
    "printed elsewhere is cited, and held against ours each time; where it differs, the reason is given."
)
FEW = 2
"""More figures of single layers than this are only counted."""
LEGEND = (
    "Not trained are the moving statistics of batch normalisation and LeNet-5's pictures of digits. One "
    "multiply-accumulate (MAC) counts once, biases are not counted in it. The largest field is the "
    "receptive field of the last maps, borders ignored, in pixels."
)


def networks_document(counts: Sequence[Counted]) -> Document:
    """Return what is counted of some networks, what is printed of them, and the traps on the way.

    Raises:
        ValueError: one of them is a file, which has no entry in the catalogue.
    """
    entries = []
    for counted in counts:
        if counted.network is None:
            raise ValueError(
                f"{counted.name} is a file; --catalogue takes networks of the catalogue, by name"
            )
        figures = compare_figures(counted.network, counted.sheet)
        entries.append((counted.network, counted.sheet, figures))
    blocks = (
        Paragraph(INTRODUCTION),
        counts_table([(network, sheet) for network, sheet, _ in entries]),
        Paragraph(LEGEND),
        printed_table(entries),
        traps_table(),
    )
    return Document("The networks", blocks, [_data(*entry) for entry in entries])


def counts_table(entries: Sequence[tuple[Network, Sheet]]) -> Table:
    """Return our figures, a row for each network."""
    columns = ("network", "year", "input", "trained", "not trained", "MACs", "largest field")
    rows = tuple(
        (
            network.name,
            str(network.year or "–"),
            shape_text(network.input_shape),
            f"{sheet.trainable:,}",
            f"{sheet.non_trainable:,}",
            f"{sheet.multiply_accumulates:,}",
            shape_text(largest_field(sheet.rows)) or "–",
        )
        for network, sheet in entries
    )
    return Table(columns, rows, "What we count", numbers=(1, 3, 4, 5))


def printed_table(entries: Sequence[tuple[Network, Sheet, Sequence[FigureCheck]]]) -> Table:
    """Return the source's figures and well-known code's, held against ours, a row for each network."""
    columns = ("network", "source", "it prints", "ours, trained", "well-known code has", "why they differ")
    rows = tuple(
        (
            network.name,
            network.source,
            _printed([f for f in figures if f.published in network.published]),
            f"{sheet.trainable:,}",
            _printed([f for f in figures if f.published in network.elsewhere]),
            _reasons([f for f in figures if not f.is_equal]),
        )
        for network, sheet, figures in entries
    )
    return Table(columns, rows, "What is printed", numbers=(3,), prose=(1, 2, 4, 5))


def _printed(figures: Sequence[FigureCheck]) -> str:
    """Return figures by their source; of many about single layers only how many are met."""
    parts = []
    for source in dict.fromkeys(f.published.source for f in figures):
        here = [f for f in figures if f.published.source == source]
        layers = [f for f in here if f.layer]
        said = [_figure(f) for f in here if not f.layer]
        if len(layers) > FEW:
            equal = sum(f.is_equal for f in layers)
            verdict = "all equal" if equal == len(layers) else f"{equal} equal"
            said.append(f"{len(layers)} figures of layers ({verdict})")
        else:
            said += [f"{f.layer} {_figure(f)}" for f in layers]
        parts.append(f"{source}: {', '.join(said)}")
    return "; ".join(parts) or "–"


def _figure(compared: FigureCheck) -> str:
    """Return a figure with as many digits as are printed, and whether ours is the same."""
    published = compared.published
    quantity, _ = split_quantity(published.quantity)
    what = {"multiply-accumulates": " MACs", "connections": " connections"}.get(quantity, "")
    verdict, more = compared.verdict, published.value - compared.ours
    if not compared.is_equal:
        verdict = f"{rounded(abs(more), published.unit)} {'more' if more > 0 else 'fewer'}"
    return f"{rounded(published.value, published.unit)}{what} ({verdict})"


def _reasons(different: Sequence[FigureCheck]) -> str:
    reasons = dict.fromkeys((f.published.source, f.published.why) for f in different)
    if len(reasons) == 1:
        return next(iter(reasons))[1]
    return "; ".join(f"{source}: {why}" for source, why in reasons) or "–"


def rounded(value: int, unit: int) -> str:
    """Return a number with no digit below `unit`: 138 million, 4.089 billion."""
    if unit == 1:
        return f"{value:,}"
    size, word = (10**9, "billion") if value >= 10**9 or unit > 10**6 else (10**6, "million")
    digits = max(len(str(size)) - len(str(unit)), 0)
    return f"{value / size:,.{digits}f} {word}"


def _data(network: Network, sheet: Sheet, figures: Sequence[FigureCheck]) -> dict[str, Any]:
    return {
        "name": network.name,
        "year": network.year,
        "source": network.source,
        "input_shape": list(network.input_shape),
        "trainable": int(sheet.trainable),
        "non_trainable": int(sheet.non_trainable),
        "multiply_accumulates": int(sheet.multiply_accumulates),
        "largest_field": [int(n) for n in largest_field(sheet.rows)],
        "figures": [figure_data(figure) for figure in figures],
    }
