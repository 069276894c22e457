"""Images of a data set where every process can read them: pictures in their files, arrays in a file of their own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.array_files import open_array
from app.datasets.streamed import Images, Shape, StreamedImages
from app.files.atomic import replacing
from app.files.folder_run import file_state
from models.pixels import Ink


@dataclass(frozen=True)
class StoredImages:
    """Images of one shape, and how they are read; small, since the images are elsewhere."""

    shape: Shape
    """Height, width and channels as they are asked for."""
    ink: Ink | None = None
    """How pictures of signs are prepared."""
    array: Path | None = None
    """The file of an array; None: each image has a file, which is its item."""
    is_fitted: bool = True
    """Whether the images of the array have the shape already."""

    @classmethod
    def of(cls, images: Images, folder: Path, numbers: range) -> "tuple[StoredImages, list[Any]]":
        """Return images as every process can read them, and what stands for each of `numbers`.

        Args:
            images: an array, which is written into the folder, or pictures that are read when they are asked for.
            folder: that all processes see.
            numbers: of the images that are wanted.
        """
        if isinstance(images, np.ndarray):
            return cls(images.shape[1:], None, _keep(images, folder)), list(numbers)
        if images.files is not None:
            return cls(images.image_shape, images.ink), [str(images.files[i].resolve()) for i in numbers]
        array = _keep(np.asarray(images.sources), folder)
        return cls(images.image_shape, images.ink, array, is_fitted=False), list(numbers)

    def read(self, items: Sequence[Any]) -> list[np.ndarray | str]:
        """Return images as bytes; what cannot be read, the reason instead."""
        if self.array is None:
            streamed = StreamedImages([Path(item) for item in items], self.shape, self.ink)
            return [read_or_reason(streamed, i) for i in range(len(items))]
        array = open_array(self.array)
        if self.is_fitted:
            return [array[item] for item in items]
        streamed = StreamedImages(array[list(items)], self.shape, self.ink)
        return [read_or_reason(streamed, i) for i in range(len(items))]


def identity(item: Any) -> Any:
    """Return what tells an image apart without reading it: its number, or its file, with size and time of writing."""
    return (item, *file_state(Path(item))) if isinstance(item, str) else item


def read_or_reason(images: StreamedImages, index: int) -> np.ndarray | str:
    """Return an image as bytes, or why it cannot be read."""
    try:
        return images.read(index).pixels
    except (ValueError, OSError) as error:
        return str(error)


def _keep(array: np.ndarray, folder: Path) -> Path:
    """Write an array into a folder, unless it is there, and return its file, which is named after its content."""
    array = np.ascontiguousarray(array)
    text = hashlib.sha256(repr(array.shape).encode())
    text.update(array.data)
    path = folder / f"images-{text.hexdigest()[:16]}.npy"
    if not path.is_file():
        with replacing(path) as temporary:
            np.save(temporary, array, allow_pickle=False)
    return path
