"""Worksheets: every blank can be worked out, the key is right, a seed gives one sheet only."""

import contextlib
import dataclasses
import os
import subprocess
import sys

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import BOARDS, NETWORKS, Robot, make

from app.counting.chalkboard import nn
from app.questions.answers import UNITS, agrees, read_value, write_value
from app.worksheet.documents import sheet_document
from app.worksheet.identity import Identity, find_identity
from app.worksheet.worksheet import make_worksheet, memory_unit, rebuild_worksheet
from models import CATALOGUE


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("name", BOARDS)
def test_every_blank_can_be_worked_out_from_the_settings(name, vary):
    for seed in range(8):
        worksheet = make(name, seed, vary=vary)
        robot = Robot(worksheet)
        for cell in worksheet.blanks.values():
            expected = robot.answer(cell)
            right = cell.value * UNITS[cell.unit] if cell.unit else cell.value
            assert right == expected, (seed, cell)


def test_the_robot_does_not_agree_with_a_wrong_sheet():
    worksheet = make("mnist")
    case = worksheet.cases["conv2"]
    worksheet.cases["conv2"] = dataclasses.replace(case, settings="64 filters 3×3, same")
    robot = Robot(worksheet)
    assert any(robot.answer(cell) != cell.value for cell in worksheet.blanks.values())


def test_what_cannot_be_derived_is_never_blank():
    for name in BOARDS:
        worksheet = make(name)
        asked = {cell.place for cell in worksheet.blanks.values()}
        inputs = [n for n, case in worksheet.cases.items() if case.row.kind == "InputLayer"]
        assert not any((i, q) in asked for i in inputs for q in ("output", "parameters", "MACs", "sees"))
        for cell in worksheet.blanks.values():
            if cell.layer and worksheet.cases[cell.layer].row.kind in ("Conv2D", "Dense"):
                assert worksheet.cases[cell.layer].settings


def test_a_layer_without_a_formula_is_never_asked_about_and_neither_are_totals():
    class Riddle(type(nn.Flatten())):
        """A layer that the sheet has no words for."""

    board = nn.Sequential([nn.Input((8, 8, 1)), nn.Conv2D(2, 3, name="conv"), Riddle(name="riddle")])
    asked = {cell.layer for cell in make_worksheet(board, Identity("x", blanks="all")).blanks.values()}
    assert asked == {"conv", ""}


@pytest.mark.parametrize("name", BOARDS)
def test_every_worked_answer_ends_in_its_value(name):
    """The workings are sums that Python can check."""
    for cell in make(name, 3, vary=True).blanks.values():
        for line in filter(None, cell.working.split(" and ")):
            sums = line.split(";")
            for text in sums:
                left, _, right = text.replace(",", "").partition(" = ")
                python = left.replace("·", "*").replace("−", "-").replace("⌊", "int(").replace("⌋", ")")
                python = python.replace("⌈", "-int(-(").replace("⌉", ")//1)")
                number = float(right.split()[0]) if right else None
                if number is not None:
                    assert eval(python) == pytest.approx(number, rel=1e-3), cell


@pytest.mark.parametrize("name", NETWORKS)
def test_a_varied_network_still_fits_and_keeps_its_outputs(name):
    plain = make(name).cases
    different = 0
    for seed in range(10):
        cases = make(name, seed, vary=True).cases
        assert list(cases) == list(plain)
        assert [case.row.kind for case in cases.values()] == [c.row.kind for c in plain.values()]
        last = list(cases)[-1]
        assert cases[last].row.output_shape == plain[last].row.output_shape
        assert all(min(case.row.output_shape) >= 1 for case in cases.values())
        different += [c.settings for c in cases.values()] != [c.settings for c in plain.values()]
    assert different >= 8


