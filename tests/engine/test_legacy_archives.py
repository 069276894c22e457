"""Archives of TensorFlow 2.12 to 2.15: counted with all rows agreeing, loaded to the same function, explained alike."""

import app.engine  # noqa: I001

import json
import zipfile

import keras
import numpy as np
import pytest
from conftest import refusal
from old_archives import VERSIONS, write_old_archive

import app as lab
from app.engine.store import load_model

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (12, 12, 3)


def rewrite(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def plain():
    return keras.Sequential(
        [
            keras.Input(SIZE),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(5, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(6, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def nested():
    inside = keras.Input(SIZE)
    x = layers.BatchNormalization()(layers.Conv2D(4, 3)(inside))
    body = keras.Model(inside, layers.Conv2D(4, 3, activation="relu")(x), name="body")
    head = keras.Sequential(
        [keras.Input((8, 8, 4)), layers.GlobalAveragePooling2D(), layers.Dense(3)], name="head"
    )
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Softmax()(head(body(image))))


def shared():
    image = keras.Input(SIZE)
    conv = layers.Conv2D(3, 3, padding="same")
    joined = layers.Add()([conv(image), conv(conv(image))])
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(joined)))


def others():
    image = keras.Input(SIZE)
    x = layers.SeparableConv2D(4, 3)(image)
    x = layers.DepthwiseConv2D(3)(layers.Conv2DTranspose(4, 3)(x))
    x = layers.TimeDistributed(layers.Dense(3))(layers.PReLU(shared_axes=[1, 2])(x))
    x = layers.GRU(4)(layers.Reshape((10, 30))(x))
    return keras.Model(image, layers.Dense(3, activation="softmax")(x))


MODELS = {"plain": plain, "nested": nested, "shared": shared, "others": others}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        pytest.param(
            name, version, marks=[pytest.mark.slow] if name == "others" and version != "2.13" else []
        )
        for name in MODELS
        for version in VERSIONS
    ],
)
def test_an_old_archive_is_counted_loaded_and_explained(tmp_path, name, version):
    model = MODELS[name]()
    draw = np.random.default_rng(1)
    model.set_weights([np.abs(draw.normal(0, 0.3, weight.shape)) for weight in model.get_weights()])
    path = write_old_archive(model, tmp_path / "old.keras", version)
    count = lab.count(path)
    assert count.parameters == model.count_params()
    assert count.check(), str(count.check())
    images = np.random.default_rng(0).uniform(0, 1, (2, *SIZE)).astype("float32")
    loaded = load_model(path)
    np.testing.assert_array_equal(loaded.predict(images, verbose=0), model.predict(images, verbose=0))
    expected = lab.explain(model, images, label=1, methods=["vanilla"]).maps["vanilla"]
    for engine, rounding in (("tensorflow", 0), (None, 1e-5)):
        ours = lab.explain(path, images, label=1, methods=["vanilla"], engine=engine).maps["vanilla"]
        np.testing.assert_allclose(ours, expected, rtol=0, atol=rounding * np.abs(expected).max())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_array_is_seen(tmp_path, version):
    """The groups are told apart by the classes and their order, and still held against the count."""
    narrow, wide = (
        keras.Sequential(
            [keras.Input(SIZE), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(6), layers.Dense(n)]
        )
        for n in (3, 4)
    )
    path = write_old_archive(wide, tmp_path / "wide.keras", version)
    other = write_old_archive(narrow, tmp_path / "narrow.keras", version)
    with zipfile.ZipFile(path) as ours, zipfile.ZipFile(other) as theirs:
        members = {name: ours.read(name) for name in ("metadata.json", "config.json")}
        members["model.weights.h5"] = theirs.read("model.weights.h5")
    rewrite(tmp_path / "mixed.keras", members)
    check = lab.count(tmp_path / "mixed.keras").check()
    assert len(check.differences) == 1
    assert "6×4" in check.differences[0]
    assert "cannot be loaded" in refusal(load_model, tmp_path / "mixed.keras")


class Swirl(layers.Conv2D):
    """A convolution of the user's own."""


def test_a_class_of_the_users_own_is_named_and_its_parameters_are_read(tmp_path):
    image = keras.Input(SIZE)
    x = layers.Conv2D(5, 3)(Swirl(4, 3, name="swirl")(layers.Conv2D(2, 3)(image)))
    model = keras.Model(image, layers.Dense(3)(layers.Flatten()(x)))
    for version in VERSIONS:
        path = write_old_archive(model, tmp_path / "old.keras", version)
        assert "it contains Swirl, which is not of Keras' own" in refusal(load_model, path)
        count = lab.count(path)
        assert not count.is_exact
        assert count.check()
        assert count["swirl"].parameters == (3 * 3 * 2 + 1) * 4
        assert count.parameters == model.count_params()
        assert "the file does not say how many are trained" in str(count)


def test_arrays_that_nobody_claims_make_the_total_a_lower_bound(tmp_path):
    """A class whose groups are called otherwise: nothing is called wrong, and nothing is called 0."""
    image = keras.Input(SIZE)
    model = keras.Model(image, layers.Dense(3)(layers.Flatten()(layers.Conv2D(2, 3)(image))))
    path = write_old_archive(model, tmp_path / "old.keras")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1] |= {"class_name": "Swirl", "module": None, "registered_name": "mine>Swirl"}
    rewrite(path, {**members, "config.json": json.dumps(config)})
    count = lab.count(path)
    assert repr(count).split(", ")[1].startswith("≥")
    assert "56 numbers in the file belong to no layer that it lists by name" in str(count.check())
    assert count.check()
