"""The catalogue: what we count, what was printed, what well-known code has instead, and why."""

from collections.abc import Sequence
from typing import Any

from app.counting.counted import Counted
from app.counting.published import FigureCheck, compare_figures, split_quantity
from app.counting.rows import Sheet, shape_text
from app.params.reports.comparison import largest_field
from app.params.reports.data import figure_data
from app.params.reports.network_notes import traps
from app.show.document import Block, Document, Paragraph, Table
from models import Network

INTRODUCTION = (
    "Every network of the catalogue, counted by formula. First come our numbers, then a table that sets them "
    "beside what the papers and well-known code print, then a note on each network, then seven traps for those "
    "who count. python -m app.params NAME shows one network layer by layer and compares it with Keras."
)
HOW = (
    "This page is written by python -m app.params --catalogue --output docs/networks.md: each number is "
    "counted when the page is written."
)
NOTES = (
    "Note on each network: its source; what the source and well-known code print, and in brackets how ours "
    "compares; where the two differ, the reason."
)
TRAPS = "Seven traps for those who count:"
FEW = 2
"""More figures of single layers than this are only counted."""
LEGEND = (
    "Trained, not trained: parameters. Not trained are the moving statistics of batch normalisation, and in "
    "LeNet-5 the pictures of digits in its last layer. A multiply-accumulate (MAC) counts once; adding a bias "
    "is none. Largest field: the receptive field of the last maps in pixels, as if the image had no border."
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
    blocks: tuple[Block, ...] = (
        Paragraph(INTRODUCTION),
        counts_table([(network, sheet) for network, sheet, _ in entries]),
        Paragraph(LEGEND),
        printed_table(entries),
        Paragraph(NOTES),
        *(Paragraph(note(network, figures)) for network, _, figures in entries),
        Paragraph(TRAPS),
        *map(Paragraph, traps()),
        Paragraph(HOW),
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
    """Return whether our figures are those of the source and of well-known code, a row for each network."""
    columns = ("network", "ours, trained", "the source's figures", "well-known code's figures")
    rows = tuple(
        (network.name, f"{sheet.trainable:,}", *map(_agreement, _by_whom(network, figures)))
        for network, sheet, figures in entries
    )
    return Table(columns, rows, "What is printed", numbers=(1,))


def _by_whom(network: Network, figures: Sequence[FigureCheck]) -> tuple[list[FigureCheck], list[FigureCheck]]:
    """Return the figures that the source prints, and those of well-known code."""
    printed = [f for f in figures if f.published in network.published]
    return printed, [f for f in figures if f.published in network.elsewhere]


def _agreement(figures: Sequence[FigureCheck]) -> str:
    """Return how many of some figures are ours: `equal`, `equal, rounded`, `1 of 3 differs`."""
    if not figures:
        return "–"
    different = sum(not f.is_equal for f in figures)
    if different == len(figures) == 1:
        return "differs"
    if different:
        return f"{different} of {len(figures)} differ{'s' * (different == 1)}"
    is_rounded = any(f.verdict != "equal" for f in figures)
    return f"{f'{len(figures)} ' if len(figures) > 1 else ''}equal{', rounded' if is_rounded else ''}"


def note(network: Network, figures: Sequence[FigureCheck]) -> str:
    """Return the note on a network: its source, what is printed, and why that differs from ours."""
    printed, elsewhere = (_printed(each) for each in _by_whom(network, figures))
    parts = [f"{network.name}: {network.source}."]
    if printed:
        parts.append(f"The paper prints: {printed}.")
    if elsewhere:
        parts.append(f"Well-known code: {elsewhere}.")
    if reasons := _reasons([f for f in figures if not f.is_equal]):
        parts.append(f"Why they differ: {reasons}.")
    return " ".join(parts)


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
    return "; ".join(parts)


def _figure(compared: FigureCheck) -> str:
    """Return a figure with as many digits as are printed, and whether ours is the same."""
    published = compared.published
    quantity, _ = split_quantity(published.quantity)
    what = {"multiply-accumulates": " MACs", "connections": " connections"}.get(quantity, "")
    verdict, more = compared.verdict, published.value - compared.ours
    if not compared.is_equal:
        verdict = f"{rounded(abs(more), published.unit)} {'more' if more > 0 else 'fewer'} than here"
    return f"{rounded(published.value, published.unit)}{what} ({verdict})"


def _reasons(different: Sequence[FigureCheck]) -> str:
    reasons = dict.fromkeys((f.published.source, f.published.why) for f in different)
    if len(reasons) == 1:
        return next(iter(reasons))[1]
    return "; ".join(f"{source}: {why}" for source, why in reasons)


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
