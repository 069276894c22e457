"""EMNIST's transposed images: found out, turned, and nothing else ever turned."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.datasets.dataset import make_dataset
from app.datasets.upright import is_of_emnist, turn_upright

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.fixture(scope="module")
def digits(mnist):
    """A few thousand of MNIST's digits, upright."""
    train = mnist.train_images[:3000, ..., 0], mnist.train_labels[:3000]
    return make_dataset("digits", "here", train, (mnist.test_images[:200], mnist.test_labels[:200]))


def transposed(data):
    turn = {part: getattr(data, part).swapaxes(1, 2) for part in ("train_images", "test_images")}
    return replace(data, **turn)


def filling_the_field(data):
    """The same digits as EMNIST has them: 24 pixels large, the middle of their box in the middle."""

    def fill(images):
        found = np.zeros_like(images)
        for image, new in zip(images[..., 0], found[..., 0], strict=True):
            rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
            sign = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            height, width = (max(1, round(n * 24 / max(sign.shape))) for n in sign.shape)
            top, left = (28 - height) // 2, (28 - width) // 2
            large = Image.fromarray(sign).resize((width, height), Image.Resampling.BICUBIC)
            new[top : top + height, left : left + width] = np.asarray(large)
        return found

    return replace(data, train_images=fill(data.train_images), test_images=fill(data.test_images))


def letters():
    """Printed capitals of several sizes and places, upright."""
    images, labels = [], []
    for size in (18, 20, 22, 24):
        for shift in (-1, 0, 1):
            for label, letter in enumerate(LETTERS):
                picture = Image.new("L", (28, 28))
                draw = ImageDraw.Draw(picture)
                font = ImageFont.load_default(size)
                draw.text((14 + shift, 14), letter, 255, font, anchor="mm", stroke_width=1)
                images.append(np.asarray(picture))
                labels.append(label + 1)
    pair = np.stack(images), np.array(labels)
    return replace(make_dataset("letters", "here", pair, pair), class_names=LETTERS)


@pytest.mark.parametrize("like", [lambda data: data, filling_the_field], ids=["MNIST's box", "EMNIST's box"])
@pytest.mark.parametrize("is_emnist", [True, False], ids=["by its name", "renamed"])
def test_transposed_digits_are_turned(digits, like, is_emnist):
    data = like(digits)
    found = turn_upright(transposed(data), is_emnist)
    np.testing.assert_array_equal(found.train_images, data.train_images)
    np.testing.assert_array_equal(found.test_images, data.test_images)
    why = "EMNIST's files hold them transposed" if is_emnist else "they were transposed"
    assert found.notes == (f"Images turned upright: {why}, as comparing with MNIST's digits shows.",)


@pytest.mark.parametrize("like", [lambda data: data, filling_the_field], ids=["MNIST's box", "EMNIST's box"])
def test_digits_that_somebody_turned_before_are_not_turned_again(digits, like):
    data = like(digits)
    found = turn_upright(data, is_emnist=True)
    np.testing.assert_array_equal(found.train_images, data.train_images)
    assert found.notes == (
        "Images left as they are: EMNIST's files hold them transposed, but these already stand upright, as "
        "MNIST's digits do.",
    )


def test_other_digits_are_left_alone_and_nothing_is_said(digits):
    assert turn_upright(digits, is_emnist=False) is digits


def test_a_few_hundred_digits_are_enough(digits):
    few = replace(digits, train_images=digits.train_images[:300], train_labels=digits.train_labels[:300])
    assert turn_upright(few, is_emnist=False) is few
    assert turn_upright(transposed(few), is_emnist=False).notes


@pytest.mark.parametrize("seed", range(20))
def test_ten_classes_of_something_else_are_never_turned(digits, seed):
    """Digits under each other's labels, as alike to MNIST's as ten classes of other signs can be."""
    other = np.random.default_rng(seed).permutation(10)
    mixed = replace(digits, train_labels=other[digits.train_labels])
    for data in (mixed, transposed(mixed)):
        assert turn_upright(data, is_emnist=False) is data


