"""Weights in a random order: on the replay's own copies, back again, seen by compiled functions."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from spellings import SIZE, flat

from app.engine.compiling import AS_IT_IS
from app.engine.machine import machine_for
from app.faith.permuting import permuted
from app.maps.explainer import Explainer

pytestmark = pytest.mark.keras
layers = keras.layers


def normalised():
    image = keras.Input((6, 6, 1))
    x = layers.Normalization(mean=0.3, variance=0.2)(image)
    x = layers.Conv2D(4, 3, name="conv")(x)
    x = layers.BatchNormalization(name="norm")(x)
    shared = layers.Dense(4, name="shared")
    x = shared(shared(layers.Flatten()(x)[:, :4]))
    return keras.Model(image, layers.Dropout(0.5)(layers.Dense(3, name="top")(x)))


def test_layers_come_from_the_top_each_once_and_without_what_the_input_needs():
    names = [layer.name for layer in machine_for(normalised()).learnt_layers()]
    assert names == ["top", "shared:2", "norm", "conv"]


def test_numbers_stay_and_places_change_until_the_end():
    layer, *_ = machine_for(flat()).learnt_layers()
    before = layer.read()
    with permuted(layer, (1, 2)):
        inside = layer.read()
        for old, new in zip(before, inside, strict=True):
            np.testing.assert_array_equal(np.sort(old, axis=None), np.sort(new, axis=None))
        assert (before[0] != inside[0]).mean() > 0.9
    for old, new in zip(before, layer.read(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_weights_come_back_after_an_error():
    layer, *_ = machine_for(flat()).learnt_layers()
    before = layer.read()[0]
    with pytest.raises(RuntimeError, match="half-way"), permuted(layer, (0,)):
        raise RuntimeError("half-way")
    np.testing.assert_array_equal(before, layer.read()[0])


def test_the_numbers_of_a_channel_stay_together():
    machine = machine_for(normalised())
    layer = next(layer for layer in machine.learnt_layers() if layer.name == "norm")
    layer.write([np.arange(4) + 10.0 * i for i in range(4)])
    with permuted(layer, (5,)):
        columns = np.array(layer.read())
    np.testing.assert_array_equal(columns - columns[0], 10.0 * np.arange(4)[:, None] * np.ones(4))
    assert list(columns[0]) != [0, 1, 2, 3]


def test_compiled_functions_see_the_change_and_the_callers_model_does_not():
    keras.utils.set_random_seed(3)
    model = flat()
    explainer = Explainer(machine_for(model))
    images = np.random.default_rng(0).uniform(0, 1, (4, *SIZE)).astype("float32")
    trained = [explainer.logits(images) for _ in range(AS_IT_IS + 1)][-1]
    own = model.predict(images, verbose=0)
    for layer in explainer.machine.learnt_layers():
        with permuted(layer, (0,)):
            changed = explainer.logits(images)
            direct = explainer.model.logits(images)
            np.testing.assert_array_equal(model.predict(images, verbose=0), own)
        np.testing.assert_allclose(changed, direct, atol=1e-5)
        assert np.abs(changed - trained).max() > 1e-3
    np.testing.assert_array_equal(explainer.logits(images), trained)
