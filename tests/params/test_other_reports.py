"""Networks compared, changed, explained, and what there is to point at, as reports."""

import itertools

import pytest

from app.counting.chalkboard import nn
from app.counting.count import Count
from app.counting.counted import Counted, open_counted
from app.counting.fields import Field
from app.counting.rows import Row, Sheet, Weight
from app.counting.stored.count_file import StoredCount
from app.params.lint import lint_document
from app.params.reports.changes import change_document
from app.params.reports.comparison import comparison_document, largest_field, summarise, weighted_depth
from app.params.reports.count import rows_table
from app.params.reports.explanation import explanation_document, find_row
from app.show.document import Table


def square(size):
    return Field.of_image((size, size))


def residual():
    """A convolution with a projection shortcut: three convolutions, of which two lie on a path."""
    image = nn.Input((8, 8, 2), name="image")
    first = nn.Conv2D(4, 3, padding="same", name="first")(image)
    norm = nn.BatchNormalization(name="norm")(first)
    second = nn.Conv2D(4, 3, padding="same", name="second")(norm)
    shortcut = nn.Conv2D(4, 1, name="shortcut")(image)
    added = nn.Add(name="added")([second, shortcut])
    return nn.Model(image, nn.Dense(3, name="out")(nn.Flatten(name="flat")(added)), name="res").sheet()


def depth_by_all_paths(sheet):
    readers = {row.name: [r for r in sheet.rows if row.name in r.inputs] for row in sheet.rows}

    def walk(row):
        here = int(row.kind in ("Conv2D", "Dense"))
        return here + max((walk(reader) for reader in readers[row.name]), default=0)

    return max(walk(row) for row in sheet.rows if not row.inputs)


@pytest.mark.parametrize(
    "sheet",
    [residual(), open_counted("mnist").sheet, open_counted("worked_example").sheet],
    ids=lambda s: s.name,
)
def test_depth_is_that_of_the_longest_path(sheet):
    assert weighted_depth(sheet.rows) == depth_by_all_paths(sheet)


def test_the_depth_of_a_residual_block_leaves_the_shortcut_out():
    assert weighted_depth(residual().rows) == 3


def test_the_largest_field_is_that_of_the_last_maps():
    assert largest_field(open_counted("mnist").sheet.rows) == (18, 18)
    assert largest_field(nn.Sequential([nn.Input((4,)), nn.Dense(2)]).sheet().rows) == ()


def test_a_comparison_has_a_line_for_each_network():
    names = ("mnist", "worked_example", "keras_vis_mnist")
    document = comparison_document([open_counted(name) for name in names], with_drawings=True)
    table = document.blocks[0]
    assert [row[0] for row in table.rows] == list(names)
    assert table.rows[0][1:] == ("2022", "28×28×1", "93,322", "0.37", "0.36", "2,794,240", "5", "18×18")
    assert [d["parameters"] for d in document.data] == [93_322, 338_460, 1_199_882]
    assert len(document.blocks) == 2 + 4


