"""LeNet-5's criterion against its formula, and what it asks for that the cross-entropy does not."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest

from app.engine.training.losses import MaximumAPosteriori, without_softmax
from app.engine.build import build_model
from models import CATALOGUE

pytestmark = pytest.mark.keras
LABELS = np.array([[2], [0], [1]])
PENALTIES = np.array([[3.0, 0.5, 0.1], [2.0, 9.0, 40.0], [7.0, 7.0, 7.0]], "float32")


@pytest.mark.parametrize("rubbish", [0.5, 4.0])
def test_the_criterion_is_equation_9(rubbish):
    right = PENALTIES[np.arange(3), LABELS[:, 0]]
    expected = right + np.log(np.exp(-rubbish) + np.exp(-PENALTIES).sum(axis=1))
    found = MaximumAPosteriori(rubbish, reduction=None)(LABELS, -PENALTIES)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    mean = MaximumAPosteriori(rubbish)(LABELS, -PENALTIES)
    np.testing.assert_allclose(mean, expected.mean(), rtol=1e-5)


def test_a_far_away_rubbish_leaves_the_cross_entropy():
    found = MaximumAPosteriori(1e3)(LABELS, -PENALTIES)
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, -PENALTIES)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_right_penalty_itself_must_be_small():
    """Ten more for every class changes no probability, and the cross-entropy does not see it."""
    near, far = (float(MaximumAPosteriori()(LABELS, -PENALTIES - more)) for more in (0, 10))
    assert far > near + 5


def test_the_model_without_its_softmax_has_the_same_weights():
    model = build_model(CATALOGUE["lenet5"])
    scores = without_softmax(model)
    assert all(w is v for w, v in zip(scores.weights, model.weights, strict=True))
    x = np.random.default_rng(0).uniform(-0.1, 1.175, (3, 32, 32, 1)).astype("float32")
    np.testing.assert_allclose(keras.ops.softmax(scores(x)), model(x), atol=1e-6)


def test_a_network_without_a_softmax_layer_is_refused():
    with pytest.raises(ValueError, match="mnist does not end in a Softmax layer"):
        without_softmax(build_model(CATALOGUE["mnist"]))
