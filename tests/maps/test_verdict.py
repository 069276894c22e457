"""Verdicts say what is there, and say so when there is nothing."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest

from app.engine.replay.replay import replay
from app.maps.explain import Question, explain_images
from app.engine.machine import TensorFlowMachine, machine_for
from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.verdict import (
    clipped_sentence,
    describe_rectifiers,
    judge_values,
    percent,
    saturation_note,
    unseen_note,
    unseen_runs,
    without_patterns,
)

layers = keras.layers
pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("eagerly")]


def classifier(sign=1.0, rectifier="relu"):
    """One positive map, pooled; class 1 reads it with weight `sign`, class 0 not at all."""
    image = keras.Input((6, 6, 1))
    x = layers.Conv2D(1, 3, activation=rectifier)(image)
    x = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, x)
    model.set_weights([np.ones((3, 3, 1, 1)), np.zeros(1), np.array([[0.0, sign]]), np.zeros(2)])
    return model


def explain(model, image, c=1, methods=("vanilla", "guided", "relu", "gradcam"), **choices):
    question = Question(choices.pop("names", ("no", "yes")), methods, **choices)
    return explain_images(Explainer(machine_for(model)), image[None], [c], question)[0]


def test_negative_only_evidence_is_said_not_scaled_up():
    result = explain(classifier(-1.0), np.ones((6, 6, 1)))
    cam = result.maps[3]
    assert cam.verdict.judgement.is_empty
    lowest = cam.raw.min()
    assert cam.verdict.headline() == (
        f"no positive evidence for class yes: every value is negative or 0, down to {lowest:.3g}"
    )
    assert not cam.values.any()
    assert cam.raw.max() < 0  # the raw, signed values stay available


def test_positive_evidence_is_not_called_empty():
    result = explain(classifier(1.0), np.random.default_rng(0).uniform(0, 1, (6, 6, 1)))
    assert not any(m.verdict.judgement.is_empty for m in result.maps)
    assert result.maps[3].verdict.judgement.largest == pytest.approx(result.maps[3].raw.max())


@pytest.mark.parametrize("image", [np.zeros((6, 6, 1)), np.ones((6, 6, 1)), -np.ones((6, 6, 1))])
def test_constant_images_never_give_nan(image):
    for sign in (1.0, 0.0, -1.0):
        for m in explain(classifier(sign), image).maps:
            assert np.isfinite(m.values).all()
            assert m.verdict.judgement.is_empty == (m.values.max() <= 0)


def test_a_constant_map_is_called_constant():
    cam = explain(classifier(1.0), np.ones((6, 6, 1))).maps[3]
    assert cam.verdict.judgement.is_constant
    assert "same value everywhere" in cam.verdict.headline()


def test_nan_weights_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        judge_values(np.array([1.0, np.nan]), np.array([1.0]))
    with pytest.raises(ValueError, match="not finite"):
        judge_values(np.array([1.0]), np.array([np.inf]))
    model = classifier()
    replayed = replay(model)
    replayed.steps[0].operation.kernel.assign(np.full((3, 3, 1, 1), np.nan))
    for method in METHODS:
        if METHODS[method].uses_maps:
            with pytest.raises(ValueError, match="not finite"):
                explain_images(
                    Explainer(TensorFlowMachine(replayed)),
                    np.ones((1, 6, 6, 1)),
                    [1],
                    Question("ab", (method,)),
                )


def test_a_saturated_softmax_is_said():
    notes = explain(classifier(50.0), np.ones((6, 6, 1))).notes
    assert any(
        "saturated: the gradient of the probability is almost 0 (p(1 − p) is under 1e-7)" in note
        for note in notes
    )
    notes = explain(classifier(0.01), np.ones((6, 6, 1))).notes
    assert not any("saturated" in note for note in notes)


def test_a_small_probability_among_many_is_not_called_saturated():
    note = saturation_note(0.001, "softmax", 0.001)
    assert "near 0" in note
    assert "saturated" not in note
    assert "saturated" in saturation_note(0.0001, "softmax", 0.9995)


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


def test_what_a_layer_skips_by_a_pattern_is_one_sentence():
    mask = np.zeros((40, 30), bool)
    mask[1::2] = True
    mask[:, 27:] = True
    said = unseen_note(mask)
    assert "rows 39 and columns 27–29 of 40×30 (hatched), and 19 rows in between, which a layer skips" in said
    assert unseen_runs(mask) == ([(39, 39)], [(27, 29)])
    kept = without_patterns(mask)
    assert kept[39].all()
    assert kept[:, 27:].all()
    assert not kept[:39, :27].any()
    few = np.zeros((40, 30), bool)
    few[[5, 9]] = True
    assert unseen_runs(few) == ([(5, 5), (9, 9)], [])
    assert "skips" not in unseen_note(few)
    few[20:, 20:] = True  # a corner is no whole row
    np.testing.assert_array_equal(without_patterns(few), few)


def test_unseen_pixels_have_no_gradient(mnist):
    from app.engine.build import build_model
    from models import CATALOGUE

    images = mnist.test_images[:1] / 255.0
    result = explain(build_model(CATALOGUE["mnist"]), images[0], 3, names=mnist.class_names)
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
    ("p", "text"), [(1.0, "over 99.9 %"), (0.9996, "over 99.9 %"), (0.5, "50.0 %"), (0.0001, "under 0.1 %")]
)
def test_no_probability_is_rounded_to_certainty(p, text):
    assert percent(p) == text


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="unknown method 'lime'"):
        explain(classifier(), np.ones((6, 6, 1)), methods=("lime",))


def test_a_contrast_is_named():
    image = np.random.default_rng(0).uniform(0, 1, (6, 6, 1))
    result = explain(classifier(1.0), image, 1, METHODS, against=0)
    for m in result.maps:
        named = "yes rather than no" if METHODS[m.method].asks_for_class else "any"
        assert m.verdict.explained == named, m.method


def test_integrated_gradients_say_how_complete_they_are():
    image = np.random.default_rng(0).uniform(0, 1, (6, 6, 1))
    (m,) = explain(classifier(1.0), image, methods=("integrated",)).maps
    assert f"the values sum to {m.raw.sum():.4g}; " in m.verdict.notes[0]
    changed = float(m.verdict.notes[0].rpartition(", ")[2])
    assert changed == pytest.approx(m.raw.sum(), rel=0.1)


def test_pixels_that_another_branch_sees_are_not_called_unseen():
    image = keras.Input((16, 16, 1))
    some = layers.Flatten()(layers.MaxPooling2D(5)(layers.Conv2D(2, 3)(image)))
    alone = keras.Model(image, layers.Dense(2)(some))
    assert explain(alone, np.ones((16, 16, 1)), methods=("vanilla",)).unseen.any()
    joined = layers.Concatenate()([layers.Dense(4)(layers.Flatten()(image)), layers.Dense(4)(some)])
    both = keras.Model(image, layers.Dense(2)(joined))
    assert not explain(both, np.ones((16, 16, 1)), methods=("vanilla",)).unseen.any()


def test_pooling_spelled_as_an_op_has_no_known_field():
    image = keras.Input((12, 12, 1))
    x = keras.ops.average_pool(layers.Conv2D(2, 3)(image), 5, strides=1, padding="same")
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    (cam,) = explain(model, np.ones((12, 12, 1)), methods=("gradcam",)).maps
    assert "stretched" in cam.verdict.notes[0]


def test_probabilities_without_a_softmax_are_said():
    image = keras.Input((6, 6, 1))
    e = keras.ops.square(layers.Dense(2)(layers.Flatten()(layers.Conv2D(1, 3)(image))))
    model = keras.Model(image, e / keras.ops.sum(e, axis=-1, keepdims=True))
    notes = explain(model, np.ones((6, 6, 1)), methods=("vanilla",)).notes
    assert any("no softmax was found" in note for note in notes)


@pytest.mark.parametrize(
    ("found", "others", "unknown", "sentence"),
    [
        (4, [], [], "the gradient is clipped at zero in all 4 ReLU layers"),
        (1, [], [], "the gradient is clipped at zero in the only ReLU layer"),
        (
            1,
            ["ELU", "ELU", "LeakyReLU"],
            [],
            "the gradient is clipped at zero in 1 ReLU layer, and not in 2 ELU and 1 LeakyReLU, for which there is no "
            "such rule",
        ),
        (0, [], [], "the network has no ReLU layer, so that no gradient is clipped"),
        (
            0,
            ["sigmoid"],
            ["LSTM"],
            "the network has no ReLU layer, so that no gradient is clipped: there is no such rule for 1 sigmoid; 1 "
            "LSTM may hold ReLUs of their own, which are out of reach",
        ),
    ],
)
def test_where_the_gradient_is_clipped_is_said_in_plain_words(found, others, unknown, sentence):
    assert clipped_sentence(found, others, unknown) == sentence


def test_the_sentence_stands_with_the_maps_that_change_the_gradient_alone():
    result = explain(classifier(), np.ones((6, 6, 1)))
    said = ["the gradient is clipped at zero in the only ReLU layer" in str(m.verdict) for m in result.maps]
    assert said == [False, True, True, False]
