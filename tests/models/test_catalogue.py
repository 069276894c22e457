import pytest
from counted_networks import SHEETS
from workings import calculated

from app.counting.chalkboard import nn
from app.counting.published import compare_figures
from models import CATALOGUE, find_network

# Worked out on paper: layer, output shape, parameters, multiply-accumulates, pixels seen.
BY_HAND = {
    "mnist": [
        ("conv1", (26, 26, 32), 320, 194_688, 3),
        ("pool1", (13, 13, 32), 0, 0, 4),
        ("conv2", (11, 11, 64), 18_496, 2_230_272, 8),
        ("pool2", (5, 5, 64), 0, 0, 10),
        ("conv3", (3, 3, 64), 36_928, 331_776, 18),
        ("flatten", (576,), 0, 0, 18),
        ("hidden", (64,), 36_928, 36_864, 26),  # the last two pixels reach no window
        ("output", (10,), 650, 640, 26),
    ],
    "worked_example": [
        ("padding", (30, 30, 1), 0, 0, 1),
        ("conv", (26, 26, 10), 260, 169_000, 5),
        ("pool", (13, 13, 10), 0, 0, 6),
        ("flatten", (1690,), 0, 0, 6),
        ("hidden", (200,), 338_200, 338_000, 28),
    ],
    "numpy_cnn": [
        ("conv", (26, 26, 8), 72, 48_672, 3),
        ("pool", (13, 13, 8), 0, 0, 4),
        ("flatten", (1352,), 0, 0, 4),
        ("output", (10,), 13_530, 13_520, 28),
    ],
    "x_or_not_x": [
        ("conv", (3, 3, 4), 40, 324, 3),
        ("pool", (2, 2, 4), 0, 0, 4),
        ("flatten", (16,), 0, 0, 4),
        ("hidden", (3,), 51, 48, 5),
        ("output", (1,), 4, 3, 5),
    ],
    "keras_vis_mnist": [
        ("conv1", (26, 26, 32), 320, 194_688, 3),
        ("conv2", (24, 24, 64), 18_496, 10_616_832, 5),
        ("pool", (12, 12, 64), 0, 0, 6),
        ("dropout1", (12, 12, 64), 0, 0, 6),
        ("flatten", (9216,), 0, 0, 6),
        ("hidden", (128,), 1_179_776, 1_179_648, 28),
        ("dropout2", (128,), 0, 0, 28),
        ("preds", (10,), 1_290, 1_280, 28),
    ],
}
TOTALS = {
    "mnist": 93_322,
    "worked_example": 338_460,
    "worked_example_classifier": 340_470,
    "numpy_cnn": 13_602,
    "x_or_not_x": 95,
    "keras_vis_mnist": 1_199_882,
    "neocognitron": 29_472,
    "tdnn": 515,
    "lecun1989": 9_760,
    "lenet5": 60_000 + 840,
    "lenet5_modern": 61_706,
    "alexnet": 60_965_224,
    "alexnet_ungrouped": 62_378_344,
    "alexnet_one_weird_trick": 61_100_840,
    "zfnet": 62_357_608,
    "nin_cifar10": 966_986,
    "nin_imagenet": 7_595_176,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_998_552,
    "googlenet_with_heads": 13_378_280,
    "inception_block": 163_696,
    "resnet18": 11_689_512 + 9_600,
    "resnet34": 21_797_672 + 17_024,
    "resnet18_option_a": 11_515_688 + 7_808,
    "resnet34_option_a": 21_623_848 + 15_232,
    "plain18": 11_515_688 + 7_808,
    "plain34": 21_623_848 + 15_232,
    "resnet50": 25_557_032 + 53_120,
    "resnet101": 44_549_160 + 105_344,
    "resnet152": 60_192_808 + 151_424,
    "resnet50_v1_5": 25_557_032 + 53_120,
    "resnet101_v1_5": 44_549_160 + 105_344,
    "resnet152_v1_5": 60_192_808 + 151_424,
    "resnet20": 269_722 + 1_376,
    "resnet56": 853_018 + 4_064,
    "resnet110": 1_727_962 + 8_096,
    "plain20": 269_722 + 1_376,
    "plain56": 853_018 + 4_064,
    "densenet121": 8_062_504,
    "densenet169": 14_307_880,
    "densenet201": 20_242_984,
    "densenet264": 33_337_704 + 398_528,
    "densenet40_12": 1_019_722 + 18_096,
    "dense_block": 2_660 + 140,
    "yolo_v1": 271_703_550,
    "yolo_v1_fast": 45_089_374,
    "vae_mnist": 69_076 + 65_089,
    "dilated_context": 28_224 + 168,
}
"""All parameters; where something is added, batch normalisation's moving statistics, or biases."""
CLASSIFIERS = [n for n, net in CATALOGUE.items() if len(net.outputs) > 2 and not net.task]


def test_every_network_has_a_second_witness_for_its_total():
    """A figure of somebody else's, to the last digit, or a total of ours above."""
    totals = ("parameters", "trainable parameters")
    witnessed = {
        name
        for name, network in CATALOGUE.items()
        for figure in network.figures
        if figure.quantity in totals and figure.unit == 1 and not figure.why
    }
    assert set(TOTALS) <= set(CATALOGUE)
    assert set(CATALOGUE) - witnessed - set(TOTALS) == set()


