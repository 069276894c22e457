"""Mistakes are recognised: each planted one by its own name, and nothing where there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import BOARDS, make

from app.questions.answers import agrees, read_value, write_value
from app.worksheet.beliefs import follow_answers
from app.worksheet.grading import grade_texts
from app.worksheet.mistakes import possible_mistakes, recognise

OUTPUT, PARAMETERS, MACS, SEES = "output", "parameters", "MACs", "sees"
TOTAL, MEMORY = "", "memory of the parameters"


def names_of(worksheet, layer, quantity, text):
    """Return the names of the mistakes found in one wrong answer, all others being right."""
    number = worksheet.number(layer, quantity)
    right = {n: write_value(cell.value) for n, cell in worksheet.blanks.items()}
    marks = grade_texts(worksheet, {**right, number: str(text)})
    verdict = marks.verdicts[number - 1]
    assert verdict.status == "wrong", verdict
    assert marks.count("right") == len(worksheet.blanks) - 1
    return verdict


# Every number is worked out here from the sizes alone: mnist is 28×28×1, conv1 32 of 3×3 (26×26),
# pool1 (13×13), conv2 64 of 3×3 (11×11), pool2 (5×5), conv3 64 of 3×3 (3×3), hidden 64, output 10.
MNIST = [
    ("conv2", PARAMETERS, 3 * 3 * 32 * 64, {"bias forgotten"}),
    ("conv2", PARAMETERS, 3 * 3 * 32 * 64 + 1, {"one bias for the layer"}),
    ("conv2", PARAMETERS, 2 * 3 * 3 * 32 * 64, {"bias per weight"}),
    ("conv2", PARAMETERS, (3 * 3 + 1) * 32 * 64, {"bias per channel"}),
    ("conv2", PARAMETERS, (3 * 3 + 1) * 64, {"depth forgotten"}),
    ("conv2", PARAMETERS, (3 * 3 * 32 * 32 + 1) * 64, {"depth counted twice"}),
    ("conv2", PARAMETERS, 3 * 3 * 32 + 1, {"filters forgotten"}),
    ("conv2", PARAMETERS, (3 * 3 * 64 + 1) * 64, {"filters as depth", "copied from another row"}),
    ("conv2", PARAMETERS, (3 * 32 + 1) * 64, {"one side of the kernel"}),
    ("conv2", PARAMETERS, (3 * 3 * 32 + 1) * 64 * 11 * 11, {"positions counted"}),
    ("conv2", PARAMETERS, (13 * 13 * 32 + 1) * 64, {"connected fully"}),
    ("conv2", PARAMETERS, 3 * 3 * 32 * 64 * 11 * 11, {"macs for parameters"}),
    ("conv1", PARAMETERS, (3 * 3 * 3 + 1) * 32, {"colour assumed"}),
    ("conv2", PARAMETERS, 320, {"copied from another row"}),
    ("conv2", PARAMETERS, 18_946, {"digits swapped"}),
    ("conv2", PARAMETERS, 1_496, {"digit left out or repeated"}),
    ("conv2", PARAMETERS, 18_500, {"rounded"}),
    ("pool1", PARAMETERS, 2 * 2 * 32, {"pooling given parameters"}),
    ("pool1", PARAMETERS, (2 * 2 * 32 + 1) * 32, {"pooling counted as convolution"}),
    ("pool1", PARAMETERS, 2 * 2, {"pooling window counted"}),
    ("hidden", PARAMETERS, 576 * 64, {"bias forgotten", "macs for parameters"}),
    ("hidden", PARAMETERS, (64 + 1) * 64, {"flatten forgotten"}),
    ("hidden", PARAMETERS, (3 * 3 + 1) * 64, {"channels forgotten in flatten", "inputs and units added"}),
    ("hidden", PARAMETERS, 576 * 64 + 576, {"bias for each input"}),
    ("hidden", PARAMETERS, 576 + 64, {"inputs and units added", "channels forgotten in flatten"}),
    ("conv2", OUTPUT, "13×13×64", {"padding assumed"}),
    ("conv2", OUTPUT, "10×10×64", {"one forgotten"}),
    ("conv2", OUTPUT, "17×17×64", {"kernel added"}),
    ("conv2", OUTPUT, "15×15×64", {"kernel added without one"}),
    ("conv2", OUTPUT, "11×11×32", {"channels kept"}),
    ("conv2", OUTPUT, "11×11×2048", {"channels multiplied"}),
    ("conv2", OUTPUT, "64×11×11", {"channels first"}),
    ("conv2", OUTPUT, "13×13×32", {"input repeated", "copied from another row"}),
    ("conv2", OUTPUT, "24×24×64", {"layer before skipped"}),
    ("conv2", OUTPUT, "7744", {"multiplied out"}),
    ("pool2", OUTPUT, "6×6×64", {"padding assumed", "rounded up"}),
    ("pool2", OUTPUT, "10×10×64", {"stride ignored"}),
    ("pool2", OUTPUT, "5×5×32", {"pooling changes channels"}),
    ("pool2", OUTPUT, "4×4×64", {"one forgotten"}),
    ("flatten", OUTPUT, "9", {"depth forgotten"}),
    ("flatten", OUTPUT, "70", {"sizes added"}),
    ("conv2", MACS, 2 * 2_230_272, {"counted as two operations"}),
    ("conv2", MACS, 2_230_272 + 11 * 11 * 64, {"biases included"}),
    ("conv2", MACS, 3 * 3 * 32 * 11 * 11, {"counted for one filter"}),
    ("conv2", MACS, 3 * 3 * 32 * 64, {"positions forgotten"}),
    ("conv2", MACS, 18_496, {"parameters for macs"}),
    ("conv2", MACS, 3 * 3 * 32 * 64 * 13 * 13, {"input positions counted", "padding assumed"}),
    ("conv2", MACS, 3 * 3 * 64 * 11 * 11, {"depth forgotten"}),
    ("conv2", MACS, 32 * 64 * 11 * 11, {"kernel forgotten"}),
    ("conv2", MACS, 3 * 3 * 32 * 64 * 11, {"one side of the positions"}),
    ("hidden", MACS, 64 * 64, {"flatten forgotten"}),
    ("hidden", MACS, 577 * 64, {"biases included", "parameters for macs"}),
    ("conv3", SEES, "3×3", {"kernel alone", "copied from another row", "map for the field"}),
    ("conv3", SEES, "10×10", {"layer left out", "copied from another row"}),
    ("conv3", SEES, "12×12", {"jump ignored"}),
    ("conv3", SEES, "13×13", {"kernel added whole"}),
    ("conv3", SEES, "22×22", {"one not subtracted"}),
    ("conv3", SEES, "30×30", {"field multiplied"}),
    ("conv3", SEES, "4", {"jump for the field", "copied from another row"}),
    ("pool2", SEES, "12×12", {"own stride counted", "one not subtracted"}),
    ("conv2", SEES, "11×11", {"map for the field"}),
    (TOTAL, PARAMETERS, 93_322 - 650, {"output layer left out"}),
    (TOTAL, PARAMETERS, 93_322 - 18_496, {"layer left out"}),
    (TOTAL, PARAMETERS, 93_322 + 320, {"layer counted twice"}),
    (TOTAL, PARAMETERS, 93_322 - 32 - 64 - 64 - 64 - 10, {"biases forgotten"}),
    (TOTAL, PARAMETERS, 2_794_240, {"macs for parameters"}),
    (TOTAL, MACS, 2 * 2_794_240, {"counted as two operations"}),
    (TOTAL, MACS, 93_322, {"parameters for macs"}),
    (TOTAL, MACS, 2_794_240 - 640, {"output layer left out"}),
]

GROUPED = [
    # 33×27×3; conv 8 of 5×3 at stride 2×1: 15×25; grouped 12 of 3×3 at stride 2, same, 2 groups: 8×13;
    # dilated 6 of 2×2, dilation 2, no bias: 6×11; pool 2×2 same: 3×6; mean: 6.
    ("conv", PARAMETERS, (5 * 3 * 1 + 1) * 8, {"colour forgotten", "one side of the kernel"}),
    ("conv", MACS, 5 * 3 * 1 * 8 * 15 * 25, {"colour forgotten"}),
    ("conv", OUTPUT, "25×15×8", {"height and width swapped"}),
    ("conv", OUTPUT, "29×25×8", {"stride ignored"}),
    ("conv", SEES, "3×5", {"height and width swapped"}),
    ("norm", PARAMETERS, 16, {"moving statistics forgotten"}),
    ("norm", PARAMETERS, 8, {"one number a channel"}),
    ("norm", PARAMETERS, 4 * 15 * 25 * 8, {"normalised at each position"}),
    ("grouped", PARAMETERS, (3 * 3 * 8 + 1) * 12, {"groups ignored"}),
    ("grouped", MACS, 3 * 3 * 8 * 12 * 8 * 13, {"groups ignored", "counted as two operations"}),
    ("grouped", OUTPUT, "7×12×12", {"padding ignored", "rounded down"}),
    ("grouped", MACS, 3 * 3 * 4 * 12 * 7 * 12, {"padding ignored"}),
    ("grouped", MACS, 3 * 3 * 4 * 12 * 15 * 25, {"stride ignored", "input positions counted"}),
    ("dilated", OUTPUT, "7×12×6", {"dilation ignored"}),
    ("dilated", MACS, 2 * 2 * 12 * 6 * 7 * 12, {"dilation ignored"}),
    ("dilated", PARAMETERS, (2 * 2 * 12 + 1) * 6, {"bias added"}),
    (TOTAL, "trainable parameters", 368 + 32 + 444 + 288 + 28, {"moving statistics counted as trainable"}),
    (TOTAL, PARAMETERS, 368 + 16 + 288 + 28, {"moving statistics forgotten"}),
]


@pytest.mark.parametrize(("layer", "quantity", "wrong", "names"), MNIST)
def test_a_planted_mistake_has_its_own_name_and_no_other(layer, quantity, wrong, names):
    assert set(names_of(make("mnist"), layer, quantity, wrong).mistakes) == names


@pytest.mark.parametrize(("layer", "quantity", "wrong", "names"), GROUPED)
def test_so_has_one_with_strides_groups_dilation_colours_and_normalisation(layer, quantity, wrong, names):
    assert set(names_of(make("grouped"), layer, quantity, wrong).mistakes) == names


def test_more_than_fifteen_mistakes_are_planted_by_hand():
    assert len(set().union(*(names for *_, names in MNIST + GROUPED))) >= 50


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (1, "one byte a parameter"),
        (32, "bits counted"),
        (2, "half precision"),
        (8, "double precision"),
        (4 * 8, "bits counted"),
    ],
)
@pytest.mark.parametrize("name_of_network", ["mnist", "keras_vis_mnist", "numpy_cnn", "x_or_not_x"])
def test_memory_with_the_wrong_bytes_is_recognised(name_of_network, factor, name):
    worksheet = make(name_of_network)
    unit = {"kB": 1e3, "KiB": 2**10, "MB": 1e6, "MiB": 2**20}[worksheet.unit]
    total = worksheet.cells[TOTAL, PARAMETERS].value
    wrong = f"{total * factor / unit:.4f}"
    assert name in names_of(worksheet, TOTAL, MEMORY, wrong).mistakes


def test_mb_for_mib_and_the_reverse_and_plain_bytes_are_recognised():
    units = {"kB": 2**10, "KiB": 1e3, "MB": 2**20, "MiB": 1e6}
    seen = set()
    for name in ("mnist", "keras_vis_mnist"):
        for seed in range(8):
            worksheet = make(name, seed)
            size = worksheet.cells[TOTAL, PARAMETERS].value * 4
            wrong = f"{size / units[worksheet.unit]:.4f}"
            assert names_of(worksheet, TOTAL, MEMORY, wrong).mistakes == ("other kind of unit",)
            assert names_of(worksheet, TOTAL, MEMORY, size).mistakes == ("bytes for the unit",)
            seen.add(worksheet.unit)
    assert seen == {"kB", "KiB", "MB", "MiB"}


def test_two_mistakes_with_one_number_are_both_named():
    words = names_of(make("mnist"), "pool2", OUTPUT, "6×6×64").words
    assert words.startswith("either padding is assumed")
    assert ", or rounded up (" in words


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("name", BOARDS)
def test_whatever_a_recogniser_gives_is_recognised_and_named(name, vary):
    """On every sheet, and nothing is named that would give another number."""
    for seed in range(2):
        worksheet = make(name, seed, vary=vary)
        totals = follow_answers(worksheet, {}).true_totals
        for cell in worksheet.blanks.values():
            case = worksheet.cases.get(cell.layer)
            possible = list(possible_mistakes(cell, case, totals))
            for finding in possible:
                if agrees(finding.value, cell.value) or (cell.unit and finding.value > 900):
                    continue
                read = read_value(write_value(finding.value), cell.value, cell.unit)
                if agrees(read, cell.value):
                    continue
                found = recognise(read, cell, worksheet, case, totals)
                assert finding.name in {f.name for f in found}
                assert all(agrees(read, f.value) for f in found)


@pytest.mark.parametrize("name", BOARDS)
def test_a_number_that_no_mistake_gives_is_not_explained(name):
    worksheet = make(name, 1, vary=True)
    totals = follow_answers(worksheet, {}).true_totals
    for cell in worksheet.blanks.values():
        case = worksheet.cases.get(cell.layer)
        known = {f.value for f in possible_mistakes(cell, case, totals)}
        for wrong in (1_000_003, 7_777_777, 123_457):
            given = (wrong,) * len(cell.value) if isinstance(cell.value, tuple) else wrong
            assert given not in known
            assert recognise(given, cell, worksheet, case, totals) == []


@settings(deadline=None, max_examples=200)
@given(st.integers(1_000, 10**9), st.data())
def test_swapped_digits_are_a_slip_and_other_digits_are_not(value, data):
    from app.worksheet.mistakes.slips import digits_swapped
    from app.worksheet.worksheet import Cell

    text = str(value)
    i = data.draw(st.integers(0, len(text) - 2))
    swapped = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    cell = Cell("x", PARAMETERS, value)
    leads = swapped[0] != "0" and text[i] != text[i + 1]
    assert digits_swapped(int(swapped), cell) == leads
    assert not digits_swapped(value, cell)
    assert not digits_swapped(value + 1, cell) or str(value + 1) != text
