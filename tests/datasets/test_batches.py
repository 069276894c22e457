"""Batches in constant memory: the same images in the same order, read once where there is room, files named."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from conftest import refusal
from PIL import Image

from app.datasets import batches
from app.datasets.batches import KeptImages, byte_batches, image_batches, keep_pictures, whole_batch
from app.datasets.dataset import scale_pixels
from app.datasets.streamed import StreamedImages
from models.pixels import CENTRED, PLAIN

PICTURES = np.random.default_rng(0).integers(0, 256, (7, 6, 5, 3)).astype(np.uint8)


@pytest.fixture
def files(tmp_path):
    """Seven pictures of 6×5 pixels, without loss."""
    paths = [tmp_path / f"{i}.png" for i in range(len(PICTURES))]
    for path, pixels in zip(paths, PICTURES, strict=True):
        Image.fromarray(pixels).save(path)
    return paths


@pytest.mark.parametrize("size", [1, 3, 7, 100])
@pytest.mark.parametrize("pixels", [None, PLAIN, CENTRED])
def test_files_give_the_batches_of_the_array(files, size, pixels):
    streamed = list(image_batches(StreamedImages(files, (6, 5, 3)), size, pixels))
    arrays = list(image_batches(PICTURES, size, pixels))
    whole = PICTURES if pixels is None else scale_pixels(PICTURES, pixels)
    for ours in (streamed, arrays):
        assert [len(batch) for batch in ours] == [len(whole[i : i + size]) for i in range(0, 7, size)]
        np.testing.assert_array_equal(np.concatenate(ours), whole)
        assert ours[0].dtype == (np.uint8 if pixels is None else np.float32)


def test_the_order_is_the_one_asked_for(files):
    order = np.array([4, 0, 4, 6])
    for images in (StreamedImages(files, (6, 5, 3)), PICTURES):
        np.testing.assert_array_equal(
            np.concatenate(list(image_batches(images, 3, order=order))), PICTURES[order]
        )


def test_no_images_are_no_batches(files):
    for images in (StreamedImages(files, (6, 5, 3)), PICTURES):
        assert not list(image_batches(images, 3, order=np.array([], int)))


def test_more_pictures_than_are_read_ahead(files, monkeypatch):
    """The reader keeps to its few pictures; what comes out does not change."""
    monkeypatch.setattr(batches, "AHEAD_BYTES", 0)
    many = np.arange(200) % 7
    got = np.concatenate(list(image_batches(StreamedImages(files, (6, 5, 3)), 64, order=many)))
    np.testing.assert_array_equal(got, PICTURES[many])


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("no picture")])
def test_a_picture_that_cannot_be_read_is_named(files, damage):
    damage(files[3])
    message = refusal(lambda: list(image_batches(StreamedImages(files, (6, 5, 3)), 2)))
    assert str(files[3]) in message


def test_so_is_one_whose_reader_does_not_name_it(files, monkeypatch):
    def fail(self, index):
        raise OSError("Input/output error")

    monkeypatch.setattr(StreamedImages, "read", fail)
    message = refusal(lambda: list(image_batches(StreamedImages(files, (6, 5, 3)), 2)))
    assert message == f"{files[0]}: Input/output error"


def test_nothing_is_read_once_reading_was_stopped(files):
    stop = threading.Event()
    stop.set()
    images = StreamedImages(files, (6, 5, 3))
    assert "stopped" in refusal(lambda: list(byte_batches(images, [np.arange(7)], stop)))


@pytest.mark.parametrize(("room", "reads"), [(0, 14), (3 * 90, 7 + 4), (7 * 90, 7)])
def test_pictures_are_kept_while_there_is_room(files, monkeypatch, room, reads):
    asked = []
    read = StreamedImages.read
    monkeypatch.setattr(StreamedImages, "read", lambda self, index: asked.append(index) or read(self, index))
    kept = KeptImages(StreamedImages(files, (6, 5, 3)), room)
    for _ in range(2):
        got = np.concatenate(list(image_batches(kept, 2)))
        np.testing.assert_array_equal(got, PICTURES)
    assert len(asked) == reads


def test_training_pictures_have_the_room_first(mnist, files):
    streamed = StreamedImages(files, (6, 5, 3))
    data = replace(mnist, train_images=streamed, test_images=streamed)
    kept = keep_pictures(data, room=8 * 90)
    assert (kept.train_images._most, kept.test_images._most) == (8, 1)
    assert keep_pictures(data, room=0).test_images._most == 0
    assert keep_pictures(mnist) is mnist


def test_a_batch_is_never_larger_than_its_memory():
    assert whole_batch((28, 28, 1)) == 1000
    assert 4 * 224 * 224 * 3 * whole_batch((224, 224, 3)) <= batches.BATCH_BYTES
    assert whole_batch((5000, 5000, 3)) == 1
