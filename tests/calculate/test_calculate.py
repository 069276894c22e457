import json
import re

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workings import calculated

from app.calculate.__main__ import main


@pytest.fixture
def ask(door):
    """Ask the calculator; returns the report's data."""

    def run(line):
        code, output, error = door(main, *line.split(), "--format", "json")
        assert (code, error) == (0, "")
        return json.loads(output)

    return run


def answer(data, quantity):
    (found,) = [a for a in data["answers"] if a["quantity"] == quantity]
    return found["result"]


QUESTIONS = [
    "conv 28x28x1 --kernel 5 --filters 10",
    "conv 56x60x32 --kernel 3x5 --stride 2x1 --padding 1,2x0 --groups 4 --filters 64 --no-bias",
    "conv 31x17x6 --kernel 3 --dilation 2x3 --padding full --groups 2 --filters 4",
    "conv 1000000000 --kernel 7 --stride 3 --filters 1000000000",
    "pool 27x28x64 --pool 2",
    "pool 112 --pool 3 --stride 2 --ceil",
    "pool 6x7 --pool 2 --stride 3x4 --ceil --padding 0,1",
    "pool 20 --pool 2x3 --padding same",
    "transposed 7x9x64 --kernel 3 --stride 2 --filters 32",
    "transposed 7x9x64 --kernel 3x4 --stride 2 --padding 1,0x1 --output-padding 1 --no-bias",
    "transposed 7 --kernel 3 --stride 1 --dilation 2 --padding same --output-padding 0",
    "conv 100x3 --dimensions 1 --kernel 5 --stride 2 --padding full --filters 10",
    "conv 100x6 --dimensions 1 --kernel 3 --dilation 4 --groups 3 --filters 9 --no-bias",
    "conv 16x112x112x3 --kernel 3x5x5 --padding 1,2x0x2 --filters 64",
    "conv 9 --dimensions 3 --kernel 2x3x4 --stride 1x2x3 --padding samexfullx1",
    "pool 16x28x29x8 --pool 1x2x3",
    "pool 100 --dimensions 1 --pool 3 --stride 2 --ceil",
    "transposed 7x9x64 --kernel 3 --stride 2 --filters 32 --groups 8",
    "transposed 7x9 --kernel 3x4 --stride 2 --dilation 2x1 --padding full --output-padding 1",
    "transposed 25x4 --dimensions 1 --kernel 4 --stride 4 --groups 2 --filters 6 --no-bias",
    "transposed 2x4x5x6 --kernel 2x3x4 --stride 1x2x3 --padding validxsamex1 --filters 3 --groups 3",
    "dense 4x5x6x2 --units 3 --flatten",
    "dense 1690 --units 200",
    "dense 13x13x10 --units 200 --flatten",
    "dense 13x14x10 --units 7 --no-bias",
]


@pytest.mark.parametrize("line", QUESTIONS)
def test_every_working_gives_its_result(line, ask):
    for found in ask(line)["answers"]:
        assert found["formula"]
        assert calculated(found["working"]) == found["result"], found


@pytest.mark.parametrize("line", QUESTIONS)
def test_the_printed_lines_are_the_data(line, ask, door):
    _, printed, _ = door(main, *line.split())
    for found in ask(line)["answers"]:
        words = found["quantity"], found["formula"], found["working"], f"{found['result']:,}"
        pattern = r" +".join(re.escape(word) for word in words) + r"\b"
        assert re.search(pattern, printed), words


def symbols_of(data, axis):
    """The numbers behind the symbols, read from the report's settings."""
    sides = data["padding"][axis]
    kernel, stride, dilation = (data[name][axis] for name in ("kernel_size", "strides", "dilation_rate"))
    before, after = sides if isinstance(sides, list) else (0, 0)
    if sides == "full":
        before = after = dilation * (kernel - 1)
    letters = {1: "l", 2: "hw", 3: "dhw"}[len(data["kernel_size"])]
    symbols = {
        "n": data["input"][axis],
        "k": kernel,
        "s": stride,
        "d": dilation,
        "p": before,
        "p_before": before,
        "p_after": after,
        "w": dilation * (kernel - 1) + 1,
        "c": data["input"][-1],
        "f": data.get("filters", 1),
        "g": data.get("groups", 1),
        "o": (data.get("output_padding") or [None])[0] or 0,
    }
    for place, letter in enumerate(letters):
        symbols[f"k_{letter}"] = data["kernel_size"][place]
        symbols[f"{letter}_in"] = data["input"][place]
        symbols[f"{letter}_out"] = data["output"][place]
    return symbols


