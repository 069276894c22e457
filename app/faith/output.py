"""Between the doors and the rooms: what the tests of faith found, made a report and pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.faith import report as faith_report
from app.faith.lines import AgreementLine, Band, CurveLine, SanityLine
from app.faith.run import AGREED_ON, Case, Results
from app.maps.methods import OF_CELLS
from app.show.document import Block, Paragraph

if TYPE_CHECKING:
    from app.faith.agreement import Agreement
    from app.faith.faithfulness import Curves, Faithfulness
    from app.faith.sanity_result import Sanity


def conclusions(results: Results) -> list[str]:
    """Return what follows from sanity and faithfulness together, and by which rule."""
    from app.faith.recommendation import RULE, bounds, recommend, summarise

    if not results.sane or results.faith is None:
        return []
    summaries = summarise(results.sane, results.faith, OF_CELLS_ALONE)
    return [*recommend(summaries, bounds(results.faith)), RULE]


OF_CELLS_ALONE = tuple(name for name in OF_CELLS if name != "guided-gradcam")
"""Maps whose values are cells; guided Grad-CAM multiplies them with a map of pixels."""


def report_parts(case: Case, results: Results) -> list[list[Block]]:
    """Return the blocks of a report, a list for each test."""
    parts: list[list[Block]] = []
    sane, curves = sanity_lines(results.sane), curve_lines(results.faith)
    if sane and results.faith:
        table = faith_report.summary_table(sane, curves, band_line(results.faith))
        parts.append([table, Paragraph(faith_report.SUMMARY_READ)])
    if sane and results.forgetting:
        known = results.forgetting
        parts.append(faith_report.sanity_part(sane, known.stages, known.same_class, case.draws))
    if results.faith:
        few = len(curves) <= faith_report.FEW
        notes = [*curve_notes(results.faith), *([] if few else [results.faith.summary()])]
        said = curves if few else []
        parts.append(faith_report.curves_part(said, band_line(results.faith), notes))
    if results.agreed:
        agreed = agreement_lines(results.agreed)
        parts.append(faith_report.agreement_part(agreed, min(AGREED_ON, len(case.images))))
    return parts


def draw_results(case: Case, results: Results, pixels: np.ndarray, title: str) -> dict[str, Any]:
    """Return the pictures of what was tested, by name: sanity, stages, curves.

    Args:
        case: what was tested.
        results: what came out.
        pixels: the first image of the case as it is to be drawn, (height, width, channels).
        title: what that image is called.
    """
    from app.faith.figures import draw_curves, draw_forgetting, draw_stages
    from app.faith.sanity import staged_maps
    from app.maps.methods import METHODS

    figures = {}
    count = len(case.images)
    about = f"{case.explainer.model.name}, {count:,} image{'s' if count > 1 else ''}"
    if results.forgetting:
        lines, stages = sanity_lines(results.sane), results.forgetting.stages
        methods = {name: METHODS[name] for name in case.methods}
        maps = staged_maps(case.explainer, case.images[0], case.classes[0], methods, case.settings)
        figures["sanity"] = draw_forgetting(
            pixels, maps, lines, stages, f"Maps while the network forgets: {title}; ρ: mean over {about}"
        )
        figures["stages"] = draw_stages(lines, stages, f"Do maps change when weights do? {about}")
    if results.faith:
        *curves, ink = curve_lines(results.faith)
        heading = f"Do maps find what the decision needs? {about}"
        figures["curves"] = draw_curves(curves, ink, band_line(results.faith), heading)
    return figures


def report_data(results: Results) -> dict[str, Any]:
    """Return the numbers for JSON."""
    return {
        "sanity": faith_report.as_data(sanity_lines(results.sane)),
        "faithfulness": faith_report.as_data(curve_lines(results.faith)),
        "agreement": faith_report.as_data(agreement_lines(results.agreed)),
    }


def sanity_lines(found: "Sequence[Sanity]") -> list[SanityLine]:
    """Return what a report shows of the sanity check."""
    lines = []
    for each in found:
        stages = each.stages
        lines.append(
            SanityLine(
                each.method,
                each.between,
                tuple(s.mean for s in stages),
                tuple(s.spread for s in stages),
                tuple(s.signed for s in stages),
                each.blank,
                tuple(s.blank for s in stages),
                each.maps,
                each.kept,
                each.fails,
                each.label,
                each.sentence(),
                each.shuffled.mean if each.shuffled else None,
            )
        )
    return lines


def curve_lines(faith: "Faithfulness | None") -> list[CurveLine]:
    """Return what a report shows of each order of the pixels; the last is the ink's."""
    if faith is None:
        return []
    return [curve_line(faith, curves) for curves in (*faith.methods, faith.ink)]


def curve_line(faith: "Faithfulness", curves: "Curves") -> CurveLine:
    """Return what a report shows of one order."""
    from app.faith.recommendation import standard_error

    asks = curves is not faith.ink
    made_of = ("cells" if curves.name in OF_CELLS_ALONE else "pixels") if asks else "nothing"
    deletion = round(float(curves.deletion_areas.mean()), 3)  # as printed, so that the gap is theirs
    insertion = round(float(curves.insertion_areas.mean()), 3)
    return CurveLine(
        curves.name,
        made_of,
        curves.shares,
        curves.deletion.mean(axis=0),
        curves.insertion.mean(axis=0),
        deletion,
        insertion,
        insertion - deletion,
        standard_error(curves),
        curves.blank / len(curves.gaps),
        curves.seconds,
        faith.sentence(curves),
    )


def band_line(faith: "Faithfulness") -> Band:
    """Return what random orders reach."""
    return Band(
        faith.band("deletion"),
        faith.band("insertion"),
        np.stack([order.deletion.mean(axis=0) for order in faith.random]),
        np.stack([order.insertion.mean(axis=0) for order in faith.random]),
        len(faith.random),
    )


def curve_notes(faith: "Faithfulness") -> list[str]:
    """Return what has to be known to read the areas."""
    from app.faith.faithfulness import CAVEAT

    notes = [CAVEAT]
    if any(curves.name in HIDING for curves in faith.methods):
        notes.append(
            "Occlusion and Score-CAM are themselves made by hiding pixels and looking at the score again, so "
            "this test meets them on their own ground."
        )
    if faith.empty >= EMPTY:
        share = f"{faith.empty:.0%}".replace("%", " %")
        notes.append(
            f"{share} of the pixels of these images already have the value that stands for removed: they are "
            "background, and removing them changes nothing. Random orders waste most of their steps on "
            "them, so that any map which only finds the ink beats them; therefore the ink's own order is in "
            "the table."
        )
    return notes


HIDING = ("occlusion", "scorecam")
"""Maps made in the way in which faithfulness is measured."""
EMPTY = 0.05
"""Share of pixels without anything to remove from which on it has to be said."""


def agreement_lines(found: "Sequence[Agreement]") -> list[AgreementLine]:
    """Return what a report shows of the comparison with tf-keras-vis."""
    return [AgreementLine(a.method, a.verdict, a.absolute, a.relative, a.reason) for a in found]
