"""Every layer in NumPy, over a grid of shapes and settings: output and gradients equal Keras' in double precision."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import json

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.build import nn as keras_nn
from app.scratch.vocabulary import LAYERS, nn
from comparing import (
    EXACT,
    REFUSALS,
    Pair,
    differences,
    pairs_of,
    precision,
    pull,
    pull_keras,
    random_weight,
    randomise,
    seeds_for,
    take_weights,
)
from layer_examples import EXAMPLES, GRID, IN_SINGLE, OF_OURS, RANDOM

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore:You are using a softmax")]
KINDS = sorted(LAYERS)
NEVER_NEGATIVE = ("CCells", "SCells")
"""What reads the answers of cells."""
ROUNDED = ("leaky_relu", "gelu")
WITHOUT_TIES = ("CCells", "LayerNormalization")
"""What has equal values cancel: only rounding would be left to compare."""


@pytest.fixture(autouse=True)
def in_double():
    with precision("float64"):
        yield


def images_for(shapes, kind="", ties=False, count=2, seed=3, dtype="float64"):
    """Return random images that float32 holds exactly; whole numbers of -2 to 2 where there should be ties."""
    draw = np.random.default_rng(seed)
    drawn = [draw.integers(-2, 3, (count, *s)) if ties else draw.normal(size=(count, *s)) for s in shapes]
    drawn = [np.abs(array) if kind in NEVER_NEGATIVE else array for array in drawn]
    return [array.astype("float32").astype(dtype) for array in drawn]


def in_keras(kind, arguments, shape):
    """Return the layers of Keras that together are one of ours: what Keras lacks is put together."""
    arguments = dict(arguments)
    padding = arguments.get("padding")
    if kind == "SumPooling2D":
        sizes = pair(arguments["pool_size"])
        strides = pair(arguments.get("strides") or sizes)
        borders = [same_borders(*each) for each in zip(shape, sizes, strides, strict=False)]
        around = borders if padding == "same" else ((0, 0), (0, 0))
        mean = keras.layers.AveragePooling2D(sizes, strides)
        return [keras.layers.ZeroPadding2D(around), mean, keras.layers.Rescaling(sizes[0] * sizes[1])]
    if "Conv" in kind and (padding == "full" or not isinstance(padding, str | None)):
        return [border_of(kind, arguments), getattr(keras_nn, kind)(**{**arguments, "padding": "valid"})]
    return [getattr(keras_nn, kind)(**arguments)]


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def same_borders(length, size, stride):
    """Return the zeros before and after an axis with which all windows lie inside, as TensorFlow deals them out."""
    missing = max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2


def border_of(kind, arguments):
    """Return the layer that puts zeros around the map, as a padding other than Keras' two asks for."""
    padding, rank = arguments["padding"], int(kind[kind.index("D") - 1])
    if padding == "full":
        spread = [
            size if isinstance(size, tuple) else (size,) * rank
            for size in (arguments["kernel_size"], arguments.get("dilation_rate", 1))
        ]
        reaches = [(k - 1) * d for k, d in zip(*spread, strict=True)]
        padding = [(reach, reach) for reach in reaches]
        padding = padding[0] if rank == 1 else padding
    return keras.layers.ZeroPadding1D(padding) if rank == 1 else keras.layers.ZeroPadding2D(padding)


def learned(layers):
    """Return the one layer with weights among some, or the last."""
    return next((layer for layer in layers if layer.weights), layers[-1])


def twins(kind, shapes, arguments, stored=False, dtype="float64"):
    """Return a layer of ours and layers of Keras with the same random weights; None if Keras refuses."""
    try:
        with precision(dtype):
            theirs = in_keras(kind, arguments, shapes[0])
            x = [keras.Input(shape) for shape in shapes]
            symbol = x if len(x) > 1 else x[0]
            for layer in theirs:
                symbol = layer(symbol)
                randomise(layer)
            if 0 in symbol.shape[1:]:
                return None
    except REFUSALS:
        return None
    ours = LAYERS[kind].from_config(theirs[-1].get_config()) if stored else LAYERS[kind](**arguments)
    ours.build(*shapes, dtype=dtype)
    if ours.weights or theirs[-1].weights:
        take_weights(ours, learned(theirs))
    return ours, theirs


