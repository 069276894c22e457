"""Answers to questions: however grids, numbers and letters are typed, and what parts of them are worth."""

import contextlib
from fractions import Fraction

import pytest
from asked_questions import KIND_NAMES
from conftest import refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from app.questions.grids import read_grid, read_number, write_grid, write_number
from app.questions.making import make_question
from app.questions.marking import mark
from app.questions.question import Question

GRIDS = [
    "1 2; 3 4",
    "1,2;3,4",
    "1, 2; 3, 4",
    "1 2;3 4;",
    " 1  2 ; 3\t4 ",
    "[[1, 2], [3, 4]]",
    "[[1 2]\n [3 4]]",
    "(1 2; 3 4)",
    "1 2 | 3 4",
    "1 2\n3 4",
    "1 2 3 4",
    "1,2,3,4",
    "1.0 2,0; 3 4",
    "y = 1 2; 3 4",
    "'1 2; 3 4",
    "6/6 2; 3 4",
]


@pytest.mark.parametrize("text", GRIDS)
def test_a_grid_may_be_typed_in_many_ways(text):
    assert read_grid(text, 2, 2) == ((1, 2), (3, 4))


def test_decimals_negatives_and_empty_cells():
    half = Fraction(1, 2)
    assert read_grid("0,5 -2; −3 .5", 2, 2) == ((half, -2), (-3, half))
    assert read_grid("1,5;2,5", 2, 1) == ((Fraction(3, 2),), (Fraction(5, 2),))
    assert read_grid("_ 2; ? 4", 2, 2) == ((None, 2), (None, 4))
    assert read_grid("1 2 3; 4 5 6", 2, 2) == ((1, 2, 3), (4, 5, 6))


@pytest.mark.parametrize(
    "text", ["", ";", "a b", "1 2; 3", "1 x; 3 4", "1 2; 3 4 5", "1/0 2; 3 4", "9" * 500, "1e9 2; 3 4", "٣ b"]
)
def test_what_is_no_grid_is_refused(text):
    assert "1 2; 3 4" in refusal(read_grid, text, 2, 2) or "longer" in refusal(read_grid, text, 2, 2)


CELLS = st.one_of(st.integers(-999, 999), st.integers(-9999, 9999).map(lambda n: Fraction(n, 8)))
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(deadline=None, max_examples=200)
@given(
    SHAPES.flatmap(
        lambda s: st.lists(st.lists(CELLS, min_size=s[1], max_size=s[1]), min_size=s[0], max_size=s[0])
    )
)
def test_a_grid_that_is_written_is_read_back(rows):
    grid = tuple(map(tuple, rows))
    assert read_grid(write_grid(grid), len(grid), len(grid[0])) == grid


@settings(deadline=None, max_examples=200)
@given(CELLS)
def test_a_number_that_is_written_is_read_back_with_a_point_or_a_comma(number):
    assert read_number(write_number(number)) == read_number(write_number(number).replace(".", ",")) == number


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(KIND_NAMES), st.integers(1, 4), st.text(max_size=60))
def test_marking_takes_whatever_is_typed(kind, number, text):
    question = make_question(kind, 3, number)
    verdict = question.check(text)
    assert verdict.status in ("right", "partly right", "wrong", "unreadable", "missing")
    assert 0 <= verdict.points <= question.points
    assert verdict.words or verdict.status == "right"


NINE = Question("convolution", "nine cells", "", ((1, 2, 3), (4, 5, 6), (7, 8, 9)), (), "", points=3)


@pytest.mark.parametrize(
    ("text", "status", "points"),
    [
        ("1 2 3; 4 5 6; 7 8 9", "right", 3),
        ("1 2 3; 4 5 6; 7 8 0", "partly right", 2.5),
        ("1 2 3; 4 5 6; 7 _ _", "partly right", 2),
        ("1 2 3; 4 5 6; 0 0 0", "partly right", 2),
        ("1 2 3; 0 0 0; 0 0 0", "partly right", 1),
        ("1 0 0; 0 0 0; 0 0 0", "wrong", 0),
        ("1 2; 4 5", "wrong", 0),
        ("", "missing", 0),
        ("soup", "unreadable", 0),
    ],
)
def test_a_grid_earns_points_for_its_right_cells_in_halves(text, status, points):
    verdict = mark(NINE, text)
    assert (verdict.status, verdict.points) == (status, points)


def test_wrong_cells_are_named():
    assert (
        "8 of 9 cells are right; wrong: row 3, column 3 (0, not 9)" in mark(NINE, "1 2 3; 4 5 6; 7 8 0").words
    )
    assert "(empty, not 9)" in mark(NINE, "1 2 3; 4 5 6; 7 8 _").words
    assert "; 6 more" in mark(NINE, "0 0 0; 0 0 0; 0 0 0").words
    assert "the answer has 3×3 cells (rows × columns), not 2×2" in mark(NINE, "1 2; 4 5").words


def test_sizes_ranges_and_letters_are_read_as_people_write_them():
    square = Question("fields", "", "", (7, 7), (), "")
    assert {square.check(text).status for text in ("7", "7x7", "7×7", "7 7", "(7, 7)", "7*7")} == {"right"}
    ends = Question("fields", "", "", (3, 12), (), "", is_range=True)
    assert {ends.check(text).status for text in ("3 12", "3-12", "3 to 12", "3–12", "3, 12", "3..12")} == {
        "right"
    }
    assert ends.answer_text == "3 to 12"
    letter = Question("choice", "", "", "B", (), "", options=("w", "x", "y", "z"))
    assert {letter.check(text).status for text in ("B", "b", "(b)", " B) ", "b.")} == {"right"}
    assert letter.check("E").status == letter.check("AB").status == letter.check("2").status == "unreadable"
    assert letter.check("A").status == "wrong"


def test_an_infinite_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        NINE.check(float("inf"))
    with contextlib.suppress(ValueError):
        NINE.check(float("nan"))