@pytest.mark.keras
@pytest.mark.parametrize("name", NETWORKS)
def test_keras_counts_a_varied_network_as_the_sheet_does(name):
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    # isort: split
    import keras

    for seed in range(3):
        cases = make(name, seed, vary=True).cases
        layers = []
        for case in cases.values():
            names = ("filters", "kernel_size", "strides", "padding", "units", "use_bias")
            window = getattr(case.layer, "window", None)
            values = {n: getattr(case.layer, n, getattr(window, n, None)) for n in names}
            values = {n: value for n, value in values.items() if value is not None}
            if "Pooling" in case.row.kind:
                values["pool_size"] = values.pop("kernel_size")
            if case.row.kind == "ZeroPadding2D":
                values = {"padding": int(case.settings)}
            if case.row.kind == "InputLayer":
                layers.append(keras.Input(tuple(map(int, case.row.output_shape))))
            elif case.row.kind != "Dropout":
                layers.append(getattr(keras.layers, case.row.kind)(name=case.row.name, **values))
        model = keras.Sequential(layers)
        for layer in model.layers:
            assert layer.output.shape[1:] == cases[layer.name].row.output_shape
            assert layer.count_params() == cases[layer.name].row.parameters


def test_sheets_of_students_differ_and_do_not_depend_on_each_other():
    sheets = {student: make("mnist", 5, 8, True, student) for student in ("01", "02", "Ada", "Bo")}
    assert len({sheet.identity.check for sheet in sheets.values()}) == 4
    assert make("mnist", 5, 8, True, "Ada").blanks == sheets["Ada"].blanks


@pytest.mark.parametrize("blanks", ["3", "8", "12", "all"])
@pytest.mark.parametrize("name", BOARDS)
def test_no_blank_stands_unchanged_in_the_row_behind_it(name, blanks):
    """What a layer hands on is not printed where it is asked for before."""
    count = 0
    for seed in range(12):
        try:
            worksheet = make(name, seed, blanks, vary=True)
        except ValueError:  # not so many cells
            continue
        printed = {row[0]: row for row in sheet_document(worksheet).blocks[2].rows}
        for quantity, column in (("output", 4), ("sees", 7)):
            for layer, case in worksheet.cases.items():
                for parent in case.parents:
                    number, text = worksheet.number(parent, quantity), printed[layer][column]
                    if number is not None:
                        count += 1
                        assert text != write_value(worksheet.blanks[number].value), (seed, layer)
    assert count or name == "x_or_not_x"


def test_a_row_is_hidden_only_where_it_would_give_a_blank_away():
    board = nn.Sequential(
        [
            nn.Input((9, 9, 1), name="in"),
            nn.Conv2D(2, 3, name="conv"),
            nn.ReLU(name="relu"),
            nn.Dropout(0.5, name="drop"),
            nn.Conv2D(3, 3, name="next"),
        ]
    )
    hidden = set()
    for seed in range(40):
        worksheet = make_worksheet(board, Identity("x", str(seed), blanks="3"))
        asked = {cell.place for cell in worksheet.blanks.values()}
        for quantity in ("output", "sees"):
            secret = ("conv", quantity) in asked
            assert (("relu", quantity) in worksheet.hidden) == (secret and ("relu", quantity) not in asked)
            after = secret or ("relu", quantity) in asked
            assert (("drop", quantity) in worksheet.hidden) == (after and ("drop", quantity) not in asked)
        hidden |= worksheet.hidden
    assert hidden == {(n, q) for n in ("relu", "drop") for q in ("output", "sees")}


GOLDEN = "convlab-worksheet/1?network=mnist&seed=7&student=Ada+L.&blanks=12&vary=yes&check="


def test_the_same_seed_gives_the_same_sheet_in_another_process():
    """Nothing may depend on the order of a set or on Python's hash of a string."""
    code = "from sheets import make; print(make('mnist', 7, 12, True, 'Ada L.').identity)"
    seen = set()
    for number in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": f"{ROOT}:{ROOT}/tests"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout.strip())
    assert seen == {GOLDEN + "b8ea160c"}


def test_more_blanks_with_one_seed_keep_the_settings():
    few, many = make("mnist", 9, 3, True), make("mnist", 9, "all", True)
    assert [c.settings for c in few.cases.values()] == [c.settings for c in many.cases.values()]


