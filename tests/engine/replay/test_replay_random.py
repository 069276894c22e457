"""Whatever layer stands between an image and its scores: it is replayed, or refused in one sentence."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.replay.copying import ReplayError
from app.engine.replay.replay import replay
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from random_models import kinds_for
from replaying import images_of, randomise

pytestmark = pytest.mark.keras
SIZE = (6, 5, 4)
IMAGES = images_of(2, *SIZE)
REFUSALS = (ValueError, ZeroDivisionError, RuntimeError, tf.errors.OpError)
BETWEEN = sorted(kind for kind in kinds_for(SIZE) if kind != "AdaptiveMaxPooling2D")
"""Adaptive maximum pooling ends the process for some sizes: TensorFlow divides by zero."""


@settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("kind", BETWEEN)
@given(st.data())
def test_any_layer_between_image_and_scores(kind, data):
    image = keras.Input(SIZE)
    layer = getattr(keras.layers, kind)(**data.draw(kinds_for(SIZE)[kind]))
    try:
        x = keras.layers.Flatten()(layer(image))
        model = randomise(keras.Model(image, keras.layers.Dense(2)(x)))
        expected = np.asarray(model(IMAGES, training=False))
    except REFUSALS:
        return  # Keras itself cannot run it here
    is_steady = np.array_equal(expected, np.asarray(model(IMAGES, training=False)), equal_nan=True)
    if not is_steady:
        with pytest.raises(ReplayError, match=r"^[^\n]*differs from the model[^\n]*$"):
            replay(model)
        return
    explainer = Explainer(machine_for(model))
    images = IMAGES.transpose(0, 2, 3, 1) if explainer.model.channels_first else IMAGES
    np.testing.assert_allclose(explainer.logits(images), expected, rtol=1e-4, atol=1e-4)
    gradient = explainer.gradients(images, explainer.targets([0, 1]))
    assert gradient.shape == images.shape
