"""Classes of data and of a model, matched by name where both have names, else by number."""

import numpy as np
import pytest
from conftest import refusal

from app.datasets.dataset import Dataset
from app.files.saved import ModelFacts
from app.maps.class_matching import labels_of, match_classes, shared_classes

FACTS = ModelFacts("net", {})


def data(*names):
    images, labels = np.zeros((len(names), 2, 2, 1), np.uint8), np.arange(len(names))
    return Dataset("pets", "here", images, labels, images, labels, names)


def match(model, *names):
    return match_classes(FACTS, model, data(*names))


def test_another_order_is_put_right():
    found = match(("dog", "cat", "ox"), "cat", "dog", "ox")
    assert found.labels(np.array([0, 1, 2, 0])).tolist() == [1, 0, 2, 1]
    assert "another order" in found.note


def test_the_same_order_is_not_worth_a_word():
    assert match(("cat", "dog"), "cat", "dog").note == ""
    assert match(("0", "1"), "0", "1").note == ""


def test_some_of_the_classes_are_enough():
    found = match(("ant", "cat", "dog"), "dog")
    assert found.classes == (2,)
    assert "1 of the model's 3" in found.note


@pytest.mark.parametrize("name", ["Hot_Dog", "hot dog", "HOT-DOG"])
def test_writing_does_not_matter(name):
    assert match(("apple", "hot dog"), name).classes == (1,)


def test_folders_called_by_some_numbers_are_those_classes():
    assert match(tuple("0123456789"), "3", "5").classes == (3, 5)
    assert match(("a", "b", "c", "d", "e", "f"), "3", "5").classes == (3, 5)


def test_a_model_without_names_takes_the_datas_by_number():
    found = match(("0", "1", "2"), "cat", "dog", "ox")
    assert found.classes == (0, 1, 2)
    assert found.names == ("cat", "dog", "ox")
    assert "0 is cat" in found.note


def test_a_class_that_the_model_has_not_is_named():
    said = refusal(match, ("cat", "dog"), "cat", "yak", "gnu")
    assert "2 classes that the model 'net' does not have: yak, gnu" in said
    assert "\n" not in said


@pytest.mark.parametrize("model", [("0", "1"), ("cat", "dog")])
def test_more_classes_than_the_model_has_are_refused(model):
    names = ("ant", "bee", "fly") if model == ("0", "1") else ("0", "1", "2")
    assert "none of the model's" in refusal(match, model, *names)


def test_two_classes_that_are_one_are_refused():
    assert "two classes of pets are one" in refusal(match, ("hot dog", "cat"), "hot dog!", "Hot_Dog")


@pytest.mark.parametrize(
    ("labels", "names", "shared"),
    [
        (["cat", "dog"], ["dog", "horse", "cat"], {0: 2, 1: 0}),
        (["Hot Dog", "other"], ["hot_dog", "no"], {0: 0}),
        (["3", "7"], [*"0123456789"], {0: 3, 1: 7}),
        (["3", "12"], [*"0123456789"], {0: 3}),
        (["1", "2"], ["1", "2", "3"], {0: 0, 1: 1}),
        (["shirt", "coat"], ["0", "1"], {0: 0, 1: 1}),
        (["shirt", "coat"], ["pullover", "dress"], {0: 0, 1: 1}),
        (["shirt", "coat"], ["pullover", "dress", "bag"], {}),
    ],
)
def test_classes_that_both_sides_have(labels, names, shared):
    assert shared_classes(labels, names) == shared


def test_the_data_s_class_of_a_model_s_class():
    animals = data("cat", "dog")
    assert labels_of(animals, ("dog", "horse", "cat"), (0, 2)) == [1, 0]
    assert refusal(labels_of, animals, ("dog", "horse", "cat"), [1]).endswith(
        "has no images of class horse: it has cat, dog"
    )
