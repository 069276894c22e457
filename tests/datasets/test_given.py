"""Images as people have them become the same samples, and what is none is refused in one sentence."""

import numpy as np
import pytest
from conftest import refusal
from PIL import Image

from app.datasets.given import given_samples
from models import Pixels
from models.pixels import CAFFE, PLAIN

GREY, COLOUR, OPEN = (6, 5, 1), (6, 5, 3), (None, None, 3)
DRAW = np.random.default_rng(0)


def picture(shape):
    return DRAW.integers(0, 256, shape, np.uint8)


def pixels_of(images, shape=GREY, pixels=PLAIN):
    return [sample.pixels for sample in given_samples(images, shape, pixels)]


@pytest.mark.parametrize(
    "shape", [(6, 5), (6, 5, 1), (1, 6, 5), (1, 6, 5, 1)], ids=["flat", "channels", "batch", "both"]
)
def test_one_grey_image_in_any_shape(shape):
    image = picture(shape)
    (found,) = pixels_of(image)
    assert found.shape == GREY
    assert (found.ravel() == image.ravel()).all()


def test_a_batch_and_a_list_are_the_same():
    batch = picture((3, 6, 5, 3))
    for images in (batch, list(batch), tuple(batch), [batch[:2], batch[2]]):
        found = given_samples(images, COLOUR, PLAIN)
        assert (np.stack([sample.pixels for sample in found]) == batch).all()
        assert [sample.title for sample in found] == ["image 0", "image 1", "image 2"]


def test_a_file_a_path_and_a_picture(tmp_path):
    image = picture(COLOUR)
    path = tmp_path / "own.png"
    Image.fromarray(image).save(path)
    for given in (path, str(path), [path], Image.open(path), Image.fromarray(image)):
        (found,) = given_samples(given, COLOUR, PLAIN)
        assert (found.pixels == image).all()
    assert found.title == "the image"
    assert given_samples(path, COLOUR, PLAIN)[0].title == "own.png"


def test_a_picture_is_fitted_and_an_array_is_not():
    large = picture((12, 10, 3))
    (found,) = given_samples(Image.fromarray(large), COLOUR, PLAIN)
    assert found.pixels.shape == COLOUR
    assert "resized from 10×12 to 5×6" in found.caption
    assert "takes 6×5×3 images, this array is 12×10×3" in refusal(given_samples, large, COLOUR, PLAIN)


def test_transparency_becomes_white():
    clear = np.zeros((6, 5, 4), np.uint8)
    assert (pixels_of(Image.fromarray(clear), COLOUR)[0] == 255).all()


def test_floats_are_taken_as_they_are_and_that_is_said():
    image = DRAW.uniform(-1, 1, COLOUR)
    (found,) = given_samples(image, COLOUR, Pixels((-1.0, 1.0)))
    assert found.inputs is image or (found.inputs == image).all()
    assert "taken as they are" in found.caption
    np.testing.assert_allclose(found.pixels, (image + 1) / 2)


def test_floats_for_caffe_are_drawn_in_their_colours():
    inputs = np.zeros(COLOUR)
    (found,) = given_samples(inputs, COLOUR, CAFFE)
    np.testing.assert_allclose(found.pixels[0, 0] * 255, (123.68, 116.779, 103.939))


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint16])
def test_whole_numbers_of_a_byte_are_bytes(kind):
    image = picture(GREY)
    (found,) = pixels_of(image.astype(kind))
    assert found.dtype == np.uint8
    assert (found == image).all()
    assert "0…255" in refusal(pixels_of, image.astype(np.int64) + 300)


def test_black_and_white():
    assert set(np.unique(pixels_of(np.eye(6, 5, dtype=bool))[0])) == {0, 255}


def test_an_image_written_out_by_hand():
    rows = [[0, 255, 0, 255, 0]] * 6
    assert (pixels_of(rows)[0][..., 0] == rows).all()


def test_an_open_size_takes_any():
    assert pixels_of(picture((9, 7, 3)), OPEN)[0].shape == (9, 7, 3)
    assert "any×any×3" in refusal(pixels_of, picture((9, 7, 4)), OPEN)


@pytest.mark.keras
def test_a_tensor():
    import app.engine  # noqa: F401, I001
    import tensorflow as tf

    image = picture((2, 6, 5, 1))
    assert (np.stack(pixels_of(tf.constant(image))) == image).all()


@pytest.mark.parametrize("what", [5, None, object(), {"a": 1}, [None], b"bytes"])
def test_what_is_no_image_is_a_type_error(what):
    with pytest.raises(TypeError, match="image"):
        given_samples(what, GREY, PLAIN)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ([], "no images"),
        (np.zeros((0, 6, 5, 1), np.uint8), "no images"),
        (np.full(GREY, np.nan), "not finite"),
        (np.zeros((2, 2, 2, 2, 2)), "this array is 2×2×2×2×2"),
        (np.uint8(3), "this array is one number"),
        ("nowhere.png", "nowhere.png does not exist"),
    ],
)
def test_what_cannot_be_an_image_is_a_value_error(what, words):
    assert words in refusal(given_samples, what, GREY, PLAIN)