def compare(kind, shapes, arguments, ties=False, stored=False):
    """Return the pairs of a layer and Keras'; None if Keras has no code for it, or none to trust.

    Groups with a dilation are left to the loops (`test_scratch_loops`). TensorFlow 2.21's gradient of them reads
    and writes beyond its memory on maps of one row, dilation 3: other numbers on each call, and "free(): invalid
    pointer" ends the process.
    """
    if arguments.get("groups", 1) > 1 and max(pair(arguments.get("dilation_rate", 1))) > 1:
        return None
    both = twins(kind, shapes, arguments, stored)
    if both is None:
        return None
    ours, theirs = both
    images = images_for(shapes, kind, ties and kind not in WITHOUT_TIES)
    try:
        expected = pull_keras(theirs, images)
    except REFUSALS:
        return None
    found = pull(ours, images)
    assert {array.dtype for array in (found[0], *found[1], *found[2].values())} == {np.dtype("float64")}
    return pairs_of(f"{kind} {arguments} of {shapes}", found, expected)


def tolerance_for(kind):
    """Some kernels of TensorFlow compute in single precision alone."""
    return 2e-6 if kind in IN_SINGLE else EXACT


def check(examples, property_):
    how = settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck))
    how(given(st.data())(property_))()


def test_every_kind_has_an_example_and_a_grid():
    assert set(EXAMPLES) >= set(KINDS)
    assert set(GRID) == set(EXAMPLES)


WANTED = """Conv1D Conv2D DepthwiseConv2D SeparableConv2D GroupedConv2D PartialConv2D Conv2DTranspose Conv1DTranspose
MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D SumPooling2D GlobalAveragePooling1D GlobalAveragePooling2D
GlobalMaxPooling1D GlobalMaxPooling2D Flatten Reshape Permute RepeatVector Dense ZeroPadding1D ZeroPadding2D
ConstantPadding2D Cropping1D Cropping2D Rescaling Normalization Resizing UpSampling1D UpSampling2D Add Subtract Multiply
Average Maximum Minimum Concatenate BatchNormalization LocalResponseNormalization Dropout SpatialDropout2D GaussianNoise
Identity Subsampling2D RadialBasis ScaledTanh SCells CCells Activation ReLU LeakyReLU ELU Softmax""".split()


def test_the_vocabulary_has_what_was_promised():
    assert set(WANTED) <= set(LAYERS)
    assert all(getattr(nn, kind) is LAYERS[kind] and LAYERS[kind].__name__ == kind for kind in LAYERS)


