"""Images that are read and fitted when they are asked for: a folder of pictures in constant memory."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.datasets.ahead import read_ahead
from app.datasets.pictures import FittedPicture, PlainPicture, fit_picture, read_picture
from app.untrusted.memory import verify_fits
from models.pixels import Ink

Shape = tuple[int, int, int]
"""Height, width and channels."""


class StreamedImages:
    """Images of one shape, each read from its file, or from an array, and fitted when it is asked for.

    It stands where an array of bytes (count, height, width, channels) may stand: it has a length, a shape and a type,
    and an index, a slice or an array of indices gives bytes. `np.asarray` of it reads all.

    >>> few = StreamedImages(np.zeros((3, 28, 28, 1), np.uint8), (8, 8, 3))
    >>> few.shape, few[0].shape, few[1:].shape
    ((3, 8, 8, 3), (8, 8, 3), (2, 8, 8, 3))
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self, sources: Sequence[Path] | np.ndarray, image_shape: Shape, ink: Ink | None = None
    ) -> None:
        self.sources = sources if isinstance(sources, np.ndarray) else tuple(sources)
        """Files, or an array of bytes (count, height, width, channels)."""
        self.image_shape, self.ink = image_shape, ink

    @property
    def files(self) -> tuple[Path, ...] | None:
        """The files, in order; None where the images come from an array."""
        return None if isinstance(self.sources, np.ndarray) else self.sources

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Count, height, width and channels."""
        return (len(self.sources), *self.image_shape)

    def fitted(self, image_shape: Shape, ink: Ink | None = None) -> "StreamedImages":
        """Return the same images in another shape, fitted anew from where they came."""
        return StreamedImages(self.sources, image_shape, ink)

    def chosen(self, indices: Any) -> "StreamedImages":
        """Return some of the images, in the order of their indices, unread."""
        if isinstance(self.sources, np.ndarray):
            return StreamedImages(self.sources[indices], self.image_shape, self.ink)
        chosen = np.arange(len(self.sources))[indices]
        return StreamedImages([self.sources[i] for i in chosen], self.image_shape, self.ink)

    def read(self, index: int) -> FittedPicture:
        """Return one image with what was changed on its way.

        Raises:
            ValueError: its file can no longer be read.
        """
        source = self.sources[index]
        picture = read_picture(source) if isinstance(source, Path) else PlainPicture(_as_picture(source))
        fitted = fit_picture(picture.image, self.image_shape, self.ink)
        return FittedPicture(fitted.pixels, (*picture.changes, *fitted.changes), fitted.warnings)

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self.read(i).pixels for i in range(len(self)))

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, (int, np.integer)):
            return self.read(range(len(self))[index]).pixels
        return np.asarray(self.chosen(index))

    def hash_sources(self) -> bytes:
        """Return a SHA-256 of the files' contents, or of the array, and of what is made of them; nothing is unpacked.

        Raises:
            ValueError: a file can no longer be read.
        """
        digest = hashlib.sha256(repr((self.image_shape, self.ink)).encode())
        if isinstance(self.sources, np.ndarray):
            digest.update(np.ascontiguousarray(self.sources).data)
        else:
            for content in read_ahead(_hash_file, self.sources):
                digest.update(content)
        return digest.digest()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return all images as an array.

        Raises:
            ValueError: they do not fit into memory, or a file can no longer be read.
        """
        verify_fits(
            math.prod(self.shape),
            f"an array of {len(self):,} images of {'×'.join(map(str, self.image_shape))}",
        )
        made = np.empty(self.shape, np.uint8)
        for i, image in enumerate(read_ahead(lambda i: self.read(i).pixels, range(len(self)))):
            made[i] = image
        return made if dtype is None else made.astype(dtype)


def _hash_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise ValueError(f"{path} can no longer be read ({error.strerror or error})") from error


def _as_picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


Images = np.ndarray | StreamedImages
"""An array of bytes, (count, height, width, channels), or what stands in for one."""
