"""Batches of images in constant memory: arrays are cut, files are read ahead by threads."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from app.datasets.ahead import read_ahead
from app.datasets.dataset import Dataset, scale_pixels
from app.datasets.pictures import FittedPicture
from app.datasets.streamed import Images, StreamedImages
from models.pixels import Pixels

AHEAD_BYTES = 32 << 20
"""Pictures that are read before they are needed take at most so much memory."""
BATCH_BYTES = 32 << 20
"""A batch of float32 numbers takes at most about so much, where nothing depends on its size."""
KEPT_BYTES = 256 << 20
"""Pictures that are kept after they were read once take at most so much memory."""


class KeptImages(StreamedImages):
    """Images that are read once each, while there is room to keep them; the others are read again and again.

    Several threads may read.
    """

    def __init__(self, images: StreamedImages, room: int) -> None:
        """Begin with nothing read.

        Args:
            images: the images.
            room: bytes that those kept may take.
        """
        super().__init__(images.sources, images.image_shape, images.ink)
        self._images, self._most = images, room // _bytes(images.image_shape)
        self._kept: dict[int, FittedPicture] = {}

    def read(self, index: int) -> FittedPicture:
        """Return one image, kept or read."""
        picture = self._kept.get(index)
        if picture is None:
            picture = self._images.read(index)
            if len(self._kept) < self._most:
                self._kept[index] = picture
        return picture


def keep_pictures(data: Dataset, room: int = KEPT_BYTES) -> Dataset:
    """Return the same data set, whose pictures are kept once they were read, training images first.

    Where they are arrays already, nothing changes.
    """
    kept: dict[str, Any] = {}
    for name in ("train_images", "test_images"):
        images = getattr(data, name)
        if isinstance(images, StreamedImages):
            kept[name] = KeptImages(images, max(0, room))
            room -= len(images) * _bytes(images.image_shape)
    return replace(data, **kept) if kept else data


def _bytes(shape: tuple[int, ...]) -> int:
    """Return the bytes of one image."""
    return int(np.prod(shape))


def whole_batch(image_shape: tuple[int, ...], most: int = 1000) -> int:
    """Return how many images of a shape make a batch where only memory matters: at most `most`.

    >>> whole_batch((28, 28, 1)), whole_batch((224, 224, 3))
    (1000, 55)
    """
    return max(1, min(most, BATCH_BYTES // (4 * _bytes(image_shape))))


def byte_batches(
    images: Images, groups: Iterable[np.ndarray], stop: threading.Event | None = None
) -> Iterator[np.ndarray]:
    """Yield the images of each group of indices as bytes, (count, height, width, channels).

    Args:
        images: an array, or pictures that are read when they are asked for; threads read these ahead.
        groups: of indices, in the order in which they are wanted; none is empty.
        stop: once it is set, nothing more is read: what was asked for ahead need not be waited for.

    Raises:
        ValueError: a picture cannot be read any more; the message names the file.
    """
    if isinstance(images, np.ndarray):
        yield from (images[group] for group in groups)
        return
    shape, sizes = images.image_shape, deque[int]()

    def indices() -> Iterator[int]:
        for group in groups:
            sizes.append(len(group))
            yield from map(int, group)

    def read(index: int) -> np.ndarray:
        if stop is not None and stop.is_set():
            raise ValueError("reading was stopped")
        return _read(images, index)

    ahead = max(8, min(1024, AHEAD_BYTES // _bytes(shape)))
    pictures = read_ahead(read, indices(), ahead)
    for first in pictures:
        batch = np.empty((sizes.popleft(), *shape), np.uint8)
        batch[0] = first
        for i in range(1, len(batch)):
            batch[i] = next(pictures)
        yield batch


def _read(images: StreamedImages, index: int) -> np.ndarray:
    """Return the pixels of one picture.

    Raises:
        ValueError: it cannot be read any more; the message names the file.
    """
    try:
        return images.read(index).pixels
    except (ValueError, OSError) as error:
        file = "" if images.files is None else str(images.files[index])
        raise ValueError(str(error) if file in str(error) else f"{file}: {error}") from error


def image_batches(
    images: Images,
    batch_size: int | None = None,
    pixels: Pixels | None = None,
    order: np.ndarray | None = None,
    stop: threading.Event | None = None,
) -> Iterator[np.ndarray]:
    """Yield all images, batch after batch, as a network takes them; no more than a few batches are in memory.

    Args:
        images: an array of bytes, or pictures that are read when they are asked for; threads read these ahead.
        batch_size: images in a batch; the last one may have fewer. None: as many as fit 32 MB, at most 1,000.
        pixels: how pixels enter the network (`scale_pixels`): float32. None: bytes as they are.
        order: the indices of the images that are wanted, in this order; None: all of them, as they stand.
        stop: once it is set, nothing more is read ahead.

    Raises:
        ValueError: a picture cannot be read any more; the message names the file.

    >>> few = StreamedImages(np.full((5, 8, 8, 1), 255, np.uint8), (4, 4, 3))
    >>> [batch.shape for batch in image_batches(few, 2)]
    [(2, 4, 4, 3), (2, 4, 4, 3), (1, 4, 4, 3)]
    >>> [float(batch.max()) for batch in image_batches(few, 3, Pixels((-1, 1)), order=np.array([4, 0]))]
    [1.0]
    """
    order = np.arange(len(images)) if order is None else np.asarray(order)
    size = whole_batch(images.shape[1:]) if batch_size is None else batch_size
    groups = (order[start : start + size] for start in range(0, len(order), size))
    for batch in byte_batches(images, groups, stop):
        yield batch if pixels is None else scale_pixels(batch, pixels)