def sheet_of(name, **arguments):
    return CATALOGUE[name].builder(nn, **arguments).sheet() if arguments else SHEETS[name]


@pytest.mark.parametrize("name", BY_HAND)
def test_every_row_is_as_worked_out_by_hand(name):
    rows = [
        (row.name, row.output_shape, row.parameters, row.multiply_accumulates, *set(row.field.window_sizes()))
        for row in sheet_of(name).rows[1:]
    ]
    assert rows == BY_HAND[name]


@pytest.mark.parametrize("name", TOTALS)
def test_the_total_is_the_known_one(name):
    assert sheet_of(name).parameters == TOTALS[name]


@pytest.mark.parametrize("name", CATALOGUE)
def test_published_figures_are_ours_unless_the_entry_says_why(name):
    for compared in compare_figures(CATALOGUE[name], sheet_of(name)):
        assert compared.is_equal != bool(compared.published.why), compared
        assert compared.published.source


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_visible_working_gives_its_number(name):
    checked = 0
    for row in sheet_of(name).rows:
        for count in (row.trainable, row.non_trainable, row.multiply_accumulates):
            assert calculated(count.working or "0") == count, (row.name, count.working)
            checked += bool(count.working)
    assert checked >= 4


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_describes_what_its_builder_makes(name):
    network, sheet = CATALOGUE[name], sheet_of(name)
    assert network.name == name == sheet.name
    assert sheet.input_shapes == (network.input_shape,)
    if network.outputs and not network.task:
        units = 1 if network.is_binary else len(network.outputs)
        assert sheet.output_shapes == ((units,),)
    low, high = network.pixels.range
    assert low < high


@pytest.mark.parametrize("name", CATALOGUE)
def test_layers_have_names_of_their_own(name):
    names = [row.name for row in sheet_of(name).rows if not row.shared_with]
    assert len(set(names)) == len(names)


def test_what_the_note_on_the_worked_example_says():
    """A plain 5×5 convolution on 28×28 gives 12×12 after the pooling and 288,460 parameters."""
    layers = [nn.Conv2D(10, 5), nn.MaxPooling2D(2, name="pool"), nn.Flatten(), nn.Dense(200)]
    plain = nn.Sequential([nn.Input((28, 28, 1)), *layers]).sheet()
    assert plain.row("pool").output_shape == (12, 12, 10)
    assert plain.parameters == 288_460
    note = CATALOGUE["worked_example"].note
    assert "12×12" in note
    assert "288,460" in note


def test_what_the_note_on_its_output_layer_says():
    output = sheet_of("worked_example_classifier").row("output")
    assert output.trainable.sum_line() in CATALOGUE["worked_example_classifier"].note
    whole = sheet_of("worked_example_classifier").parameters
    assert whole - sheet_of("worked_example").parameters == output.parameters == 2_010


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_other_classes_and_another_size(name):
    network = CATALOGUE[name]
    *sizes, channels = network.input_shape
    shape = (*(size + more for size, more in zip(sizes, (4, 6), strict=False)), channels)
    sheet = sheet_of(name, **network.arguments(classes=7, input_shape=shape))
    assert sheet.output_shapes == ((7,),)
    assert sheet.input_shapes == (shape,)


@pytest.mark.parametrize("name", CATALOGUE)
def test_asking_for_what_is_published_changes_nothing(name):
    network = CATALOGUE[name]
    assert network.arguments() == {}
    if network.outputs:
        assert network.arguments(classes=len(network.outputs)) == {}


@pytest.mark.parametrize(
    ("name", "classes", "what"),
    [
        ("x_or_not_x", 10, "x_or_not_x has two classes"),
        ("x_or_not_x", 1, "cannot be given 1"),
        ("worked_example", 10, "worked_example has no output layer; it cannot be given 10"),
    ],
)
def test_classes_that_the_architecture_fixes_are_refused(name, classes, what):
    with pytest.raises(ValueError, match=what):
        CATALOGUE[name].arguments(classes=classes)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_network_is_found_by_its_name(name):
    assert find_network(name) is CATALOGUE[name]


@pytest.mark.parametrize(
    ("wrong", "close"),
    [("mnits", "mnist"), ("MNIST", "mnist"), ("worked-example", "worked_example"), ("numpycnn", "numpy_cnn")],
)
def test_a_wrong_name_is_answered_with_the_closest(wrong, close):
    with pytest.raises(ValueError, match=rf"unknown network '{wrong}'; did you mean {close}\?"):
        find_network(wrong)


def test_a_name_like_no_other_is_answered_with_all():
    with pytest.raises(ValueError, match="there are: ") as caught:
        find_network("qqqq")
    assert all(name in str(caught.value) for name in CATALOGUE)


def test_the_catalogue_loads_nothing_heavy(command):
    heavy = ("numpy", "keras", "tensorflow", "h5py", "PIL", "rich", "matplotlib")
    code = (
        "import sys, models; from app.counting.chalkboard import nn;"
        "[network.builder(nn).sheet() for network in models.CATALOGUE.values()];"
        f"print(len(models.CATALOGUE), [m for m in {heavy} if m in sys.modules])"
    )
    done = command("-c", code)
    assert done.stdout.strip() == f"{len(CATALOGUE)} []", done.stderr