@pytest.mark.parametrize("blanks", ["0", "-1", "many", "1000000000000", "31", " ", "2.5", "³"])
def test_a_wrong_number_of_blanks_is_refused(blanks):
    with pytest.raises(ValueError, match="blanks"):
        make("mnist", blanks=blanks)


def test_an_identity_survives_what_a_name_may_contain():
    for student in ('Zoë "Z" Ünal; x,y', "李 雷", "a=b&c=d?e#f", "100%", "+", ""):
        identity = Identity("a b.keras", "s;1", student, "all", True, "12ab")
        assert find_identity(f'"x";{identity};y\n') == identity


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("number,answer\n1,2", "does not say which sheet"),
        (str(Identity("mnist")).replace("sheet/1", "sheet/2"), "version 2"),
        (Identity("mnist").of_key(), "answer key"),
        ("convlab-worksheet/1?network=mnist&seed=3", "was cut: no blanks, check, vary"),
    ],
)
def test_a_sheet_that_does_not_say_what_it_is_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        find_identity(text)


def test_a_changed_identity_is_noticed():
    identity = make("mnist", 4, 6).identity
    assert rebuild_worksheet(BOARDS["mnist"], identity).identity == identity
    for change in ({"seed": "5"}, {"blanks": "7"}, {"vary": True}, {"student": "x"}, {"check": "0"}):
        with pytest.raises(ValueError, match="has changed"):
            rebuild_worksheet(BOARDS["mnist"], dataclasses.replace(identity, **change))
    with pytest.raises(ValueError, match="has changed"):
        rebuild_worksheet(BOARDS["keras_vis_mnist"], identity)


NUMBERS = [
    "1690",
    "1,690",
    "1.690",
    "1 690",
    "1'690",
    "1’690",
    "1_690",
    "1 690",
    "1\u202f690",
    "1\u00a0690",
    " 1690 ",
    '"1,690"',
    "'1690",
    "1690.0",
    "1690,00",
    "1,690.00",
    "1.690,00",
    "1.69E+03",
    "1,69e3",
    "1690 parameters",
    "= 1690",
    "13·13·10 = 1,690",
    "1.69k",
    "+1690",
    "１６９０",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_whole_number_may_be_written_as_spreadsheets_do(text):
    assert read_value(text, 0) == 1690


SHAPES = [
    "26×26×32",
    "26x26x32",
    "26X26X32",
    "26 x 26 x 32",
    "(26, 26, 32)",
    "26*26*32",
    "26·26·32",
    "[26 26 32]",
    "26;26;32",
    "26,26,32",
    "{26, 26, 32}",
    "26 by 26 by 32",
    "(None, 26, 26, 32)",
    "26х26х32",
    "26 26 32",
]


@pytest.mark.parametrize("text", SHAPES)
def test_a_shape_may_be_written_in_many_ways(text):
    assert read_value(text, (1, 1, 1)) == (26, 26, 32)


@pytest.mark.parametrize("text", ["1,690", "(1690,)", "1.690", "(None, 1690)", "1690"])
def test_a_vector_is_a_shape_too(text):
    assert read_value(text, (7,)) == (1690,)


def test_three_groups_of_digits_are_three_sizes_where_three_are_asked_for():
    assert read_value("112,112,640", (1, 1, 1)) == (112, 112, 640)
    assert read_value("112,112,640", 1) == 112_112_640
    assert read_value("21,632", (1, 1, 1)) == (21_632,)


MEMORIES = [
    ("1.354", "MB"),
    ("1,354", "MB"),
    ("1.35", "MB"),
    ("1.29 MiB", "MB"),
    ("1354 kB", "MB"),
    ("1353840 bytes", "MB"),
    ("1.35MB", "MB"),
    ("1 353 840 B", "MB"),
    ("1.36", "MB"),
]


@pytest.mark.parametrize(("text", "unit"), MEMORIES)
def test_a_memory_is_accepted_to_three_digits_in_any_unit(text, unit):
    from fractions import Fraction

    right = Fraction(1_353_840, UNITS[unit])
    assert agrees(read_value(text, right, unit), right)
    assert not agrees(read_value("1.37", right, unit), right)
    assert not agrees(read_value("1.29", right, unit), right)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,69",
        "0,690",
        "1.2.3",
        "1,23,456",
        "2²",
        "∞",
        "nan",
        "1/2",
        "--5",
        "9" * 5000,
        "(1",
        "5x5",
    ],
)
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ValueError, match=r"number|longer|digits"):
        read_value(text, 0)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**30), st.tuples(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6)))
