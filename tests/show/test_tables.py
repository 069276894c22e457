import re
from types import SimpleNamespace

import pytest

from app.counting.rows import shape_text
from app.show import numbers, tables
from app.show.document import Document, Paragraph, Table
from app.show.styles import BOLD, GREEN, RED, has_styles, painted
from app.show.table_text import Terminal, fold, table_lines
from app.show.writers import write_document

TEN = ("name", "count", "share", "what it is for", "why")
ROWS = (
    ("first", "1,234", "99.0", "a sentence that is longer than its column can be", "because " * 6),
    ("second", "7", "1.0", "another sentence, as long as the one above it is", "since " * 9),
)
TABLE = Table(
    TEN,
    ROWS,
    "Things",
    numbers=(1, 2),
    prose=(3, 4),
    expendable=(4, 2),
    total=("all", "1,241", "100.0", "", ""),
)


@pytest.fixture
def show(capsys):
    """Print a table as a command does, and return its lines as lists of cells."""

    def render(table):
        tables.print_parts([table])
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
    title, head, row = show(Table(("name", "count"), ((text, "3"),), text))
    assert (title, head, row) == ([text], ["name", "count"], [text, "3"])


def test_numbers_are_aligned_to_the_right():
    lines = table_lines(Table(("name", "count"), (("a", "7"), ("b", "1,234")), numbers=(1,)), 80)
    rows = lines[-2:]
    assert len({len(line) for line in rows}) == 1
    assert rows[0].index("a") == rows[1].index("b")


def test_without_a_terminal_nothing_is_folded(show):
    long = "x" * 150
    assert [long] in show(Table(("name",), ((long,),)))


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


def words(lines):
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("width", range(40, 140, 7))
def test_at_a_terminal_no_line_is_wider_than_the_screen_and_no_number_is_lost(width):
    lines = table_lines(TABLE, width, Terminal())
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    assert "1,234" in words(lines)
    assert "1,241" in words(lines)


@pytest.mark.parametrize(("width", "left_out"), [(200, None), (100, None), (60, "why"), (46, "share, why")])
def test_the_columns_that_are_needed_least_are_left_out_first_and_named(width, left_out):
    said = words(table_lines(TABLE, width, Terminal(elsewhere="a page has them")))
    expected = "" if left_out is None else f"not shown at this width: {left_out}; a page has them"
    assert said.endswith(expected)
    assert ("not shown" in said) == (left_out is not None)
    assert ("because" in said) == (left_out is None)


def test_a_report_in_a_file_leaves_nothing_out():
    said = words(table_lines(TABLE, 60))
    assert "because because" in said
    assert "not shown" not in said


def test_a_table_that_fits_nowhere_is_folded_within_its_words():
    table = Table(("a", "b"), (("x" * 50, "y" * 50), ("z", "w")))
    lines = table_lines(table, 40, Terminal())
    assert max(map(len, lines)) <= 40
    assert "".join(lines).count("x") == "".join(lines).count("y") == 50


def test_one_row_alone_is_stacked():
    lines = table_lines(Table(("a", "b"), (("x" * 50, "y" * 50),)), 60, Terminal())
    assert words(lines) == f"a: {'x' * 50} b: {'y' * 50}"


def test_wide_signs_are_folded_by_the_columns_that_they_take():
    assert fold("卷积神经网络", 6) == ["卷积神", "经网络"]


def test_heads_and_totals_are_bold_and_verdicts_have_colours():
    table = Table(("claim", "verdict"), (("1", "exact"), ("2", "wrong")), "Claims", total=("all", "2"))
    lines = table_lines(table, 80, Terminal(painted))
    bold = [line for line in lines if line.startswith(f"\x1b[{BOLD}m")]
    assert [line.split()[-1].removesuffix("\x1b[0m") for line in bold] == [
        f"\x1b[{BOLD}mClaims",
        "verdict",
        "2",
    ]
    assert any(painted("exact", GREEN) in line for line in lines)
    assert any(painted("wrong", RED) in line for line in lines)
    plain = [re.sub(r"\x1b\[\d*m", "", line) for line in lines]
    assert plain == table_lines(table, 80)


def test_a_name_with_escapes_steers_nothing_where_there_are_colours():
    table = Table(("name",), (("\x1b[31mred",),))
    said = write_document(Document("", (table,)), terminal=Terminal(painted))
    assert "\\x1b[31mred" in said


@pytest.mark.parametrize(
    ("is_terminal", "settings", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_only_a_terminal_that_wants_them_has_styles(monkeypatch, is_terminal, settings, expected):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert has_styles(SimpleNamespace(closed=False, isatty=lambda: is_terminal)) is expected


def test_tables_stand_apart_and_lines_together():
    table = Table(("a",), (("1",),))
    assert tables.printed(["one", "two  and blanks", table, Paragraph("three"), "four"]) == (
        "one\ntwo  and blanks\n\n  a\n ───\n  1\n\nthree\n\nfour"
    )
