"""Outputs with a class for each pixel: their scores against sums over the model's own output."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.replay.copying import ReplayError
from app.engine.machine import TensorFlowMachine
from app.engine.replay.replay import Choice, replay
from app.maps.explainer import Explainer
from app.maps.feature_layers import last_spatial_step
from replaying import images_of, randomise

pytestmark = pytest.mark.keras
layers = keras.layers


def u_net(classes, last=None, flat=False):
    """A small U-Net, and the same without its last activation."""
    image = keras.Input((8, 12, 1))
    wide = layers.Conv2D(6, 3, padding="same", activation="relu")(image)
    narrow = layers.Conv2D(7, 3, padding="same", activation="relu", name="narrow")(
        layers.MaxPooling2D()(wide)
    )
    both = layers.Concatenate()([wide, layers.UpSampling2D()(narrow)])
    logits = layers.Conv2D(classes, 1)(both)
    logits = layers.Reshape((96, classes))(logits) if flat else logits
    scores = layers.Activation(last)(logits) if last else logits
    bare = randomise(keras.Model(image, logits))
    bias = next(w for w in reversed(bare.weights) if w.path.endswith("bias"))
    means = np.mean(bare(images_of(4, 8, 12, 1)), axis=tuple(range(len(logits.shape) - 1)))
    bias.assign(bias - means)  # so that every class has pixels
    return keras.Model(image, scores), bare


def own_sum(logits, class_index, kind):
    """Return the sum of a class's logits over the pixels put into it, by its definition; for TensorFlow's gradient."""
    rows = tf.reshape(logits, (logits.shape[0], -1, logits.shape[-1]))
    if rows.shape[-1] == 1:
        sign = 1.0 if class_index else -1.0
        return tf.reduce_sum(tf.where((rows > 0) == bool(class_index), sign * rows, 0.0))
    own = rows[..., class_index] > 0
    if kind != "sigmoid":
        own = tf.argmax(rows, -1) == class_index
    return tf.reduce_sum(tf.where(own, rows[..., class_index], 0.0))


@pytest.mark.parametrize(
    ("classes", "last", "flat"),
    [
        (3, "softmax", False),
        (3, "softmax", True),
        (3, None, False),
        (1, "sigmoid", False),
        (3, "sigmoid", False),
    ],
)
def test_the_sum_over_the_pixels_of_a_class(classes, last, flat):
    model, bare = u_net(classes, last, flat)
    found = replay(model)
    images = images_of(2, 8, 12, 1)
    logits = tf.constant(bare(images))
    spread = float(tf.math.reduce_std(logits))
    assert spread > 0
    count = 2 if classes == 1 else classes
    assert found.classes == count
    explainer = Explainer(TensorFlowMachine(found))
    for class_index in range(count):
        ours = float(explainer.logits(images)[:, class_index].sum())
        assert ours == pytest.approx(float(own_sum(logits, class_index, last)), rel=1e-5, abs=1e-5)
        x = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = own_sum(bare(x), class_index, last)
        theirs = tape.gradient(score, x, unconnected_gradients="zero")
        maps = explainer.gradients(images, explainer.targets([class_index, class_index]))
        np.testing.assert_allclose(maps, theirs, rtol=1e-4, atol=1e-5 * (np.abs(theirs).max() + 1e-9))


def test_the_shares_are_those_of_the_pixels():
    model, _ = u_net(3, "softmax")
    images = images_of(4, 8, 12, 1)
    classes = np.argmax(model(images), -1)
    shares = replay(model).probabilities(images)
    assert len(np.unique(classes)) > 1
    np.testing.assert_allclose(
        shares, [[np.mean(each == c) for c in range(3)] for each in classes], atol=1e-6
    )


def test_one_pixel_is_explained_as_an_image_is():
    model, bare = u_net(3, "softmax")
    found = replay(model, Choice(at=(2, 7)))
    images = images_of(3, 8, 12, 1)
    np.testing.assert_allclose(found.probabilities(images), model(images)[:, 2, 7], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.logits(images), bare(images)[:, 2, 7], rtol=1e-4, atol=1e-5)
    assert not np.allclose(found.logits(images), bare(images)[:, 7, 2], atol=1e-3)
    assert "row 2, column 7" in found.notes[0]


def test_quantities_are_summed_over_all_pixels():
    model, _ = u_net(2)
    model.compile(loss="mse")
    images = images_of(2, 8, 12, 1)
    found = replay(model)
    assert found.head.kind == "value"
    np.testing.assert_allclose(found.logits(images), np.sum(model(images), (1, 2)), rtol=1e-4, atol=1e-4)


def test_class_activation_maps_look_at_the_narrowest_place():
    model, _ = u_net(3, "softmax")
    assert last_spatial_step(replay(model)).name == "narrow"


def test_channels_in_front():
    image = keras.Input((1, 8, 9))
    x = layers.Conv2D(4, 3, padding="same", data_format="channels_first")
    y = layers.Conv2D(3, 1, data_format="channels_first")
    try:
        model = randomise(keras.Model(image, layers.Softmax(axis=1)(y(x(image)))))
        expected = model(images_of(2, 1, 8, 9))
    except Exception:
        pytest.skip("this TensorFlow has no convolution with the channels in front")
    found = replay(model, Choice(at=(3, 4)))
    ours = found.probabilities(np.moveaxis(images_of(2, 1, 8, 9), 1, -1))
    np.testing.assert_allclose(ours, expected[:, :, 3, 4], rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "at", "message"),
    [
        (lambda: u_net(3)[0], (8, 0), "there is no row 8, column 0 in the output: it has 8×12 pixels"),
        (lambda: u_net(3, flat=True)[0], (0, 0), "lie in one line"),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3)]),
            (0, 0),
            "--at belongs to outputs with a class for each pixel",
        ),
    ],
)
def test_pixels_that_there_are_not(make, at, message):
    with pytest.raises(ReplayError, match=message):
        replay(make(), Choice(at=at))