def test_classes_of_smooth_shapes_are_never_turned(digits):
    """Ten blurred blots, as clothes are: every image of a class is alike."""
    for seed in range(10):
        blots = np.random.default_rng(seed).integers(0, 256, (10, 5, 5), np.uint8)
        large = [np.asarray(Image.fromarray(b).resize((28, 28), Image.Resampling.BICUBIC)) for b in blots]
        images = np.stack(large)[digits.train_labels][..., np.newaxis]
        data = replace(digits, train_images=images)
        assert turn_upright(data, is_emnist=False) is data


@pytest.mark.parametrize(
    ("way", "lie"),
    [
        ("mirrored", lambda images: images[:, :, ::-1]),
        ("upside down and mirrored", lambda images: images[:, ::-1]),
        ("upside down", lambda images: images[:, ::-1, ::-1]),
        ("turned by a quarter to the right", lambda images: np.rot90(images, -1, (1, 2))),
        ("turned by a quarter to the left", lambda images: np.rot90(images, 1, (1, 2))),
        ("turned by a quarter and mirrored", lambda images: np.rot90(images.swapaxes(1, 2), 2, (1, 2))),
    ],
)
def test_digits_that_lie_in_another_way_are_not_taken_for_transposed(digits, way, lie):
    data = replace(digits, train_images=lie(digits.train_images))
    assert turn_upright(data, is_emnist=False) is data
    found = turn_upright(data, is_emnist=True)
    assert found.train_images is data.train_images
    assert found.notes[-1].endswith(f"hold them transposed, but these are {way}.")


def test_negatives_are_left_alone(digits):
    data = replace(digits, train_images=255 - digits.train_images)
    assert turn_upright(data, is_emnist=False) is data


def test_blank_images_and_images_of_another_size_are_left_alone(digits):
    blank = replace(digits, train_images=np.zeros_like(digits.train_images))
    assert turn_upright(blank, is_emnist=False) is blank
    small = replace(digits, train_images=digits.train_images[:, :20], test_images=digits.test_images[:, :20])
    assert turn_upright(small, is_emnist=True) is small


def test_nine_digits_decide_nothing(digits):
    kept = digits.train_labels != 4
    nine = replace(digits, train_images=digits.train_images[kept], train_labels=digits.train_labels[kept])
    data = transposed(nine)
    assert turn_upright(data, is_emnist=False) is data


def test_letters_are_turned_by_their_name():
    data = letters()
    found = turn_upright(transposed(data), is_emnist=True)
    np.testing.assert_array_equal(found.train_images, data.train_images)
    assert "Images turned upright: EMNIST's files hold them transposed" in found.notes[-1]


def test_letters_that_stand_upright_are_not_turned():
    """I, S and Z are like 1, 5 and 2."""
    data = letters()
    found = turn_upright(data, is_emnist=True)
    np.testing.assert_array_equal(found.train_images, data.train_images)
    assert "Images left as they are" in found.notes[-1]


def test_letters_of_which_none_is_like_a_digit_are_turned_by_their_name_alone():
    data = letters()
    kept = ~np.isin(data.train_labels, [LETTERS.index(letter) for letter in "ISZ"])
    some = replace(data, train_images=data.train_images[kept], train_labels=data.train_labels[kept])
    found = turn_upright(some, is_emnist=True)
    np.testing.assert_array_equal(found.train_images, some.train_images.swapaxes(1, 2))
    assert found.notes[-1] == (
        "Images turned upright: EMNIST's files hold them transposed; these are taken for such by their names."
    )


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("emnist-letters-train-images-idx3-ubyte.gz", True),
        ("EMNIST_balanced.npz", True),
        ("emnist", True),
        ("fashion-mnist_train.csv", False),
        ("femnist-train.csv", False),
        ("emnistic.npz", False),
        ("train-images-idx3-ubyte", False),
    ],
)
def test_names_of_emnist(name, is_it):
    assert is_of_emnist(Path("images"), Path(name)) == is_it
    assert not is_of_emnist(Path("emnist/train.csv"), None)
