"""The tests of faith as tables: sanity, faithfulness, agreement, and what follows from them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.faith.lines import AgreementLine, Band, CurveLine, SanityLine
from app.show.document import Block, Document, Paragraph, Table

SUMMARY_READ = (
    "Deletion and insertion are areas, means over the images; the gap is insertion minus deletion. Share "
    "blank: images whose map has one value everywhere. Seconds: making the maps of all images once, in this "
    "run."
)
SANITY_READ = (
    "Sanity (Adebayo et al. 2018): the weights of one layer after the other, from the output down, are "
    "put into a random order, and the maps are compared with the trained network's by Spearman's rank "
    "correlation of what their pictures show; pixels that the network never sees are left out, and a map "
    "that became blank counts as 0. “Two images” is the same correlation between the trained network's "
    "maps of two different images: what all maps of the method have in common. “Own order left” is "
    "(ρ − b) / (1 − b), at least 0, with ρ at the last stage and b of two images: 1 for a map that has not "
    "changed, 0 for one that is no more like the map before than another image's map is. From 0.5 on, a "
    "map is nearer to not having changed: it does not depend on what the network learnt."
)
CURVES_READ = (
    "Faithfulness (Petsiuk et al. 2018): pixels are removed in the order of the map, the highest first "
    "(deletion), or put into an empty image in that order (insertion), while the probability of the "
    "explained class is watched. The areas under the two curves go from 0 to 1; a faithful map has a small "
    "deletion area and a large insertion area."
)


def faith_report(
    title: str, parts: Sequence[Sequence[Block]], conclusions: Sequence[str], data: dict[str, Any]
) -> Document:
    """Return the report: what follows first, then the parts, each a list of blocks."""
    blocks: list[Block] = [Paragraph(text) for text in conclusions]
    return Document(title, (*blocks, *(block for part in parts for block in part)), data)


def summary_table(sane: Sequence[SanityLine], curves: Sequence[CurveLine], band: Band) -> Table:
    """Return the numbers that the recommendation uses; the last rows are orders that ask no network."""
    rows = []
    kept = {line.method: line for line in sane}
    for line in curves:
        own = kept.get(line.name)
        left = "–" if own is None or own.kept is None else f"{own.kept:.2f}"
        rows.append(
            (
                line.name,
                line.made_of,
                left,
                own.label if own else "–",
                f"{line.deletion_area:.3f}",
                f"{line.insertion_area:.3f}",
                f"{line.gap:.3f}",
                f"{line.error:.3f}",
                f"{line.blank:.3f}",
                f"{line.seconds:.1f}" if own else "–",
            )
        )
    rows.append(
        (
            f"{band.orders} random orders",
            "nothing",
            "–",
            "–",
            _range(band.deletion),
            _range(band.insertion),
            "–",
            "–",
            "–",
            "–",
        )
    )
    columns = (
        "map",
        "made of",
        "own order left",
        "sanity",
        "deletion",
        "insertion",
        "gap",
        "its standard error",
        "share blank",
        "seconds",
    )
    return Table(columns, tuple(rows), "All methods", numbers=(2, 4, 5, 6, 7, 8, 9), prose=(3,))


def sanity_part(
    lines: Sequence[SanityLine], stages: Sequence[str], same_class: Sequence[float], draws: int
) -> list[Block]:
    """Return the table of correlations by stage, and what to read from it."""
    shuffled = any(line.shuffled is not None for line in lines)
    more = ("shuffled labels",) if shuffled else ()
    columns = ("map", "two images", *stages, *more, "spread", "signed", "blank", "own order left", "verdict")
    rows = tuple(
        (
            line.method,
            _number(line.between),
            *(_number(mean) for mean in line.means),
            *([_number(line.shuffled)] if shuffled else []),
            _number(line.spreads[-1]),
            _number(line.signed[-1]),
            f"{line.blank} → {line.blank_after[-1]} of {line.maps}",
            _number(line.kept),
            line.label,
        )
        for line in lines
    )
    table = Table(
        columns,
        rows,
        "Sanity: rank correlation, randomised down to each layer",
        numbers=tuple(range(1, len(columns) - 1)),
        prose=(len(columns) - 1,),
    )
    known = ", ".join(f"{name} {share:.0%}" for name, share in zip(stages, same_class, strict=True))
    network = (
        "That the network really forgets: its first class is still the trained network's in this share of "
        f"the images: {known.replace('%', ' %')}. The images were dealt out among {draws} randomised "
        "networks. Spread (the standard deviation over the images) and signed (the correlation of signed "
        "maps) are of the last stage."
    )
    said = [Paragraph(f"{line.sentence}.") for line in lines if line.fails or len(lines) <= FEW]
    return [table, Paragraph(SANITY_READ), Paragraph(network), *said]


FEW = 4
"""Methods up to which each is discussed in words; of more only those that fail."""


def curves_part(lines: Sequence[CurveLine], band: Band, notes: Sequence[str]) -> list[Block]:
    """Return what random orders reach, the notes, and each order's areas in a sentence."""
    orders = (
        f"{band.orders} random orders have deletion areas of {_range(band.deletion)} and insertion areas of "
        f"{_range(band.insertion)}."
    )
    said = [Paragraph(f"{line.sentence}.") for line in lines]
    return [Paragraph(CURVES_READ), Paragraph(orders), *map(Paragraph, notes), *said]


def agreement_part(lines: Sequence[AgreementLine], images: int) -> list[Block]:
    """Return the table of differences."""
    rows = tuple(
        (
            line.method,
            line.verdict,
            "–" if line.absolute is None else f"{line.absolute:.2g}",
            "–" if line.relative is None else f"{line.relative:.1e}",
            line.why or "–",
        )
        for line in lines
    )
    title = f"The same maps by tf-keras-vis, on {images} image{'s' if images > 1 else ''}"
    columns = ("map", "tf-keras-vis computes", "largest difference", "of the largest value", "why")
    return [Table(columns, rows, title, numbers=(2, 3), prose=(4,))]


def as_data(lines: Sequence[SanityLine | CurveLine | AgreementLine]) -> list[dict[str, Any]]:
    """Return lines as plain values for JSON."""
    return [
        {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in asdict(line).items()
        }
        for line in lines
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _range(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3f} to {pair[1]:.3f}"