@pytest.mark.parametrize("line", [q for q in QUESTIONS if not q.startswith("dense")])
def test_the_formula_with_its_symbols_filled_in_gives_the_result(line, ask):
    data = ask(line)
    axes = {1: ["length"], 2: ["rows", "columns"], 3: ["depth", "rows", "columns"]}[len(data["kernel_size"])]
    for found in data["answers"]:
        named = [axis for axis in axes if re.search(rf"\b{axis}\b", found["quantity"])]
        for axis in named or axes[:1]:
            symbols = symbols_of(data, axes.index(axis))
            parts = re.split(r"\b((?!min|max)[a-z]+(?:_[a-z]+)?)\b", found["formula"])
            text = "".join(str(symbols.get(part, part)) for part in parts)
            assert calculated(text) == found["result"], found


def test_article_004_and_its_dense_layer(ask):
    conv = ask("conv 28x28x1 --kernel 5 --filters 10")
    assert conv["output"] == [24, 24, 10]
    assert answer(conv, "parameters") == 260
    assert answer(conv, "MACs") == 144_000
    assert answer(ask("dense 13x13x10 --units 200 --flatten"), "parameters") == 338_200


def test_published_layers(ask):
    """AlexNet's first two layers (Krizhevsky et al. 2012): 34,944 and, in two groups, 307,456."""
    first = ask("conv 227x227x3 --kernel 11 --stride 4 --filters 96")
    assert (first["output"], answer(first, "parameters")) == ([55, 55, 96], 34_944)
    second = ask("conv 27x27x96 --kernel 5 --padding same --groups 2 --filters 256")
    assert (second["output"], answer(second, "parameters")) == ([27, 27, 256], 307_456)
    caffe = ask("pool 224 --pool 3 --stride 2 --ceil")  # Caffe rounds up: GoogLeNet's 112, then 56
    assert caffe["output"][:2] == [112, 112]


def test_the_row_that_a_pool_drops_is_named(door):
    code, output, _ = door(main, "pool", "27x28x64", "--pool", "2")
    assert code == 0
    assert re.search(r"rows +0 \+ 0 +26 of 27 +26 \(1\)", output)
    assert re.search(r"columns +0 \+ 0 +28 of 28 +none", output)


@pytest.mark.parametrize(
    ("line", "overlaps", "checkerboard"),
    [
        ("--kernel 3 --stride 2", [1, 2], True),
        ("--kernel 4 --stride 2", [2, 2], False),
        ("--kernel 4 --stride 4 --dimensions 1", [1, 1], False),
        ("--kernel 2 --stride 3", [0, 1], True),
        ("--kernel 4 --stride 2 --dilation 2", [0, 4], True),
    ],
)
def test_the_checkerboard(line, overlaps, checkerboard, ask, door):
    data = ask(f"transposed 7 {line}")
    assert data["overlaps"][0] == overlaps
    assert data["checkerboard"] is checkerboard
    _, printed, _ = door(main, "transposed", "7", *line.split())
    assert bool(re.search("Checkerboard along (rows and columns|length)", printed)) is checkerboard
    assert "a sum of 1 taps" not in printed