@pytest.mark.parametrize("stored", [False, True], ids=["constructed", "from_config"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_example_of_every_kind_equals_keras(kind, stored):
    shapes, arguments = EXAMPLES[kind]
    if not (stored and kind in OF_OURS):
        pairs = compare(kind, shapes, arguments, stored=stored)
        assert pairs is not None
        assert differences(pairs, tolerance_for(kind)) == []


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_equals_keras(kind, examples):
    compared = []

    def equals_keras(data):
        shapes, arguments = data.draw(GRID[kind])
        ties, stored = data.draw(st.booleans()), data.draw(st.booleans()) and kind not in OF_OURS
        pairs = compare(kind, shapes, arguments, ties, stored)
        compared.append(pairs is not None)
        assert pairs is None or differences(pairs, tolerance_for(kind)) == []

    check(examples, equals_keras)
    assert examples < 50 or sum(compared) * 3 >= len(compared), "Keras refused most"


BORDERS = [
    ("Conv1D", {"padding": "full"}),
    ("Conv1D", {"padding": 2}),
    ("Conv1D", {"padding": (2, 1)}),
    ("Conv2D", {"padding": "full"}),
    ("Conv2D", {"padding": "full", "dilation_rate": (2, 1)}),
    ("Conv2D", {"padding": "full", "strides": 2}),
    ("Conv2D", {"padding": 1}),
    ("Conv2D", {"padding": 1, "groups": 2, "filters": 4}),
    ("Conv2D", {"padding": ((2, 1), (0, 3)), "strides": (1, 2)}),
]
"""Keras has none of them: for Keras the zeros are put around the map first."""


@pytest.mark.parametrize(("kind", "more"), BORDERS)
def test_full_and_explicit_borders_are_zeros_around_the_map(kind, more):
    shape = (7, 4) if "1D" in kind else (5, 6, 4)
    arguments = {"filters": 3, "kernel_size": 3 if "1D" in kind else (3, 2), **more}
    assert differences(compare(kind, [shape], arguments)) == []


def test_a_wrong_border_is_found():
    full, _ = twins("Conv2D", [(5, 6, 4)], {"filters": 3, "kernel_size": 3, "padding": 1})
    _, theirs = twins("Conv2D", [(5, 6, 4)], {"filters": 3, "kernel_size": 3, "padding": ((2, 0), (1, 1))})
    images = images_for([(5, 6, 4)])
    assert differences(pairs_of("shifted", pull(full, images), pull_keras(theirs, images)))


# Which cell of several that are equal has the gradient


def gradient(layer, *rows, above=None):
    """Return the gradient by one image of a map of one channel."""
    image = np.array(rows, "float64")[None, ..., None]
    layer.build(image.shape[1:], dtype="float64")
    output, backward = layer.forward(image)
    (result,) = backward(np.ones_like(output) if above is None else above)
    return result[0, ..., 0].tolist()


def test_maximum_pooling_gives_it_to_the_first_of_a_window_row_by_row():
    assert gradient(nn.MaxPooling2D(2), [1, 2], [2, 2]) == [[0, 1], [0, 0]]
    assert gradient(nn.MaxPooling2D(2), [1, 1], [2, 2]) == [[0, 0], [1, 0]]
    assert gradient(nn.MaxPooling2D(3, strides=1, padding="same"), [5, 5], [5, 5]) == [[4, 0], [0, 0]]
    assert gradient(nn.MaxPooling2D(2, strides=1), [5, 5, 5], [5, 5, 5]) == [[1, 1, 0], [0, 0, 0]]


def test_global_maximum_pooling_divides_it():
    assert gradient(nn.GlobalMaxPooling2D(), [1, 2], [2, 0]) == [[0, 0.5], [0.5, 0]]


@pytest.mark.parametrize("pool", [{"pool_size": 2}, {"pool_size": 3, "strides": 1, "padding": "same"}])
def test_a_border_of_maximum_pooling_is_never_the_largest(pool):
    image = np.full((1, 4, 4, 1), -7.0)
    output, _ = nn.MaxPooling2D(**pool).forward(image)
    assert output.max() == output.min() == -7


@pytest.mark.parametrize(
    "kind", ["MaxPooling1D", "MaxPooling2D", "GlobalMaxPooling2D", "Maximum", "Minimum", "ReLU"]
)
@pytest.mark.parametrize("seed", range(3))
def test_ties_follow_keras(kind, seed):
    shapes, _ = EXAMPLES[kind]
    ours, theirs = twins(kind, shapes, {} if "Pool" not in kind or "Global" in kind else {"pool_size": 2})
    images = images_for(shapes, ties=True, seed=seed)
    assert differences(pairs_of(kind, pull(ours, images), pull_keras(theirs, images))) == []


class LastOfWindow(nn.MaxPooling2D):
    """Gives the gradient to the last of equal cells."""

    def forward(self, *inputs, training=False):
        turned, backward = super().forward(inputs[0][:, ::-1, ::-1], training=training)
        return turned[:, ::-1, ::-1], lambda above: (backward(above[:, ::-1, ::-1])[0][:, ::-1, ::-1],)


def test_the_other_rule_for_ties_is_found():
    _, theirs = twins("MaxPooling2D", [(6, 6, 4)], {"pool_size": 2})
    wrong = LastOfWindow(2)
    wrong.build((6, 6, 4), dtype="float64")
    for ties in (False, True):
        images = images_for([(6, 6, 4)], ties=ties)
        found = differences(pairs_of("pool", pull(wrong, images), pull_keras(theirs, images)))
        assert bool(found) == ties  # without ties both rules are one
        assert all("gradient by input" in line for line in found)


# The comparison finds what is wrong


def spoil_kernel(layer):
    """The gradient by the input is worked out with the kernel turned round."""
    right = layer.forward

    def forward(*inputs, training=False):
        output, _ = right(*inputs, training=training)
        kernel = layer.weights["kernel"]
        layer.weights["kernel"] = np.ascontiguousarray(kernel[::-1, ::-1])
        _, backward = right(*inputs, training=training)
        layer.weights["kernel"] = kernel
        return output, backward

    layer.forward = forward


def spoil_gradient(name):
    """The gradient by a weight is half of what it should be."""

    def spoil(layer):
        right = layer.learn
        layer.learn = lambda **parts: right(
            **{
                key: (lambda part=part, key=key: part() * (0.5 if key == name else 1))
                for key, part in parts.items()
            }
        )

    return spoil


def spoil_output(layer):
    right = layer.forward

    def forward(*inputs, training=False):
        output, backward = right(*inputs, training=training)
        return output * (1 + 1e-8), backward

    layer.forward = forward


def spoil_last_cell(layer):
    """One cell of the gradient by the input is forgotten."""
    right = layer.forward

    def forward(*inputs, training=False):
        output, backward = right(*inputs, training=training)

        def wrong(above):
            first, *others = backward(above)
            first = first.copy()
            first[0, -1, -1, -1] = 0
            return first, *others

        return output, wrong

    layer.forward = forward


FAULTS = {
    "kernel turned round": (spoil_kernel, "gradient by input 0"),
    "half a kernel": (spoil_gradient("kernel"), "gradient by kernel"),
    "half a bias": (spoil_gradient("bias"), "gradient by bias"),
    "output a little larger": (spoil_output, "output"),
    "a cell forgotten": (spoil_last_cell, "gradient by input 0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_layer_is_found(fault):
    spoil, where = FAULTS[fault]
    ours, theirs = twins("Conv2D", [(5, 6, 4)], {"filters": 3, "kernel_size": 3})
    images = images_for([(5, 6, 4)])
    expected = pull_keras(theirs, images)
    assert differences(pairs_of("conv", pull(ours, images), expected)) == []
    spoil(ours)
    (found,) = differences(pairs_of("conv", pull(ours, images), expected))
    assert f"conv, {where}" in found


def test_a_shape_or_a_number_that_is_none_is_found():
    whole = np.ones((2, 3))
    assert differences([Pair("shape", whole, whole[:1])])
    assert differences([Pair("number", whole * np.nan, whole)])
    assert differences([Pair("not zero", whole, whole * 0)])
    assert differences([Pair("both zero", whole * 0, whole * 0)]) == []


def test_a_mean_over_zeros_of_the_border_is_found():
    """TensorFlow divides by the cells that are there."""
    images = images_for([(5, 5, 2)])
    ours, theirs = twins("AveragePooling2D", [(5, 5, 2)], {"pool_size": 2, "padding": "same"})
    assert differences(pairs_of("mean", pull(ours, images), pull_keras(theirs, images))) == []
    theirs = in_keras("SumPooling2D", {"pool_size": 2, "padding": "same"}, (5, 5, 2))
    theirs[-1] = keras.layers.Rescaling(1.0)
    assert differences(pairs_of("mean", pull(ours, images), pull_keras(theirs, images)))


@pytest.mark.parametrize(
    ("name", "x", "y", "slope"),
    [
        ("leaky_relu", -3.0, -0.6, 0.2),
        ("gelu", 1.0, 0.8413447460685429, 1.0833154705876864),
        ("gelu", -2.0, -0.04550026389635842, -0.08523180107819693),
        ("silu", 1.0, 0.7310585786300049, 0.9276705118714867),
        ("softplus", 1000.0, 1000.0, 1.0),
        ("softplus", -1000.0, 0.0, 0.0),
        ("sigmoid", -1000.0, 0.0, 0.0),
        ("sigmoid", 1000.0, 1.0, 0.0),
        ("elu", 1000.0, 1000.0, 1.0),
        ("selu", 1000.0, 1050.7009873554805, 1.0507009873554805),
        ("hard_sigmoid", 0.75, 0.625, 1 / 6),
    ],
)
def test_activations_by_their_closed_form(name, x, y, slope):
    """In double, but for numbers that TensorFlow keeps in single; and far out, where nothing may overflow."""
    with np.errstate(all="raise", under="ignore"):
        output, backward = nn.Activation(name).forward(np.array([[x]]))
        (found,) = backward(np.ones((1, 1)))
    rounding = 1e-6 if name in ROUNDED else 1e-13
    assert output.item() == pytest.approx(y, rel=rounding)
    assert found.item() == pytest.approx(slope, rel=rounding)


@pytest.mark.parametrize("arguments", [{}, {"axis": None}, {"axis": (1, 3)}, {"invert": True}])
def test_normalisation_that_was_adapted_to_data_equals_keras(arguments):
    theirs = keras.layers.Normalization(**arguments)
    (data, x) = images_for([(5, 6, 4)] * 2, count=3)
    theirs.adapt(data * 3 + 1)
    ours = nn.Normalization.from_config(theirs.get_config())
    ours.build((5, 6, 4), dtype="float64")
    take_weights(ours, theirs)
    assert set(ours.fixed) == set(ours.weights)
    assert differences(pairs_of("adapted", pull(ours, [x]), pull_keras(theirs, [x]))) == []


# Interpolation, which TensorFlow works out in single precision


def interpolation_matrix(length, wanted, kind):
    """Return what each output cell reads of each input cell; cells are areas, their centres at halves."""
    matrix = np.zeros((wanted, length))
    for o in range(wanted):
        centre = (o + 0.5) * length / wanted
        if kind == "nearest":
            matrix[o, min(int((2 * o + 1) * length // (2 * wanted)), length - 1)] = 1
            continue
        low = np.floor(centre - 0.5)
        for cell, share in ((low, 1 - (centre - 0.5 - low)), (low + 1, centre - 0.5 - low)):
            matrix[o, int(np.clip(cell, 0, length - 1))] += share
    return matrix


@pytest.mark.parametrize("kind", ["nearest", "bilinear"])
@pytest.mark.parametrize(("rows", "columns"), [(10, 18), (5, 6), (3, 4), (9, 2), (1, 1), (15, 6)])
def test_interpolation_follows_its_formula_in_double(rows, columns, kind):
    (x,) = images_for([(5, 6, 3)])
    down, across = interpolation_matrix(5, rows, kind), interpolation_matrix(6, columns, kind)
    expected = np.einsum("bijc,oi,pj->bopc", x, down, across)
    seeds = seeds_for(expected)
    layers = [nn.Resizing(rows, columns, interpolation=kind)]
    if rows % 5 == columns % 6 == 0:
        layers.append(nn.UpSampling2D((rows // 5, columns // 6), interpolation=kind))
    for layer in layers:
        layer.build((5, 6, 3), dtype="float64")
        output, (by_image,), _ = pull(layer, [x])
        above = np.einsum("bopc,oi,pj->bijc", seeds, down, across)
        pairs = [Pair("output", output, expected), Pair("gradient", by_image, above)]
        assert differences(pairs, 1e-12) == []


# While training


@pytest.mark.parametrize(
    "arguments", [{}, {"center": False}, {"scale": False}, {"momentum": 0.6, "epsilon": 0.1}, {"axis": 1}]
)
def test_batch_normalisation_in_training_equals_keras(arguments):
    ours, (theirs,) = twins("BatchNormalization", [(5, 6, 4)], arguments)
    images = images_for([(5, 6, 4)], count=4)
    expected = pull_keras(theirs, images, training=True)
    found = pull(ours, images, training=True)
    assert differences(pairs_of("normalised", found, expected)) == []
    moved = [Pair(v.name, ours.weights[v.name], v.numpy()) for v in theirs.non_trainable_weights]
    assert [pair.what for pair in moved] == ["moving_mean", "moving_variance"]
    assert differences(moved) == []


@pytest.mark.parametrize("arguments", [{}, {"momentum": 0.6}])
def test_moving_statistics_in_training_equal_keras(arguments):
    """One step on each side, and that they have moved."""
    ours, (theirs,) = twins("BatchNormalization", [(5, 6, 4)], arguments)
    (images,) = images_for([(5, 6, 4)], count=4)
    before = {name: array.copy() for name, array in ours.weights.items()}
    theirs(images, training=True)
    ours.forward(images, training=True)
    pairs = [Pair(v.name, ours.weights[v.name], v.numpy()) for v in theirs.weights]
    assert differences(pairs) == []
    assert set(ours.fixed) == {"moving_mean", "moving_variance"}
    assert all((ours.weights[name] != before[name]).all() for name in ours.fixed)
    assert differences([Pair(name, before[name], ours.weights[name]) for name in ours.fixed])


def test_inference_leaves_moving_statistics_alone():
    ours, _ = twins("BatchNormalization", [(5, 6, 4)], {})
    before = {name: array.copy() for name, array in ours.weights.items()}
    ours.forward(*images_for([(5, 6, 4)]))
    assert differences([Pair(name, ours.weights[name], array) for name, array in before.items()]) == []


@pytest.mark.parametrize("kind", RANDOM)
def test_what_is_random_in_training_hands_on_at_inference(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes, dtype="float64")
    (x,) = images_for(shapes)
    output, (by_image,), _ = pull(layer, [x])
    assert np.array_equal(output, x)
    assert np.array_equal(by_image, seeds_for(x))
    assert not np.array_equal(layer.forward(x, training=True)[0], x)


@pytest.mark.parametrize("kind", ["Dropout", "SpatialDropout2D"])
def test_dropout_keeps_the_mean_and_its_gradient_the_same_mask(kind):
    layer = LAYERS[kind](0.25)
    layer.build((20, 20, 30), dtype="float64")
    output, backward = layer.forward(np.ones((10, 20, 20, 30)), training=True)
    assert set(np.unique(output)) == {0, 1 / 0.75}
    assert output.mean() == pytest.approx(1, abs=0.15 if kind == "SpatialDropout2D" else 0.01)
    assert np.array_equal(backward(np.ones_like(output))[0], output)
    together = {len(np.unique(plane)) for image in output for plane in np.moveaxis(image, -1, 0)}
    assert together == ({1} if kind == "SpatialDropout2D" else {2})
    assert not np.array_equal(layer.forward(np.ones((10, 20, 20, 30)), training=True)[0], output)


# Settings


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OF_OURS])
def test_a_setting_that_is_not_known_is_refused_by_name(kind):
    shapes, arguments = EXAMPLES[kind]
    config = in_keras(kind, arguments, shapes[0])[0].get_config()
    assert LAYERS[kind].from_config(config).name == config["name"]
    with pytest.raises(ValueError, match=rf"{kind}.*wobble"):
        LAYERS[kind].from_config({**config, "wobble": 3})


FORMATTED = [
    kind
    for kind in KINDS
    if kind not in OF_OURS and "data_format" in getattr(keras_nn, kind)(**EXAMPLES[kind][1]).get_config()
]


@pytest.mark.parametrize("kind", FORMATTED)
def test_channels_first_is_refused(kind):
    shapes, arguments = EXAMPLES[kind]
    config = in_keras(kind, arguments, shapes[0])[0].get_config()
    with pytest.raises(ValueError, match=rf"{kind}.*(data_format|channels_first)"):
        LAYERS[kind].from_config({**config, "data_format": "channels_first"})


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_plain_and_make_the_layer_again(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes)
    written = json.loads(json.dumps(layer.settings))
    again = LAYERS[kind](**written)
    again.build(*shapes)
    assert json.loads(json.dumps(again.settings)) == written
    assert set(arguments) <= set(written)
    for name, array in layer.weights.items():
        again.weights[name] = array
    x = images_for(shapes, kind, dtype="float32")
    assert np.array_equal(layer.forward(*x)[0], again.forward(*x)[0])
    assert layer.kind == again.kind == kind


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OF_OURS])
def test_settings_are_by_keras_names(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    config = in_keras(kind, arguments, shapes[0])[0].get_config()
    assert set(layer.settings) <= set(config), set(layer.settings) - set(config)
    assert isinstance(LAYERS[kind](**arguments, name="own").name, str)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Conv2D(3, 3, padding="wide", name="conv").build((5, 5, 1)), ["wide"]),
        (lambda: nn.Conv2D(3, 3, activation="wobbly", name="conv").build((5, 5, 1)), ["wobbly"]),
        (lambda: nn.Activation("wobbly").build((3,)), ["wobbly"]),
        (lambda: nn.MaxPooling2D(2, padding="wide").build((5, 5, 1)), ["wide"]),
        (lambda: nn.Conv2D(3, 3, name="conv1")(nn.Input((5,))), ["conv1"]),
        (lambda: nn.Conv2D(3, 7, name="conv1")(nn.Input((5, 5, 1))), ["conv1"]),
        (lambda: nn.Conv2D(4, 3, groups=2, name="conv1")(nn.Input((5, 5, 3))), ["conv1", "2", "3"]),
        (lambda: nn.MaxPooling2D(3, name="pool1")(nn.Input((2, 2, 1))), ["pool1"]),
        (lambda: nn.MaxPooling2D(3, name="pool1")(nn.Input((5,))), ["pool1"]),
        (lambda: nn.Reshape((4, 4), name="shape")(nn.Input((5,))), ["shape"]),
        (lambda: nn.Add(name="sum")([nn.Input((5, 4)), nn.Input((3, 4))]), ["sum"]),
        (lambda: nn.Concatenate(name="join")([nn.Input((5, 4)), nn.Input((3, 2))]), ["join"]),
        (lambda: nn.RadialBasis([[1.0, 0.0]], name="codes")(nn.Input((5,))), ["codes"]),
        (lambda: nn.Cropping2D(3, name="crop")(nn.Input((5, 5, 1))), ["crop"]),
        (lambda: nn.PartialConv2D([[0, 3]], 3, name="part")(nn.Input((5, 5, 2))), ["part"]),
    ],
)
def test_what_does_not_fit_is_refused_in_words(make, words):
    with pytest.raises(ValueError, match=r".") as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


# Precision, and numbers that are none


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_stays_and_is_near_double(kind):
    shapes, arguments = EXAMPLES[kind]
    single, double = LAYERS[kind](**arguments), LAYERS[kind](**arguments)
    single.build(*shapes)
    double.build(*shapes, dtype="float64")
    draw = np.random.default_rng(2)
    for name, array in single.weights.items():
        assert array.dtype == np.float32
        assert double.weights[name].dtype == np.float64
        drawn = random_weight(name, array.shape, draw)
        single.weights[name], double.weights[name] = drawn, drawn.astype("float64")
    x = images_for(shapes, kind, dtype="float32")
    found, expected = pull(single, x), pull(double, [array.astype("float64") for array in x])
    assert {array.dtype for array in (found[0], *found[1], *found[2].values())} == {np.dtype("float32")}
    assert differences(pairs_of(kind, found, expected), 1e-5) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_stays_none(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes)
    with np.errstate(all="ignore"):
        output, _ = layer.forward(*[np.full((1, *shape), np.nan, "float32") for shape in shapes])
        if layer.activation is not None:
            output, _ = layer.activation.forward(output)
    assert np.isnan(output).any()
    if not kind.endswith(("Padding1D", "Padding2D")):
        assert np.isnan(output).all()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_given_is_written_to(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes, dtype="float64")
    x = images_for(shapes, kind)
    for array in (*x, *layer.weights.values()):
        array.flags.writeable = False
    output, backward = layer.forward(*x)
    if layer.activation is not None:
        output, _ = layer.activation.forward(output)
    above = seeds_for(output)
    above.flags.writeable = False
    first, second = ([array.copy() for array in backward(above)] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_weights_add_up_until_they_are_cleared_and_can_be_left_out(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes, dtype="float64")
    x = images_for(shapes, kind)
    _, by_inputs, once = pull(layer, x)
    output, backward = layer.forward(*x)
    seeds = seeds_for(output)
    layer.clear_gradients()
    backward(seeds)
    one = {name: array.copy() for name, array in layer.gradients.items()}
    backward(seeds)
    assert differences([Pair(name, layer.gradients[name], 2 * array) for name, array in one.items()]) == []
    assert set(one) == set(once)
    layer.clear_gradients()
    assert not layer.gradients
    layer.is_learning = False
    again = backward(seeds)
    assert not layer.gradients
    assert len(again) == len(by_inputs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_is_forward_and_the_activation(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes, dtype="float64")
    x = images_for(shapes, kind)
    output, *_ = pull(layer, x)
    assert np.array_equal(layer(x if len(x) > 1 else x[0]), output)
    assert (layer.activation is not None) == (kind != "Activation" and bool(arguments.get("activation")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_nothing_has_a_shape(kind):
    shapes, arguments = EXAMPLES[kind]
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes)
    output, _ = layer.forward(*[np.zeros((0, *shape), "float32") for shape in shapes])
    whole, _ = layer.forward(*[np.zeros((2, *shape), "float32") for shape in shapes])
    assert output.shape == (0, *whole.shape[1:])


# Rectifiers


@pytest.mark.parametrize("rule", ["guided", "rectified"])
@pytest.mark.parametrize("upper", [None, 6.0])
def test_rules_of_rectifiers_equal_those_of_the_replay(upper, rule):
    import tensorflow as tf

    from app.engine.replay.rectifiers import rectify

    draw = np.random.default_rng(4)
    x = np.concatenate([draw.uniform(-8, 8, 400), [0, 0, 0, 6, 6, 6, -1, 7]]).reshape(2, -1)
    above = draw.normal(size=x.shape)
    above[:, -8:] = [1, -1, 0, 1, -1, 0, 1, 1]
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        expected = rectify(rule, upper or float("inf"))(tensor)
    by_x = tape.gradient(expected, tensor, tf.constant(above)).numpy()
    output, backward = nn.ReLU(max_value=upper).forward(x, rule=rule)
    assert np.array_equal(output, expected.numpy())
    (found,) = backward(above)
    assert np.array_equal(found, by_x)
    (plain,) = nn.ReLU(max_value=upper).forward(x)[1](above)
    inside = (x > 0) & (x < (upper or np.inf))
    assert np.array_equal(plain, np.where(inside, above, 0))
    assert not np.array_equal(plain, by_x)


def test_a_ceiling_says_which_layers_are_rectifiers():
    assert nn.ReLU().ceiling == float("inf")
    assert nn.ReLU(max_value=6.0).ceiling == 6
    for other in (nn.ReLU(negative_slope=0.1), nn.ReLU(threshold=0.5)):
        assert other.ceiling is None


@pytest.mark.parametrize(("name", "ceiling"), [("relu", float("inf")), ("relu6", 6.0)])
def test_a_fused_rectifier_is_one_too(name, ceiling):
    layer = nn.Dense(3, activation=name)
    assert layer.activation.ceiling == ceiling
    x = np.linspace(-8, 8, 12).reshape(2, 6)
    (guided,) = layer.activation.forward(x, rule="guided")[1](-np.ones_like(x))
    assert not guided.any()
