"""EfficientNet-Lite with its published weights: in Keras, and by a second route in NumPy; its padding, its blocks."""

import app.engine  # noqa: F401, I001

import keras
import matplotlib
import numpy as np
import pytest
from PIL import Image

from app.counting.chalkboard import nn as chalk
from app.datasets.dataset import scale_pixels
from app.engine.build import build_model
from app.engine.pretrained import locate_weights
from app.files.packaged import find_packaged
from app.files.torch_files import open_torch
from app.scratch.build import build_network
from conftest import refusal
from models import CATALOGUE, PACKAGED
from models.efficientnet_lite import SCALES, round_filters, scaled_stages

pytestmark = pytest.mark.keras
NETWORK, PUBLISHED = CATALOGUE["efficientnet_lite0"], PACKAGED["efficientnet_lite0"]
SHAPE = (64, 64, 3)


@pytest.fixture(scope="module")
def filled():
    """The network for small pictures, with all of its published weights: none of them depends on the size."""
    return build_model(NETWORK, input_shape=SHAPE, weights=find_packaged(PUBLISHED))


@pytest.fixture(scope="module")
def crops():
    """Two crops of a photograph, as they enter."""
    photograph = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    pixels = np.asarray(Image.open(photograph).convert("RGB"))
    return scale_pixels(np.stack([pixels[40:104, 200:264], pixels[300:364, 180:244]]), PUBLISHED.pixels)


def in_the_order_of_the_file(network):
    """Give the layers in NumPy the arrays one after the other as they lie in the file; no name is looked at."""
    with open_torch(find_packaged(PUBLISHED)) as stored:
        arrays = [array.numbers[()] for array in stored.values() if array.type == "float32"]
    for layer in network.layers:
        for name, wanted in layer.weights.items():
            array = arrays.pop(0)
            if (
                name == "kernel"
            ):  # (out, in, …) to (…, in, out); of a depthwise one `in` is the one kernel of a channel
                array = np.moveaxis(array, (0, 1), (-2, -1) if layer.kind == "DepthwiseConv2D" else (-1, -2))
            assert array.shape == wanted.shape, (layer.name, name)
            layer.weights[name] = np.ascontiguousarray(array)
    assert not arrays
    return network


def logits_of(model, images):
    part = keras.Model(model.input, model.layers[-2].output)
    kernel, bias = model.layers[-1].get_weights()
    return np.asarray(part(images)) @ kernel + bias


def logits_in_numpy(images):
    network = in_the_order_of_the_file(build_network(NETWORK, input_shape=SHAPE))
    names = [node.name for node in network.nodes]
    run = network.forward(images)
    return run.values[network.nodes[names.index("output:linear")].output]


def test_the_logits_are_those_of_numpy_with_the_arrays_in_the_order_of_the_file(filled, crops):
    theirs, ours = logits_of(filled, crops), logits_in_numpy(crops)
    assert np.abs(theirs).max() > 3
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max())


def test_one_array_in_the_wrong_place_would_be_seen(filled, crops):
    """Two normalisations of one block, of the same shapes, the one for the other."""
    expected = logits_of(filled, crops)
    layers = [filled.get_layer(f"block3_2_{part}_norm") for part in ("expand", "depthwise")]
    right = [layer.get_weights() for layer in layers]
    try:
        for layer, weights in zip(layers, reversed(right), strict=True):
            layer.set_weights(weights)
        assert np.abs(logits_of(filled, crops) - expected).max() > 0.1
    finally:
        for layer, weights in zip(layers, right, strict=True):
            layer.set_weights(weights)


def test_imagenet_stands_for_the_file_of_the_package():
    assert locate_weights(NETWORK, "imagenet") == find_packaged(PUBLISHED)
    assert "are for 1,000 classes, not 10" in refusal(locate_weights, NETWORK, "imagenet", 10)


def test_all_numbers_of_the_file_are_in_the_model(filled):
    with open_torch(find_packaged(PUBLISHED)) as stored:
        sums = sorted(
            float(np.sum(a.numbers[()], dtype="float64")) for a in stored.values() if a.type == "float32"
        )
    ours = sorted(float(np.sum(w, dtype="float64")) for w in filled.get_weights())
    np.testing.assert_allclose(ours, sums, rtol=1e-12)


def test_a_stride_of_two_is_padded_at_the_end():
    """As TensorFlow's 'same': of 8 cells and a window of 3 that moves by 2, one more is padded behind, none before.

    Worked by hand: with ones, the windows of 1…8 are 1+2+3, 3+4+5, 5+6+7, 7+8.
    """
    image = np.zeros((1, 8, 8, 1), "float32")
    image[0, 3, :, 0] = np.arange(1, 9)
    layer = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)
    layer.build(image.shape)
    layer.set_weights([np.ones((3, 3, 1, 1))])
    assert np.asarray(layer(image))[0, 1, :, 0].tolist() == [6, 12, 18, 15]


def test_the_rows_worked_out_on_paper():
    """Lite0: name, maps that come out, numbers stored, multiply-accumulates."""
    sheet = NETWORK.builder(chalk).sheet()
    for name, shape, parameters, work in (
        ("stem_conv", (112, 112, 32), 864, 10_838_016),
        ("block1_1_depthwise_conv", (112, 112, 32), 288, 3_612_672),
        ("block1_1_project_conv", (112, 112, 16), 512, 6_422_528),
        ("block2_1_expand_conv", (112, 112, 96), 1_536, 19_267_584),
        ("block2_1_depthwise_conv", (56, 56, 96), 864, 2_709_504),
        ("block5_3_depthwise_conv", (14, 14, 672), 16_800, 3_292_800),
        ("block7_1_project_norm", (7, 7, 320), 1_280, 0),
        ("head_conv", (7, 7, 1280), 409_600, 20_070_400),
        ("output", (1000,), 1_281_000, 1_280_000),
    ):
        row = sheet.row(name)
        found = row.output_shape, row.parameters, row.multiply_accumulates
        assert found == (shape, parameters, work), name
    shortcuts = [row.name for row in sheet.rows if row.kind == "Add"]
    assert shortcuts == [
        f"block{stage}_{block}_add"
        for stage, most in ((2, 2), (3, 2), (4, 3), (5, 3), (6, 4))
        for block in range(2, most + 1)
    ]


@pytest.mark.parametrize(
    ("size", "blocks", "filters"),
    [
        (0, (1, 2, 2, 3, 3, 4, 1), (16, 24, 40, 80, 112, 192, 320)),
        (1, (1, 3, 3, 4, 4, 5, 1), (16, 24, 40, 80, 112, 192, 320)),
        (2, (1, 3, 3, 4, 4, 5, 1), (16, 24, 48, 88, 120, 208, 352)),
        (3, (1, 3, 3, 5, 5, 6, 1), (24, 32, 48, 96, 136, 232, 384)),
        (4, (1, 4, 4, 6, 6, 8, 1), (24, 32, 56, 112, 160, 272, 448)),
    ],
)
def test_the_first_and_the_last_stage_are_not_made_deeper(size, blocks, filters):
    stages = list(scaled_stages(SCALES[size]))
    assert tuple(stage.blocks for stage in stages) == blocks
    assert tuple(stage.filters for stage in stages) == filters


def test_filters_are_multiples_of_eight_and_lose_at_most_a_tenth():
    for tenths in range(10, 4000, 7):
        rounded = round_filters(tenths / 10)
        assert rounded % 8 == 0
        assert rounded >= 0.9 * tenths / 10
        assert rounded - tenths / 10 < 12 or rounded == 8
