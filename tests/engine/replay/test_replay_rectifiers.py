"""Rectifiers in every spelling are found and follow the guided rules; others are left alone and named."""

import numpy as np
import pytest
from replaying import assert_same_maps, images_of, maps_of, randomise

import keras  # isort: skip
import tensorflow as tf  # isort: skip
from app.engine.replay.replay import replay
from app.maps.verdict import describe_rectifiers

pytestmark = pytest.mark.keras
layers, ops = keras.layers, keras.ops
SIZE = (9, 9, 2)
IMAGES = images_of(2, *SIZE)


def network(rectifier, bias=0.0):
    image = keras.Input(SIZE)
    x = rectifier(layers.Conv2D(4, 3)(image))
    x = layers.Conv2D(3, 3)(x)
    model = randomise(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    return model


@keras.saving.register_keras_serializable("tests")
class OwnRelu(layers.Layer):
    def call(self, x):
        return ops.relu(x)


RELUS = {
    "ReLU": layers.ReLU(),
    "Activation": layers.Activation("relu"),
    "activations": keras.activations.relu,
    "ops": ops.relu,
    "maximum": lambda x: ops.maximum(x, 0),
    "maximum the other way round": lambda x: ops.maximum(0.0, x),
    "maximum with zeros": lambda x: ops.maximum(x, np.zeros((7, 7, 4), "float32")),
    "where": lambda x: ops.where(x > 0, x, 0.0),
    "where less": lambda x: ops.where(ops.less(0.0, x), x, ops.zeros_like(np.zeros(4, "float32"))),
    "times its mask": lambda x: x * ops.cast(x > 0, "float32"),
    "its mask times": lambda x: ops.cast(ops.greater_equal(x, 0), x.dtype) * x,
    "LeakyReLU that does not leak": layers.LeakyReLU(negative_slope=0.0),
    "PReLU's kin": lambda x: ops.leaky_relu(x, 0.0),
    "a layer of its own": OwnRelu(),
    "Lambda": layers.Lambda(lambda x: ops.maximum(x, 0.0)),
    "ReLU as the activation": layers.Activation(layers.ReLU()),
}


@pytest.mark.parametrize("name", RELUS)
def test_every_spelling_of_relu_gives_the_same_guided_map(name):
    model, plain = network(RELUS[name]), network(ops.relu)
    replayed = replay(model)
    assert replayed.rectifiers() == (1, [])
    assert replayed.not_looked_into() == []
    for rule in ("guided", "rectified"):
        assert_same_maps(model, plain, IMAGES, rule=rule)
    vanilla, guided = maps_of(model, IMAGES, cells=False)
    assert np.abs(vanilla - guided).max() > 1e-3


SIXES = {
    "ReLU": layers.ReLU(max_value=6.0),
    "Activation": layers.Activation("relu6"),
    "activations": keras.activations.relu6,
    "ops": ops.relu6,
    "clip": lambda x: ops.clip(x, 0, 6),
    "activations.relu": lambda x: keras.activations.relu(x, max_value=6),
}


@pytest.mark.parametrize("name", SIXES)
def test_every_spelling_of_relu6_gives_the_same_guided_map(name):
    bright = IMAGES * 4  # so that some cells pass 6
    model, plain = network(SIXES[name]), network(layers.ReLU(max_value=6.0))
    assert replay(model).rectifiers() == (1, [])
    assert [s.ceiling() for s in replay(model).steps if s.ceiling() is not None] == [6]
    assert_same_maps(model, plain, bright)
    assert np.abs(maps_of(model, bright)[1] - maps_of(network(ops.relu), bright)[1]).max() > 1e-3


def test_the_guided_rule_by_brute_force():
    """g passes where x > 0 and g > 0, worked out with NumPy on the network's own arrays."""
    model = network(ops.relu)
    replayed = replay(model)
    guided = maps_of(model, IMAGES, classes=(1, 1))[1]
    inner = keras.Model(model.input, model.layers[1].output)(IMAGES)  # before the rectifier
    outer = keras.Sequential(model.layers[-3:])
    with tf.GradientTape() as tape:
        x = tf.nn.relu(inner)
        tape.watch(x)
        score = outer(x)[:, 1]
    above = tape.gradient(score, x).numpy()
    above = np.where((above > 0) & (np.asarray(inner) > 0), above, 0).astype("float32")
    kernel = model.get_weights()[0]
    by_hand = np.zeros_like(IMAGES)
    for row in range(7):
        for column in range(7):
            patch = np.einsum("nf,abcf->nabc", above[:, row, column], kernel)
            by_hand[:, row : row + 3, column : column + 3] += patch
    np.testing.assert_allclose(guided, by_hand, atol=1e-4)
    assert replayed.rectifiers() == (1, [])


LEFT_ALONE = {
    "LeakyReLU": layers.LeakyReLU(negative_slope=0.1),
    "leaky_relu": lambda x: ops.leaky_relu(x, 0.2),
    "ReLU with a slope": layers.ReLU(negative_slope=0.1),
    "PReLU": layers.PReLU(),
    "ReLU with a threshold": layers.ReLU(threshold=0.5),
    "elu": layers.Activation("elu"),
    "gelu": ops.gelu,
    "silu": layers.Activation("swish"),
    "mish": layers.Activation("mish"),
    "softplus": ops.softplus,
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_other_activations_are_left_alone_and_named(name):
    model = network(lambda x: LEFT_ALONE[name](ops.relu(x)))
    found, alone = replay(model).rectifiers()
    assert (found, len(alone)) == (1, 1)
    assert describe_rectifiers(found, alone) == f"1 of 2 (left alone: 1 {alone[0]})"


NO_RECTIFIERS = {
    "hard_tanh": layers.Activation("hard_tanh"),
    "clip from −1": lambda x: ops.clip(x, -1, 1),
    "maximum with 1": lambda x: ops.maximum(x, 1.0),
    "where otherwise": lambda x: ops.where(x > 0, x, -x),
    "where above 1": lambda x: ops.where(x > 1, x, 0.0),
    "minimum": lambda x: ops.minimum(x, 0),
    "times another's mask": lambda x: x * ops.cast(x[..., ::-1] > 0, "float32"),
    "tanh": ops.tanh,
    "clip by an array": lambda x: ops.clip(x, np.zeros(4, "float32"), np.arange(4, dtype="float32")),
    "square": lambda x: x * x,
}


@pytest.mark.parametrize("name", NO_RECTIFIERS)
def test_what_is_no_rectifier_is_not_counted(name):
    model = network(NO_RECTIFIERS[name])
    assert replay(model).rectifiers() == (0, [])
    vanilla, guided = maps_of(model, IMAGES, cells=False)
    np.testing.assert_array_equal(vanilla, guided)


@keras.saving.register_keras_serializable("tests")
class Closed(layers.Layer):
    """A rectifier that only TensorFlow can follow."""

    def call(self, x):
        return tf.nn.relu(x)

    def compute_output_shape(self, shape):
        return shape


def test_a_rectifier_out_of_reach_is_owned_up_to():
    model = network(lambda x: layers.LeakyReLU()(ops.relu(Closed()(x))))
    replayed = replay(model)
    assert replayed.rectifiers() == (1, ["LeakyReLU"])
    assert replayed.not_looked_into() == ["Closed"]
    text = describe_rectifiers(*replayed.rectifiers(), replayed.not_looked_into())
    assert text == "1 of 2 (left alone: 1 LeakyReLU; not looked into: 1 Closed)"


def test_five_of_six():
    image = keras.Input((30, 30, 1))
    x = image
    for number in range(6):
        x = layers.Conv2D(2, 3)(x)
        x = layers.LeakyReLU()(x) if number == 3 else layers.Activation("relu6" if number % 2 else "relu")(x)
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    assert describe_rectifiers(*replay(model).rectifiers()) == "5 of 6 (left alone: 1 LeakyReLU)"
