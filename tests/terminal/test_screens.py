"""Commands in a terminal: something is on the screen before anything heavy begins, and nothing breaks."""

import re

import pytest
import screens
from screens import CAPTURES, COLUMNS, COMMANDS, LINES, TALL, drawn, masked, run_in_terminal

ESCAPES = re.compile(rb"\x1b\[[0-9;]*[mK]|\x1b\[\?25[lh]|\x1b\[\d*A|\x1b\[2K")
"""What the commands steer a terminal with: styles, clearing a line, hiding the cursor, a line up."""
TRAINS = ("train",)
"""Commands with a bar."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run each command once."""
    runs = {}

    def get(name):
        if name not in runs:
            runs[name] = screens.capture(name, tmp_path_factory.mktemp(name))
        return runs[name]

    return get


def logical_lines(run):
    """What was written, line by line, without what was overwritten and without styles."""
    text = ESCAPES.sub(b"", run.written).decode()
    return [line.rpartition("\r")[2].rstrip() for line in text.replace("\r\n", "\n").split("\n")]


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_screen_is_as_it_was_captured(run, name):
    done = run(name)
    assert done.code == 0, done.text()
    assert masked(name, done.text()) == (CAPTURES / f"{name}.txt").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", list(COMMANDS))
def test_something_is_said_before_anything_heavy_is_imported(run, name):
    for module, written in run(name).before.items():
        assert "".join(drawn(written, TALL)).strip(), f"nothing is shown while {module} is imported"
    if name in ("params-mnist", "train", "faith"):
        assert "loading TensorFlow, about 4 s" in "".join(drawn(run(name).before["tensorflow"], TALL))


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", list(COMMANDS))
def test_nothing_breaks(run, name):
    done = run(name)
    assert b"\x1b" not in ESCAPES.sub(b"", done.written)
    whole = [line for line in logical_lines(done) if "python -m app" not in line]
    if name not in TRAINS:  # a bar is drawn anew in its line
        assert max(map(len, whole)) <= COLUMNS
    assert "loading" not in done.text()  # nothing is left of what was waited for
    tall = done.text().splitlines()
    bottom = [line for line in done.screen() if line]
    assert [line for line in tall[-LINES:] if line][-len(bottom) :] == bottom


@pytest.mark.parametrize("columns", [60, 80, 100, 220])
def test_a_count_is_no_wider_than_the_terminal(tmp_path, columns):
    done = run_in_terminal("params googlenet efficientnet_lite0 --no-check", tmp_path, columns)
    assert done.code == 0
    lines = logical_lines(done)
    assert min(columns - 40, 120) < max(map(len, lines)) <= columns
    assert ("not shown at this width: " in " ".join(lines)) == (columns < 220)


def test_a_report_in_a_file_has_every_column(tmp_path):
    done = run_in_terminal("params mnist --no-check --output a.txt", tmp_path)
    assert "Report: a.txt" in done.text()
    assert "(3·3·1 + 1)·32 = 320" in (tmp_path / "a.txt").read_text("utf-8")
    assert "\x1b" not in (tmp_path / "a.txt").read_text("utf-8")


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_styles_gets_none(tmp_path, settings):
    done = run_in_terminal("params mnist --no-check", tmp_path, **settings)
    assert b"\x1b" not in done.written
    assert b"\x1b[1m" in run_in_terminal("params mnist --no-check", tmp_path).written


def test_an_error_is_red(tmp_path):
    done = run_in_terminal("saliency --clas 3", tmp_path)
    assert done.code == 2
    assert b"\x1b[31mError:\x1b[0m there is no option --clas; did you mean --class?" in done.written


@pytest.mark.parametrize(("columns", "widest"), [(40, 60), (80, 80), (200, 100)])
def test_help_follows_the_terminal(tmp_path, columns, widest):
    lines = logical_lines(run_in_terminal("saliency --help", tmp_path, columns))
    assert widest - 12 < max(map(len, lines)) <= widest


def test_the_check_catches_a_line_that_is_too_wide_and_an_escape():
    broken = screens.Run(0, b"x" * 81 + b"\r\n\x1b[31\r\n")
    assert max(map(len, logical_lines(broken))) == 81
    assert b"\x1b" in ESCAPES.sub(b"", broken.written)
