"""The networks from 2014 on: what was published of them besides their totals, and what notes say."""

import pytest
from counted_networks import SHEETS

from app.counting.chalkboard import nn
from app.counting.formulas import conv_parameters
from models import CATALOGUE
from models.cifar_resnet import Stack, cifar_stack
from models.densenet import dense_block

FIELDS = {
    "vgg16": 212,
    "resnet50": 483,
    "resnet101": 1027,
    "resnet152": 1507,
    "densenet121": 2071,
    "dilated_context": 67,
}
"""Araujo, Norris and Sim 2019; for the context module Yu and Koltun 2016, table 1."""
BILLIONS = {"resnet18": 1.8, "resnet34": 3.6, "resnet101": 7.6, "resnet152": 11.3}
"""Multiply-accumulates, He et al. 2016, table 1."""


def sheet_of(name, **arguments):
    return CATALOGUE[name].builder(nn, **arguments).sheet() if arguments else SHEETS[name]


def largest_field(sheet):
    maps = [row.field for row in sheet.rows if row.field and not row.field.whole]
    return max(field.window_sizes()[0] for field in maps)


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_fields_are_the_published_ones(name):
    assert largest_field(sheet_of(name)) == FIELDS[name]


@pytest.mark.parametrize("name", BILLIONS)
def test_the_work_is_the_published_one(name):
    assert sheet_of(name).multiply_accumulates / 10**9 == pytest.approx(BILLIONS[name], abs=0.1)


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_moving_on_the_3x3_keeps_every_total_but_the_work_and_the_field(depth):
    published, other = sheet_of(f"resnet{depth}"), sheet_of(f"resnet{depth}_v1_5")
    assert other.parameters == published.parameters
    assert other.trainable == published.trainable
    assert round((other.multiply_accumulates - published.multiply_accumulates) / 10**6) == 231
    assert largest_field(published) - largest_field(other) == 56


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_keras_has_more_parameters_by_the_biases_of_the_convolutions(depth):
    sheet = sheet_of(f"resnet{depth}")
    biases = sum(row.output_shape[-1] for row in sheet.rows if row.kind == "Conv2D")
    (theirs,) = [f for f in CATALOGUE[f"resnet{depth}"].elsewhere if "keras" in f.source]
    assert theirs.value - sheet.trainable == biases


def test_table_1_of_googlenet_is_not_what_its_filters_make():
    """The sums of table 1 in K = 1,024 weights; five of them are not those of its filters."""
    printed = {
        "3a": 159,
        "3b": 380,
        "4a": 364,
        "4b": 437,
        "4c": 463,
        "4d": 580,
        "4e": 840,
        "5a": 1072,
        "5b": 1388,
    }
    kernels = dict.fromkeys(printed, 0)
    for row in sheet_of("googlenet").rows:
        if row.name[10:12] in kernels and row.weights:
            kernels[row.name[10:12]] += row.weights[0].size
    far = [name for name, k in printed.items() if abs(kernels[name] / 1024 - k) > 5]
    assert far == ["4c", "4d", "4e", "5a", "5b"]
    table = CATALOGUE["googlenet"].published[0].value
    assert round(1024 * (2.7 + 112 + sum(printed.values()) + 1000)) == table
    assert round(2 * 7 * 3 * 64 / 1000, 1) == 2.7  # 7×1 and 1×7; 7×7 has 9,408


def test_the_kinds_of_shortcut_differ_in_what_they_store():
    for depth in (18, 34):
        projected, padded, plain = (
            sheet_of(name) for name in (f"resnet{depth}", f"resnet{depth}_option_a", f"plain{depth}")
        )
        assert projected.trainable - padded.trainable == 173_824
        assert padded.trainable == plain.trainable
        assert [row for row in plain.rows if row.kind == "Add"] == []
        assert len([row for row in padded.rows if row.kind == "Add"]) == {18: 8, 34: 16}[depth]


@pytest.mark.parametrize("name", [n for n in CATALOGUE if n.startswith(("resnet", "plain", "vgg"))])
def test_the_number_in_the_name_is_that_of_the_layers_with_weights(name):
    """Projections on shortcuts are beside the main path, and are not counted."""
    rows = [r for r in sheet_of(name).rows if r.kind in ("Conv2D", "Dense")]
    main = [row for row in rows if "shortcut" not in row.name]
    assert str(len(main)) in name


@pytest.mark.parametrize("depth", [121, 169, 201, 264])
def test_the_number_of_a_densenet_is_that_of_its_layers(depth):
    rows = [r for r in sheet_of(f"densenet{depth}").rows if r.kind in ("Conv2D", "Dense")]
    assert len(rows) == (265 if depth == 264 else depth)


def test_the_note_says_that_densenet_264_has_265_layers():
    assert sum(2 * layers for layers in (6, 12, 64, 48)) + 3 + 2 == 265
    assert "265" in CATALOGUE["densenet264"].note


def test_densenet_40_has_40_layers_and_the_channels_of_growth_12():
    sheet = sheet_of("densenet40_12")
    assert len([r for r in sheet.rows if r.kind in ("Conv2D", "Dense")]) == 40
    assert [sheet.row(f"block{i}_12_join").output_shape for i in (1, 2, 3)] == [
        (32, 32, 160),
        (16, 16, 304),
        (8, 8, 448),
    ]


