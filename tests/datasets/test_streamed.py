"""Images that are read when they are asked for stand where arrays may stand."""

import numpy as np
import pytest
from conftest import refusal
from picture_folders import make_picture_folder

from app.datasets import samples, streamed
from app.datasets.idx_folders import load_mnist
from app.datasets.sources import load_local
from app.datasets.streamed import StreamedImages


@pytest.fixture
def files(tmp_path):
    return sorted(make_picture_folder(tmp_path, count=4).rglob("*.png"))


def test_an_index_a_slice_and_indices_give_bytes(files):
    images = StreamedImages(files, (12, 16, 3))
    whole = np.asarray(images)
    assert (whole.dtype, whole.shape, len(images), images.shape) == (
        np.uint8,
        (8, 12, 16, 3),
        8,
        (8, 12, 16, 3),
    )
    for index in (
        0,
        -1,
        np.int64(3),
        slice(2, 5),
        slice(None, None, -1),
        np.array([5, 0]),
        np.arange(8) % 2 == 0,
    ):
        np.testing.assert_array_equal(images[index], whole[index])
    np.testing.assert_array_equal(np.stack([*images]), whole)
    assert np.asarray(images, np.float32).dtype == np.float32
    with pytest.raises(IndexError):
        images[8]


def test_what_does_not_fit_into_memory_is_refused(files, monkeypatch):
    monkeypatch.setattr("app.untrusted.memory.free_memory", lambda: 1000)
    message = refusal(np.asarray, StreamedImages(files, (224, 224, 3)))
    assert message.startswith("an array of 8 images of 224×224×3 needs about 0.0 GB of memory")


def test_nothing_is_read_before_it_is_asked_for(files, monkeypatch):
    monkeypatch.setattr(streamed, "read_picture", lambda path: pytest.fail(f"{path} was read"))
    images = StreamedImages(files, (12, 16, 3)).fitted((6, 8, 1)).chosen([3, 1])
    assert images.files == (files[3], files[1])
    assert images.shape == (2, 6, 8, 1)


def test_fitting_the_bundled_digits_leaves_the_training_images_unread():
    data = load_mnist()
    fitted = data.fitted((32, 32, 3))
    assert "train_images" not in vars(data)
    assert "train_images" not in vars(fitted)
    assert fitted.test_images.shape == (10_000, 32, 32, 3)
    assert data.fitted((28, 28, 1)) is data
    assert fitted.fitted((8, 8, 1)).test_images[:2].shape == (2, 8, 8, 1)
    assert "train_images" not in vars(fitted)
    assert fitted.train_images.shape == (60_000, 32, 32, 3)
    assert fitted.ink == data.ink is not None


def test_data_of_files_are_fitted_to_a_network_and_arrays_are_not(tmp_path, mnist):
    data = load_local(str(make_picture_folder(tmp_path / "d", count=5)))
    assert samples.fit_data(data, (20, None, 1)).image_shape == (20, 64, 1)
    assert samples.fit_data(mnist, (28, 28, 1)) is mnist
    assert "takes 20×20×1 images" in refusal(samples.fit_data, mnist, (20, 20, 1))
    assert "takes 64×48×4 images" in refusal(samples.fit_data, data, (64, 48, 4))
    assert "takes series" in refusal(samples.fit_data, data, (1, 20, 3))


def test_a_picture_of_a_folder_says_its_name_and_what_was_changed(tmp_path):
    data = samples.fit_data(load_local(str(make_picture_folder(tmp_path / "d", count=5))), (20, 20, 1))
    sample = samples.test_image(data, 0)
    assert sample.title == f"test image 0 ({data.test_images.files[0].name})"
    assert sample.caption.startswith("labelled circle; colour turned to grey; resized from 64×48 to 20×20")
