"""Channels in front, other precisions, bytes, models that rescale, wrapped and recurrent layers."""

import numpy as np
import pytest
from replaying import assert_same_maps, images_of, maps_of, randomise

import keras  # isort: skip
from app.engine.machine import TensorFlowMachine
from app.engine.replay.replay import replay
from app.maps.explainer import Explainer
from app.maps.placement import find_unseen, placement_of

pytestmark = pytest.mark.keras
layers, ops = keras.layers, keras.ops
SIZE = (13, 12, 3)
IMAGES = images_of(2, *SIZE)


def branched(data_format, end="Flatten"):
    """A network of everything that asks where the channels stand, with valid and strided windows."""
    first = data_format == "channels_first"
    axis = 1 if first else -1
    common = {"data_format": data_format}
    image = keras.Input((3, 13, 12) if first else SIZE)
    x = layers.Conv2D(4, 3, activation="relu", **common)(image)
    x = layers.BatchNormalization(axis=axis)(x)
    x = layers.MaxPooling2D(2, **common)(layers.ZeroPadding2D(1, **common)(x))
    y = layers.SeparableConv2D(4, 3, padding="same", activation="relu6", **common)(x)
    z = layers.DepthwiseConv2D(3, padding="same", **common)(layers.Dropout(0.3)(x))
    x = layers.Concatenate(axis=axis)([layers.Add()([x, y]), z])
    x = layers.AveragePooling2D(2, strides=1, **common)(layers.UpSampling2D(2, **common)(x))
    # not 5 filters: Keras adds a bias of 5 along a width of 5
    x = layers.Conv2D(6, 3, strides=2, **common)(x)
    x = layers.SpatialDropout2D(0.2, **common)(layers.ReLU()(x))
    x = getattr(layers, end)(**common)(x)
    return keras.Model(image, layers.Dense(3, activation="softmax")(x))


def permuted():
    """Channels in front inside, behind outside."""
    inner = branched("channels_first")
    image = keras.Input(SIZE)
    return keras.Model(image, inner(layers.Permute((3, 1, 2))(image)))


def transposed_by_op():
    inner = branched("channels_first", "GlobalMaxPooling2D")
    image = keras.Input(SIZE)
    return keras.Model(image, inner(ops.transpose(image, (0, 3, 1, 2))))


def permuted_the_other_way():
    """Channels behind inside, in front outside."""
    image = keras.Input((3, 13, 12))
    return keras.Model(image, branched("channels_last")(layers.Permute((2, 3, 1))(image)))


TWINS = {
    "Flatten": (lambda: branched("channels_first"), "Flatten", True),
    "GlobalAveragePooling2D": (
        lambda: branched("channels_first", "GlobalAveragePooling2D"),
        "GlobalAveragePooling2D",
        True,
    ),
    "GlobalMaxPooling2D": (
        lambda: branched("channels_first", "GlobalMaxPooling2D"),
        "GlobalMaxPooling2D",
        True,
    ),
    "Permute before": (permuted, "Flatten", False),
    "transpose before": (transposed_by_op, "GlobalMaxPooling2D", False),
    "Permute to channels last": (permuted_the_other_way, "Flatten", True),
}


@pytest.mark.parametrize("name", TWINS)
def test_channels_in_front_give_their_twins_maps(name):
    make, end, is_first = TWINS[name]
    last = randomise(branched("channels_last", end))
    first = make()
    first.set_weights(last.get_weights())
    replayed, twin = replay(first), replay(last)
    assert replayed.channels_first is is_first
    assert replayed.image_shape == SIZE
    np.testing.assert_allclose(replayed.logits(IMAGES), twin.logits(IMAGES), rtol=1e-4, atol=1e-4)
    assert_same_maps(first, last, IMAGES)
    assert replayed.rectifiers() == twin.rectifiers() == (3, [])


@pytest.mark.parametrize("name", [n for n in TWINS if "Permute" not in n and "transpose" not in n])
def test_channels_in_front_are_placed_and_unseen_as_their_twins(name):
    make, end, _ = TWINS[name]
    first, last = replay(make()), replay(branched("channels_last", end))
    np.testing.assert_array_equal(find_unseen(first, SIZE[:2]), find_unseen(last, SIZE[:2]))
    places = [placement_of(Explainer(TensorFlowMachine(m)), None, IMAGES) for m in (first, last)]
    assert places[0].window == places[1].window is not None
    for ours, theirs in zip(places[0].centres, places[1].centres, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(places[0].unseen, places[1].unseen)


def small(policy=None, per_layer=None):
    image = keras.Input(SIZE)
    x = layers.Conv2D(4, 3, activation="relu", dtype=per_layer)(image)
    x = layers.BatchNormalization()(x)
    x = ops.multiply(layers.Conv2D(5, 3, activation="relu6")(x), 0.5)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(3, dtype=per_layer)(x)
    return keras.Model(image, layers.Activation("softmax", dtype="float32")(x))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "bfloat16"])
