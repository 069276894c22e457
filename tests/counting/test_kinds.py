"""What a kind of layer says of itself on its class: each class asked for each fact, beside a second witness."""

import re

import pytest

from app.counting.chalkboard import nn
from app.counting.layers import LAYERS, Layer, layer_class
from app.counting.layers.sliding import Sliding
from app.counting.layers.unknown import UnknownLayer

FACTS = {
    "family": str,
    "activation": str,
    **dict.fromkeys("slides keeps_field keeps_values is_linear is_weighted is_taught".split(), bool),
}
SHAPES = {1: (9, 4), 2: (9, 8, 4), 3: (6, 5, 4, 4)}
VECTOR = 9 * 8 * 4
OF_RANK = {  # by the name without 1D, 2D or 3D
    "Conv": {"filters": 6, "kernel_size": 3},
    "ConvTranspose": {"filters": 6, "kernel_size": 3, "strides": 2},
    "DepthwiseConv": {"kernel_size": 3},
    "SeparableConv": {"filters": 6, "kernel_size": 3},
    "GroupedConv": {"filters": 6, "kernel_size": 3, "groups": 2},
    "PartialConv": {"connections": [[0, 1], [2], [1, 3]], "kernel_size": 3},
    "AveragePooling": {"pool_size": 2},
    "AdaptiveAveragePooling": {"output_size": 3},
    "AdaptiveMaxPooling": {"output_size": 3},
    "Cropping": {"cropping": 1},
    "SpatialDropout": {"rate": 0.5},
    "ConstantPadding": {"value": 1.0},
}
ARGUMENTS = {
    "Dense": {"units": 3},
    "Embedding": {"input_dim": 10, "output_dim": 3},
    "Activation": {"activation": "relu"},
    "Reshape": {"target_shape": (-1,)},
    "Permute": {"dims": (2, 1, 3)},
    "RepeatVector": {"n": 2},
    "Resizing": {"height": 5, "width": 5},
    "CenterCrop": {"height": 5, "width": 5},
    "RandomCrop": {"height": 5, "width": 5},
    "GroupNormalization": {"groups": 2},
    "Normalization": {"mean": 0.5, "variance": 2.0},
    "Dot": {"axes": -1},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "Rescaling": {"scale": 0.5, "offset": 1.0},
    "SCells": {"planes": 3, "kernel_size": 3},
    "CCells": {"kernel_size": 3},
    "RadialBasis": {"codes": [[1.0] * VECTOR, [-1.0] * VECTOR]},
    "LocalResponseNormalization": {"depth_radius": 2},
    "GaussianNoise": {"stddev": 0.5},
    "RandomZoom": {"height_factor": 0.1},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomPosterization": {"factor": 4},
}
ARGUMENTS |= {kind: {"rate": 0.5} for kind in ("Dropout", "AlphaDropout", "GaussianDropout")}
BY_A_FACTOR = "Brightness Contrast Rotation ColorDegeneration Hue Saturation Sharpness".split()
ARGUMENTS |= {f"Random{what}": {"factor": 0.1} for what in BY_A_FACTOR}
MERGES = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"}
OF_TWO = MERGES | {"MultiHeadAttention"}
OF_VECTORS = {"RadialBasis", "RepeatVector"}
EACH_KIND = pytest.mark.parametrize("kind", LAYERS)


def rank_of(kind):
    digit = re.search(r"(\d)D", kind)
    return int(digit[1]) if digit else 1 if kind == "MultiHeadAttention" else 2


def shape_for(kind):
    if kind.startswith("Random"):
        return (9, 8, 3)  # colours
    return (VECTOR,) if kind in OF_VECTORS else SHAPES[rank_of(kind)]


def arguments_of(kind):
    return OF_RANK.get(re.sub(r"\dD", "", kind), ARGUMENTS.get(kind, {}))


def call(vocabulary, kind, x):
    layer = getattr(vocabulary, kind)(**arguments_of(kind))
    if kind == "MultiHeadAttention" and not isinstance(layer, Layer):
        return layer, layer(x, x)
    return layer, layer([x, x] if kind in OF_TWO else x)


@EACH_KIND
def test_every_fact_is_there_and_of_its_type(kind):
    for fact, type_ in FACTS.items():
        assert type(getattr(layer_class(kind), fact)) is type_, fact


def test_every_fact_of_the_class_is_asked_for_here():
    said = {name for name, value in vars(Layer).items() if isinstance(value, bool | str) and name[0] != "_"}
    of_one_layer = {"is_trained", "unknown", "is_shape_known", "is_weighed"}
    assert said == set(FACTS) | of_one_layer


