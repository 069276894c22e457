import re
from types import SimpleNamespace

import pytest

from app.counting.rows import shape_text
from app.show import numbers, tables


@pytest.fixture
def show(capsys):
    """Print a table as a door does, and return its lines as lists of cells."""

    def render(table):
        tables.make_console().print(table)
        lines = capsys.readouterr().out.splitlines()
        return [re.split(r"  +", line.strip()) for line in lines if line.strip(" ─")]

    return render


@pytest.mark.parametrize(("shape", "text"), [((26, 26, 32), "26×26×32"), ((1690,), "1,690"), ((), "")])
def test_a_shape_is_written_as_people_write_it(shape, text):
    assert shape_text(shape) == text


@pytest.mark.parametrize(("part", "text"), [(0, "0.0"), (1, "<0.1"), (500, "0.1"), (10**6, "100.0")])
def test_a_share_that_is_there_is_never_rounded_to_nothing(part, text):
    assert numbers.percentage(part, 10**6) == text


@pytest.mark.parametrize("text", ["[red]", "[/]", "a [b] c", "conv[0]", ":smile:", "\\[x]"])
def test_names_are_printed_as_they_are(show, text):
    """Names of classes and layers come from files: they are text, not instructions."""
    title, head, row = show(tables.plain_table(("name", "count"), [(text, "3")], title=text))
    assert (title, head, row) == ([text], ["name", "count"], [text, "3"])


def test_numbers_are_aligned_to_the_right(capsys):
    table = tables.plain_table(("name", "count"), [("a", "7"), ("b", "1,234")], numbers=(1,))
    tables.make_console().print(table)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]
    assert len({len(line) for line in lines}) == 1
    assert lines[1].index("a") == lines[2].index("b")


def test_without_a_terminal_nothing_is_folded(show):
    long = "x" * 150
    assert [long] in show(tables.plain_table(("name",), [(long,)]))


def test_messages_go_to_the_error_output(capsys):
    tables.make_console(stderr=True).print("careful")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "careful\n")


def test_a_terminal_keeps_its_own_width(monkeypatch):
    stream = SimpleNamespace(isatty=lambda: True, write=len, flush=lambda: None)
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "20")
    assert tables.make_console().width == 60
