"""The replay computes what the model computes, touches nothing, and refuses in one sentence."""

import hashlib

import numpy as np
import pytest
from spellings import SIZE, flat, sequential

import keras  # isort: skip
import tensorflow as tf  # isort: skip
from app.engine.compiling import AS_IT_IS
from app.engine.machine import TensorFlowMachine, machine_for
from app.engine.replay.copying import ReplayError, SharedLayer
from app.engine.replay.replay import replay
from app.maps.explainer import Explainer
from app.maps.methods.cam import class_activation

pytestmark = pytest.mark.keras
layers = keras.layers
IMAGES = np.random.default_rng(0).uniform(0, 1, (2, *SIZE)).astype("float32")


def test_the_callers_model_is_untouched(tmp_path):
    model = flat(relu="op", softmax="op")
    model.compile("sgd", "mse")
    before = [w.copy() for w in model.get_weights()]
    predicted = model.predict(IMAGES, verbose=0)
    nodes = [len(op._inbound_nodes) for op in model.operations]
    config = model.to_json()
    explainer = Explainer(machine_for(model))
    targets = explainer.targets([0, 1])
    for _ in range(AS_IT_IS + 1):  # the last time compiled
        explainer.gradients(IMAGES, targets, "guided")
        class_activation(explainer, IMAGES, targets)
    explainer.model.to_model()
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert [len(op._inbound_nodes) for op in model.operations] == nodes
    assert model.to_json() == config
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), predicted)
    model.save(tmp_path / "after.keras")
    again = keras.saving.load_model(tmp_path / "after.keras")
    np.testing.assert_array_equal(again.predict(IMAGES, verbose=0), predicted)


def test_a_map_changes_with_the_weights_but_an_old_replay_does_not():
    model = flat()
    old = replay(model)
    logits = old.logits(IMAGES)
    model.set_weights([w * 2 for w in model.get_weights()])
    np.testing.assert_array_equal(old.logits(IMAGES), logits)
    assert np.abs(replay(model).logits(IMAGES) - logits).max() > 1e-3


def test_a_shared_layer_is_addressed_by_call():
    image = keras.Input((8, 8, 2))
    shared = layers.Conv2D(2, 3, padding="same", activation="relu", name="shared")
    scores = layers.Dense(2)(layers.GlobalAveragePooling2D()(shared(shared(image))))
    model = replay(keras.Model(image, scores))
    names = [step.name for step in model.steps]
    assert "shared" in names
    assert "shared:2" in names
    assert len({id(step.operation) for step in model.steps if "shared" in step.name}) == 2


def test_branches_batch_norm_and_concatenation():
    image = keras.Input((9, 9, 3))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, use_bias=False)(image))
    y = layers.Conv2D(4, 3, activation="relu6")(image)
    z = layers.Concatenate()([layers.Add()([layers.ReLU()(x), y]), y])
    z = layers.Dropout(0.5)(layers.LeakyReLU()(z))
    model = keras.Model(image, layers.Dense(2, activation="softmax")(layers.GlobalMaxPooling2D()(z)))
    model.set_weights([np.random.default_rng(3).uniform(0.1, 1, w.shape) for w in model.weights])
    images = np.random.default_rng(0).uniform(0, 1, (2, 9, 9, 3)).astype("float32")
    replayed = replay(model)
    np.testing.assert_allclose(replayed.probabilities(images), model.predict(images, verbose=0), atol=1e-6)
    found, alone = replayed.rectifiers()
    assert found == 2
    assert alone == ["LeakyReLU"]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_other_precisions(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = flat(softmax="then cast") if "mixed" in policy else flat()
    finally:
        keras.config.set_dtype_policy("float32")
    replayed = replay(model)
    assert replayed.dtype == ("float64" if policy == "float64" else "float32")
    np.testing.assert_allclose(replayed.probabilities(IMAGES), np.asarray(model(IMAGES)), atol=3e-3, rtol=0)


def test_one_sigmoid_unit_answers_for_two_classes():
    image = keras.Input(SIZE)
    model = keras.Model(image, layers.Dense(1, activation="sigmoid")(layers.Flatten()(image)))
    replayed = replay(model)
    p = model.predict(IMAGES, verbose=0)
    assert replayed.classes == 2
    np.testing.assert_allclose(replayed.probabilities(IMAGES), np.concatenate([1 - p, p], axis=1), atol=1e-6)
    explainer = Explainer(TensorFlowMachine(replayed))
    for_one = explainer.gradients(IMAGES, explainer.targets([1, 1]))
    for_zero = explainer.gradients(IMAGES, explainer.targets([0, 0]))
    np.testing.assert_allclose(for_zero, -for_one)
    np.testing.assert_allclose(for_one[0].ravel(), model.get_weights()[0][:, 0], atol=1e-6)


def test_the_linear_model_is_the_logits():
    model = replay(sequential())
    np.testing.assert_allclose(model.to_model().predict(IMAGES, verbose=0), model.logits(IMAGES), atol=1e-6)


class Unnamed(keras.Model):
    """A subclassed model."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(keras.ops.reshape(x, (-1, 144)))


class Secretive(layers.Layer):
    """A layer whose configuration does not say how to make it, and that TensorFlow alone can follow."""

    def __init__(self, factor):
        super().__init__()
        self.factor = keras.ops.convert_to_tensor(factor)

    def call(self, x):
        return tf.multiply(x, self.factor)


def two_outputs():
    image = keras.Input(SIZE)
    x = layers.Flatten()(image)
    return keras.Model(image, [layers.Dense(2)(x), layers.Dense(3)(x)])


def secretive():
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(2)(layers.Flatten()(Secretive(2.0)(image))))


@keras.saving.register_keras_serializable("tests")
class Noisy(layers.Layer):
    """A layer that adds noise at inference too."""

    def call(self, x):
        return x + keras.random.normal((144,))


def always_random():
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(2)(Noisy()(layers.Flatten()(image))))


def one_softmax_unit():
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(1, activation="softmax")(layers.Flatten()(image)))


def empty():
    image = keras.Input(SIZE)
    return keras.Model(image, image)


def test_a_layer_that_cannot_be_copied_is_called_as_it_is():
    """Its weights are the caller's, so they are not among those that a test of faith may draw anew."""
    model = secretive()
    replayed = replay(model)
    shared = [step.operation for step in replayed.steps if isinstance(step.operation, SharedLayer)]
    assert [layer.shared for layer in shared] == [model.layers[1]]
    assert shared[0].weights == []
    np.testing.assert_allclose(replayed.logits(IMAGES), model.predict(IMAGES, verbose=0), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Unnamed, "subclassed"),
        (lambda: keras.Sequential([layers.Flatten(), layers.Dense(2)]), "never built"),
        (two_outputs, "2 outputs"),
        (always_random, "differs from the model"),
        (one_softmax_unit, "one softmax unit"),
        (empty, "no layers"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_sentence(make, message):
    with pytest.raises(ReplayError, match=message) as refusal:
        replay(make())
    assert "\n" not in str(refusal.value)


def test_a_wrong_copy_is_noticed(monkeypatch):
    import app.engine.replay.recorder as module

    def spoiled(operation, *call):
        copy = original(operation, *call)
        if copy.weights if hasattr(copy, "weights") else False:
            copy.set_weights([w + 0.5 for w in copy.get_weights()])
        return copy

    original = module.copy_operation
    monkeypatch.setattr(module, "copy_operation", spoiled)
    with pytest.raises(ReplayError, match="differs from the model"):
        replay(flat())


def test_weights_hash_sees_one_changed_bit():
    from app.engine.store import hash_weights

    model = flat()
    first = hash_weights(model)
    assert first == hash_weights(model)
    assert len(first) == len(hashlib.sha256().hexdigest())
    weights = model.get_weights()
    weights[0].flat[0] = np.nextafter(weights[0].flat[0], 9)
    model.set_weights(weights)
    assert hash_weights(model) != first


@pytest.mark.parametrize("kind", ["RandomFlip", "RandomRotation", "RandomZoom", "RandomContrast"])
def test_augmentation_does_nothing_at_inference(kind):
    image = keras.Input(SIZE)
    argument = "horizontal" if kind == "RandomFlip" else 0.4
    x = getattr(layers, kind)(argument, seed=4)(image)
    model = keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))
    np.testing.assert_allclose(
        replay(model).probabilities(IMAGES), model.predict(IMAGES, verbose=0), atol=1e-6
    )


