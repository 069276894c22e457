"""Models whose layers have names of other scripts are trained, exported and compared; their names stay."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.keras
NAMES = {"conv": "卷积一", "pool": "my pool", "units": "全连接 2", "model": "形状分类"}


def _model(names):
    import keras

    layers = keras.layers
    image = keras.Input((6, 6, 1), name=names.get("image", "image"))
    maps = layers.Conv2D(2, 3, activation="relu", name=names.get("conv", "conv"))(image)
    pooled = layers.Flatten()(layers.MaxPooling2D(name=names.get("pool", "pool"))(maps))
    made = layers.Dense(2, activation="softmax", name=names.get("units", "units"))(pooled)
    return keras.Model(image, made, name=names.get("model", "model"))


def test_what_tensorflow_refuses_is_written_otherwise():
    from app.engine.scope_names import scope_name

    valid = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
    for name in ("卷积", "my conv", "_猫", "ねこ/kernel", "é", "a:0"):
        assert valid.fullmatch(scope_name(name)), name
    for name in ("conv1", "a/b/", "", "_internal", "x.y-z"):
        assert scope_name(name) == name


def test_a_network_learns_the_same_whatever_its_layers_are_called():
    import keras

    import app.engine  # noqa: F401

    images = np.random.default_rng(0).random((16, 6, 6, 1), np.float32)
    labels = np.arange(16) % 2
    weights = []
    for names in ({}, NAMES):
        keras.utils.set_random_seed(0)
        model = _model(names)
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
        model.fit(images, labels, batch_size=8, epochs=2, verbose=0)
        weights.append(model.get_weights())
        assert np.allclose(model.predict(images, verbose=0), model(images), atol=1e-6)
    assert [layer.name for layer in model.layers][1] == "卷积一"
    assert model.name == "形状分类"
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_tensorflow_alone_refuses_such_a_name(monkeypatch):
    """What the rest is for; if it takes them one day, the module can go."""
    import tensorflow as tf

    from app.engine import scope_names

    monkeypatch.setattr(scope_names.Graph, "name_scope", scope_names.TENSORFLOWS)
    with tf.Graph().as_default(), pytest.raises(ValueError, match="not a valid"), tf.name_scope("卷积"):
        pass
