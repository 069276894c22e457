"""A model in memory counts as its file does, and is left as it was."""

import app.engine  # noqa: I001

import keras
import numpy as np
import pytest
from conftest import refusal
from spellings import flat, nested, sequential

import app as lab
from app.counting.stored.model_files import read_config
from app.engine.build import build_model
from app.engine.live import live_config
from models import CATALOGUE

pytestmark = pytest.mark.keras
layers = keras.layers
LIGHT = ("mnist", "lenet5", "x_or_not_x", "neocognitron", "tdnn", "resnet20", "dense_block", "vae_mnist")
HEAVY = tuple(name for name in CATALOGUE if name not in LIGHT)
APPLICATIONS = (
    "MobileNet MobileNetV2 EfficientNetB0 NASNetMobile Xception InceptionV3 DenseNet121 ResNet50V2 "
    "ConvNeXtTiny VGG16"
).split()


class Block(layers.Layer):
    """Convolutions inside a layer of the user's own."""

    def __init__(self, filters, **options):
        super().__init__(**options)
        self.first = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 1)

    def call(self, x):
        return self.second(self.first(x))


class Table(layers.Layer):
    """It cannot describe itself: its argument is an array."""

    def __init__(self, table, **options):
        super().__init__(**options)
        self.table = np.asarray(table, "float32")

    def build(self, shape):
        self.own = self.add_weight(shape=(shape[-1], len(self.table)), name="own")

    def call(self, x):
        return keras.ops.matmul(x, self.own) + self.table


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.block, self.pool = Block(4), layers.MaxPooling2D()
        self.flatten, self.out = layers.Flatten(), layers.Dense(3, activation="softmax")

    def call(self, x, training=False):
        return self.out(self.flatten(self.pool(self.block(x))))


def functional():
    image = keras.Input((12, 12, 1))
    x = layers.GlobalAveragePooling2D()(Block(4, name="block")(image))
    return keras.Model(image, layers.Softmax()(Table([1.0, 2.0, 3.0], name="table")(x)))


def subclassed():
    model = Subclassed()
    model(np.zeros((1, 12, 12, 1)))
    return model


def agrees_with_its_file(model, path):
    model.save(path)
    live, stored = lab.count(model), lab.count(path)
    assert live == stored
    ours, theirs = live.to_dict(), stored.to_dict()
    assert {**ours, "name": ""} == {**theirs, "name": ""}
    check = live.check()
    assert check, str(check)


@pytest.mark.parametrize("name", LIGHT)
def test_a_network_counts_as_its_file_does(tmp_path, name):
    agrees_with_its_file(build_model(CATALOGUE[name]), tmp_path / "model.keras")


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_a_large_network_counts_as_its_file_does(tmp_path, name):
    agrees_with_its_file(build_model(CATALOGUE[name]), tmp_path / "model.keras")


@pytest.mark.slow
@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_network_of_keras_applications_counts_as_its_file_does(tmp_path, name):
    agrees_with_its_file(getattr(keras.applications, name)(weights=None), tmp_path / "model.keras")


@pytest.mark.parametrize("build", [flat, nested, sequential])
def test_any_spelling_counts_as_its_file_does(tmp_path, build):
    model = build()
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    agrees_with_its_file(model, tmp_path / "model.keras")
    assert live_config(model)["compile_config"] == read_config(tmp_path / "model.keras")["compile_config"]


@pytest.mark.parametrize("build", [functional, subclassed])
def test_layers_of_the_users_own_count_by_their_weights(build):
    count = lab.count(build())
    block = next(row for row in count if row.kind == "Block")
    assert block.parameters == (9 * 1 + 1) * 4 + (4 + 1) * 4
    assert tuple(block.output_shape) == (12, 12, 4)
    assert not count.is_exact
    assert "≥" in repr(count)
    assert count.check()
    assert count.parameters == sum(int(np.prod(weight.shape)) for weight in count.model.weights)


class Raw(layers.Layer):
    """Its call uses TensorFlow itself, which no symbolic tensor goes through, and nothing tells how to copy it."""

    def __init__(self, function):
        super().__init__()
        self.function, self.inner = function, layers.Conv2D(3, 3)

    def call(self, x):
        import tensorflow as tf

        return tf.nn.relu(self.function(self.inner(x)))


