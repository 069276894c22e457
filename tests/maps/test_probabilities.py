"""The probabilities of all classes: in a line, in records, and the same as Keras'."""

import app.engine  # noqa: I001

import keras
import numpy as np
import pytest

import app as lab
from app.engine.store import load_model
from app.files.saved import find_model
from app.maps.predictions import Predictions
from app.maps.probabilities import LARGEST, MOST_LISTED, Probabilities
from app.maps.record import describe
from app.program.heads import Head

SOFTMAX = Head("softmax", 3)
layers = keras.layers


def test_all_classes_stand_in_their_order():
    found = Probabilities.of(SOFTMAX, np.array([0.0204, 0.9791, 0.0005]), ("ant", "bee", "cat"))
    assert str(found) == "probability of ant: 0.020, bee: 0.979, cat: 0.001"
    assert found.to_records()[1] == {"class": "bee", "probability": 0.9791}


def test_of_more_than_ten_the_five_largest_come_first():
    values = np.arange(MOST_LISTED + 1) / 55
    names = [f"class {i}" for i in range(MOST_LISTED + 1)]
    ten, eleven = (Probabilities.of(SOFTMAX, values[:n], names[:n]) for n in (MOST_LISTED, MOST_LISTED + 1))
    assert str(ten).count("class") == MOST_LISTED
    assert str(eleven) == (
        "the 5 largest of 11 probabilities: "
        "class 10: 0.182, class 9: 0.164, class 8: 0.145, class 7: 0.127, class 6: 0.109"
    )
    assert str(eleven).count("class") == LARGEST
    assert len(eleven.to_records()) == MOST_LISTED + 1


def test_quantities_have_none_and_pixels_have_shares():
    assert Probabilities.of(Head("value", 3), np.ones(3), "abc") is None
    assert str(Probabilities.of(Head("pixels", 2), np.array([0.25, 0.75]), "ab")) == (
        "share of the pixels of a: 0.250, b: 0.750"
    )


@pytest.mark.keras
@pytest.mark.parametrize("name", ["mnist", "lenet5_modern", "lenet5", "lecun1989"])
def test_they_are_what_keras_predicts_of_a_shipped_model(name, mnist):
    images = [*mnist.test_images[:12]]
    seen = lab.explain(name, images, methods=["vanilla"])
    theirs = load_model(find_model(name).path).predict(seen.arrays()["image"], verbose=0).astype(float)
    if not np.allclose(theirs.sum(axis=1), 1, atol=1e-4):  # raw scores: their softmax
        theirs = np.exp(theirs - theirs.max(axis=1, keepdims=True))
        theirs /= theirs.sum(axis=1, keepdims=True)
    ours = np.array([each.probabilities.values for each in seen.predictions])
    np.testing.assert_allclose(ours, theirs, atol=5e-6)
    np.testing.assert_allclose(ours.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(seen.arrays()["probabilities"], theirs, atol=5e-6)
    records = [each["probabilities"] for each in seen.to_dict()["images"]]
    np.testing.assert_allclose([[p["probability"] for p in one] for one in records], theirs, atol=5e-6)
    assert not np.allclose(ours, np.roll(theirs, 1, axis=0), atol=1e-3), (
        "those of another image would be seen"
    )


@pytest.mark.keras
def test_one_sigmoid_unit_says_both_classes():
    image = keras.Input((6, 6, 1))
    model = keras.Model(image, layers.Dense(1, "sigmoid")(layers.Flatten()(image)))
    x = np.random.default_rng(0).uniform(0, 1, (2, 6, 6, 1)).astype("float32")
    p = model.predict(x, verbose=0)[:, 0]
    seen = lab.load(model, classes=["no", "yes"]).explain(x, methods=["vanilla"])
    for said, each in zip(seen.predictions, p, strict=True):
        assert str(said.probabilities) == f"probability of no: {1 - each:.3f}, yes: {each:.3f}"


@pytest.mark.keras
def test_quantities_are_explained_without_a_word_of_probability():
    image = keras.Input((6, 6, 1))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(image)))
    seen = lab.load(model, regression=True).explain(np.ones((6, 6), np.float32), methods=["vanilla"])
    assert "probabilit" not in str(seen)
    assert "probabilities" not in seen.arrays()
    assert "probabilities" not in seen.to_dict()["images"][0]


@pytest.mark.keras
def test_one_image_explained_for_all_classes_has_them_once(mnist):
    net = lab.load("mnist")
    one = net.explain(mnist.test_images[18], all_classes=True, methods=["vanilla"])
    assert str(one).count("probability of") == 1
    two = net.explain(mnist.test_images[:2], methods=["vanilla"])
    assert sum("probability of" in line for line in describe(["a", "b"], two.explained)) == 2


@pytest.mark.keras
def test_what_is_inside_is_shown_with_them(mnist, tmp_path):
    net = lab.load("mnist")
    for answer in (net.features(mnist.test_images[18]), net.project(mnist.test_images[18])):
        assert "probability of 0: 0.000, 1: 0.000, 2: 0.015, 3: 0.979" in str(answer)
        assert [each["class"] for each in answer.to_dict()["probabilities"]] == list("0123456789")


def test_predictions_show_ten_classes_or_the_five_largest():
    row = np.arange(1.0, 12.0)[None]
    ten, eleven = row[:, :10] / row[:, :10].sum(), row / row.sum()
    assert "0: 0.018, 1: 0.036" in str(Predictions("net", ("a",), ten, tuple("0123456789")))
    text = str(Predictions("net", ("a",), eleven, tuple("abcdefghijk")))
    assert "the 5 largest probabilities" in text
    assert "k: 0.167, j: 0.152, i: 0.136, h: 0.121, g: 0.106" in text
