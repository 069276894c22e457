"""Feature maps and filters, on networks whose maps are known in closed form."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest

from app.engine.replay.replay import replay
from app.engine.machine import TensorFlowMachine, machine_for
from app.maps.explainer import Explainer
from app.features.feature_maps import feature_maps, feature_steps
from app.features.filters import find_filters

pytestmark = pytest.mark.keras
layers = keras.layers
IMAGES = np.random.default_rng(0).uniform(-1, 1, (5, 9, 8, 1)).astype("float32")


def network(kernel, bias=0.0, shape=(9, 8, 1), activation=None, **settings):
    """One convolution with known weights, and a head that nobody looks at."""
    image = keras.Input(shape)
    layer = layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation=activation, name="c", **settings)
    x = layers.Dropout(0.5, name="drop")(layer(image))
    model = keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    layer.set_weights([kernel, np.full(kernel.shape[-1], bias, "float32")])
    return model


def only(model, images, layer=None):
    maps = feature_maps(Explainer(machine_for(model)), images, None if layer is None else [layer])
    return [each[0] for each in maps]


def test_the_map_of_an_identity_is_the_image():
    found = only(network(np.ones((1, 1, 1, 1), "float32")), IMAGES)
    for image, maps in zip(IMAGES, found, strict=True):
        assert maps.layer == "c"
        np.testing.assert_allclose(maps.values, image, atol=1e-6)


def test_a_fused_rectifier_is_looked_at_on_both_sides():
    kernel = np.ones((1, 1, 1, 1), "float32")
    model = network(kernel, activation="relu")
    np.testing.assert_allclose(only(model, IMAGES)[0].values, np.maximum(IMAGES[0], 0), atol=1e-6)
    linear = only(model, IMAGES, "c:linear")[0]
    np.testing.assert_allclose(linear.values, IMAGES[0], atol=1e-6)


def test_dead_and_constant_maps_are_named():
    kernel = np.array([1, 0, -1, 0], "float32").reshape(1, 1, 1, 4)
    image = np.abs(IMAGES[:1]) + 0.1
    (dead,) = only(network(kernel, activation="relu"), image)
    assert dead.dead == (1, 2, 3)
    assert dead.constant == ()
    assert "3 of 4 maps are 0 everywhere for this image (1, 2, 3)" in dead.sentences()
    (shifted,) = only(network(kernel, bias=0.5, activation=None), image)
    assert shifted.dead == ()
    assert shifted.constant == (1, 3)
    assert shifted.strongest(2)[0] == 0
    assert "75 % of the cells are 0" in dead.sentences()[0]


def test_one_cell_above_0_is_not_dead():
    image = np.zeros((1, 9, 8, 1), "float32")
    image[0, 4, 5] = 1
    (maps,) = only(network(np.ones((1, 1, 1, 1), "float32"), activation="relu"), image)
    assert maps.dead == ()
    assert "the largest is in map 0, row 4, column 5" in maps.sentences()[0]


def deep(first):
    """Two convolutions and a pooling, channels in front or behind, of one set of weights."""
    order = "channels_first" if first else "channels_last"
    axis = 1 if first else -1
    image = keras.Input((2, 10, 12) if first else (10, 12, 2))
    x = layers.Conv2D(4, 3, data_format=order, activation="relu", name="a")(image)
    x = layers.BatchNormalization(axis=axis, name="n")(x)
    x = layers.MaxPooling2D(data_format=order, name="p")(x)
    # 4 filters: Keras 3.15 adds the bias along the columns where there are as many filters as columns
    x = layers.Conv2D(4, (2, 3), data_format=order, name="b")(x)
    x = layers.GlobalAveragePooling2D(data_format=order)(x)
    model = keras.Model(image, layers.Dense(2)(x))
    rng = np.random.default_rng(1)
    model.set_weights([np.abs(rng.normal(0, 1, w.shape)) for w in model.weights])
    return model


def test_a_channels_first_model_has_the_maps_of_its_twin():
    images = np.random.default_rng(2).uniform(0, 1, (2, 10, 12, 2)).astype("float32")
    ours, theirs = (feature_maps(Explainer(machine_for(deep(first))), images) for first in (False, True))
    for mine, other in zip(ours[1], theirs[1], strict=True):
        assert mine.layer == other.layer
        np.testing.assert_allclose(mine.values, other.values, rtol=1e-4, atol=1e-4)
    assert [m.layer for m in ours[0]] == ["a", "n", "p", "b"]


def test_every_layers_maps_are_those_of_keras():
    model = deep(first=False)
    images = np.random.default_rng(3).uniform(0, 1, (3, 10, 12, 2)).astype("float32")
    names = ["a", "n", "p", "b"]
    expected = keras.Model(model.input, [model.get_layer(n).output for n in names])(images)
    found = feature_maps(Explainer(machine_for(model), memory_bytes=1), images)  # one image a chunk
    for i in range(3):
        for maps, theirs in zip(found[i], expected, strict=True):
            np.testing.assert_allclose(maps.values, theirs[i], rtol=1e-4, atol=1e-4)


def test_nothing_of_the_callers_model_changes():
    model = deep(first=False)
    weights, config = model.get_weights(), model.to_json()
    feature_maps(Explainer(machine_for(model)), np.zeros((1, 10, 12, 2), "float32"))
    assert model.to_json() == config
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_layers_that_only_pass_maps_on_are_left_out_and_wrong_ones_named():
    model = replay(network(np.ones((2, 2, 1, 3), "float32"), activation="relu"))
    assert [step.name for step in feature_steps(model)] == ["c"]
    with pytest.raises(ValueError, match="layers with maps: c"):
        feature_maps(Explainer(TensorFlowMachine(model)), IMAGES, ["nowhere"])
    flat = keras.Sequential([keras.Input((1, 1, 4)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match="no layer"):
        feature_steps(replay(flat))


def test_filters_of_a_grey_image_are_its_weights_and_faint_ones_are_named():
    kernel = np.random.default_rng(0).normal(0, 1, (3, 2, 1, 4)).astype("float32")
    kernel[..., 2] = 1e-4
    filters = find_filters(replay(network(kernel, activation="relu")))
    assert (filters.layer, filters.form) == ("c", "signed")
    np.testing.assert_array_equal(filters.pictures(), kernel[:, :, 0].transpose(2, 0, 1))
    assert "1 of 4 filters are all but 0" in filters.sentences()[1]
    assert filters.sentences()[1].endswith("(2)")
    whole = find_filters(replay(network(kernel[..., :2], activation="relu")))
    assert len(whole.sentences()) == 1


def test_filters_of_a_coloured_image_are_colours_with_grey_for_0():
    kernel = np.zeros((3, 3, 3, 2), "float32")
    kernel[0, 0, 0, 0], kernel[1, 1, 2, 1] = 2, -2
    filters = find_filters(replay(network(kernel, shape=(9, 8, 3))))
    pictures = filters.pictures()
    assert filters.form == "colours"
    assert pictures[0, 0, 0].tolist() == [1, 0.5, 0.5]
    assert pictures[1, 1, 1].tolist() == [0.5, 0.5, 0]


def test_inner_filters_are_norms_and_1x1_filters_have_no_picture():
    image = keras.Input((9, 8, 1))
    x = layers.Conv2D(4, 3, name="a")(image)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="w")(x)
    x = layers.Conv2DTranspose(5, 2, name="t")(x)
    x = layers.Conv2D(3, 1, name="one")(x)
    model = replay(keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))))
    depthwise = find_filters(model, "w")
    assert (depthwise.form, depthwise.pictures().shape) == ("signed", (8, 3, 3))
    back = find_filters(model, "t")
    assert (back.form, back.pictures().shape) == ("norms", (5, 2, 2))
    np.testing.assert_allclose(
        back.pictures()[3, 1, 0], np.sqrt((back.weights[1, 0, :, 3] ** 2).sum()), rtol=1e-6
    )
    with pytest.raises(ValueError, match=r"1×1.*convolutions: a, w, t, one"):
        find_filters(model, "one")
    with pytest.raises(ValueError, match="there are a, w, t, one"):
        find_filters(model, "two")


def test_without_a_convolution_there_are_no_filters():
    flat = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)]
    )
    with pytest.raises(ValueError, match="no convolution"):
        find_filters(replay(flat))
