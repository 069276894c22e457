"""However a model is put together, its replay computes the same and gives the same maps."""

import numpy as np
import pytest
from replaying import assert_computes, assert_same_maps, images_of, maps_of, randomise

import keras  # isort: skip
import tensorflow as tf  # isort: skip
from app.engine.compiling import AS_IT_IS
from app.engine.machine import machine_for
from app.engine.replay.copying import ReplayError
from app.engine.replay.replay import Choice, replay
from app.maps.explainer import Explainer

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (12, 12, 3)
IMAGES = images_of(2, *SIZE)


def reference():
    """The network that every spelling below writes, flat and functional."""
    image = keras.Input(SIZE)
    x = layers.Conv2D(4, 3, activation="relu")(image)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(5, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return randomise(keras.Model(image, layers.Dense(3, activation="softmax")(x)))


def parts():
    return [
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(5, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]


def called(model):
    model(np.zeros((1, *SIZE), "float32"))
    return model


class Plain(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = parts()

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class WithTraining(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second, self.pool, self.top = parts()
        self.drop = layers.Dropout(0.5)

    def call(self, x, training=None, mask=None):
        x = self.norm(self.first(x), training=training)
        x = self.drop(self.pool(self.second(x)), training=training)
        if training:
            x = x * 0
        return self.top(x)


class WithOps(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Conv2D(4, 3)
        self.norm = layers.BatchNormalization()
        self.second = layers.Conv2D(5, 3)
        self.top = layers.Dense(3)

    def call(self, x):
        x = keras.ops.maximum(self.first(x), 0.0)
        x = keras.ops.relu(self.second(self.norm(x)))
        z = self.top(keras.ops.mean(x, axis=(1, 2)))
        return keras.ops.softmax(z - keras.ops.max(z, axis=-1, keepdims=True) * 0)


class Body(keras.Model):
    def __init__(self):
        super().__init__()
        self.inside = parts()[:4]

    def call(self, x, training=False):
        for layer in self.inside:
            x = layer(x)
        return x


class Block(layers.Layer):
    """A layer made of layers, without a get_config and without a build."""

    def __init__(self, first):
        super().__init__()
        self.one = first
        self.norm = layers.BatchNormalization()

    def call(self, x):
        return self.norm(self.one(x))


def subclassed_in_functional():
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(3, activation="softmax")(Body()(image)))


def blocks_in_functional():
    image = keras.Input(SIZE)
    a, _, c, d, e = parts()
    return keras.Model(image, e(d(c(Block(a)(image)))))


def nested_thrice():
    a, b, c, d, e = parts()
    inner = keras.Sequential([a, b])
    image = keras.Input((None, None, 3))
    middle = keras.Model(image, c(inner(image)))
    return called(keras.Sequential([middle, keras.Sequential([d]), e]))


def cut_and_joined():
    """A head set on the output of a model, as transfer learning does."""
    a, b, c, d, e = parts()
    base = keras.Sequential([keras.Input(SIZE), a, b, c, d, layers.Dense(7)])
    return keras.Model(base.inputs, e(base.layers[-2].output))


def tail_on_a_tail():
    """A model from the middle of another, called on what comes before."""
    a, b, c, d, e = parts()
    image = keras.Input(SIZE)
    maps = c(b(a(image)))
    whole = keras.Model(image, e(d(maps)))
    tail = keras.Model(maps, whole.output)
    start = keras.Input(SIZE)
    return keras.Model(start, tail(keras.Model(image, maps)(start)))


SPELLINGS = {
    "Sequential with Input": lambda: keras.Sequential([keras.Input(SIZE), *parts()]),
    "Sequential built by a call": lambda: called(keras.Sequential(parts())),
    "Sequential built by build": lambda: keras.Sequential(parts()),
    "nested thrice": nested_thrice,
    "cut and joined": cut_and_joined,
    "a tail on its head": tail_on_a_tail,
    "subclassed": lambda: called(Plain()),
    "subclassed with training": lambda: called(WithTraining()),
    "subclassed with ops": lambda: called(WithOps()),
    "subclassed in functional": subclassed_in_functional,
    "subclassed in Sequential": lambda: called(
        keras.Sequential([Body(), layers.Dense(3, activation="softmax")])
    ),
    "blocks of its own": blocks_in_functional,
    "Lambda in memory": lambda: keras.Sequential(
        [keras.Input(SIZE), *parts()[:3], layers.Lambda(lambda x: keras.ops.mean(x, (1, 2))), parts()[4]]
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_way_of_putting_layers_together_gives_the_same_maps(name):
    model = SPELLINGS[name]()
    if name == "Sequential built by build":
        model.build((None, *SIZE))
    whole = reference()
    model.set_weights(whole.get_weights())
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), whole.predict(IMAGES, verbose=0), atol=1e-6)
    assert_same_maps(model, whole, IMAGES)
    assert replay(model).rectifiers() == (2, [])


def test_a_backbone_of_open_size_is_replayed_at_the_size_it_is_called_on():
    backbone = keras.applications.MobileNetV2((None, None, 3), alpha=0.35, include_top=False, weights=None)
    image = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    inner = keras.Sequential([backbone, layers.GlobalAveragePooling2D()])
    model = keras.Sequential([keras.Model(image, inner(x)), layers.Dense(4, activation="softmax")])
    model(np.zeros((1, 64, 64, 3)))
    replayed = assert_computes(model, images_of(2, 64, 64, 3) * 255)
    assert replayed.image_shape == (64, 64, 3)
    last = next(s for s in reversed(replayed.steps) if s.name.endswith("out_relu"))
    assert last.map_shape[2] == 1280
    assert replayed.rectifiers() == (35, [])


def siamese(distance="concatenate"):
    """One tower called on two images; the tower itself calls one convolution twice."""
    small = keras.Input((10, 10, 2))
    shared = layers.Conv2D(2, 3, padding="same", activation="relu", name="shared")
    tower = keras.Model(small, layers.GlobalAveragePooling2D()(shared(shared(small))), name="tower")
    left, right = keras.Input((10, 10, 2), name="left"), keras.Input((10, 10, 2), name="right")
    both = layers.Concatenate()([tower(left), tower(right)])
    return randomise(keras.Model([right, left], layers.Dense(2, activation="softmax")(both)))


def test_of_two_images_the_chosen_one_is_explained_and_the_other_given():
    model = siamese()
    one, other = images_of(2, 10, 10, 2), images_of(10, 10, 2, seed=5)
    with pytest.raises(ReplayError, match=r"2 inputs \(right, left\)"):
        replay(model)
    replayed = replay(model, Choice("left", given={"right": other}))
    expected = model.predict([np.stack([other, other]), one], verbose=0)
    np.testing.assert_allclose(replayed.probabilities(one), expected, atol=1e-6)
    names = [step.name for step in replayed.steps]
    assert {"tower/shared", "tower/shared:2", "tower/shared:3", "tower/shared:4"} <= set(names)
    assert (
        len({id(s.operation) for s in replayed.steps if s.name.endswith("linear") and "shared" in s.name})
        == 1
    )
    assert replayed.notes == ()
    assert replay(model, Choice("left")).notes == ("the input right is held at 0",)
    for choice, message in (
        (Choice("middle"), "no input 'middle'"),
        (Choice("left", given={"left": other}), "no other input 'left'"),
        (Choice("left", given={"right": other[:3]}), "takes the shape"),
    ):
        with pytest.raises(ReplayError, match=message):
            replay(model, choice)


def test_a_gradient_through_a_shared_tower_equals_finite_differences():
    model = siamese()
    one, other = images_of(1, 10, 10, 2).astype("float64"), images_of(10, 10, 2, seed=5)
    choice = Choice("left", given={"right": other})
    gradient = maps_of(model, one, choice, classes=(1,), cells=False)[0][0]
    replayed = replay(model, choice)
    for row, column, channel in ((0, 0, 0), (4, 5, 1), (9, 9, 0)):
        step = np.zeros_like(one)
        step[0, row, column, channel] = 1e-2
        rise = replayed.logits(one + step) - replayed.logits(one - step)
        assert rise[0, 1] / 2e-2 == pytest.approx(gradient[row, column, channel], rel=2e-2, abs=1e-5)


def test_dicts_in_and_out():
    image, mood = keras.Input(SIZE, name="picture"), keras.Input((2,), name="a_mood")
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(image)), mood])
    outputs = {"z_kind": layers.Dense(3, activation="softmax")(x), "age": layers.Dense(1)(x)}
    model = keras.Model({"picture": image, "a_mood": mood}, outputs)
    model.compile("sgd", {"z_kind": "categorical_crossentropy", "age": "mse"})
    told = {"a_mood": np.array([1.0, -2.0])}
    expected = model.predict({"picture": IMAGES, "a_mood": np.array([[1.0, -2.0]] * 2)}, verbose=0)
    kind = replay(model, Choice(output="z_kind", given=told))
    np.testing.assert_allclose(kind.probabilities(IMAGES), expected["z_kind"], atol=1e-6)
    age = replay(model, Choice(output="age", given=told))
    np.testing.assert_allclose(age.probabilities(IMAGES), expected["age"], atol=1e-5)
    assert (kind.head.kind, age.head.kind) == ("softmax", "value")
    with pytest.raises(ReplayError, match=r"2 outputs \(age, z_kind\)"):
        replay(model)


class OfADict(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.top = layers.Conv2D(4, 3, activation="relu"), layers.Dense(3)

    def call(self, inputs):
        maps = self.conv(inputs["picture"])
        both = [keras.ops.mean(maps, (1, 2)), inputs["other"]]
        return {"scores": self.top(keras.ops.concatenate(both, axis=-1)), "maps": maps}


class OfTwo(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.top = layers.Conv2D(4, 3, activation="relu"), layers.Dense(3)

    def call(self, first, second):
        return self.top(keras.ops.mean(self.conv(first) - self.conv(second), (1, 2)))


def test_subclassed_models_of_several_inputs():
    model = OfADict()
    inputs = {"picture": IMAGES, "other": np.ones((2, 4), "float32")}
    expected = model(inputs)["scores"]
    replayed = replay(model, Choice(output="scores", given={"other": np.ones(4)}))
    np.testing.assert_allclose(replayed.logits(IMAGES), expected, atol=1e-5)
    model = OfTwo()  # Keras remembers the shape of the first argument only
    model(IMAGES, IMAGES[::-1])
    with pytest.raises(ReplayError, match="'second'"):
        replay(model)


def test_an_output_in_the_middle_and_one_that_feeds_another():
    image = keras.Input(SIZE)
    hidden = layers.Dense(4, activation="relu", name="hidden")(layers.Flatten()(image))
    scores = layers.Dense(3, activation="softmax", name="scores")(hidden)
    model = keras.Model(image, [hidden, scores])
    replayed = replay(model, Choice(output="hidden"))
    np.testing.assert_allclose(
        replayed.run(replayed.start(IMAGES))[replayed.output], model.predict(IMAGES, verbose=0)[0], atol=1e-5
    )
    assert not any(step.name.startswith("scores") for step in replayed.steps)
    assert replay(model, Choice(output=1)).head.kind == "softmax"


class Raw(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.top = layers.Conv2D(2, 3, activity_regularizer="l2"), layers.Dense(3)

    def call(self, x):
        return self.top(tf.reduce_mean(tf.nn.relu(self.conv(x)), (1, 2)))


def everything(model):
    """All that a replay could have left behind in a model."""
    inside = model._flatten_layers()
    return (
        [(len(x._inbound_nodes), len(x._outbound_nodes), len(x._losses), x.built) for x in inside],
        [v.numpy() for v in model.variables],
        [len(v) for v in (model.layers, model.losses, model.metrics)],
    )


@pytest.mark.parametrize("make", [Plain, WithTraining, WithOps, Raw, subclassed_in_functional])
def test_a_followed_model_is_left_as_it_was_also_where_it_cannot_be_followed(make):
    model = called(make())
    model.compile("sgd", "mse")
    predicted = model.predict(IMAGES, verbose=0)
    before = everything(model)
    if make is Raw:  # one step: the model itself
        assert [step.name for step in replay(model).steps] == [model.name]
        np.testing.assert_allclose(replay(model).logits(IMAGES), predicted, atol=1e-6)
        explainer = Explainer(machine_for(model))
        for _ in range(AS_IT_IS + 1):  # as it is, and compiled
            np.testing.assert_allclose(explainer.logits(IMAGES), predicted, atol=1e-6)
    else:
        maps_of(model, IMAGES)
    nodes, values, counts = everything(model)
    assert (nodes, counts) == (before[0], before[2])
    assert all(np.array_equal(a, b) for a, b in zip(values, before[1], strict=True))
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), predicted)
    model.fit(IMAGES, np.zeros((2, 3)), verbose=0)  # still trains


class Counting(layers.Layer):
    """A layer that counts its calls in a variable."""

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x


def test_a_model_that_counts_its_calls_counts_none_of_ours():
    model = keras.Sequential([keras.Input(SIZE), Counting(), layers.Flatten(), layers.Dense(2)])
    model(IMAGES)
    before = model.layers[0].calls.numpy()
    replay(model)
    assert model.layers[0].calls.numpy() == before


def test_a_subclassed_model_that_was_never_called_is_refused():
    with pytest.raises(ReplayError, match="never called on an image"):
        replay(Plain())


@pytest.mark.parametrize("thing", ["a path", layers.Dense(2), None])
def test_what_is_no_model_is_refused(thing):
    with pytest.raises(ReplayError, match="expected a model of Keras"):
        replay(thing)