HEADS = {
    "reshape": lambda x: keras.ops.reshape(layers.Softmax()(layers.Dense(3)(layers.Flatten()(x))), (-1, 3)),
    "cast": lambda x: keras.ops.cast(layers.Softmax()(layers.Dense(3)(layers.Flatten()(x))), "float32"),
    "squeeze": lambda x: keras.ops.squeeze(layers.Softmax()(layers.Conv2D(3, 12)(x)), (1, 2)),
    "index": lambda x: layers.Softmax()(layers.Conv2D(3, 12)(x))[:, 0, 0, :],
    "pool": lambda x: layers.GlobalAveragePooling2D()(layers.Softmax()(layers.Conv2D(3, 12)(x))),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_softmax_is_found_behind_a_change_of_shape(name):
    image = keras.Input(SIZE)
    model = keras.Model(image, HEADS[name](image))
    replayed = replay(model)
    assert replayed.head.kind == "softmax"
    logits = replayed.logits(IMAGES)
    p = model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(logits - logits[:, :1], np.log(p) - np.log(p)[:, :1], atol=1e-4)


def test_one_unit_without_sigmoid_is_a_logit():
    image = keras.Input(SIZE)
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(image)))
    replayed = replay(model)
    z = model.predict(IMAGES, verbose=0)
    assert replayed.classes == 2
    np.testing.assert_allclose(replayed.probabilities(IMAGES)[:, 1:], 1 / (1 + np.exp(-z)), atol=1e-6)


def test_open_sizes_bytes_and_dict_outputs():
    image = keras.Input((None, None, 1))
    x = image
    for _ in range(6):
        x = layers.MaxPooling2D()(layers.Conv2D(2, 3, padding="same")(x))
    deep = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    assert replay(deep).image_shape == (None, None, 1)
    image = keras.Input(SIZE, dtype="uint8")
    bytes_in = keras.Model(image, layers.Dense(2)(layers.Flatten()(layers.Rescaling(1 / 255)(image))))
    assert replay(bytes_in).classes == 2
    image = keras.Input(SIZE)
    assert replay(keras.Model(image, {"y": layers.Dense(2)(layers.Flatten()(image))})).classes == 2


def test_other_spellings_of_rectifiers():
    image = keras.Input(SIZE)
    x = keras.ops.clip(layers.Conv2D(2, 3)(image), 0, 6)
    x = layers.LeakyReLU(negative_slope=0.0)(x)
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    assert model.rectifiers() == (2, [])
    assert [s.ceiling() for s in model.steps if s.ceiling() is not None] == [6, float("inf")]
