"""The count as a report: columns add up, workings give their numbers, nothing unknown counts as zero."""

import dataclasses
import json

import pytest
from counted_networks import SHEETS
from workings import calculated

from app.counting.chalkboard import nn
from app.counting.count import Count
from app.counting.counted import Counted, open_counted
from app.counting.rows import Row, Sheet
from app.params.reports.columns import COLUMNS, MOST_TERMS, choose_columns, sees
from app.params.reports.count import (
    catalogue_document,
    count_document,
    published_table,
    rows_document,
    rows_table,
    size_text,
    totals_text,
)
from app.show.writers import write_document
from models import CATALOGUE, Published


def number(text):
    return int(text.replace(",", "") or 0)


def normalised_sheet():
    layers = [
        nn.Conv2D(3, 3, name="conv"),
        nn.BatchNormalization(name="norm"),
        nn.BatchNormalization(center=False, scale=False, name="bare"),
        nn.Flatten(name="flat"),
        nn.Dense(1000, name="output"),
    ]
    return nn.Sequential([nn.Input((9, 9, 2), name="image"), *layers], name="normalised").sheet()


def unknown_sheet():
    rows = (
        Row("image", "InputLayer", (8, 8, 1)),
        Row(
            "odd",
            "Mystery",
            (8, 8, 2),
            trainable=Count(7),
            inputs=("image",),
            unknown="no formula",
            is_weighed=False,
        ),
        Row(
            "out",
            "Dense",
            (8, 8, 1),
            trainable=Count(3, "(2 + 1)·1"),
            inputs=("odd",),
            multiply_accumulates=Count(128, "8·8·2·1"),
        ),
    )
    return Sheet("strange", rows, ((8, 8, 1),))


EVERY_SHEET = [*SHEETS.values(), normalised_sheet()]


def column(table, head):
    return [row[table.columns.index(head)] for row in table.rows]


def total(table, head):
    return table.total[table.columns.index(head)]


@pytest.mark.parametrize("sheet", EVERY_SHEET, ids=lambda sheet: sheet.name)
def test_every_column_of_numbers_adds_up_to_its_total(sheet):
    table = rows_table(sheet, tuple(COLUMNS))
    for i in table.numbers:
        head = table.columns[i]
        if head == "share %":
            shares = [float(cell.replace("<", "") or 0) for cell in column(table, head)]
            assert sum(shares) == pytest.approx(100, abs=0.06 * len(shares))
        else:
            assert sum(map(number, column(table, head))) == number(total(table, head)), head
    assert number(total(table, "parameters")) == sheet.parameters
    assert number(total(table, "MACs")) == sheet.multiply_accumulates


@pytest.mark.parametrize("sheet", EVERY_SHEET, ids=lambda sheet: sheet.name)
def test_every_printed_working_gives_the_printed_number(sheet):
    table = rows_table(sheet)
    for parameters, line in zip(column(table, "parameters"), column(table, "working"), strict=True):
        assert bool(line) == bool(number(parameters))
        if line:
            working, result = line.split(" = ")
            assert calculated(working.replace(" not trained", "")) == number(result) == number(parameters)
    weighed = [row for row in sheet.rows if row.trainable]
    if not sheet.non_trainable and len(weighed) > MOST_TERMS:
        assert total(table, "working") == f"the sum of {len(weighed)} rows"
    elif not sheet.non_trainable:
        assert calculated(total(table, "working")) == number(total(table, "parameters"))


def test_what_is_not_trained_is_shown_apart():
    table = rows_table(normalised_sheet())
    assert column(table, "working")[2:4] == ["2·3 + 2·3 not trained = 12", "2·3 not trained = 6"]
    trained = 3 * 19 + 6 + 1000 * 148
    assert total(table, "working") == f"{trained:,} trainable + 12 not trained"


def test_a_row_of_the_article_as_it_is_printed():
    table = rows_table(CATALOGUE["worked_example"].builder(nn).sheet())
    conv = ("conv", "Conv2D", "26×26×10", "260", "0.1", "(5·5·1 + 1)·10 = 260", "169,000", "5×5")
    assert conv in table.rows
    assert total(table, "working") == "260 + 338,200"


def test_shared_weights_are_said_to_be_shared():
    conv = nn.Conv2D(2, 3, padding="same", name="conv")
    start = nn.Input((5, 5, 2), name="image")
    table = rows_table(nn.Model(start, conv(conv(start)), name="twice").sheet())
    assert column(table, "parameters") == ["0", "38", "0"]
    assert column(table, "working")[2] == "shared with conv"
    assert total(table, "parameters") == "38"


def test_a_row_without_a_formula_is_never_counted_as_zero():
    sheet = unknown_sheet()
    table = rows_table(sheet, tuple(COLUMNS))
    assert column(table, "MACs")[1] == "?"
    assert column(table, "parameters")[1] == "?"
    assert column(table, "working")[1].startswith("not counted: no formula")
    for head in ("parameters", "trainable", "MACs"):
        assert total(table, head).startswith("≥ "), head
    assert "odd (no formula)" in totals_text(sheet)
    data = count_document([Counted("strange", sheet)]).data
    assert data["rows"][1]["multiply_accumulates"] is None
    assert data["totals"]["are_lower_bounds"] is True


