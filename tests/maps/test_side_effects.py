"""Explaining a model changes nothing about it: weights, activations, what it predicts, what it saves."""

import io
import zipfile

import h5py
import keras
import numpy as np
import pytest
from map_models import FEW, drawn, explainer, pictures, raw_map
from spellings import SIZE, flat, nested, sequential

import app.engine  # noqa: F401
from app.engine.store import save_model
from app.features.deconvolution import project_unit
from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
layers = keras.layers


def with_state():
    """Layers that keep statistics, draw at random or hold a seed."""
    image = keras.Input(SIZE)
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(image))
    x = layers.Dropout(0.5)(layers.RandomFlip(seed=3)(x))
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))


def saved(model, path):
    """The configuration and every array of the saved file."""
    save_model(model, path)
    with zipfile.ZipFile(path) as archive:
        arrays = {}
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            file.visititems(
                lambda name, item: (
                    arrays.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None
                )
            )
        return archive.read("config.json"), arrays


def state(model, path):
    everything = list(model._flatten_layers())
    return {
        "weights": [w.tobytes() for w in model.get_weights()],
        "variables": [np.asarray(v).tobytes() for layer in everything for v in layer.variables],
        "activations": [id(getattr(layer, "activation", None)) for layer in everything],
        "calls": [(len(x._inbound_nodes), len(x._outbound_nodes)) for x in everything],
        "trainable": [layer.trainable for layer in everything],
        "losses": len(model.losses),
        "prediction": model.predict(pictures(3), verbose=0).tobytes(),
        "direct": np.asarray(model(pictures(3), training=False)).tobytes(),
        "saved": saved(model, path),
    }


@pytest.mark.filterwarnings("ignore:Even though the `tf.config:UserWarning")  # predict reads by tf.data
@pytest.mark.parametrize("build", [flat, nested, sequential, with_state])
def test_nothing_about_the_model_changes(build, tmp_path, eagerly):
    model = drawn(build()) if build is not with_state else build()
    before = state(model, tmp_path / "before.keras")
    images = pictures(2)
    kept = images.copy()
    explained = explainer(model)
    for method in METHODS:
        raw_map(method, explained, images, [0, 2], against=1, **FEW)
    layer = next(s.name for s in explained.model.steps if s.ceiling() is not None)
    project_unit(explained, images, layer, 0)
    after = state(model, tmp_path / "after.keras")
    for name, value in before.items():
        assert after[name] == value, name
    np.testing.assert_array_equal(images, kept)


def test_a_change_would_be_noticed(tmp_path):
    model = drawn(flat())
    before = state(model, tmp_path / "before.keras")
    weights = model.get_weights()
    weights[0].flat[0] = np.nextafter(weights[0].flat[0], 9)
    model.set_weights(weights)
    model.get_layer("c2").activation = keras.activations.linear
    after = state(model, tmp_path / "after.keras")
    changed = {name for name in before if before[name] != after[name]}
    assert {"weights", "variables", "activations", "direct", "saved"} <= changed


def test_training_goes_on_as_if_nothing_had_been_explained(eagerly):
    def fitted(explain):
        keras.utils.set_random_seed(5)
        model = drawn(flat())
        model.compile("sgd", "sparse_categorical_crossentropy")
        for _ in range(2):
            model.train_on_batch(pictures(4), np.array([0, 1, 2, 0]))
            if explain:
                raw_map("guided", explainer(model), pictures(2), [0, 1])
        return model.get_weights()

    for with_maps, without in zip(fitted(True), fitted(False), strict=True):
        np.testing.assert_array_equal(with_maps, without)
