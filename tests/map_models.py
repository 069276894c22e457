"""Small models for the tests of maps, and gradients taken from them with a tape and nothing else."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import keras
import numpy as np
import tensorflow as tf
from spellings import SIZE, flat

from app.engine.replay.replay import Choice
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.methods.method import Method, Settings

layers = keras.layers
FEW = {"samples": 3, "steps": 3, "patch": 5, "stride": 4}
"""Settings that make the slower methods quick."""


def stub(name, compute, **facts):
    """A method of a test's own."""
    return Method(name, name, "nobody", compute, **facts)


def drawn(model, seed=1, scale=0.3):
    """The model with every weight, biases too, drawn from a normal distribution."""
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(0, scale, w.shape) for w in model.get_weights()])
    return model


def explainer(model, **choice):
    return Explainer(machine_for(model, Choice(**choice)))


def in_float64(build, *arguments, **keywords):
    keras.config.set_floatx("float64")  # what an Input takes
    keras.config.set_dtype_policy("float64")
    try:
        return build(*arguments, **keywords)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def pictures(count, size=SIZE, seed=0, high=1.0):
    return np.random.default_rng(seed).uniform(0, high, (count, *size))


def raw_map(method, explained, images, classes, against=None, **settings):
    """What a method computes, signed."""
    opposed = None if against is None else [against] * len(classes)
    targets = explained.targets(classes, opposed)
    return METHODS[method].compute(explained, images, targets, Settings(**settings)).raw


def linear(weights, biases=0.0):
    """Scores that are weights · image, (height, width, channels, classes)."""
    image = keras.Input(weights.shape[:-1])
    model = keras.Model(image, layers.Dense(weights.shape[-1])(layers.Flatten()(image)))
    model.set_weights([weights.reshape(-1, weights.shape[-1]), np.full(weights.shape[-1], biases)])
    return model


def pooled(size=(6, 6, 2), maps=3, classes=2):
    """One convolution and a global pooling: ∂S/∂A_k is w_k / cells in every cell."""
    image = keras.Input(size)
    x = layers.Conv2D(maps, 3, name="conv")(image)
    return drawn(keras.Model(image, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x))))


def two_convolutions(seed=1):
    """A network that ends in logits by itself, with two convolutions, ReLUs and a pooling."""
    return drawn(flat(softmax="none"), seed)


def logits_of(model, images):
    return np.asarray(model(tf.constant(images, model.compute_dtype), training=False), np.float64)


def tape_gradient(model, images, targets):
    """∂(Σ t z)/∂x, for a model that ends in logits."""
    x = tf.constant(images, model.compute_dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.reduce_sum(model(x, training=False) * tf.cast(targets, model.compute_dtype))
    return np.asarray(tape.gradient(score, x), np.float64)


def tape_maps(model, layer, images, targets):
    """A, ∂S/∂A and S of a layer, for a model that ends in logits."""
    step = next(each for each in model.operations if each.name == layer)
    both = keras.Model(model.input, [step.output, model.output])
    with tf.GradientTape() as tape:
        maps, logits = both(tf.constant(images, model.compute_dtype), training=False)
        scores = tf.reduce_sum(logits * tf.cast(targets, model.compute_dtype), axis=1)
    gradients = tape.gradient(scores, maps)
    return [np.asarray(value, np.float64) for value in (maps, gradients, scores)]


def save_tiny(folder):
    """A small digit classifier with fresh weights, as a file in a folder."""
    keras.utils.set_random_seed(3)
    image = keras.Input((28, 28, 1))
    x = layers.MaxPooling2D()(layers.Conv2D(4, 3, activation="relu", name="conv")(image))
    keras.Model(image, layers.Dense(10, activation="softmax")(layers.Flatten()(x))).save(
        folder / "tiny.keras"
    )
    return folder / "tiny.keras"
