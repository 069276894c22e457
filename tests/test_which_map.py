"""docs/which-map.md: its recommendation follows from its own table, and it says how it was made."""

import re

import pytest
from conftest import ROOT

from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
PAGE = (ROOT / "docs" / "which-map.md").read_text("utf-8").replace("\\", "")
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
