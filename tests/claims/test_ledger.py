"""All 206 claims: complete, in order, with the verdicts that were thought through one by one."""

import random

import pytest

from app.claims.claim import AMBIGUOUS, EXACT, NOT_COMPUTABLE, ROUNDED, VERDICTS, WRONG, About, NotYetError
from app.claims.ledger import ARTICLES, CLAIMS, find_claim
from app.claims.sections import SECTIONS, place
from app.claims.verdict import derive_verdict, judge
from app.claims.words import finding_data

COUNTS = {"000": 27, "001": 74, "002": 16, "003": 23, "004": 66}
IDS = [f"{article}-{n:02}" for article, count in COUNTS.items() for n in range(1, count + 1)]


def ids(article, *numbers):
    return {f"{article}-{n:02}" for n in numbers}


DECLARED = {
    ROUNDED: ids("000", 26) | ids("003", 23) | ids("004", 43),
    WRONG: ids("000", 6, 10, 15, 19, 25)
    | ids("001", 1, 22, 31, 48, 52, 74)
    | ids("002", 4, 10)
    | ids("003", 5, 11, 12, 14, 16)
    | ids("004", 11, 36, 38, 40, 44, 50, 51, 65),
    AMBIGUOUS: ids("000", 14, 21) | ids("001", 7, 14, 33, 60) | ids("003", 8, 9, 10) | ids("004", 3, 17, 55),
    NOT_COMPUTABLE: ids("000", 1, 7)
    | ids("001", 4, 15, 17, 61, 63, 65, 66, 68, 72)
    | ids("002", 11, 16)
    | ids("003", 2)
    | ids(
        "004",
        1,
        5,
        12,
        15,
        18,
        20,
        21,
        22,
        26,
        27,
        28,
        29,
        30,
        33,
        35,
        39,
        41,
        42,
        47,
        48,
        49,
        52,
        54,
        56,
        57,
        58,
        59,
        62,
        63,
        66,
    ),
}
DIFFERS = ids("001", 66) | ids("004", 20, 22, 26, 28, 41, 57, 58, 59)
"""Claims with which the cited source disagrees."""
WITHOUT_SOURCE = ids("000", 1) | ids("001", 68, 72) | ids("002", 11, 16) | ids("004", 5, 12, 15, 18, 21, 33)
"""Claims that neither arithmetic nor a printed figure can decide."""

FINDINGS = {claim.id: judge(claim) for claim in CLAIMS}


def test_there_are_exactly_these_206_claims_in_order():
    assert len(IDS) == 206
    assert [claim.id for claim in CLAIMS] == IDS
    assert tuple(COUNTS) == ARTICLES


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_gets_the_verdict_it_declares(claim):
    declared = next((v for v, listed in DECLARED.items() if claim.id in listed), EXACT)
    assert claim.expected == declared
    assert FINDINGS[claim.id].is_expected, FINDINGS[claim.id]


@pytest.mark.parametrize("article", ARTICLES)
def test_claims_stand_in_the_order_of_the_sections(article):
    found = [
        claim for claim in CLAIMS if claim.article == article and claim.id != "002-16"
    ]  # of all listings
    sections = list(SECTIONS[article])
    places = [sections.index(claim.section) for claim in found]
    assert places == sorted(places)
    assert set(places) == set(range(len(sections))), "a section of which nothing is claimed"


def test_a_place_is_named_in_both_languages():
    assert place("004", "Saliency maps") == "004, section “Saliency maps” (显著性图)"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_complete(claim):
    assert claim.expected in VERDICTS
    assert claim.section in SECTIONS[claim.article]
    assert claim.says.endswith(".")
    assert claim.why.endswith((".", ".)"))
    assert not set("`*\n") & set(claim.says + claim.why)
    assert "\n" not in claim.says + claim.why + claim.stated + claim.source
    assert all(text.isprintable() for text in (claim.says, claim.why, claim.stated, claim.source))
    if claim.published is not None:
        assert claim.source, "a published figure is cited"
    if claim.value is None:
        assert claim.expected == NOT_COMPUTABLE


def test_the_sources_that_differ_are_these():
    differs = {id for id, finding in FINDINGS.items() if finding.agrees is False}
    assert differs == DIFFERS


def test_what_is_not_computable_is_decided_by_a_source_but_for_these():
    undecided = {id for id, f in FINDINGS.items() if f.claim.value is None and f.agrees is None}
    assert undecided == WITHOUT_SOURCE


def test_few_claims_wait_for_a_network_or_for_the_articles_training():
    waiting = {id for id, finding in FINDINGS.items() if finding.verdict == "not yet"}
    assert waiting <= ids("004", 50, 51) | ids("001", 33) | ids("003", 23)


def distortions(claim, value):
    """Yield values of the same kind that are something else; among them the stated one."""
    rng = random.Random(0)
    if claim.figure is not None:
        stated = claim.figure.value if isinstance(claim.figure, About) else claim.figure
        yield dict.fromkeys(value, stated) if isinstance(value, dict) else stated
    if isinstance(value, dict):
        parts = list(value.values())
        for changed in [parts[::-1], [0] * len(parts), [1] * len(parts)]:
            yield dict(zip(value, changed, strict=True))
        for _ in range(50):
            yield {label: scramble(part, rng) for label, part in value.items()}
    else:
        for _ in range(50):
            yield scramble(value, rng)


def scramble(value, rng):
    if isinstance(value, list | tuple):
        return type(value)(scramble(each, rng) for each in value)
    return value + rng.choice([-7, -1, 0, 0.5, 1, 1000]) if isinstance(value, int | float) else "?"


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.value is not None], ids=lambda claim: claim.id)
def test_a_claim_can_be_refuted(claim):
    """Another value leads to another verdict: no test of a claim is true of everything."""
    try:
        value = claim.value()
    except NotYetError:
        pytest.skip("waits for a network")
    verdicts = set()
    for other in distortions(claim, value):
        try:
            verdicts.add(derive_verdict(claim, other))
        except TypeError:  # a shape where the statement wants a number
            continue
    assert verdicts - {claim.expected}


def test_an_unknown_claim_is_answered_with_what_there_is():
    assert find_claim("004-10").stated == "338,460"
    for id, hint in {
        "004-99": "004-01 to 004-66",
        "04-10": "004-10",
        "": "as in 004-10",
        "x": "as in 004-10",
        "²": "as in 004-10",
    }.items():
        with pytest.raises(ValueError, match=hint):
            find_claim(id)


def test_the_data_of_a_claim_are_bare():
    import json

    data = [finding_data(finding) for finding in FINDINGS.values()]
    again = json.loads(json.dumps(data, allow_nan=False))
    by_id = {entry["id"]: entry for entry in again}
    assert by_id["004-10"]["value"] == 338_460
    assert type(by_id["004-10"]["value"]) is int
    assert by_id["004-10"]["working"] == ["(5·5·1 + 1)·10 + (1,690 + 1)·200 = 338,460"]
    assert by_id["002-08"]["value"] == [26, 26, 8]
    assert by_id["004-43"]["figure"][2] == {"about": 138_000_000, "to": 1_000_000}
    assert by_id["004-58"]["source_agrees"] is False
    assert by_id["004-58"]["published"] == 6.67
