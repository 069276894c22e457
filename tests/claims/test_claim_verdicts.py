"""Verdicts are derived: each kind of claim, with values that fit and values that do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.claims.claim import (
    AMBIGUOUS,
    EXACT,
    NOT_COMPUTABLE,
    NOT_YET,
    ROUNDED,
    WRONG,
    About,
    Claim,
    NotYetError,
)
from app.claims.verdict import compare, judge


def claim(expected=EXACT, **fields):
    return Claim("999-01", "1", "says", "stated", expected, "why", **fields)


@pytest.mark.parametrize(
    ("figure", "value", "verdict"),
    [
        (260, 260, EXACT),
        (260, 261, WRONG),
        (10.8, 10.9, WRONG),
        (0.1, 0.3 - 0.2, EXACT),
        (10**12, 10**12 + 1, WRONG),
        (338_460, 338_461, WRONG),
        (About(138_000_000, to=1_000_000), 138_357_544, ROUNDED),
        (About(60_000, to=1_000), 60_000, EXACT),
        (About(60_000, to=1_000), 61_706, WRONG),
        (About(255, to=1), 243.86, WRONG),
        (About(99, to=1), 99.4999, ROUNDED),
        ((3, 3), (3, 3), EXACT),
        ((3, 3), (3, 2), WRONG),
        ((3, 3), (3, 3, 1), WRONG),
        ((), (60_000,), WRONG),
        ([16, About(138, to=1)], [16, 138.4], ROUNDED),
        ([16, About(138, to=1)], [17, 138], WRONG),
        ([1], 1, WRONG),
        ("B", "B", EXACT),
        ("Waiber", "Waibel", WRONG),
        ("1985", 1985, WRONG),
        ([(2, 2), 5], [(2, 2), 5], EXACT),
    ],
)
def test_figures_are_compared(figure, value, verdict):
    assert compare(figure, value) == verdict


@settings(deadline=None)
@given(st.integers(-(10**6), 10**6), st.integers(1, 1000), st.floats(-0.499, 0.499))
def test_a_rounded_figure_covers_half_a_unit_each_way(unit, to, off):
    figure = About(unit * to, to)
    assert compare(figure, (unit + off) * to) in (EXACT, ROUNDED)
    assert compare(figure, (unit + 0.501) * to) == compare(figure, (unit - 0.501) * to) == WRONG


@pytest.mark.parametrize(
    ("value", "verdict"),
    [({"a": 5, "b": 5}, EXACT), ({"a": 5, "b": 6}, AMBIGUOUS), ({"a": 6, "b": 7}, WRONG)],
)
def test_readings_of_a_figure_must_agree_or_the_claim_is_ambiguous(value, verdict):
    assert judge(claim(value=lambda: value, figure=5)).verdict == verdict


def test_readings_without_a_figure_are_compared_with_one_another():
    assert judge(claim(value=lambda: {"a": 5, "b": 5})).verdict == EXACT
    assert judge(claim(value=lambda: {"a": 5, "b": 6})).verdict == AMBIGUOUS


def test_a_statement_holds_or_is_wrong():
    statement = {"holds": lambda small, large: small < large}
    assert judge(claim(value=lambda: {"a": 1, "b": 2}, **statement)).verdict == EXACT
    assert judge(claim(value=lambda: {"a": 2, "b": 1}, **statement)).verdict == WRONG
    assert judge(claim(value=lambda: 3, holds=lambda n: n == 4)).verdict == WRONG


def test_a_claim_without_a_value_is_not_computable_and_its_source_agrees_or_differs():
    def agrees(**fields):
        finding = judge(claim(NOT_COMPUTABLE, **fields))
        assert finding.verdict == NOT_COMPUTABLE
        assert finding.is_expected
        return finding.agrees

    assert agrees() is None
    assert agrees(published="y = F(x) + x") is None
    assert agrees(figure=15.3, published=15.3) is True
    assert agrees(figure=7.8, published=6.67) is False
    assert agrees(holds=lambda n: n > 1, published=3) is True
    assert agrees(holds=lambda a, b: a < b, published=[7.3, 6.67]) is False


def test_what_is_not_here_waits_only_if_the_claim_says_so():
    def absent():
        raise NotYetError("googlenet")

    waiting = judge(claim(value=absent, figure=0, needs="googlenet"))
    assert (waiting.verdict, waiting.is_expected) == (NOT_YET, True)
    assert not judge(claim(value=absent, figure=0)).is_expected


def test_a_verdict_other_than_the_declared_one_is_not_expected():
    assert not judge(claim(EXACT, value=lambda: 5, figure=6)).is_expected
    assert judge(claim(WRONG, value=lambda: 5, figure=6)).is_expected
    assert not judge(claim(NOT_COMPUTABLE, value=lambda: 5, figure=5)).is_expected


def test_a_room_that_refuses_is_named_with_the_claim():
    def refuse():
        raise ValueError("a kernel of 5 does not fit into 3 cells")

    with pytest.raises(ValueError, match="claim 999-01: a kernel of 5"):
        judge(claim(value=refuse, figure=1))