def test_a_long_sum_is_not_written_out():
    rows = tuple(Row(f"d{i}", "Dense", (1,), trainable=Count(2, "(1 + 1)·1")) for i in range(25))
    assert total(rows_table(Sheet("long", rows, ())), "working") == "the sum of 25 rows"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (553_430_176, "553.43 MB or 527.79 MiB"),
        (2**20, "1.05 MB or 1.00 MiB"),
        (0, "0.00 MB or 0.00 MiB"),
        (16, "0.000016 MB or 0.000015 MiB"),
    ],
)
def test_both_units_of_memory(size, text):
    """553,430,176 bytes is VGG-16 in float32: 138,357,544 parameters."""
    assert size_text(size) == text


def test_the_totals_say_what_is_in_them():
    text = totals_text(open_counted("mnist").sheet)
    assert "one link for every value that a unit reads, and one for its bias" in text
    assert "poolings included" in text
    assert "(the input and reshapes included)" in text


def test_behind_a_layer_that_sees_everything_there_is_no_jump():
    rows = {row["layer"]: row for row in count_document([open_counted("mnist")]).data["rows"]}
    assert rows["pool2"]["sees"]["image"]["jump"] == [4, 4]
    for layer in ("hidden", "output"):
        assert rows[layer]["sees"]["image"]["jump"] is None


@pytest.mark.parametrize("name", [name for name, n in CATALOGUE.items() if n.figures])
def test_published_figures_beside_ours(name):
    network = CATALOGUE[name]
    table = published_table(network, SHEETS[name])
    for row, published in zip(table.rows, network.figures, strict=True):
        assert row[:2] == (published.quantity, f"{published.value:,}")
        assert row[3].startswith("differs by" if published.why else "equal")
        assert row[4].startswith(published.source)
        assert published.why in row[4]


@pytest.mark.parametrize(("value", "verdict"), [(338_459, "differs by +1"), (339_460, "differs by -1,000")])
def test_a_published_figure_that_differs_is_reported(value, verdict):
    network = CATALOGUE["worked_example"]
    wrong = dataclasses.replace(network, published=(Published("parameters", value, "a misprint"),))
    (row,) = published_table(wrong, wrong.builder(nn).sheet()).rows
    assert row == ("parameters", f"{value:,}", "338,460", verdict, "a misprint")


def test_json_holds_numbers_and_shapes():
    counted = open_counted("worked_example")
    data = json.loads(write_document(count_document([counted]), "json"))
    assert data["totals"]["parameters"] == 338_460
    assert data["totals"]["megabytes"] == 4 * 338_460 / 10**6
    conv = next(row for row in data["rows"] if row["layer"] == "conv")
    assert conv["output_shape"] == [26, 26, 10]
    assert conv["parameters"] == 260
    assert [field["size"] for field in conv["sees"].values()] == [[5, 5]]
    assert [p["ours"] for p in data["published"]] == [p["published"] for p in data["published"]]


def test_direct_connections_are_counted_where_there_are_dense_blocks():
    text = totals_text(open_counted("densenet121").sheet)
    assert "6·(6 + 1)/2 = 21 behind conv1_conv; 12·(12 + 1)/2 = 78 behind transition1_conv" in text
    assert "Direct connections" not in totals_text(open_counted("resnet18").sheet)
    data = count_document([open_counted("dense_block")]).data
    assert [block["connections"] for block in data["dense_blocks"]] == [15]


def test_csv_is_one_table_that_adds_up():
    import csv
    import io

    counts = [open_counted(name) for name in ("mnist", "numpy_cnn")]
    text = write_document(rows_document(counts), "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    for counted in counts:
        ours = [int(row["parameters"]) for row in rows if row["table"] == counted.sheet.name]
        assert sum(ours) == counted.sheet.parameters


def test_the_catalogue_is_listed():
    (table,) = catalogue_document(list(CATALOGUE.values())).blocks
    assert [row[0] for row in table.rows] == list(CATALOGUE)
    assert dict(zip([r[0] for r in table.rows], [r[3] for r in table.rows], strict=True))["numpy_cnn"] == (
        "2019"
    )


def test_columns_are_chosen_by_name():
    assert choose_columns(" layer, MACs ,sees") == ("layer", "macs", "sees")
    with pytest.raises(ValueError, match="no column 'flops'; there are: layer, kind"):
        choose_columns("layer,flops")
    with pytest.raises(ValueError, match="no columns named"):
        choose_columns(" , ")


def test_what_sees_no_image_has_a_dash():
    assert sees(nn.Dense(1)(nn.Input((9,))).row) == "–"
    assert sees(nn.Conv2D(1, 3)(nn.Input((9, 9, 1))).row) == "3×3"
