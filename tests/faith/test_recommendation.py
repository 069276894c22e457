"""The recommendation follows its rule, case by case."""

import dataclasses

import numpy as np

from app.faith.recommendation import (
    RULE,
    FaithBounds,
    FaithSummary,
    bounds,
    conclusions,
    recommend,
    summarise,
    why_not,
)
from app.faith.results import Curves, Faithfulness, Results, Sanity, Stage

LIMITS = FaithBounds(deletion=0.59, insertion=0.63, ink=0.805, ink_error=0.0)
GOOD = FaithSummary("good", False, 0.1, 0.15, 0.96, 0.005, 0.0)


def test_the_largest_gap_wins_and_what_is_near_is_named():
    near = dataclasses.replace(GOOD, method="near", insertion=0.95)
    far = dataclasses.replace(GOOD, method="far", insertion=0.90)
    first, *_ = recommend([far, near, GOOD], LIMITS)
    assert first == "Recommended among the maps of pixels: good (gap 0.810); within two standard " + (
        "errors of it: near."
    )
    first, *_ = recommend([far, GOOD], LIMITS)
    assert "no other comes within two standard errors" in first


def test_maps_of_cells_are_judged_by_themselves():
    cells = FaithSummary("cells", True, 0.0, 0.3, 0.8, 0.01, 0.0)
    pixels, own, *_ = recommend([GOOD, cells], LIMITS)
    assert "maps of pixels: good" in pixels
    assert "maps of cells: cells (gap 0.500)" in own


def test_each_condition_alone_is_enough_to_be_left_out():
    assert why_not(GOOD, LIMITS) == ""
    for change, reason in (
        ({"kept": 0.5}, "learnt"),
        ({"kept": None}, "blank"),
        ({"blank": 0.051}, "blank"),
        ({"deletion": 0.59}, "random"),
        ({"insertion": 0.63}, "random"),
    ):
        wrong = dataclasses.replace(GOOD, **change)
        assert reason in why_not(wrong, LIMITS), change
        said = recommend([wrong], LIMITS)
        assert said[0] == "Of the maps of pixels none can be recommended on these images."
        assert "good" in said[1]
    assert why_not(dataclasses.replace(GOOD, kept=0.49, blank=0.05), LIMITS) == ""


def test_being_no_better_than_the_ink_is_said():
    assert "no map that passes is better" in recommend([GOOD], LIMITS)[-1]
    low = dataclasses.replace(LIMITS, ink=0.79)
    assert recommend([GOOD], low)[-1].endswith("two standard errors: good.")
    unsure = dataclasses.replace(low, ink_error=0.02)
    assert "no map that passes is better" in recommend([GOOD], unsure)[-1]
    failing = dataclasses.replace(GOOD, kept=0.9)
    assert "no map that passes is better" in recommend([failing], low)[-1]


def curves(name, deletion, insertion, blank=0, made_of="pixels"):
    shares = np.array([0.0, 1.0])
    flat = [np.array([[d, d]] * 4) for d in (deletion, insertion)]
    flat[0][0] += 0.1
    return Curves.of(name, *flat, shares, blank=blank, made_of=made_of)


def test_summaries_are_the_numbers_rounded():
    faith = Faithfulness(
        (curves("a", 0.1234, 0.9), curves("b", 0.2, 0.8, 1, "cells")),
        (curves("random", 0.5, 0.61), curves("random", 0.6, 0.52)),
        curves("ink", 0.2, 0.9),
    )
    sane = [Sanity(n, 4, 4, 0, 0.0, (Stage("top", 0.25678, 0.0, 0.0, 0),)) for n in "ab"]
    first, second = summarise(sane, faith)
    assert first == FaithSummary("a", False, 0.26, 0.148, 0.9, 0.025, 0.0)
    assert (second.is_of_cells, second.blank, second.gap) == (True, 0.25, 0.575)
    assert bounds(faith) == FaithBounds(0.525, 0.61, 0.675, 0.025)
    said = conclusions(Results(sane=sane, faith=faith))
    assert said == [*recommend([first, second], bounds(faith)), RULE]
    assert conclusions(Results(sane=sane)) == conclusions(Results(faith=faith)) == []
