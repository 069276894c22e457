"""What a replay is held against: the model itself, another spelling of it, and finite differences."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import keras
import numpy as np

from app.engine.replay.replay import replay
from app.maps.methods.cam import class_activation
from app.engine.machine import machine_for
from app.maps.explainer import Explainer


def images_of(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0, 1, shape).astype("float32")


def randomise(model, seed=1):
    """Give a model weights of every sign, variances positive, and return it."""
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        low = 0.3 if "variance" in variable.name else -0.5
        variable.assign(draw.uniform(low, 0.8, variable.shape))
    return model


def maps_of(model, images, choice=None, classes=(0, 1), cells=True, rule="guided"):
    """Return the maps that tell spellings apart: gradients by two rules and Grad-CAM's cells."""
    explainer = Explainer(machine_for(model, choice))
    targets = explainer.targets(classes)
    result = [explainer.gradients(images, targets), explainer.gradients(images, targets, rule)]
    return [*result, class_activation(explainer, images, targets)] if cells else result


def assert_same_maps(one, other, images, **how):
    """Compare two spellings map by map; none may be empty everywhere."""
    for ours, theirs in zip(maps_of(one, images, **how), maps_of(other, images, **how), strict=True):
        assert np.abs(theirs).max() > 1e-6
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max())


def assert_computes(model, inputs, choice=None, images=None, **tolerance):
    """Compare a replay's outputs with the model's own, and return it."""
    replayed = replay(model, choice)
    expected = keras.ops.convert_to_numpy(keras.tree.flatten(model(inputs, training=False))[0])
    probabilities = replayed.probabilities(inputs if images is None else images)
    if replayed.head.is_binary and replayed.head.kind == "sigmoid":
        expected = expected.reshape(-1, 1)
        expected = np.concatenate([1 - expected, expected], axis=1)
    np.testing.assert_allclose(probabilities, expected, **({"atol": 1e-5} | tolerance))
    return replayed
