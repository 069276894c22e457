"""Quantised layers: their maps are those of the model that Keras runs."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.params.counts import count_model
from replaying import images_of, randomise

pytestmark = pytest.mark.keras
layers = keras.layers


def quantised(mode="int8"):
    image = keras.Input((8, 8, 1))
    x = layers.MaxPooling2D()(layers.Conv2D(3, 3, activation="relu")(image))
    x = layers.Dense(6, activation="relu")(layers.Flatten()(x))
    x = layers.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c")(x)
    model = randomise(keras.Model(image, layers.Dense(3, activation="softmax")(x)))
    model.quantize(mode)
    return model


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method")
def test_the_gradient_is_that_of_the_model(tmp_path):
    model = quantised()
    images = images_of(2, 8, 8, 1)
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        p = model(x)
        score = tf.reduce_sum(tf.math.log(p[:, 1]) + tf.math.reduce_sum(p, -1))
    log_probability = tape.gradient(score, x).numpy()
    explainer = Explainer(machine_for(model))
    logits = [explainer.gradients(images, np.eye(3)[[c, c]]) for c in range(3)]
    p = p.numpy()[:, :, None, None, None]
    ours = logits[1] - sum(p[:, c] * logits[c] for c in range(3))  # ∂ log p₁ = ∂z₁ − Σ p ∂z
    np.testing.assert_allclose(ours, log_probability, rtol=1e-4, atol=1e-5 * np.abs(log_probability).max())
    model.save(tmp_path / "int8.keras")
    count = count_model(tmp_path / "int8.keras")
    assert count.parameters == model.count_params() == count_model(model).parameters
    assert count.check()
    assert (count.trainable, count.non_trainable) == (None, None)
    live = count_model(model)
    assert live.trainable == sum(int(np.prod(w.shape)) for w in model.trainable_weights)