@pytest.mark.parametrize("layers", range(1, 8))
@pytest.mark.parametrize("growth", [1, 4])
def test_a_dense_block_draws_every_connection(layers, growth):
    board = dense_block(nn, layers, growth, (8, 8, 6))
    sheet = board.sheet()
    assert sheet.output_shapes == ((8, 8, 6 + layers * growth),)
    reads = {}
    for row in sheet.rows:
        merged = row.kind == "Concatenate"
        reads[row.name] = row.inputs if merged else [row.name]
    links = sum(len(reads[row.inputs[0]]) for row in sheet.rows if row.kind == "BatchNormalization")
    assert links == sum(range(1, layers + 1))
    convolutions = [row for row in sheet.rows if row.kind == "Conv2D"]
    assert [row.input_shapes[0][-1] for row in convolutions] == [6 + i * growth for i in range(layers)]


def test_googlenets_modules_have_the_published_channels_and_sizes():
    sheet = sheet_of("googlenet")
    joined = {r.name[10:12]: tuple(r.output_shape) for r in sheet.rows if r.kind == "Concatenate"}
    assert joined == {
        "3a": (28, 28, 256),
        "3b": (28, 28, 480),
        "4a": (14, 14, 512),
        "4b": (14, 14, 512),
        "4c": (14, 14, 512),
        "4d": (14, 14, 528),
        "4e": (14, 14, 832),
        "5a": (7, 7, 832),
        "5b": (7, 7, 1024),
    }
    assert sheet.row("conv1").trainable == 7 * 7 * 3 * 64 + 64


def test_googlenets_heads_are_as_large_as_in_caffe():
    sheet = sheet_of("googlenet_with_heads")
    sizes = {
        head: sum(r.trainable for r in sheet.rows if r.name.startswith(f"head_{head}"))
        for head in ("4a", "4d")
    }
    assert sizes == {"4a": 3_188_840, "4d": 3_190_888}
    assert sheet.outputs == ("output", "head_4a_output", "head_4d_output")
    assert sheet.row("head_4a_pool").output_shape == (4, 4, 512)


def test_the_inception_block_is_the_one_in_googlenet():
    whole = {r.name: r for r in sheet_of("googlenet").rows}
    alone = [r for r in sheet_of("inception_block").rows if r.kind != "InputLayer"]
    for row in alone:
        assert (row.output_shape, row.weights) == (whole[row.name].output_shape, whole[row.name].weights)
    biases = sum(row.output_shape[-1] for row in alone if row.kind == "Conv2D")
    assert sum(row.trainable for row in alone) - biases == 163_328
    assert 163_328 // 1024 == 159


def test_yolo_has_24_convolutions_and_its_fast_kind_nine():
    for name, count in (("yolo_v1", 24), ("yolo_v1_fast", 9)):
        sheet = sheet_of(name)
        assert len([r for r in sheet.rows if r.kind == "Conv2D"]) == count
        last = [row for row in sheet.rows if len(row.output_shape) == 3][-2]
        assert last.output_shape == (7, 7, 1024)
        assert sheet.output_shapes == ((7, 7, 30),)
        assert sheet_of(name, classes=3).output_shapes == ((7, 7, 13),)


def test_the_auto_encoders_halves_are_the_published_ones():
    sheet = sheet_of("vae_mnist")
    decoder = [r for r in sheet.rows if r.name.startswith("decoder") or r.name == "picture"]
    assert sum(row.trainable for row in decoder) == 65_089
    assert sheet.trainable - 65_089 == 69_076
    assert [tuple(shape) for shape in sheet.output_shapes] == [(28, 28, 1), (2,), (2,)]
    assert sheet_of("vae_mnist", input_shape=(8, 12, 3)).output_shapes[0] == (8, 12, 3)


def test_the_context_module_sees_what_table_1_says():
    sheet = sheet_of("dilated_context")
    sees = [sheet.row(f"layer{i}").field.window_sizes()[0] for i in range(1, 8)]
    assert sees == [3, 5, 9, 17, 33, 65, 67]
    assert sheet.output_shapes == ((64, 64, 21),)
    weights = sum(conv_parameters((3, 3), 21, 21, use_bias=False) for _ in range(7)) + 21 * 21
    assert weights == 64 * 21**2 == 28_224


@pytest.mark.parametrize("shape", [(30, 28, 1), (28, 29, 1), (28, 28)])
def test_a_picture_that_cannot_be_halved_twice_is_refused(shape):
    with pytest.raises(ValueError, match="vae_mnist"):
        sheet_of("vae_mnist", input_shape=shape)


def test_depths_that_three_equal_stages_do_not_make_are_refused():
    for depth in (2, 9, 21):
        with pytest.raises(ValueError, match=rf"6n \+ 2 \(8, 14, 20, …\), not {depth}"):
            cifar_stack(nn, "odd", Stack(depth), 10, (32, 32, 3))


def test_a_stack_without_normalisation_has_biases_instead():
    sheet = cifar_stack(nn, "bare", Stack(8, 4, is_normalised=False), 10, (16, 16, 1)).sheet()
    assert not [row for row in sheet.rows if row.kind == "BatchNormalization"]
    assert sheet.row("conv2_1_1_conv").trainable == conv_parameters((3, 3), 4, 4)
