"""Less of a data set: which images, and what becomes of their pixels."""

import numpy as np
import pytest

from app.datasets.dataset import make_dataset
from app.datasets.smaller import shrink


def data_of(shape, count=6):
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (count, *shape)).astype(np.uint8)
    labels = np.arange(count) % 3
    return make_dataset("d", "here", (images, labels), (images, labels))


def test_blocks_of_pixels_become_their_mean():
    data = data_of((21, 18, 3))
    small = shrink(data, 6, 6, side=16)
    assert small.image_shape == (10, 9, 3)  # the last row has no partner
    order = [np.flatnonzero(data.train_labels == label) for label in small.train_labels]
    for image, candidates in zip(small.train_images, order, strict=True):
        means = [data.train_images[i, 4:6, 6:8].mean(axis=(0, 1)) for i in candidates]
        assert min(np.abs(image[2, 3] - mean).max() for mean in means) <= 0.5


def test_small_images_stay_as_they_are(mnist):
    data = data_of((16, 12, 1))
    small = shrink(data, 100, 2, side=16)
    assert sorted(map(bytes, small.train_images)) == sorted(map(bytes, data.train_images))
    assert len(small.test_images) == 2
    assert shrink(mnist, 50, 10, side=16).image_shape == (14, 14, 1)


def test_the_same_images_are_drawn_each_time_with_their_labels(mnist):
    one, other = (shrink(mnist, 40, 20, side=28) for _ in range(2))
    assert one.sha256 == other.sha256
    pairs = {(bytes(i), int(n)) for i, n in zip(mnist.train_images, mnist.train_labels, strict=True)}
    assert all((bytes(i), int(n)) in pairs for i, n in zip(one.train_images, one.train_labels, strict=True))
    assert len(set(one.train_labels.tolist())) > 5


@pytest.mark.parametrize(("shape", "words"), [((7, 20), "7×20"), ((40, 12), "and 13×4 once")])
def test_images_that_are_too_small_are_refused(shape, words):
    with pytest.raises(ValueError, match=words):
        shrink(data_of(shape), 6, 6, side=16)
