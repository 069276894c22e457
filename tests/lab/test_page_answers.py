"""The fields of the page's questions."""

import pytest
from conftest import refusal

from app.lab.serving.page_answers import class_field, image_field, name_field, verify_fields

NAN, INFINITY = float("nan"), float("inf")


def test_fields_that_are_right():
    question = {"image": [0, 0.25, 1], "class": 9, "method": "gradcam"}
    verify_fields(question, ["image"], ["class", "method", "rule"])
    image = image_field(question, 3, low=0, high=1)
    assert image == [0.0, 0.25, 1.0]
    assert {type(value) for value in image} == {float}
    assert class_field(question, 10) == 9
    assert name_field(question, "method", ["gradcam"]) == "gradcam"


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (None, "The image must be a list of 3 numbers."),
        ("abc", "must be a list"),
        ([1, 2], "The image has 2 numbers; the network takes 3."),
        ([0, 0, 0, 0], "has 4 numbers"),
        ([0, "1", 0], "Number 1 of the image is no number."),
        ([True, 0, 0], "Number 0 of the image is no number."),
        ([None, 0, 0], "is no number"),
        ([[0], [0], [0]], "is no number"),
        ([0, 0, NAN], "Number 2 of the image is not finite."),
        ([0, INFINITY, 0], "is not finite"),
        ([0, 0, 1.5], "Number 2 of the image is 1.5; it must be from 0 to 1."),
        ([-1, 0, 0], "is -1; it must"),
    ],
)
def test_images_that_are_none(image, words):
    assert words in refusal(image_field, {"image": image}, 3, low=0, high=1)
    assert "list of 3 numbers" in refusal(image_field, {}, 3)


@pytest.mark.parametrize("value", [-1, 10, 3.0, "3", True, None, [3]])
def test_classes_that_are_none(value):
    assert "0 to 9" in refusal(class_field, {"class": value}, 10)


@pytest.mark.parametrize("value", ["", "Gradcam", "x" * 500, 3, None, ["gradcam"]])
def test_names_that_are_unknown(value):
    message = refusal(name_field, {"method": value}, "method", ["gradient", "gradcam"])
    assert message.endswith("it must be one of gradient, gradcam.")
    assert len(message) < 120


def test_fields_that_are_missing_or_unknown():
    assert refusal(verify_fields, {}, ["image"]) == "The question has no field 'image'."
    message = refusal(verify_fields, {"image": [], "x" * 500: 1}, ["image"], ["class"])
    assert message.endswith("it may have image, class.")
    assert len(message) < 120
