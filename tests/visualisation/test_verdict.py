"""Verdicts say what is there, and say so when there is nothing."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest

from app.engine.replay import replay
from app.visualisation.explain import explain_images
from app.visualisation.verdict import describe_rectifiers, judge_values, percent, unseen_note

layers = keras.layers
pytestmark = pytest.mark.keras


def classifier(sign=1.0, rectifier="relu"):
    """One positive map, pooled; class 1 reads it with weight `sign`, class 0 not at all."""
    image = keras.Input((6, 6, 1))
    x = layers.Conv2D(1, 3, activation=rectifier)(image)
    x = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, x)
    model.set_weights([np.ones((3, 3, 1, 1)), np.zeros(1), np.array([[0.0, sign]]), np.zeros(2)])
    return replay(model)


def explain(model, image, c=1, methods=("vanilla", "guided", "relu", "gradcam")):
    return explain_images(model, image[None], [c], ("no", "yes"), methods)[0]


def test_negative_only_evidence_is_said_not_scaled_up():
    result = explain(classifier(-1.0), np.ones((6, 6, 1)))
    cam = result.maps[3]
    assert cam.verdict.is_empty
    assert cam.verdict.headline() == "no positive evidence for class yes"
    assert not cam.values.any()
    assert cam.raw.max() < 0  # the raw, signed values stay available


def test_positive_evidence_is_not_called_empty():
    result = explain(classifier(1.0), np.random.default_rng(0).uniform(0, 1, (6, 6, 1)))
    assert not any(m.verdict.is_empty for m in result.maps)
    assert result.maps[3].verdict.largest == pytest.approx(result.maps[3].raw.max())


@pytest.mark.parametrize("image", [np.zeros((6, 6, 1)), np.ones((6, 6, 1)), -np.ones((6, 6, 1))])
def test_constant_images_never_give_nan(image):
    for sign in (1.0, 0.0, -1.0):
        for m in explain(classifier(sign), image).maps:
            assert np.isfinite(m.values).all()
            assert m.verdict.is_empty == (m.values.max() <= 0)


def test_a_constant_map_is_called_constant():
    cam = explain(classifier(1.0), np.ones((6, 6, 1))).maps[3]
    assert cam.verdict.is_constant
    assert "same value everywhere" in cam.verdict.headline()


def test_nan_weights_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        judge_values(np.array([1.0, np.nan]))


def test_a_saturated_softmax_is_said():
    notes = explain(classifier(50.0), np.ones((6, 6, 1))).notes
    assert any("saturated, p(1 − p) is under 1e-7" in note for note in notes)
    notes = explain(classifier(0.01), np.ones((6, 6, 1))).notes
    assert not any("saturated" in note for note in notes)


def test_rectifiers_are_counted_and_others_named():
    assert describe_rectifiers(6, []) == "6 of 6"
    assert describe_rectifiers(5, ["LeakyReLU"]) == "5 of 6 (left alone: 1 LeakyReLU)"
    assert "none" in describe_rectifiers(0, [])
    guided = explain(classifier(1.0, "leaky_relu"), np.ones((6, 6, 1))).maps[1]
    assert guided.verdict.rectifiers == "0 of 1 (left alone: 1 leaky_relu)"


def test_the_unseen_border_is_named():
    mask = np.zeros((6, 6), bool)
    assert unseen_note(mask) == ""
    mask[4:] = True
    mask[:, 0] = True
    assert unseen_note(mask).startswith("never seen by the network: rows 4–5 and columns 0 of 6×6")


def test_unseen_pixels_have_no_gradient(mnist):
    from app.engine.vocabulary import build_model
    from models import CATALOGUE

    model = replay(build_model(CATALOGUE["mnist"]))
    result = explain_images(model, mnist.test_images[:1] / 255.0, [3], mnist.class_names)[0]
    assert np.flatnonzero(result.unseen.all(axis=0)).tolist() == [26, 27]
    for m in result.maps:
        assert not m.values[result.unseen].any()


def test_the_prediction_is_told_apart_from_the_class_explained():
    result = explain(classifier(5.0), np.ones((6, 6, 1)), c=0)
    assert result.prediction.name == "yes"
    assert "explained here: no" in result.prediction.sentence()
    same = explain(classifier(5.0), np.ones((6, 6, 1)), c=1)
    assert "the class explained" in same.prediction.sentence()


@pytest.mark.parametrize(
    ("p", "text"),
    [(1.0, "over 99.9 %"), (0.9996, "over 99.9 %"), (0.5, "50.0 %"), (0.0001, "under 0.1 %")],
)
def test_no_probability_is_rounded_to_certainty(p, text):
    assert percent(p) == text


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="unknown method 'lime'"):
        explain(classifier(), np.ones((6, 6, 1)), methods=("lime",))


def test_pixels_that_another_branch_sees_are_not_called_unseen():
    image = keras.Input((16, 16, 1))
    some = layers.Flatten()(layers.MaxPooling2D(5)(layers.Conv2D(2, 3)(image)))
    alone = replay(keras.Model(image, layers.Dense(2)(some)))
    assert explain_images(alone, np.ones((1, 16, 16, 1)), [0], "ab")[0].unseen.any()
    joined = layers.Concatenate()([layers.Dense(4)(layers.Flatten()(image)), layers.Dense(4)(some)])
    both = replay(keras.Model(image, layers.Dense(2)(joined)))
    assert not explain_images(both, np.ones((1, 16, 16, 1)), [0], "ab")[0].unseen.any()


def test_pooling_spelled_as_an_op_has_no_known_field():
    image = keras.Input((12, 12, 1))
    x = keras.ops.average_pool(layers.Conv2D(2, 3)(image), 5, strides=1, padding="same")
    model = replay(keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))))
    cam = explain_images(model, np.ones((1, 12, 12, 1)), [0], "ab", ["gradcam"])[0].maps[0]
    assert "stretched" in cam.verdict.notes[0]


def test_probabilities_without_a_softmax_are_said():
    image = keras.Input((6, 6, 1))
    e = keras.ops.exp(layers.Dense(2)(layers.Flatten()(layers.Conv2D(1, 3)(image))))
    model = replay(keras.Model(image, e / keras.ops.sum(e, axis=-1, keepdims=True)))
    notes = explain_images(model, np.ones((1, 6, 6, 1)), [0], "ab")[0].notes
    assert any("no softmax was found" in note for note in notes)
