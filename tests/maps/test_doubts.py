"""Predictions that mean nothing are said to; those that mean something are left alone."""

import app.engine  # noqa: I001

import keras
import numpy as np
import pytest

import app as lab
from app.datasets.samples import Sample
from app.maps.doubts import doubt_digits, doubt_prediction
from app.maps.open_model import ModelChoice, OpenModel

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.mark.parametrize(
    ("probabilities", "is_doubted"),
    [
        ([0.5, 0.5], True),
        ([0.6, 0.4], True),
        ([0.7, 0.3], False),
        ([0.1] * 10, True),
        ([0.18] + [0.82 / 9] * 9, True),
        ([0.5] + [0.5 / 9] * 9, False),
        ([1.0, 0.0], False),
        ([1 / 1000] * 1000, True),
        ([0.0, 0.0], False),
    ],
)
def test_even_shares(probabilities, is_doubted):
    said = doubt_prediction(np.array(probabilities))
    assert bool(said) == is_doubted
    if said:
        assert f"likeliest of {len(probabilities):,} classes" in said


def reader(scale, seed=0):
    """Return a network that tells a bright left half from a bright right one, of pixels 0…`scale`."""
    image = keras.Input((8, 8, 1))
    model = keras.Model(image, layers.Dense(2, activation="softmax")(layers.Flatten()(image)))
    weights = np.zeros((8, 8, 2), "float32")
    weights[:, :4, 0] = weights[:, 4:, 1] = 0.2 / scale
    model.layers[-1].set_weights([weights.reshape(64, 2), np.array([0.05 * seed, 0], "float32")])
    return model


LEFT = np.zeros((8, 8, 1), np.uint8)
LEFT[:, :4] = 255


def notes(model, image, **how):
    return " ".join(lab.load(model, **how).explain(image, methods=["vanilla"]).explained[0].notes)


def test_the_range_that_makes_the_network_sure_is_named():
    said = notes(reader(255), LEFT)
    assert "as 0…255 instead of 0…1 the network would be sure of 0 (99.8 %)" in said
    assert "undecided" in said


def test_nothing_is_said_where_there_is_no_reason():
    assert "nothing states" not in notes(reader(1), LEFT)  # sure already
    assert "nothing states" not in notes(reader(255), LEFT, pixels=(0, 1))  # stated
    assert "nothing states" not in notes(reader(255), LEFT / np.float32(255))  # floats are as they are
    half = LEFT.copy()
    half[:, 4:] = 240
    assert "0…255" not in notes(reader(1 / 3), half)  # unsure of this image, but not for want of light


def test_a_range_that_nothing_states_is_said_to_be_assumed(tmp_path):
    reader(1).save(tmp_path / "reader.keras")
    seen = lab.load(tmp_path / "reader.keras").explain(LEFT, methods=["vanilla"])
    assert "Pixels entered as 0…1, as is usual: nothing states how" in str(seen)
    seen = lab.load(tmp_path / "reader.keras", pixels=(0, 1)).explain(LEFT, methods=["vanilla"])
    assert str(seen).endswith("Pixels entered as 0…1")


@pytest.mark.parametrize("name", ["labels.txt", "labelmap.txt"])
def test_names_beside_the_model_are_used_and_said(tmp_path, name):
    reader(1).save(tmp_path / "reader.keras")
    (tmp_path / name).write_text("0 left\n1 right\n")
    seen = lab.load(tmp_path / "reader.keras").explain(LEFT, methods=["vanilla"])
    assert "predicts left" in str(seen)
    assert f"class names from {name}" in str(seen)


def own_digit(pixels, is_digit=True):
    return Sample(pixels, "own", "", is_digit=is_digit)


def test_a_digit_of_which_the_network_is_not_sure_is_doubted_and_a_clear_one_is_not(mnist):
    opened = OpenModel(ModelChoice("mnist"))
    clear = mnist.test_images[[0, 1]]
    misread = mnist.test_images[[62, 247]]  # read as 5 instead of 9, and as 6 instead of 4
    images = np.concatenate([clear, misread])
    shares = opened.model.head.as_probabilities(opened.explainer.outputs(opened.scaled(images)))
    assert (shares.argmax(axis=1)[2:] != mnist.test_labels[[62, 247]]).all()
    said = doubt_digits(opened, opened.explainer, [own_digit(image) for image in images], shares)
    assert said[:2] == ["", ""]
    for sentence, row in zip(said[2:], shares[2:], strict=True):
        assert sentence.startswith("the network is less sure than of a clear digit: ")
        assert f" for {row.argmax()}" in sentence
    others = [own_digit(image, is_digit=False) for image in images]
    assert doubt_digits(opened, opened.explainer, others, shares) == [""] * 4


def test_most_misread_test_images_are_doubted_and_few_of_the_others(mnist):
    opened = OpenModel(ModelChoice("mnist"))
    shares = opened.model.head.as_probabilities(opened.explainer.outputs(opened.scaled(mnist.test_images)))
    said = doubt_digits(opened, opened.explainer, [own_digit(image) for image in mnist.test_images], shares)
    is_doubted = np.array([bool(sentence) for sentence in said])
    is_right = shares.argmax(axis=1) == mnist.test_labels
    assert is_doubted[~is_right].mean() > 0.8
    assert is_doubted[is_right].mean() < 0.04