@pytest.mark.keras
def test_keras_counts_and_sizes_the_same(ask):
    import keras

    layers = keras.layers
    conv = {"filters": 8, "kernel_size": (3, 5)}
    cases = [
        (layers.Conv2D(**conv, strides=(2, 3), padding="same"), "--kernel 3x5 --stride 2x3 --padding same"),
        (layers.Conv2D(**conv, groups=4, use_bias=False), "--kernel 3x5 --groups 4 --no-bias"),
        (layers.Conv2D(**conv, dilation_rate=(2, 1)), "--kernel 3x5 --dilation 2x1"),
    ]
    cases = [(layer, f"conv 13x17x4 --filters 8 {line}") for layer, line in cases]
    transposed = layers.Conv2DTranspose(8, (3, 5), strides=(2, 3), padding="same")
    cases += [
        (transposed, "transposed 13x17x4 --filters 8 --kernel 3x5 --stride 2x3 --padding same"),
        (layers.Dense(9), "dense 13x17x4 --units 9"),
    ]
    for layer, line in cases:
        layer.build((None, 13, 17, 4))
        data = ask(line)
        assert tuple(layer.compute_output_shape((None, 13, 17, 4))[1:]) == tuple(data["output"])
        assert layer.count_params() == answer(data, "parameters")


def test_the_receptive_field_of_the_mnist_network(ask, door):
    line = "receptive-field conv3 pool2 conv3 pool2 conv3 --input 28"
    data = ask(line)
    (axis,) = data["axes"]
    assert [layer["receptive_field"] for layer in axis["layers"]] == [3, 4, 8, 10, 18]
    assert axis["never_seen"] == [[26, 27]]
    assert axis["cells"][0] == {"cell": 0, "pixels": [[0, 17]]}
    assert "10 + (3 − 1)·4 = 18" in door(main, *line.split())[1]


def test_rows_and_columns_are_followed_apart(ask):
    data = ask("receptive-field conv3x5 pool2 --input 10x20 --cell 1x2")
    assert data["receptive_field"] == [4, 6]
    rows, columns = data["axes"]
    assert rows["cells"] == [{"cell": 1, "pixels": [[2, 5]]}]
    assert columns["cells"] == [{"cell": 2, "pixels": [[4, 9]]}]


def test_holes_in_a_dilated_field_are_shown(ask):
    (axis,) = ask("receptive-field conv3,d2 --input 9 --cell 1")["axes"]
    assert axis["cells"][0]["pixels"] == [[1, 1], [3, 3], [5, 5]]


def test_same_and_symmetric_padding_of_resnets_first_layer(ask):
    (axis,) = ask("padding 224 --kernel 7 --stride 2")["axes"]
    modes = {mode["mode"].split()[0]: mode for mode in axis["modes"]}
    assert (modes["same"]["before"], modes["same"]["after"]) == (2, 3)
    assert (modes["symmetric"]["before"], modes["symmetric"]["after"]) == (3, 3)
    assert modes["same"]["output"] == modes["symmetric"]["output"] == 112
    for mode in axis["modes"]:
        assert calculated(mode["working"]) == mode["output"]
        # the first window's centre is the middle of its taps
        assert mode["first_centre"] == 3 - mode["before"]


@pytest.mark.parametrize(("kernel", "words"), [("5", "2 before and 2 after"), ("4", "1 before and 2")])
def test_the_padding_that_keeps_the_size(kernel, words, door):
    assert words in door(main, "padding", "--kernel", kernel)[1]


def test_542_ways_to_13(ask):
    data = ask("conv --find 13x13x10 --kernel 5 --then-pool --inputs 20-64 --paddings 0,1,2,4")
    assert data["count"] == 542
    assert data["count"] == sum(last - first + 1 for way in data["ways"] for first, last in way["inputs"])
    assert data["searched"]["pool strides"] == "1-4"
    named = ask("conv --find 13 --kernel 5 --then-pool --inputs 20-64 --paddings valid,1,2,full")
    assert named["count"] == 542


def test_transposed_ways_are_those_of_trying_all(ask):
    data = ask("transposed --find 28 --inputs 1-40 --kernels 1-5 --strides 1-4 --paddings valid,same,1")
    found = {
        (
            way["inputs"][0][0],
            *(
                stage[k] if k != "padding" else str(stage[k])
                for stage in way["stages"]
                for k in ("kernel_size", "strides", "padding")
            ),
        )
        for way in data["ways"]
    }
    expected = set()
    for n in range(1, 41):
        for k in range(1, 6):
            for s in range(1, 5):
                sizes = {"valid": max((n - 1) * s + k, n * s), "same": n * s, "[1, 1]": (n - 1) * s + k - 2}
                expected |= {(n, k, s, p) for p, size in sizes.items() if size == 28}
    assert found == expected
    assert data["count"] == len(expected)


