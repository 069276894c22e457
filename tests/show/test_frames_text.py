"""A walk as text: no line too long, every mark to be seen, nothing left out without a word."""

import re

import pytest
from rich.cells import cell_len
from sample_walks import X, digit, pooling, sliding, softmax

from app.show.frames.frame import Frame, Grid, Mark, Walk, number_text, rectangle
from app.show.frames.text import MOST_STEPS, grid_block, write_text

SMALL, PADDED = sliding(X), sliding(X, border=1)
TALL = Walk("tall", (Frame("", (Grid("x", [[i] for i in range(64)], (Mark("chosen", ((50, 0),)),)),)),))
WIDE = Walk("wide", (Frame("", (Grid("x", [range(1000, 1300)], (Mark("window", ((0, 250),)),)), "→" * 9)),))
LONG_WORDS = Walk("w" * 200, (Frame("t" * 99, (Grid("c" * 150, [[1]]),), ("1·1+" * 60, "あ" * 90)),))
WALKS = {
    "small": SMALL,
    "padded": PADDED,
    "digit": sliding(digit(), tone="grey"),
    "softmax": softmax(),
    "pooling": pooling(),
    "tall": TALL,
    "wide": WIDE,
    "long words": LONG_WORDS,
}
EACH_WALK = pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)


def too_wide(text, width):
    return [line for line in text.split("\n") if cell_len(line) > width]


@EACH_WALK
@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_longer_than_the_terminal_is_wide(walk, width, ascii_only):
    assert too_wide(write_text(walk, width, ascii_only=ascii_only), width) == []


def test_the_check_sees_a_line_that_is_too_long():
    assert too_wide("abc\nabcd\nあい", 3) == ["abcd", "あい"]


@EACH_WALK
def test_a_plain_terminal_gets_plain_signs(walk):
    assert write_text(walk, 80, ascii_only=True).isascii() or walk is LONG_WORDS


def test_the_window_is_in_brackets_the_result_in_stars_and_the_border_pale():
    written = write_text(SMALL, 80)
    fourth = written.split("Step 4 of 9: row 1, column 0")[1].split("Step 5")[0].split("\n")
    lefts = [line[:16].rstrip() for line in fourth[3:8]]
    assert lefts == [" 1  1  1  0  0", "[0  1  1] 1  0", "[0  0  1] 1  1", "[0  0  1] 1  0", " 0  1  1  0  0"]
    assert "*0*   .    ." in fourth[4]
    assert "0·1 + 1·0 + 1·1 + 0·0 + 0·1 + 1·0 + 0·1 + 0·0 + 1·−1 = 0" in "\n".join(fourth)
    assert "['0  '0  '0] '0" in write_text(PADDED, 80)
    assert "'0   the border" in write_text(PADDED, 80)
    assert "'0" not in written


def test_the_cell_that_decides_is_pointed_at_in_its_window():
    assert "[ <4>    2 ]" in write_text(pooling(), 80)


def test_a_dilated_window_has_a_bracket_around_each_cell():
    grid = Grid("", [list(range(5))], (Mark("window", rectangle(0, 0, 1, 3, (1, 2))),))
    assert grid_block(grid, 80).body == ("[0] 1 [2] 3 [4]",)


def test_only_signs_that_occur_are_explained():
    assert "the window:" in write_text(SMALL, 80)
    assert "decides" not in write_text(SMALL, 80)
    assert "border" not in write_text(SMALL, 80)


@pytest.mark.parametrize(("steps", "is_whole"), [(MOST_STEPS, True), (MOST_STEPS + 1, False)])
def test_a_long_walk_is_written_in_part_and_says_so(steps, is_whole):
    frames = tuple(Frame(f"number {i}", (Grid("x", [[i]]),)) for i in range(steps))
    written = write_text(Walk("title", frames), 80)
    numbers = [int(number) for number in re.findall(r"Step \d+ of \d+: number (\d+)", written)]
    assert numbers == (list(range(steps)) if is_whole else [0, steps - 1])
    assert ("11 steps of 13 are left out here; --output steps.html" in written) is not is_whole
    everything = write_text(Walk("title", frames), 80, everything=True)
    assert len(re.findall("Step ", everything)) == steps
    assert "left out" not in everything


