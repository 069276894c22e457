"""The years agree with the ledger of claims, and the verdict follows from them."""

import copy

import pytest

from app.claims.ledger import CLAIMS
from app.claims.verdict import judge
from app.experiment.imagenet_timeline import (
    TIMELINE,
    find_verdict,
    stated_percent,
    timeline_data,
    timeline_table,
)

LEDGER = {claim.id: claim for claim in CLAIMS}


def test_every_year_has_a_team_an_error_and_a_source():
    assert [entry.year for entry in TIMELINE] == list(range(2010, 2017))
    for year in timeline_data()["years"]:
        assert year["team"]
        assert 0 < float(year["top_5_error"]["percent"]) < 100
        assert year["top_5_error"]["source"][-4:].isdigit()


def test_what_the_article_says_is_the_ledgers_word():
    said = {each["claim"]: each for year in timeline_data()["years"] for each in year["article"]}
    assert set(said) == {"004-39", "004-41", "004-57", "004-58", "004-59"}
    for id, each in said.items():
        assert (each["says"], each["stated"]) == (LEDGER[id].says, LEDGER[id].stated)
        assert each["agrees"] is judge(LEDGER[id]).agrees


def test_the_errors_are_those_that_the_ledger_cites():
    published = {
        year["year"]: {
            year["top_5_error"]["percent"],
            (year["with_more_images"] or year["top_5_error"])["percent"],
        }
        for year in timeline_data()["years"]
    }
    for id, year in (("004-39", 2012), ("004-41", 2013), ("004-58", 2014)):
        assert f"{LEDGER[id].published:g}" in published[year]
    assert f"{LEDGER['004-59'].published[0]:g}" in published[2015]


def test_a_bound_is_not_a_figure():
    assert stated_percent(LEDGER["004-57"]) == 14.8
    assert stated_percent(LEDGER["004-59"]) is None


def test_the_verdict_follows_from_the_years():
    data = timeline_data()
    verdict = find_verdict(data)
    assert verdict.shows is True
    assert "28.2 % in 2010 to 3.0 % in 2016; it fell every year" in verdict.words
    assert "5, as published: 1; not so: claim 004-41 says 11.2" in verdict.words
    wrong = copy.deepcopy(data)
    wrong["years"][3]["top_5_error"]["percent"] = "20"
    assert find_verdict(wrong).shows is False
    assert "did not fall in 2013" in find_verdict(wrong).words
    for year in wrong["years"]:
        for said in year["article"]:
            said["agrees"] = True
    assert find_verdict(wrong).words.endswith("as published: 5.")


@pytest.mark.parametrize("year", range(2010, 2017))
def test_the_table_has_a_row_a_year(year):
    columns, rows = timeline_table(timeline_data())
    row = rows[year - 2010]
    assert row[0] == str(year)
    assert len(row) == len(columns)