class Inner(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)

    def call(self, x):
        return self.conv(x)


class Outer(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.flatten, self.out = inner, layers.Flatten(), layers.Dense(3)

    def call(self, x):
        return self.out(self.flatten(self.inner(x)))


class Closed(Outer):
    def call(self, x):
        import tensorflow as tf

        return self.out(self.flatten(tf.nn.relu(self.inner(x))))


def outer(kind, inner):
    model = kind(inner)
    model(np.zeros((1, 12, 12, 1)))
    return model


def with_a_raw_layer():
    image = keras.Input((12, 12, 1))
    return keras.Model(image, layers.Dense(3)(layers.Flatten()(Raw(lambda x: x * 2)(image))))


OWN = {
    "a model inside a subclassed one": lambda: outer(Outer, Inner()),
    "a layer that cannot be copied": with_a_raw_layer,
    "the same in a subclassed model": lambda: outer(Outer, Raw(lambda x: x * 2)),
    "a call that cannot be followed": lambda: outer(Closed, Inner()),
}


@pytest.mark.parametrize("name", OWN)
def test_models_that_people_write_are_counted_and_explained(name):
    import tensorflow as tf

    model = OWN[name]()
    count = lab.count(model)
    assert count.parameters == model.count_params()
    assert count.check(), str(count.check())
    assert not count.is_exact
    before = model.get_weights()
    images = np.random.default_rng(0).uniform(0, 1, (2, 12, 12, 1)).astype("float32")
    seen = lab.explain(model, images, label=1, methods=["vanilla"])
    with tf.GradientTape() as tape:
        x = tf.constant(images)
        tape.watch(x)
        score = model(x)[:, 1]
    gradient = tape.gradient(score, x).numpy()
    np.testing.assert_allclose(seen.maps["vanilla"], gradient, atol=1e-6 * np.abs(gradient).max())
    assert all((one == other).all() for one, other in zip(before, model.get_weights(), strict=True))


def test_a_backbone_that_leaves_its_size_open_agrees_with_keras():
    inside = keras.Input((None, None, 3))
    body = keras.Model(inside, layers.Conv2D(4, 3)(inside))
    image = keras.Input((9, 9, 3))
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(body(image))))
    assert lab.count(model).check()


def test_a_wrong_count_does_not_pass_its_check():
    from dataclasses import replace

    model = flat()
    count = lab.count(model)
    rows = tuple(replace(row, trainable=row.trainable + 1) if row.trainable else row for row in count.rows)
    wrong = replace(count, sheet=replace(count.sheet, rows=rows))
    check = wrong.check()
    assert not check
    assert len(check.differences) == sum(1 for row in rows if row.trainable)


@pytest.mark.parametrize("build", [flat, nested, sequential, functional, subclassed])
def test_counting_leaves_a_model_as_it_was(build):
    model = build()
    everything = list(model._flatten_layers())

    def state():
        return (
            [weight.tobytes() for weight in model.get_weights()],
            [(len(each._inbound_nodes), len(each._outbound_nodes)) for each in everything],
            ["get_config" in vars(each) for each in everything],
            model.compiled,
        )

    before = state()
    lab.count(model).check()
    assert state() == before


def test_an_unbuilt_model_is_told_what_it_lacks():
    unbuilt = keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    assert "never built" in refusal(lab.count, unbuilt)
    assert "never called" in refusal(lab.count, Subclassed())


def test_a_layer_is_no_model():
    with pytest.raises(TypeError, match=r"a keras.Model, not keras\.src\.layers"):
        lab.count(layers.Dense(3))


def test_a_model_that_leaves_its_size_open():
    image = keras.Input((None, None, 3))
    model = keras.Model(image, layers.GlobalMaxPooling2D()(layers.Conv2D(4, 3)(image)))
    assert "input_shape=(224, 224, 3)" in refusal(lab.count, model)
    assert lab.count(model, input_shape=(8, 8, 3)).macs == 6 * 6 * 9 * 3 * 4
