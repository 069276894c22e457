import numpy as np
import pytest
from conftest import refusal
from PIL import Image

from app.datasets import samples
from app.datasets.dataset import make_dataset
from models.pixels import Ink

LABELS = np.array([2, 0, 2, 0])
IMAGES = np.arange(4 * 6 * 8, dtype=np.uint8).reshape(4, 6, 8)
NAMES = ("cat", "dog", "ox", "yak")


@pytest.fixture
def data():
    return make_dataset("animals", "somewhere", (IMAGES, LABELS), (IMAGES, LABELS), NAMES)


@pytest.fixture
def picture(tmp_path):
    def write(pixels, name="own.png"):
        path = tmp_path / name
        Image.fromarray(pixels).save(path)
        return path

    return write


def test_an_image_of_the_test_set_with_its_label(data):
    for i, label in enumerate(LABELS):
        found = samples.test_image(data, i)
        np.testing.assert_array_equal(found.pixels[..., 0], IMAGES[i])
        assert found.title == f"test image {i}"
        assert found.caption == f"labelled {NAMES[label]}"


@pytest.mark.parametrize("index", [4, 1000])
def test_an_image_that_is_not_there(data, index):
    message = refusal(samples.test_image, data, index)
    assert message == f"test image {index} is out of range; animals has 0 to 3"


@pytest.mark.parametrize(("label", "first"), [(0, 1), (2, 0)])
def test_the_first_image_of_a_class(data, label, first):
    assert samples.first_of_class(data, label).title == f"test image {first}"


@pytest.mark.parametrize("label", [1, 3])
def test_a_class_without_images(data, label):
    message = refusal(samples.first_of_class, data, label)
    assert message.startswith(f"animals has no test image of class {label}")


@pytest.mark.parametrize("shape", [(6, 8, 1), (None, None, 1), (None, 8, None)])
def test_images_that_fit(data, shape):
    samples.check_fit(data, shape)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((6, 9, 1), "6×9×1"), ((6, 8, 3), "6×8×3"), ((None, None, 3), "any×any×3"), ((8, 6, 1), "8×6×1")],
)
def test_images_that_do_not_fit(data, shape, wanted):
    message = refusal(samples.check_fit, data, shape)
    assert f"the network takes {wanted} images, animals has 6×8×1" in message


def test_a_picture_of_ones_own(picture):
    found = samples.own_picture(picture(IMAGES[0]), (6, 8, 1), None)
    np.testing.assert_array_equal(found.pixels[..., 0], IMAGES[0])
    assert (found.title, found.caption) == ("own.png", "taken as it is")


def test_what_was_done_to_it_is_its_caption(picture):
    found = samples.own_picture(picture(IMAGES[0]), (8, 8, 3), None)
    assert found.caption == (
        "grey copied to three channels; resized from 8×6 to 8×8 (proportions changed by 1.33)"
    )


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((None, None, 3), (6, 8, 3)), ((None, 8, 1), (6, 8, 1)), ((3, None, None), (3, 8, 3))],
)
def test_an_open_size_is_the_picture_s(picture, shape, expected):
    found = samples.own_picture(picture(IMAGES[0]), shape, None)
    assert found.pixels.shape == expected


@pytest.mark.parametrize(
    ("pixels", "shape", "ink", "what"),
    [
        (np.full((50, 50), 255, np.uint8), (28, 28, 1), Ink(), "blank"),
        (IMAGES[0], (6, 8, 5), None, "5 channels"),
    ],
)
def test_a_picture_that_cannot_be_fitted_is_named(picture, pixels, shape, ink, what):
    path = picture(pixels)
    message = refusal(samples.own_picture, path, shape, ink)
    assert what in message
    assert path.name in message


def test_a_file_that_is_no_picture_is_named(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("milk, eggs")
    assert f"{path} is not an image" in refusal(samples.own_picture, path, (6, 8, 1), None)
