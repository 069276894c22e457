"""A network trained anew for each seed, and gradients layer by layer, against other witnesses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.datasets.smaller import shrink
from app.engine.build import nn
from app.engine.training.recipes import Recipe
from app.experiment.layer_gradients import GradientProbe
from app.experiment.trials import Trials, draw_weights
from models.cifar_resnet import Stack, cifar_stack

pytestmark = pytest.mark.keras
RECIPE = Recipe("t", "sgd", 0.05, "triangle", batch_size=32, passes=2, epochs=2)


def network(width=4, **settings):
    return cifar_stack(nn, "small", Stack(8, width, **settings), 10, (14, 14, 1))


def silent(*_):
    pass


@pytest.fixture(scope="module")
def few(mnist):
    return shrink(mnist, 128, 100, side=16)


@pytest.mark.parametrize(
    ("draw", "fans"), [("he", lambda k, i, o: k * i), ("glorot", lambda k, i, o: k * (i + o))]
)
def test_kernels_are_drawn_with_the_published_variance(draw, fans):
    model = network(width=24)
    draw_weights(model, 3, draw)
    seen = 0
    for layer in model.layers:
        for weight in layer.weights:
            values = np.asarray(weight)
            if weight.name == "kernel" and values.size > 5000:
                *field, channels, filters = values.shape
                expected = 2 / fans(np.prod(field), channels, filters)
                assert values.var() == pytest.approx(expected, rel=0.1)
                assert abs(values.mean()) < 0.1 * values.std()
                seen += 1
            elif weight.name != "kernel":
                assert set(values.flat) == {float(weight.name in ("gamma", "moving_variance"))}
    assert seen >= 5


def one_convolution():
    """A network that is traced in a moment, and keeps statistics as the deep ones do."""
    image = nn.Input((14, 14, 1))
    x = nn.ReLU()(nn.BatchNormalization()(nn.Conv2D(4, 3)(image)))
    return nn.Model(image, nn.Dense(10, activation="softmax")(nn.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize("network", [one_convolution, pytest.param(network, marks=pytest.mark.slow)])
def test_a_trial_owes_nothing_to_the_one_before(few, network):
    keras.utils.set_random_seed(0)
    tf.config.experimental.enable_op_determinism()
    trials = Trials(network(), RECIPE, few)
    losses = {}
    for seed in (0, 1, 0):
        history = trials.train(seed, silent)
        assert len(history) == 2
        assert {"loss", "accuracy", "seconds"} <= set(history[0])
        losses.setdefault(seed, []).append([epoch["loss"] for epoch in history])
    assert losses[0][0] == losses[0][1]
    assert losses[0] != losses[1]
    fresh = Trials(network(), RECIPE, few).train(1, silent)
    assert [epoch["loss"] for epoch in fresh] == pytest.approx(losses[1][0], abs=1e-5)
    images = few.test_images.astype("float32") / 255
    right = trials.model.predict(images, verbose=0).argmax(axis=1) == few.test_labels
    assert trials.test_accuracy() == pytest.approx(right.mean())


def loss_of(model, inputs, labels):
    losses = keras.losses.sparse_categorical_crossentropy(labels, model(inputs, training=True))
    return tf.reduce_mean(losses)


def test_gradient_norms_are_those_of_another_tape_and_of_the_rest_of_the_network(few):
    model = network(has_shortcuts=False)
    draw_weights(model, 0)
    images, labels = few.train_images[:16].astype("float32") / 255, few.train_labels[:16]
    block = "conv3_1_relu"
    measured = GradientProbe(model, ["conv2_1_relu", block]).measure(images, labels)
    kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    with tf.GradientTape() as tape:
        loss = loss_of(model, images, labels)
    slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
    assert measured["loss"] == pytest.approx(float(loss), rel=1e-5)
    norms = [float(np.sqrt((np.asarray(slope) ** 2).sum())) for slope in slopes]
    assert measured["kernels"] == pytest.approx(norms, rel=1e-3)
    head = keras.Model(model.input, model.get_layer(block).output)
    tail = keras.Model(model.get_layer(block).output, model.output)
    maps = head(images, training=True)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        loss = loss_of(tail, maps, labels)
    slope = np.asarray(tape.gradient(loss, maps))
    assert measured["outputs"][1] == pytest.approx(float(np.sqrt((slope**2).sum())), rel=1e-3)


def test_measuring_leaves_the_weights_and_a_step_goes_down(few):
    model = network(is_normalised=False)
    draw_weights(model, 0)
    before = model.get_weights()
    images, labels = few.train_images[:16].astype("float32") / 255, few.train_labels[:16]
    probe = GradientProbe(model, ["conv2_1_relu"])
    first = probe.measure(images, labels)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    probe.measure(images, labels, rate=1e-3)
    assert probe.measure(images, labels)["loss"] < first["loss"]