def test_a_size_that_cannot_be_reached_names_the_nearest(door, ask):
    line = "pool --find 13 --inputs 20-24 --pool 2 --stride 2"
    code, output, _ = door(main, *line.split())
    assert code == 0
    assert "No way to 13×13. The nearest that can be reached: 12×12." in output
    assert ask(line)["nearest"] == [[12, 12]]
    between = ask("transposed --find 13 --kernel 2 --stride 2 --paddings valid")
    assert between["nearest"] == [[12, 12], [14, 14]]
    line = "conv --find 3 --inputs 1-2 --kernel 9 --padding valid"
    nothing = door(main, *line.split())[1]
    assert "no window fits into any of these inputs" in nothing


@pytest.mark.parametrize("format_", ["text", "markdown", "csv", "json"])
@pytest.mark.parametrize(
    "line", [*QUESTIONS[:1], "receptive-field conv3 --input 9", "padding 9 --kernel 3", "pool --find 9"]
)
def test_every_format_is_written(line, format_, door):
    code, output, error = door(main, *line.split(), "--format", format_)
    assert (code, error) == (0, "")
    assert "9" in output or "24" in output
    ascii_code, plain, _ = door(main, *line.split(), "--format", format_, "--ascii")
    assert ascii_code == 0
    assert plain.isascii()


def test_a_report_goes_into_a_file(door, tmp_path):
    code, output, _ = door(main, *QUESTIONS[0].split(), "--output", str(tmp_path / "conv.md"))
    assert code == 0
    assert "conv.md" in output
    assert "(5·5·1 + 1)·10" in (tmp_path / "conv.md").read_text("utf-8")


words = st.sampled_from(
    ["1", "3", "5x2", "9x8x7x2", "same", "1,2", "0", "-1", "x", "28x28x3", "1-9", "conv3", "²", ""]
)
options = (
    "--kernel",
    "--stride",
    "--padding",
    "--dilation",
    "--find",
    "--inputs",
    "--filters",
    "--dimensions",
    "--groups",
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["conv", "pool", "transposed", "dense", "padding", "receptive-field"]),
    st.lists(words, max_size=2),
    st.dictionaries(st.sampled_from(options), words, max_size=4),
)
def test_whatever_is_typed_gives_an_answer_or_one_line(door, name, arguments, given_options):
    typed = [word for option in given_options.items() for word in option]
    code, output, error = door(main, name, *arguments, *typed)
    assert code in (0, 2)
    if code == 2:
        assert output == ""
        assert re.fullmatch(r"Error: [^\n]+\n", error)


def test_memory_is_written_as_in_the_counts(door):
    """Never as 1.6e-05 MB."""
    _, output, _ = door(main, "conv", "4x4x1", "--kernel", "3", "--filters", "1")
    assert "16 bytes (0.000016 MB)" in output
    _, output, _ = door(main, "conv", "28x28x1", "--kernel", "5", "--filters", "10")
    assert "23,040 bytes (0.023 MB)" in output


PAGE = (ROOT / "docs" / "calculate.md").read_text("utf-8")
SHOWN = re.findall(r"```sh\npython -m app\.calculate (.*?)\n```\n\n```text\n(.*?)```", PAGE, re.S)


def words_of(text):
    """The words of a report, however its lines are broken and its rules are drawn."""
    return text.replace("─", " ").split()


@pytest.mark.parametrize(("line", "shown"), SHOWN)
def test_the_guide_shows_what_is_printed(line, shown, door):
    code, output, _ = door(main, *line.split())
    assert code == 0
    begun, cut, _ = shown.partition("…")
    printed = words_of(output)
    assert printed[: len(words_of(begun))] == words_of(begun)
    assert cut or words_of(begun) == printed


def test_the_guide_shows_every_question():
    asked = {line.split()[0] for line, _ in SHOWN}
    assert asked == set(main.commands)
    assert len(re.findall(r"```sh", PAGE)) == len(SHOWN)
