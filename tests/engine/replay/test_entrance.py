"""Matrices, vectors and series are explained as the images that they are."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.replay.copying import ReplayError
from app.engine.replay.replay import Choice, replay
from app.engine.machine import TensorFlowMachine, machine_for
from app.maps.explainer import Explainer
from app.maps.methods.cam import class_activation
from app.maps.placement import find_placement, find_unseen
from replaying import assert_same_maps, images_of, randomise

pytestmark = pytest.mark.keras
layers = keras.layers


def convolutions():
    return [layers.Conv2D(4, 3, activation="relu"), layers.Conv2D(5, 3, activation="relu"), layers.Flatten()]


def sequence(*parts):
    return randomise(keras.Sequential([*parts, layers.Dense(3, activation="softmax")]))


def gradient(model, inputs, logit):
    """Return the gradient of a logit by TensorFlow alone."""
    x = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.reduce_sum(model(x)[:, logit])
    return tape.gradient(score, x).numpy()


@pytest.mark.parametrize(
    "middle", [[], [layers.Rescaling(0.5)], [layers.Dropout(0.5), layers.Rescaling(2.0)]]
)
def test_a_matrix_is_the_image_that_it_is_reshaped_to(middle):
    """The second spelling has the channel in its input."""
    matrix = sequence(keras.Input((16, 12)), *middle, layers.Reshape((16, 12, 1)), *convolutions())
    image = sequence(keras.Input((16, 12, 1)), *middle, *convolutions())
    image.set_weights(matrix.get_weights())
    assert_same_maps(matrix, image, images_of(2, 16, 12, 1))
    found, model = replay(matrix), replay(image)
    assert found.image_shape == (16, 12, 1)
    assert "16×12×1, as the model reshapes it" in found.notes[0]
    ours, theirs = (find_placement(m, m.steps[-4].outputs[0], (12, 8), (16, 12)) for m in (found, model))
    assert ours.window == theirs.window == (5, 5)


@pytest.mark.parametrize(
    ("values", "shape"), [(784, (28, 28, 1)), (3072, (32, 32, 3)), (196, (14, 14, 1)), (588, (14, 14, 3))]
)
def test_a_vector_is_the_square_that_it_fills(values, shape):
    model = randomise(keras.Sequential([keras.Input((values,)), layers.Dense(5, "tanh"), layers.Dense(3)]))
    found = replay(model)
    assert found.image_shape == shape
    assert "the square that it fills" in found.notes[0]
    images = images_of(2, *shape)
    ours = Explainer(TensorFlowMachine(found)).gradients(images, np.eye(3)[[1, 1]])
    theirs = gradient(model, images.reshape(2, values), 1).reshape(images.shape)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6 * np.abs(theirs).max())


def test_a_vector_with_the_channels_in_front_inside():
    model = sequence(
        keras.Input((3 * 8 * 9,)), layers.Reshape((3, 8, 9)), layers.Permute((2, 3, 1)), *convolutions()
    )
    image = sequence(keras.Input((8, 9, 3)), *convolutions())
    image.set_weights(model.get_weights())
    assert replay(model).image_shape == (8, 9, 3)
    assert_same_maps(model, image, images_of(2, 8, 9, 3))


def test_rows_read_one_after_the_other_are_an_image():
    model = sequence(keras.Input((28, 28)), layers.LSTM(4))
    assert replay(model).image_shape == (28, 28, 1)


def series(values=2):
    return randomise(
        keras.Sequential(
            [
                keras.Input((20, values)),
                layers.Conv1D(4, 3, activation="relu"),
                layers.MaxPooling1D(2),
                layers.Conv1D(5, 3, activation="relu", name="last"),
                layers.GlobalAveragePooling1D(),
                layers.Dense(3),
            ]
        )
    )


def test_a_series_is_an_image_of_one_row():
    model = series()
    found = replay(model)
    assert found.is_series
    assert found.image_shape == (1, 20, 2)
    images = images_of(3, 1, 20, 2)
    explainer = Explainer(TensorFlowMachine(found))
    ours = explainer.gradients(images, np.eye(3)[[0, 0, 0]])
    np.testing.assert_allclose(ours[:, 0], gradient(model, images[:, 0], 0), rtol=1e-5, atol=1e-7)
    assert not find_unseen(found, (1, 20)).any()


def test_grad_cam_of_a_series_by_its_definition():
    model = series()
    images = images_of(3, 1, 20, 2)
    ours = class_activation(Explainer(machine_for(model)), images, np.eye(3)[[1, 1, 1]])
    inner = keras.Model(model.inputs, [model.get_layer("last").output, *model.outputs])
    with tf.GradientTape() as tape:
        maps, scores = inner(images[:, 0])
        one = tf.reduce_sum(scores[:, 1])
    weights = tf.reduce_mean(tape.gradient(one, maps), 1, keepdims=True)
    assert ours.shape == (3, 1, 7)
    np.testing.assert_allclose(ours[:, 0], tf.reduce_sum(weights * maps, -1), rtol=1e-4, atol=1e-6)


def test_the_fields_of_a_series_are_those_of_its_steps():
    found = replay(series())
    last = next(step for step in found.steps if step.name == "last")
    placement = find_placement(found, last.outputs[0], (1, 7), (1, 20))
    assert placement.window == (1, 8)  # 3 + (2 − 1) + 2 · (3 − 1)
    np.testing.assert_allclose(placement.centres[1], 3.5 + 2 * np.arange(7))


def test_the_shape_that_is_asked_for():
    model = randomise(keras.Sequential([keras.Input((784,)), layers.Dense(3)]))
    assert replay(model, Choice(image_shape=(14, 56, 1))).image_shape == (14, 56, 1)
    matrix = randomise(keras.Sequential([keras.Input((12, 20)), layers.Flatten(), layers.Dense(3)]))
    assert replay(matrix).is_series
    assert replay(matrix, Choice(image_shape=(12, 20, 1))).image_shape == (12, 20, 1)
    anything = sequence(keras.Input((None, None, 3)), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D())
    assert replay(anything, Choice(image_shape=(9, 8, 3))).image_shape == (9, 8, 3)


@pytest.mark.parametrize("asked", [(128, 9, 1), (1, 128, 9)])
def test_a_series_of_any_length(asked):
    model = randomise(keras.Sequential([keras.Input((None, 9)), layers.GRU(3), layers.Dense(2)]))
    found = replay(model, Choice(image_shape=asked))
    assert found.image_shape == asked
    images = images_of(2, *asked)
    ours = Explainer(TensorFlowMachine(found)).gradients(images, np.eye(2)[[0, 0]])
    theirs = gradient(model, images.reshape(2, 128, 9), 0).reshape(images.shape)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * np.abs(theirs).max())
    with pytest.raises(ReplayError, match="--image-shape 1x128x9"):
        replay(model)


@pytest.mark.parametrize(
    ("shape", "asked", "message"),
    [
        ((13,), None, "13 values, not images"),
        ((100,), None, "100 values, not images"),
        ((784,), (28, 27, 1), "28×27×1 are 756 values; the model takes 784"),
        ((8, 8, 3), (9, 8, 3), "takes images of 8×8×3, not 9×8×3"),
        ((4, 8, 8, 1), None, "maps are drawn of images"),
    ],
)
def test_what_is_no_image_is_refused(shape, asked, message):
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(3)])
    with pytest.raises(ReplayError, match=message):
        replay(model, Choice(image_shape=asked))


def test_words_are_no_image():
    model = keras.Sequential(
        [keras.Input((784,)), layers.Embedding(9, 4), layers.GlobalAveragePooling1D(), layers.Dense(3)]
    )
    with pytest.raises(ReplayError, match="words or tokens"):
        replay(model)
