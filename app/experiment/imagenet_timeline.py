"""The winners of ILSVRC from 2010 to 2016, as published, and what article 004 says of them."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.claims.claim import Claim
from app.claims.ledger import find_claim
from app.claims.verdict import judge
from app.experiment.leaving import leave_result
from app.experiment.results import ExperimentResult
from app.experiment.study import StudyVerdict
from models import records
from models.records import Record


@dataclass(frozen=True)
class Entry:
    """The winner of one year's classification task."""

    year: int
    team: str
    record: Record
    """Top-5 error on the test images, trained on the challenge's own images alone."""
    with_more: Record | None = None
    """The error of an entry that was trained on further images too."""
    claims: tuple[str, ...] = ()
    """What the article says of this year: ids of claims."""


TIMELINE = (
    Entry(2010, "NEC-UIUC", records.NEC_2010),
    Entry(2011, "XRCE", records.XRCE_2011),
    Entry(2012, "SuperVision (AlexNet)", records.ALEXNET_OWN_IMAGES, records.ALEXNET, ("004-39",)),
    Entry(2013, "Clarifai", records.CLARIFAI_2013, records.CLARIFAI_2013_MORE, ("004-41", "004-57")),
    Entry(2014, "GoogLeNet", records.GOOGLENET, claims=("004-58",)),
    Entry(2015, "MSRA (ResNet)", records.RESNET, claims=("004-59",)),
    Entry(2016, "Trimps-Soushen", records.TRIMPS_2016),
)


def stated_percent(claim: Claim) -> float | None:
    """Return the error that a claim states, in percent; None where it states a bound."""
    figures = claim.figure if isinstance(claim.figure, list) else [claim.figure]
    return next((figure for figure in figures if isinstance(figure, float)), None)


def repeat_timeline(folder: Path) -> ExperimentResult:
    """Set the winners beside what the article says of them, and leave the numbers and the figure."""
    data = timeline_data()
    data["verdict"] = asdict(find_verdict(data))
    return leave_result(data, timeline_table(data), folder)


def timeline_data() -> dict[str, Any]:
    """Return all years as bare data: what won, what the article says and whether it agrees."""
    return {
        "experiment": "imagenet-timeline",
        "question": "Which error did the winners of the ImageNet challenge have, and what does the article say?",
        "years": [_year(entry) for entry in TIMELINE],
        "human": _record(records.HUMAN),
    }


def _year(entry: Entry) -> dict[str, Any]:
    return {
        "year": entry.year,
        "team": entry.team,
        "top_5_error": _record(entry.record),
        "with_more_images": _record(entry.with_more) if entry.with_more else None,
        "article": [_said(find_claim(id)) for id in entry.claims],
    }


def _record(record: Record) -> dict[str, Any]:
    return {"percent": str(record.percent), "source": record.source}


def _said(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.id,
        "says": claim.says,
        "stated": claim.stated,
        "percent": stated_percent(claim),
        "agrees": judge(claim).agrees,
        "why": claim.why,
    }


def find_verdict(data: dict[str, Any]) -> StudyVerdict:
    """Return whether the error fell from year to year, and which of the article's words are right."""
    years = data["years"]
    errors = [Decimal(year["top_5_error"]["percent"]) for year in years]
    rises = [
        year["year"]
        for year, before, now in zip(years[1:], errors, errors[1:], strict=False)
        if now >= before
    ]
    course = f"it did not fall in {', '.join(map(str, rises))}" if rises else "it fell every year"
    said = [said for year in years for said in year["article"]]
    wrong = [each for each in said if not each["agrees"]]
    named = ", ".join(f"claim {each['claim']} says {each['stated']}" for each in wrong)
    shown = f"; not so: {named}. Why: python -m app.claims --id {wrong[0]['claim']}" if wrong else ""
    return StudyVerdict(
        not rises,
        f"The winners' error went from {errors[0]:.1f} % in {years[0]['year']} to {errors[-1]:.1f} % in "
        f"{years[-1]['year']}; {course}. The article's statements on single years: {len(said)}, as "
        f"published: {len(said) - len(wrong)}{shown}.",
    )


def timeline_table(data: dict[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the columns and a row for each year."""
    columns = ("year", "winner", "top-5 error, %", "with more images", "article", "published?", "source")
    return columns, [_cells(year) for year in data["years"]]


def _cells(year: dict[str, Any]) -> tuple[str, ...]:
    more, said = year["with_more_images"], year["article"]
    agrees = {True: "as published", False: "differs"}
    return (
        str(year["year"]),
        year["team"],
        year["top_5_error"]["percent"],
        more["percent"] if more else "–",
        "; ".join(f"{each['stated']} ({each['claim']})" for each in said) or "–",
        "; ".join(agrees[each["agrees"]] for each in said) or "–",
        year["top_5_error"]["source"],
    )