def test_what_is_written_is_read_back(number, shape):
    assert read_value(write_value(number), 0) == number
    assert read_value(write_value(shape), shape) == shape
    assert read_value(write_value(shape[:1]), (1,)) == shape[:1]


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 10**11), st.integers(0, 1))
def test_a_memory_is_read_back_as_agreeing(size, binary):
    from fractions import Fraction

    unit = memory_unit(size, binary)
    right = Fraction(size, UNITS[unit])
    assert right < 1000
    assert agrees(read_value(write_value(right), right, unit), right)


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=80))
def test_reading_any_text_gives_a_value_of_the_kind_asked_for_or_a_value_error(text):
    from fractions import Fraction

    for right, unit in ((5, ""), ((1,), ""), ((1, 2, 3), ""), (Fraction(3, 2), "MB")):
        with contextlib.suppress(ValueError):
            assert type(read_value(text, right, unit)) is type(right)


def test_a_small_network_has_fewer_than_a_dozen_blanks():
    board = nn.Sequential([nn.Input((4,), name="in"), nn.Dense(3, name="only")])
    worksheet = make_worksheet(board, Identity("small"))
    assert worksheet.identity.blanks == str(len(worksheet.blanks)) == "6"
    assert rebuild_worksheet(board, worksheet.identity) == worksheet
    assert make("mnist", blanks="").identity.blanks == "12"


def test_outputs_stay_when_something_comes_after_the_last_weights():
    board = nn.Sequential(
        [nn.Input((12, 12, 3)), nn.Conv2D(6, 3), nn.GlobalAveragePooling2D(), nn.Dense(5), nn.Softmax()]
    )
    for seed in range(20):
        cases = make_worksheet(board, Identity("x", str(seed), vary=True)).cases
        assert list(cases.values())[-1].row.output_shape == (5,)


def test_a_deep_network_is_varied_and_marked_at_once():
    """Sixty blocks with a sum each: every change is followed only as far as it reaches."""
    mark = image = nn.Input((32, 32, 3), name="image")
    mark = nn.Conv2D(16, 3, padding="same", name="stem")(mark)
    for i in range(60):
        inner = nn.Conv2D(8, 1, name=f"reduce{i}")(mark)
        inner = nn.BatchNormalization(name=f"norm{i}")(inner)
        inner = nn.Conv2D(16, 3, padding="same", name=f"expand{i}")(inner)
        mark = nn.Add(name=f"sum{i}")([mark, inner])
    board = nn.Model(image, nn.Dense(10, name="top")(nn.GlobalAveragePooling2D(name="mean")(mark)))
    worksheet = make_worksheet(board, Identity("deep", "1", blanks="all", vary=True))
    assert len(worksheet.blanks) > 500
    reduced = {worksheet.cases[f"reduce{i}"].layer.filters for i in range(60)}
    assert len(reduced) > 2
    robot = Robot(worksheet)
    assert all(
        robot.answer(cell) == cell.value
        for cell in worksheet.blanks.values()
        if not cell.unit and cell.quantity != "sees"
    )


@pytest.mark.parametrize("name", ["neocognitron", "lecun1989", "lenet5", "alexnet"])
def test_a_varied_network_with_layers_of_our_own_stays_in_one_piece(name):
    board = CATALOGUE[name].builder(nn)
    for seed in range(6):
        worksheet = make_worksheet(board, Identity(name, seed=seed, vary=True, blanks="all"))
        for case in worksheet.cases.values():
            assert sum(weight.size for weight in case.row.weights) == case.row.parameters
            if case.row.kind == "PartialConv2D":
                assert case.row.output_shape[-1] == len(case.layer.connected)