@pytest.mark.parametrize("is_whole", [True, False])
def test_half_precision_is_computed_in_float32(policy, is_whole):
    whole = randomise(small())
    weights = [w / 4 for w in whole.get_weights()]
    whole.set_weights(weights)
    if is_whole:
        keras.config.set_dtype_policy(policy)
    try:
        model = small(per_layer=None if is_whole else policy)
    finally:
        keras.config.set_dtype_policy("float32")
    model.set_weights(weights)
    replayed = replay(model)
    assert replayed.dtype == "float32"
    assert {getattr(s.operation, "compute_dtype", "float32") for s in replayed.steps} == {"float32"}
    whole.set_weights([np.asarray(w, "float32") for w in model.get_weights()])
    np.testing.assert_allclose(replayed.logits(IMAGES), replay(whole).logits(IMAGES), atol=1e-5)
    assert_same_maps(model, whole, IMAGES)


def test_a_cast_to_half_within_is_passed_over():
    image = keras.Input(SIZE)
    x = ops.cast(layers.Conv2D(4, 3)(image), "float16")
    x = layers.Flatten(dtype="float16")(x * 2)
    model = keras.Model(image, layers.Dense(2)(ops.cast(x, "float32")))
    assert all(v.dtype == "float32" for v in replay(model).run(replay(model).start(IMAGES)).values())


def test_double_precision_stays():
    keras.config.set_dtype_policy("float64")
    try:
        model = small()
    finally:
        keras.config.set_dtype_policy("float32")
    single = randomise(small())
    model.set_weights(single.get_weights())
    assert replay(model).dtype == "float64"
    assert_same_maps(model, single, IMAGES)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_models_that_rescale_inside(dtype):
    image = keras.Input(SIZE, dtype=dtype)
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 0.6, 0.7])(x)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    model = randomise(keras.Model(image, layers.Dense(3)(layers.GlobalMaxPooling2D()(x))))
    pixels = np.random.default_rng(0).integers(0, 256, (2, *SIZE), "uint8")
    replayed = replay(model)
    np.testing.assert_allclose(
        replayed.logits(pixels), model.predict(pixels, verbose=0), rtol=1e-4, atol=1e-4
    )
    plain = keras.Input(SIZE)
    rest = keras.Model(plain, model.layers[-1](model.layers[-2](model.layers[-3](plain))))
    scaled = ((pixels / 127.5 - 1) - [0.1, 0.2, 0.3]) / np.sqrt([0.5, 0.6, 0.7])
    inner = maps_of(rest, scaled.astype("float32"), cells=False)[0]
    outer = maps_of(model, pixels.astype("float32"), cells=False)[0]
    np.testing.assert_allclose(outer, inner / 127.5 / np.sqrt([0.5, 0.6, 0.7]), rtol=1e-3, atol=1e-7)


def test_a_normalization_that_was_adapted():
    norm = layers.Normalization()
    norm.adapt(IMAGES * 9)
    model = keras.Sequential([keras.Input(SIZE), norm, layers.Flatten(), layers.Dense(2)])
    replayed = replay(model)
    np.testing.assert_allclose(replayed.logits(IMAGES), model(IMAGES), rtol=1e-4, atol=1e-4)


def test_bytes_divided_by_an_operation():
    image = keras.Input(SIZE, dtype="uint8")
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(image / 255)))
    pixels = np.random.default_rng(0).integers(0, 256, (2, *SIZE), "uint8")
    np.testing.assert_allclose(replay(model).logits(pixels), model.predict(pixels, verbose=0), atol=1e-5)


SEQUENCES = {
    "TimeDistributed": lambda x: layers.TimeDistributed(layers.Dense(3, activation="relu"))(x),
    "TimeDistributed convolution": lambda x: layers.TimeDistributed(layers.Conv1D(2, 3))(
        layers.Reshape((13, 12, 3))(x)
    ),
    "Bidirectional": lambda x: layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x),
    "GRU": lambda x: layers.GRU(3, return_sequences=True)(x),
    "stateful": lambda x: layers.SimpleRNN(3)(x),
    "MultiHeadAttention": lambda x: layers.MultiHeadAttention(2, 3)(x, x),
    "its keywords": lambda x: layers.MultiHeadAttention(2, 3)(query=x, value=x),
    "Attention": lambda x: layers.Attention()([x, x]),
    "ConvLSTM": lambda x: layers.ConvLSTM1D(2, 3)(layers.Reshape((13, 12, 3))(x)),
    "SpectralNormalization": lambda x: layers.SpectralNormalization(layers.Dense(3, activation="relu"))(x),
    "states": lambda x: layers.LSTM(3, return_state=True)(x)[1],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_wrapped_and_recurrent_layers(name):
    image = keras.Input(SIZE)
    x = layers.Reshape((13, 36))(layers.Conv2D(3, 3, padding="same", activation="relu")(image))
    model = randomise(keras.Model(image, layers.Dense(2)(layers.Flatten()(SEQUENCES[name](x)))))
    replayed = replay(model)
    np.testing.assert_allclose(replayed.logits(IMAGES), model(IMAGES), rtol=1e-4, atol=1e-4)
    closed = {"TimeDistributed", "Bidirectional", "GRU", "LSTM", "SimpleRNN", "ConvLSTM1D"}
    assert set(replayed.not_looked_into()) <= closed
    if name == "SpectralNormalization":
        assert replayed.rectifiers() == (2, [])
