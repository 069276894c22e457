"""How a data set holds its signs, and own pictures prepared so."""

import numpy as np
import pytest
from PIL import Image

from app.datasets.digits import is_prepared, prepare_digit
from app.datasets.ink import find_ink
from models.pixels import Ink

EMNIST = Ink(box=24 / 28, by_mass=False)


def box_of(image):
    """Top, bottom, left and right of the ink."""
    rows, columns = (np.flatnonzero((image > 25).any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def prepared(images, ink):
    """Digits taken off their field and put on paper, and from there prepared."""
    found = []
    for image in images[..., 0]:
        page = 255 - np.asarray(Image.fromarray(image).resize((280, 280), Image.Resampling.BICUBIC))
        page = np.pad(page, ((30, 60), (10, 20)), constant_values=255)
        found.append(prepare_digit(page, (28, 28), ink)[0])
    return np.stack(found)[..., np.newaxis]


def test_mnist_is_as_its_authors_describe_it(mnist):
    """A box of 20 of 28 pixels, white ink, the centre of mass in the middle."""
    assert find_ink(mnist.train_images) == Ink(is_light=True, box=20 / 28, by_mass=True)
    assert find_ink(mnist.test_images[:50]) == Ink()


@pytest.mark.parametrize("ink", [Ink(), EMNIST, Ink(is_light=False), Ink(False, 18 / 28, by_mass=False)])
def test_pictures_are_prepared_as_the_data_are(mnist, ink):
    """What is prepared for a network is measured to be as that network's data."""
    images = prepared(mnist.test_images[:200], ink)
    assert find_ink(images) == ink
    assert all(is_prepared(image, (28, 28), ink) for image in images[:, ..., 0])
    again, changes = prepare_digit(images[0, ..., 0], (28, 28), ink)
    np.testing.assert_array_equal(again, images[0, ..., 0])
    assert changes == []


def test_the_box_of_a_prepared_sign_lies_in_the_middle(mnist):
    for image in prepared(mnist.test_images[:50], EMNIST)[..., 0]:
        top, bottom, left, right = box_of(image)
        assert max(bottom - top, right - left) in (23, 24)
        assert abs(top + bottom - 28) <= 2
        assert abs(left + right - 28) <= 2


def test_dark_ink_is_given_to_networks_that_learnt_from_it(mnist):
    image = prepared(mnist.test_images[:1], Ink(is_light=False))[0]
    assert image[0, 0] == 255
    np.testing.assert_array_equal(255 - image, prepared(mnist.test_images[:1], Ink())[0])


def photographs():
    return np.random.default_rng(0).integers(0, 256, (100, 28, 28, 1), dtype=np.uint8)


def clothes():
    """Light shapes on black that reach the border, as most of Fashion-MNIST's do."""
    images = np.zeros((100, 28, 28, 1), np.uint8)
    images[:, :, 6:22] = np.random.default_rng(0).integers(100, 256, (100, 28, 16, 1), dtype=np.uint8)
    return images


@pytest.mark.parametrize(
    "images",
    [
        photographs(),
        clothes(),
        255 - clothes(),
        np.zeros((10, 28, 28, 1), np.uint8),
        np.repeat(photographs(), 3, axis=-1),
        np.zeros((10, 6, 6, 1), np.uint8),
    ],
    ids=["photographs", "clothes", "clothes on white", "blank", "colour", "tiny"],
)
def test_what_is_not_the_sign_of_a_hand(images):
    assert find_ink(images) is None


def test_a_few_signs_that_touch_the_border_do_not_decide(mnist):
    images = mnist.test_images[:100].copy()
    images[:4, 0] = 255
    assert find_ink(images) == Ink()
    images[:20, 0] = 255
    assert find_ink(images) is None


@pytest.mark.parametrize("box", [0, -1, 1.01, float("nan")])
def test_a_share_that_is_none(box):
    with pytest.raises(ValueError, match="a share of the picture above 0 and up to 1"):
        Ink(box=box)
