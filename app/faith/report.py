"""The tests of faith as tables: sanity, faithfulness, agreement, and what follows from them."""

from collections.abc import Sequence

from app.faith.recommendation import RULE, conclusions
from app.faith.results import AGREED_ON, Agreement, Faithfulness, Forgetting, Results, Sanity
from app.faith.run import FaithRun
from app.maps.methods import METHODS
from app.show.document import Block, Document, Paragraph, Table
from app.untrusted.text import visible

INK = "Ordering the pixels by their ink"
"""How the sentence begins that the summary leaves out."""
MOST_SAID = 8
"""Methods in the summary of a sanity check alone."""
MOST_NAMED = 5
"""Images that could not be tested and are named in a report; its JSON names all."""
FEW = 4
"""Methods up to which each is discussed in words; of more only those that fail."""
EMPTY = 0.05
"""If more than this share of the pixels is already background, the report says so."""
CAVEAT = (
    "An image with pixels removed is one that the network was never trained on, so the curves also "
    "measure how it takes strange images. Only areas of the same images, steps and baseline can be compared."
)
HIDING_READ = (
    "Occlusion and Score-CAM are themselves made by hiding pixels and looking at the score again, so this test "
    "meets them on their own ground."
)
SUMMARY_READ = (
    "Deletion and insertion are areas, means over the images; the gap is insertion minus deletion. Share "
    "blank: images whose map has one value everywhere. Seconds: the time that making the maps of all images once "
    "took, summed over the processes that made them."
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


def faith_report(title: str, run: FaithRun, results: Results, how: str) -> Document:
    """Return the report: what follows first and how it was made, then each test with its numbers."""
    said = [Paragraph(text) for text in (*conclusions(results), how, *lost_images(results))]
    return Document(title, (*said, *report_blocks(run, results)), results.to_dict())


def faith_summary(title: str, results: Results) -> Document:
    """Return what follows first, without the rule and the tables."""
    said = [text for text in conclusions(results) if text != RULE]
    if not said:
        said += [f"{each.method}: {each.label}" for each in results.sane][:MOST_SAID]
        said += [results.faith.summary()] if results.faith else []
        alike = [each.method for each in results.agreed if each.agrees]
        said += [f"tf-keras-vis computes the same map: {', '.join(alike) or 'of none'}"] * bool(
            results.agreed
        )
    ink = [text for text in said if text.startswith(INK)]
    more = "Every number, and the rule: --verbose, or --output report.html"
    if ink:
        more = "--verbose has every number, the rule, and how far the ink alone would come."
    lines = [title, *(text for text in said if text not in ink), *lost_images(results), more]
    return Document("", (Paragraph("\n".join(lines)),), results.to_dict())


def lost_images(results: Results) -> list[str]:
    """Return which images could not be tested, and why, in a sentence; nothing if all could."""
    if not results.lost:
        return []
    count, named = len(results.lost), list(results.lost.items())[:MOST_NAMED]
    text = "; ".join(f"test image {number} ({visible(why)})" for number, why in named)
    more = f"; and {count - len(named):,} more" if count > len(named) else ""
    return [f"{count:,} image{'s' if count > 1 else ''} could not be tested: {text}{more}."]


def report_blocks(run: FaithRun, results: Results) -> list[Block]:
    """Return the tables of each test, and what to read from them."""
    blocks: list[Block] = []
    if results.sane and results.faith:
        blocks += [summary_table(results.sane, results.faith), Paragraph(SUMMARY_READ)]
    if results.forgetting:
        blocks += sanity_part(results.sane, results.forgetting, run.draws)
    if results.faith:
        blocks += curves_part(results.faith)
    if results.agreed:
        blocks.append(agreement_table(results.agreed, min(AGREED_ON, len(run.images))))
    return blocks


def summary_table(sane: Sequence[Sanity], faith: Faithfulness) -> Table:
    """Return the numbers that the recommendation uses; the last rows are orders that ask no network."""
    rows = []
    checked = {each.method: each for each in sane}
    for curves in (*faith.methods, faith.ink):
        own = checked.get(curves.name)
        rows.append(
            (
                curves.name,
                curves.made_of,
                _number(own.kept if own else None),
                own.label if own else "–",
                f"{curves.printed_area('deletion'):.3f}",
                f"{curves.printed_area('insertion'):.3f}",
                f"{curves.gap:.3f}",
                f"{curves.error:.3f}",
                f"{curves.share_blank:.3f}",
                f"{curves.seconds:.1f}" if own else "–",
            )
        )
    ranges = (_range(faith.band("deletion")), _range(faith.band("insertion")))
    rows.append((f"{len(faith.random)} random orders", "nothing", "–", "–", *ranges, *"––––"))
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


def sanity_part(found: Sequence[Sanity], forgetting: Forgetting, draws: int) -> list[Block]:
    """Return the table of correlations by stage, and what to read from it."""
    more = ("shuffled labels",) if any(each.shuffled for each in found) else ()
    last = ("spread", "signed", "blank", "own order left", "verdict")
    columns = ("map", "two images", *forgetting.stages, *more, *last)
    rows = []
    for each in found:
        stages = (*each.stages, *([each.shuffled] if each.shuffled else []))
        end = each.stages[-1]
        rows.append(
            (
                each.method,
                _number(each.between),
                *(_number(stage.mean) for stage in stages),
                _number(end.spread),
                _number(end.signed),
                f"{each.blank} → {end.blank} of {each.maps}",
                _number(each.kept),
                each.label,
            )
        )
    table = Table(
        columns,
        tuple(rows),
        "Sanity: rank correlation, randomised down to each layer",
        numbers=tuple(range(1, len(columns) - 1)),
        prose=(len(columns) - 1,),
    )
    shares = zip(forgetting.stages, forgetting.same_class, strict=True)
    known = ", ".join(f"{name} {share:.0%}" for name, share in shares)
    network = (
        "That the network really forgets: its first class is still the trained network's in this share of "
        f"the images: {known.replace('%', ' %')}. The images were dealt out among {draws} randomised "
        "networks. Spread (the standard deviation over the images) and signed (the correlation of signed "
        "maps) are of the last stage."
    )
    said = [Paragraph(f"{each.sentence()}.") for each in found if each.fails or len(found) <= FEW]
    return [table, Paragraph(SANITY_READ), Paragraph(network), *said]


def curves_part(faith: Faithfulness) -> list[Block]:
    """Return what random orders reach, what has to be known to read the areas, and what they say."""
    texts = [
        CURVES_READ,
        f"{len(faith.random)} random orders have deletion areas of {_range(faith.band('deletion'))} and "
        f"insertion areas of {_range(faith.band('insertion'))}.",
        CAVEAT,
    ]
    if any(curves.name in METHODS and METHODS[curves.name].hides_pixels for curves in faith.methods):
        texts.append(HIDING_READ)
    if faith.empty >= EMPTY:
        share = f"{faith.empty:.0%}".replace("%", " %")
        texts.append(
            f"{share} of the pixels of these images already have the value that stands for removed: they are "
            "background, and removing them changes nothing. Random orders waste most of their steps on "
            "them, so that any map which only finds the ink beats them; therefore the ink's own order is in "
            "the table."
        )
    orders = (*faith.methods, faith.ink)
    if len(orders) <= FEW:
        texts += [f"{faith.sentence(curves)}." for curves in orders]
    else:
        texts.append(faith.summary())
    return [Paragraph(text) for text in texts]


def agreement_table(found: Sequence[Agreement], images: int) -> Table:
    """Return the table of differences."""
    rows = tuple(
        (
            each.method,
            each.verdict,
            "–" if each.absolute is None else f"{each.absolute:.2g}",
            "–" if each.relative is None else f"{each.relative:.1e}",
            each.reason or "–",
        )
        for each in found
    )
    title = f"The same maps by tf-keras-vis, on {images} image{'s' if images > 1 else ''}"
    columns = ("map", "tf-keras-vis computes", "largest difference", "of the largest value", "why")
    return Table(columns, rows, title, numbers=(2, 3), prose=(4,))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _range(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3f} to {pair[1]:.3f}"