def test_each_section_has_a_heading_and_a_step():
    frames = tuple(Frame("", (Grid("x", [[i]]),), section=f"part {i // 10}") for i in range(40))
    written = write_text(Walk("title", frames), 80)
    assert re.findall(r"^part \d$", written, re.M) == ["part 0", "part 1", "part 2", "part 3"]
    assert re.findall(r"Step (\d+) of 40", written) == ["1", "11", "21", "31", "40"]


def test_a_single_step_is_not_counted():
    assert "Step" not in write_text(Walk("title", SMALL.frames[:1]), 80)


def shown_rows(grid, width=80):
    return [line.replace("[", " ").replace("]", " ").split() for line in grid_block(grid, width).body]


@pytest.mark.parametrize("place", [(0, 0), (13, 2), (25, 25), (7, 19)])
def test_a_crop_shows_the_cells_that_it_names_and_the_window_in_it(place):
    values = [[100 * row + column for column in range(28)] for row in range(28)]
    window = rectangle(*place, 3, 3)
    block = grid_block(Grid("x", values, (Mark("window", window),)), 60)
    said = " ".join(block.head)
    spans = re.fullmatch(r"x rows (\d+) to (\d+) of 28, columns (\d+) to (\d+) of 28", said).groups()
    top, bottom, left, right = map(int, spans)
    shown = [[int(number) for number in re.findall(r"\d+", line)] for line in block.body]
    assert shown == [row[left : right + 1] for row in values[top : bottom + 1]]
    inside = [int(n) for part in re.findall(r"\[(.*?)\]", "\n".join(block.body)) for n in part.split()]
    assert inside == [values[row][column] for row, column in window]


def test_a_crop_counts_as_the_whole_map_does():
    values = [[row] for row in range(30)]
    grid = Grid("x", values, (Mark("result", ((20, 0),)),), first=(100, 0), note="rows 100 to 129 of 224")
    assert grid_block(grid, 80).head == ("x", "rows 100 to 129 of 224", "rows 117 to 123")
    padded = Grid("x", values, (Mark("result", ((20, 0),)),), border=(2, 2, 0, 0))
    assert grid_block(padded, 80).head == ("x", "rows 15 to 21 of 26")


def test_one_long_row_is_folded_and_each_line_says_where_it_begins():
    grid = Grid("x", [[1000 + i for i in range(25)]])
    lines = grid_block(grid, 40).body
    assert [line.split(":")[0].strip() for line in lines] == ["0", "6", "12", "18", "24"]
    assert [int(n) for line in lines for n in line.split(":")[1].split()] == [1000 + i for i in range(25)]


def test_what_is_not_known_yet_is_a_dot():
    assert shown_rows(Grid("x", [[1, 2], [3, None]], shown=2)) == [["1", "2"], [".", "."]]
    assert shown_rows(Grid("x", [[1, 2], [3, None]])) == [["1", "2"], ["3", "."]]


def test_a_name_cannot_steer_the_terminal():
    bad = "a\x1b[31m\nb\u202e"
    frame = Frame(bad, (Grid(bad, [[1]], note=bad), bad), (bad,), bad)
    written = write_text(Walk(bad, (frame, frame), (bad,), (bad,)), 80)
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert written.count("\\x1b[31m\\nb\\u202e") >= 8


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), "nan"), (float("-inf"), "−inf"), (1e12, "1e+12"), (-0.0, "0"), (2.5e-7, "2.5e−07")],
)
def test_numbers_of_every_kind_have_a_text(value, text):
    assert number_text(value) == text
    assert shown_rows(Grid("x", [[value]])) == [[text]]
