import dataclasses
import re
from types import SimpleNamespace

import pytest
from workings import calculated

from app.counting.chalkboard import nn
from app.show import tables
from models import CATALOGUE, Published


@pytest.fixture
def show(capsys):
    """Print a table as a door does, and return its lines as lists of cells."""

    def render(table):
        tables.make_console().print(table)
        lines = capsys.readouterr().out.splitlines()
        return [re.split(r"  +", line.strip()) for line in lines if line.strip(" ─")]

    return render


def number(text):
    return int(text.replace(",", ""))


def normalised_sheet():
    layers = [
        nn.Conv2D(3, 3, name="conv"), nn.BatchNormalization(name="norm"),
        nn.BatchNormalization(center=False, scale=False, name="bare"), nn.Flatten(name="flat"),
        nn.Dense(1000, name="output"),
    ]  # fmt: skip
    return nn.Sequential([nn.Input((9, 9, 2), name="image"), *layers], name="normalised").sheet()


def sheets():
    return [*(n.builder(nn).sheet() for n in CATALOGUE.values()), normalised_sheet()]


def rows_and_total(lines, sheet):
    title, head, *rows, total = lines
    assert title == [sheet.name]
    assert head == ["layer", "kind", "output", "parameters", "working", "MACs", "sees"]
    assert [row[0] for row in rows] == [row.name for row in sheet.rows]
    assert total[0] == "total"
    return rows, total


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.name)
def test_the_printed_columns_add_up_to_the_printed_total(show, sheet):
    rows, total = rows_and_total(show(tables.sheet_table(sheet)), sheet)
    parameters = sum(number(row[3]) for row in rows)
    macs = [
        number(cell) for row in rows for cell in row[4:] if re.fullmatch(r"[\d,]+", cell)
    ]  # what stands alone behind the parameters is the MACs
    assert number(total[1]) == parameters == sheet.parameters
    assert number(total[-1]) == sum(macs) == sheet.multiply_accumulates


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.name)
def test_every_printed_working_gives_the_printed_number(show, sheet):
    rows, total = rows_and_total(show(tables.sheet_table(sheet)), sheet)
    lines = [(row[3], cell) for row in rows for cell in row[4:] if " = " in cell]
    assert len(lines) == sum(1 for row in sheet.rows if row.parameters)
    for parameters, line in lines:
        working, result = line.split(" = ")
        assert (
            calculated(working.replace(" not trained", "")) == number(result) == number(parameters)
        )
        assert not working.startswith("+")
    if not sheet.non_trainable:
        assert sum(number(part) for part in total[2].split(" + ")) == number(total[1])


def test_what_is_not_trained_is_shown_apart(show):
    sheet = normalised_sheet()
    rows, total = rows_and_total(show(tables.sheet_table(sheet)), sheet)
    assert rows[2][3:5] == ["12", "2·3 + 2·3 not trained = 12"]
    assert rows[3][3:5] == ["6", "2·3 not trained = 6"]
    trained = 3 * 19 + 6 + 1000 * 148
    assert total[1:3] == [f"{trained + 12:,}", f"{trained:,} trainable + 12 not trained"]


def test_a_row_of_the_article_as_it_is_printed(show):
    lines = show(tables.sheet_table(CATALOGUE["worked_example"].builder(nn).sheet()))
    assert ["conv", "Conv2D", "26×26×10", "260", "(5·5·1 + 1)·10 = 260", "169,000", "5×5"] in lines
    hidden = ["hidden", "Dense", "200", "338,200", "(1,690 + 1)·200 = 338,200", "338,000", "all"]
    assert hidden in lines
    assert ["total", "338,460", "260 + 338,200", "507,000"] in lines


def test_shared_weights_are_said_to_be_shared(show):
    conv = nn.Conv2D(2, 3, padding="same", name="conv")
    start = nn.Input((5, 5, 2), name="image")
    sheet = nn.Model(start, conv(conv(start)), name="twice").sheet()
    rows, total = rows_and_total(show(tables.sheet_table(sheet)), sheet)
    assert rows[1][3] == "38"
    assert rows[2][:5] == ["conv:2", "Conv2D", "5×5×2", "0", "shared with conv"]
    assert total[1] == "38"


@pytest.mark.parametrize(("shape", "text"), [((26, 26, 32), "26×26×32"), ((1690,), "1,690"),
                                             ((), "")])  # fmt: skip
def test_a_shape_is_written_as_people_write_it(shape, text):
    assert tables.shape_text(shape) == text


def field_after(*layers, image=(9, 9, 1)):
    return nn.Sequential([nn.Input(image), *layers]).sheet().rows[-1].field


def test_what_a_row_sees():
    assert tables.field_text(field_after(nn.Conv2D(1, 3))) == "3×3"
    assert tables.field_text(field_after(nn.Conv2D(1, (3, 5)))) == "3×5"
    assert tables.field_text(field_after(nn.GlobalMaxPooling2D())) == "all"
    assert tables.field_text(field_after(nn.MaxPooling2D(2), nn.Flatten(), nn.Dense(1))) == (
        "8×8 of 9×9"
    )
    assert tables.field_text(field_after(nn.Dense(1), image=(9,))) == "–"


@pytest.mark.parametrize("name", [name for name, n in CATALOGUE.items() if n.published])
def test_published_figures_beside_ours(show, name):
    network = CATALOGUE[name]
    head, *rows = show(tables.published_table(network, network.builder(nn).sheet()))
    assert head[:3] == ["quantity", "published", "ours"]
    for row, published in zip(rows, network.published, strict=True):
        assert row[:4] == [published.quantity, f"{published.value:,}", f"{published.value:,}",
                           "equal"]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "verdict"), [(338_459, "differs by +1"), (339_460, "differs by -1,000")]
)
def test_a_published_figure_that_differs_is_reported(show, value, verdict):
    network = CATALOGUE["worked_example"]
    wrong = dataclasses.replace(network, published=(Published("parameters", value, "a misprint"),))
    _, row = show(tables.published_table(wrong, wrong.builder(nn).sheet()))
    assert row == ["parameters", f"{value:,}", "338,460", verdict, "a misprint"]


def test_no_table_where_nothing_was_published():
    network = dataclasses.replace(CATALOGUE["mnist"], published=())
    assert tables.published_table(network, network.builder(nn).sheet()) is None


def test_published_quantities():
    sheet = CATALOGUE["worked_example"].builder(nn).sheet()
    assert tables.published_quantity("parameters", sheet) == 338_460
    assert tables.published_quantity("conv parameters", sheet) == 260


@pytest.mark.parametrize(
    ("quantity", "what"),
    [("conv weights", "no figure of ours for the published quantity 'conv weights'"),
     ("conv9 parameters", "worked_example has no layer 'conv9'")],
)  # fmt: skip
def test_a_published_quantity_that_cannot_be_compared_is_refused(quantity, what):
    with pytest.raises(ValueError, match=what):
        tables.published_quantity(quantity, CATALOGUE["worked_example"].builder(nn).sheet())


def test_the_catalogue_is_listed(show):
    _, *rows = show(tables.catalogue_table(CATALOGUE.values()))
    assert [row[0] for row in rows] == list(CATALOGUE)
    for row, network in zip(rows, CATALOGUE.values(), strict=True):
        assert row[1] == tables.shape_text(network.input_shape)
        assert row[2] == (str(len(network.outputs)) if network.outputs else "–")
        assert row[3].startswith(network.source[:20])


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
