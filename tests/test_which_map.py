"""docs/which-map-tables.md: its recommendation follows from its own table, and it says how it was made.

docs/which-map.md, the page in front of it, has the same numbers, rounded, and the same recommendation.
"""

import re

import pytest
from conftest import ROOT

from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
PAGE = (ROOT / "docs" / "which-map-tables.md").read_text("utf-8").replace("\\", "")
FRONT = (ROOT / "docs" / "which-map.md").read_text("utf-8")
COMMAND = "python -m app.faith --model mnist --count 1000"


def table(title):
    """The rows of a table of the page, as dicts by column."""
    lines = PAGE.split(f"**{title}**\n\n")[1].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in re.split(r" ?\| ?", line)[1:-1]] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def recommended(rows):
    from app.faith.recommendation import FaithBounds, FaithSummary, recommend

    def summary(row):
        kept = None if row["own order left"] == "–" else float(row["own order left"])
        return FaithSummary(
            row["map"],
            row["made of"] == "cells",
            kept,
            float(row["deletion"]),
            float(row["insertion"]),
            float(row["its standard error"]),
            float(row["share blank"]),
        )

    *methods, ink, random = rows
    limits = FaithBounds(
        float(random["deletion"].split(" to ")[0]),
        float(random["insertion"].split(" to ")[1]),
        round(float(ink["insertion"]) - float(ink["deletion"]), 3),
        float(ink["its standard error"]),
    )
    return recommend([summary(row) for row in methods], limits)


def test_the_recommendation_follows_from_the_table():
    from app.faith.recommendation import RULE

    sentences = recommended(table("All methods"))
    assert len(sentences) >= 3
    for sentence in (*sentences, RULE):
        assert sentence in PAGE


def test_another_table_would_recommend_something_else():
    rows = table("All methods")
    for row in rows[:-2]:
        row["own order left"] = "0.90"
    assert recommended(rows)[0] not in PAGE


def test_all_methods_are_in_every_table_and_the_command_is_named():
    assert f"Made by: {COMMAND}." in PAGE
    assert "1,000 test images of mnist" in PAGE.splitlines()[0]
    assert [row["map"] for row in table("All methods")[:-2]] == list(METHODS)
    sanity = table("Sanity: rank correlation, randomised down to each layer")
    assert [row["map"] for row in sanity] == list(METHODS)


def test_the_label_of_each_method_is_that_of_its_number():
    for row in table("All methods")[:-2]:
        fails = row["own order left"] != "–" and float(row["own order left"]) >= 0.5
        assert row["sanity"].startswith("does not depend") == fails, row["map"]


def test_the_gap_printed_is_the_difference_of_the_areas_printed():
    for row in table("All methods")[:-1]:
        assert f"{float(row['insertion']) - float(row['deletion']):.3f}" == row["gap"], row["map"]


def front_rows():
    lines = [line for line in FRONT.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `*") for cell in line.strip("|").split("|")] for line in lines]


def test_the_front_page_has_the_numbers_of_the_tables():
    measured = {row["map"]: row for row in table("All methods")}
    shown = front_rows()
    assert {row[0] for row in shown} == set(METHODS)
    for name, made_of, changes, *numbers in shown:
        row = measured[name]
        assert (made_of, changes) == (row["made of"], "no" if float(row["own order left"]) >= 0.5 else "yes")
        assert numbers == [f"{float(row[key]):.2f}" for key in ("deletion", "insertion", "gap")], name
    for made_of in ("pixels", "cells"):
        gaps = [float(row[-1]) for row in shown if row[1] == made_of]
        assert gaps == sorted(gaps, reverse=True)


def test_the_front_page_recommends_what_follows_from_the_tables():
    sentences = recommended(table("All methods"))
    said = " ".join(sentences)
    best = {what: re.search(rf"maps of {what}: (\S+) \(", said)[1] for what in ("pixels", "cells")}
    assert f"**For single pixels take `{best['pixels']}`.**" in FRONT
    assert f"**For coarse regions take `{best['cells']}`.**" in FRONT
    (against,) = re.findall(r"\*\*Do not take `(\S+)` or `(\S+)`", FRONT)
    assert f"learnt: {', '.join(against)}." in said
    assert COMMAND in FRONT