def test_the_comparison_can_be_drawn(tmp_path):
    from app.params.figures import draw_comparison
    from app.show.canvas import save_figure

    figure = draw_comparison([summarise(open_counted(n)) for n in ("mnist", "numpy_cnn")])
    texts = {t.get_text() for axes in figure.axes for t in axes.texts}
    assert {"93,322", "13,602"} <= texts
    save_figure(figure, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size > 1000


def test_a_change_report_says_the_first_difference_and_all_others():
    document = change_document(open_counted("worked_example"), open_counted("worked_example_classifier"))
    begin, table = document.blocks
    assert begin.text.startswith("The first difference is at output: the layer: nothing")
    assert table.rows == (("", "output", "the layer", "", "Dense 10"),)
    assert document.data["changes"] == [{"first": None, "second": "output", "what": "added"}]


def test_equal_networks_have_no_changes():
    document = change_document(open_counted("mnist"), open_counted("mnist"))
    assert not any(isinstance(block, Table) for block in document.blocks)
    assert document.blocks[0].text.startswith("Nothing differs")


def explained(sheet, layer):
    document = explanation_document([Counted("x", sheet)], layer)
    return "\n".join(block.text for block in document.blocks), document.data


def test_an_explanation_derives_every_number():
    text, data = explained(open_counted("mnist").sheet, "conv2")
    for part in (
        "It reads pool1, 13×13×32",
        "height: 13 − 3 + 1 = 11",
        "(3·3·32 + 1)·64 = 18,496",
        "19.8 %",
        "3·3·32·11·11·64 = 2,230,272",
        "height 4 + (3 − 1)·2 = 8",
        "jump 2·1 = 2",
        "11·11·64 values · 4 bytes = 30,976",
        "It is read by pool2",
    ):
        assert part in text, part
    assert data["parameters"] == 18_496


def test_an_explanation_says_what_is_never_seen():
    text, _ = explained(open_counted("mnist").sheet, "output")
    assert "rows 26, 27" in text
    assert "Nothing reads it" in text


def test_an_explanation_of_shared_and_stored_nothing():
    conv = nn.Conv2D(2, 3, padding="same", name="conv")
    start = nn.Input((5, 5, 2), name="image")
    sheet = nn.Model(start, conv(conv(start)), name="twice").sheet()
    assert "called again as conv:2" in explained(sheet, "conv")[0]
    assert "It is the layer conv, called again" in explained(sheet, "conv:2")[0]
    assert "is an input of 5×5×2" in explained(sheet, "image")[0]


def test_every_row_of_every_network_can_be_explained():
    for name, layer in itertools.chain.from_iterable(
        ((n, row.name) for row in open_counted(n).sheet.rows) for n in ("mnist", "x_or_not_x")
    ):
        assert explanation_document([open_counted(name)], layer).blocks


def test_an_unknown_layer_names_the_closest():
    with pytest.raises(ValueError, match="mnist has no layer 'covn2'; did you mean conv2"):
        find_row(open_counted("mnist").sheet, "covn2")
    with pytest.raises(ValueError, match="there are: image, conv1"):
        find_row(open_counted("mnist").sheet, "zzz")
    with pytest.raises(ValueError, match="there are: image, conv1"):
        find_row(open_counted("mnist").sheet, "nope")  # which is half of "output"


def test_a_lint_report_lists_findings_or_says_there_are_none():
    document = lint_document([open_counted("mnist")])
    assert document.data[0]["findings"][0]["layer"] == "image"
    clean = nn.Sequential([nn.Input((4,)), nn.Dense(2, name="d")], name="clean").sheet()
    text = lint_document([Counted("clean", clean)]).blocks[0].text
    assert text == "clean: nothing to point at."


def test_only_a_file_can_lack_a_loss():
    sheet = open_counted("mnist").sheet
    config = {"compile_config": {"loss": "mse"}}
    with_loss = Counted("net.keras", sheet, stored=StoredCount(sheet, None, (), config))
    without = Counted("net.keras", sheet, stored=StoredCount(sheet, None, (), {}))

    def says_so(counted):
        return any(
            "no loss is stored" in getattr(block, "text", "") for block in lint_document([counted]).blocks
        )

    assert says_so(without)
    assert not says_so(with_loss)
    assert not says_so(open_counted("mnist"))


def test_a_row_with_everything_filled_in_is_explained_and_listed():
    """Weights one by one, connections, two input images, half precision, no formula."""
    rows = (
        Row("a", "InputLayer", (8, 8, 1), fields={"a": square(8)}),
        Row("b", "InputLayer", (8, 8, 1), fields={"b": square(8)}),
        Row(
            "c",
            "Conv2D",
            (8, 8, 2),
            trainable=Count(6, "(1·1·2 + 1)·2"),
            inputs=("a", "b"),
            weights=(Weight("kernel", (1, 1, 2, 2)), Weight("bias", (2,), is_trained=False)),
            connections=Count(384, "8·8·6"),
            multiply_accumulates=Count(256, "1·1·2·8·8·2"),
            input_shapes=((8, 8, 1), (8, 8, 1)),
            fields={"a": square(8), "b": square(8)},
            settings="2 filters 1×1",
            value_bytes=2,
        ),
        Row("odd", "Mystery", (3,), trainable=Count(9), unknown="no formula for Mystery", inputs=("c",)),
    )
    sheet = Sheet("full", rows, ((3,),), ("odd",))
    text, data = explained(sheet, "c")
    for part in (
        "c is a Conv2D (2 filters 1×1). It reads a, 8×8×1 and b, 8×8×1.",
        "kernel: 1×1×2×2 = 4 numbers.",
        "bias: 2 numbers, not trained.",
        "Connections: 8·8·6 = 384.",
        "· 2 bytes = 256 bytes",
        "pixels of b",
    ):
        assert part in text, part
    assert data["weights"][0] == {"name": "kernel", "shape": [1, 1, 2, 2], "is_trained": True}
    assert "There is no formula for it: no formula for Mystery." in explained(sheet, "odd")[0]
    table = rows_table(sheet, ("connections", "sees", "settings"))
    assert table.rows[2] == ("384", "a 1×1, b 1×1", "2 filters 1×1")
    assert table.total[0] == "≥ 384"


def test_a_network_with_unknown_rows_is_compared_by_lower_bounds():
    rows = (Row("odd", "Mystery", (3,), trainable=Count(9), unknown="no formula", is_weighed=False),)
    table = comparison_document([Counted("odd", Sheet("odd", rows, ((3,),)))]).blocks[0]
    assert "≥ 9" in table.rows[0]