@EACH_KIND
def test_what_slides_grows_the_field_as_its_windows_say(kind):
    layer, after = call(nn, kind, nn.Input(shape_for(kind)))
    assert LAYERS[kind].slides == (isinstance(layer, Sliding) and "Transpose" not in kind)
    if LAYERS[kind].slides:
        grown = [(axis.size, axis.jump) for axis in after.row.field.axes]
        assert grown == [window.widen(1, 1) for window in layer.window.windows]


@EACH_KIND
def test_what_keeps_the_field_keeps_it_at_each_place(kind):
    """On a map, where places stay places, and on what was flattened."""
    image = nn.Input(SHAPES[rank_of(kind)])
    kept = []
    for start in (image, nn.Flatten()(image)):
        try:
            after = call(nn, kind, start)[1]
        except ValueError:
            continue  # it takes only one of the two
        field = after.row.field
        is_alike = field is not None and not field.whole
        if is_alike:
            pairs = zip(field.axes, image.row.field.axes, strict=True)
            is_alike = all((a.size, a.jump) == (b.size, b.jump) for a, b in pairs)
            is_alike &= len(after.shape) == 1 if start is not image else after.shape[:-1] == field.cells
        kept.append(is_alike)
    assert LAYERS[kind].keeps_field == all(kept)
    assert kept


@EACH_KIND
def test_what_is_weighted_stores_a_kernel(kind):
    _, after = call(nn, kind, nn.Input(shape_for(kind)))
    names = {weight.name for weight in after.row.weights if weight.is_trained}
    assert LAYERS[kind].is_weighted == bool(names & {"kernel", "depthwise_kernel"})


PARTS = {"Conv": "Conv", "Pooling": "Pooling", "Normalization": "Normalization", "Dropout": "Dropout"}
PARTS |= {"Padding": "Padding", "LU": "rectifier"}


@EACH_KIND
def test_a_family_shares_a_part_of_its_names(kind):
    assert LAYERS[kind].family == next((family for part, family in PARTS.items() if part in kind), "")


def test_what_a_first_course_lacks_is_written_down():
    """A new kind is taught unless its class says otherwise; sheets that were handed out must not change."""
    left = {kind for kind in LAYERS if not LAYERS[kind].is_taught and not kind.startswith("Random")}
    assert left == {
        *(f"Global{what}Pooling{rank}D" for what in ("Average", "Max") for rank in (1, 3)),
        *(f"Cropping{rank}D" for rank in (1, 2, 3)),
        *"ELU PReLU Subtract Multiply Average Maximum Minimum Dot Resizing CenterCrop".split(),
        *"LayerNormalization GroupNormalization UnitNormalization RMSNormalization Normalization".split(),
        *"SpatialDropout1D SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise Masking".split(),
        *"ActivityRegularization Identity AutoContrast Solarization".split(),
        *"PartialConv2D Subsampling2D ScaledTanh SCells CCells ConstantPadding2D".split(),
        "LocalResponseNormalization",
    }


@pytest.mark.parametrize("kind", ["Lambda", "LSTM", "Relu"])
def test_of_an_unknown_kind_nothing_is_taken_for_granted(kind):
    assert not any(getattr(layer_class(kind), fact) for fact in FACTS)
    assert issubclass(UnknownLayer, layer_class(kind))


def test_an_input_hands_on_what_it_is():
    assert layer_class("InputLayer").keeps_field
    assert layer_class("InputLayer").is_taught


@pytest.mark.keras
@EACH_KIND
def test_what_is_linear_and_what_keeps_values_by_keras(kind):
    import app.engine  # noqa: F401, I001
    import numpy as np

    from app.engine.build import nn as keras_nn

    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(2, 2, *shape_for(kind))).astype("float32")
    if kind in ("Embedding", "RandomCrop"):  # it takes whole numbers; Keras' crops in training only
        return
    layer, _ = call(keras_nn, kind, x)
    for weight in layer.weights:
        if "seed" not in weight.name:
            weight.assign(draw.uniform(0.2, 1, size=weight.shape))

    def run(values):
        if kind == "MultiHeadAttention":
            return np.asarray(layer(values, values))
        return np.asarray(layer([values, values] if kind in MERGES else values, training=False))

    mixed, parts = run(0.25 * x + 0.75 * y), 0.25 * run(x) + 0.75 * run(y)
    is_linear = np.allclose(mixed, parts, atol=1e-4)
    assert LAYERS[kind].is_linear == (is_linear and kind not in MERGES)
    made = run(x)
    kept = made.size == x.size and np.allclose(np.sort(made.ravel()), np.sort(x.ravel()))
    assert LAYERS[kind].keeps_values == (kept and kind not in MERGES)
