"""The pictures that an exported file is tried on: real ones where there are any, else pictures drawn at random."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.commands.data import open_data
from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from app.datasets.given import given_samples
from app.datasets.pictures import LARGEST_DISTORTION
from app.maps.open_model import OpenModel
from models.pixels import seems_channels_first

Shape = tuple[int | None, ...]
LEAST_SIDE = 5
"""Of a matrix that is taken for a picture; one that is smaller, or long and narrow, is a series."""
USUAL_SIDE = 224
"""Pixels of a side where a network takes pictures of any size, and nobody says which."""
SEED = 0


@dataclass(frozen=True)
class Pictures:
    """What an exported file is tried on."""

    inputs: np.ndarray
    """(images, …), as the network takes them."""
    words: str
    """`100 test images of mnist`."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entrance:
    """How pictures go into the input of a network.

    Args:
        shape: of the input, without the batch.
        asked: height, width and channels of its pictures, where somebody says them.
    """

    shape: Shape
    asked: tuple[int, ...] | None = None

    @property
    def channels_first(self) -> bool:
        """Whether the channels stand in front."""
        return seems_channels_first(self.shape)

    @property
    def picture(self) -> Shape | None:
        """Height, width and channels of its pictures, None where it takes no pictures; a size may be open.

        >>> Entrance((3, 32, 32)).picture, Entrance((784,)).picture, Entrance((10,)).picture
        ((32, 32, 3), (28, 28, 1), None)
        """
        if self.asked is not None:
            return self.asked
        found: Shape | None = None
        if len(self.shape) == 3:
            found = (*self.shape[1:], self.shape[0]) if self.channels_first else self.shape
        elif len(self.shape) == 2 and None not in self.shape:
            short, long = sorted(size or 0 for size in self.shape)
            found = (*self.shape, 1) if short >= LEAST_SIDE and long <= LARGEST_DISTORTION * short else None
        elif len(self.shape) == 1 and self.shape[0] is not None:
            side = math.isqrt(self.shape[0])
            found = (side, side, 1) if side > 1 and side * side == self.shape[0] else None
        return found if found is not None and found[-1] in (1, 3) else None

    @property
    def is_open(self) -> bool:
        """Whether pictures of several sizes go in."""
        return self.picture is not None and len(self.shape) == 3 and None in self.shape

    def size_of(self, inputs: np.ndarray) -> tuple[int, int, int]:
        """Return height, width and channels of the pictures in (images, …) as they went in."""
        height, width, channels = (
            inputs.transpose(0, 2, 3, 1).shape[1:] if self.channels_first else inputs.shape[1:]
        )
        return height, width, channels

    def enter(self, images: np.ndarray) -> np.ndarray:
        """Return (images, height, width, channels) as the input takes them.

        Raises:
            ValueError: they do not fit.
        """
        if self.channels_first:
            images = images.transpose(0, 3, 1, 2)
        if len(self.shape) == 3:
            return images
        try:
            return images.reshape(len(images), *(size or -1 for size in self.shape))
        except ValueError as error:
            given = "×".join(map(str, images.shape[1:]))
            raise ValueError(f"images of {given} do not fit an input of {shape_text(self.shape)}") from error


def choose_pictures(
    opened: OpenModel, entrance: Entrance, source: Any = None, images: Sequence[Any] = (), count: int = 100
) -> Pictures:
    """Return the inputs that an exported file is tried on.

    Args:
        opened: the model.
        entrance: the input that takes pictures.
        source: a data set; None: the one that the network learns from, where it is at hand and fits.
        images: pictures of one's own, instead of a data set; pictures drawn at random make them up to `count`.
        count: how many.

    Raises:
        ValueError: what was given is no picture, or does not fit.
    """
    shape = entrance.picture
    if shape is None:
        if source is not None or len(images):
            raise ValueError(
                f"the model takes {shape_text(entrance.shape)} numbers, which are no picture; leave out --data and "
                "--image, or say --image-shape"
            )
        return _random_numbers(entrance.shape, count)
    if len(images):
        return _of_files(opened, entrance, shape, images, count)
    data = _choose_data(opened, shape, source)
    if data is None:
        pictures = random_pictures(_closed(shape), count)
        return Pictures(entrance.enter(opened.scaled(pictures)), f"{count:,} random pictures")
    chosen, words = np.asarray(data.test_images[:count]), ""
    if len(chosen) < count:
        more = np.asarray(data.train_images[: count - len(chosen)])
        chosen, words = np.concatenate([chosen, more]), f" and {_many(len(more), 'training image')}"
    tested = _many(min(count, len(data.test_images)), "test image")
    return Pictures(entrance.enter(opened.scaled(chosen)), f"{tested}{words} of {data.name}", data.file_notes)


def _closed(shape: Shape, known: tuple[int, ...] = ()) -> tuple[int, int, int]:
    """Return a shape whose open sizes are those of `known`, or the usual side."""
    height, width, channels = (size or (known[i] if known else USUAL_SIDE) for i, size in enumerate(shape))
    return height, width, channels


def _choose_data(opened: OpenModel, shape: Shape, source: Any) -> Dataset | None:
    """Return the data set that was asked for, fitted; else the model's own, if it is at hand; else None."""
    if source is not None:
        data = open_data(source)
        return data.fitted(_closed(shape, data.image_shape))
    if opened.facts.data is None:
        return None
    try:
        data = open_data(opened.facts.data)
    except (ValueError, OSError):
        return None
    fits = all(wanted in (None, has) for wanted, has in zip(shape, data.image_shape, strict=True))
    return data.fitted(_closed(shape, data.image_shape)) if fits or data.is_of_files else None


def _of_files(
    opened: OpenModel, entrance: Entrance, shape: Shape, files: Sequence[Any], count: int
) -> Pictures:
    ink = opened.facts.ink
    samples = [each for file in files for each in given_samples(file, shape, opened.pixels, ink)]
    real = opened.inputs_of(samples[:count])
    words = _many(len(real), "given picture")
    rest = count - len(real)
    if rest > 0:
        drawn = opened.scaled(random_pictures(_closed(shape, real.shape[1:]), rest))
        real = np.concatenate([real, drawn.astype(real.dtype)])
        words += f" and {rest:,} random {'one' if rest == 1 else 'ones'}"
    return Pictures(entrance.enter(real), words)


def random_pictures(shape: tuple[int, int, int], count: int) -> np.ndarray:
    """Return pictures of random patches of several sizes, bytes of (count, height, width, channels).

    Coarse patches lie below finer ones, as light and shade lie below texture; the same at every call.
    """
    generator = np.random.default_rng(SEED)
    height, width, channels = shape
    total = np.zeros((count, *shape), np.float32)
    for patches in (2, 4, 8, 16):
        coarse = generator.random((count, patches, patches, channels), np.float32) - 0.5
        rows, columns = (np.arange(size) * patches // size for size in (height, width))
        total += coarse[:, rows][:, :, columns] * (4 / patches)
    total += (generator.random(total.shape, np.float32) - 0.5) * 0.25
    low, high = total.min(axis=(1, 2, 3), keepdims=True), total.max(axis=(1, 2, 3), keepdims=True)
    return np.rint((total - low) / np.maximum(high - low, 1e-6) * 255).astype(np.uint8)


def _random_numbers(shape: Shape, count: int) -> Pictures:
    return Pictures(random_numbers(shape, count), f"{count:,} inputs of random numbers")


def random_numbers(shape: Shape, count: int, dtype: str = "float32") -> np.ndarray:
    """Return numbers of a normal distribution, or 0 and 1 where they must be whole; open sizes become 16."""
    generator = np.random.default_rng(SEED)
    sizes = (count, *(16 if size is None else size for size in shape))
    if np.dtype(dtype).kind != "f":
        return generator.integers(0, 2, sizes).astype(dtype)
    return generator.standard_normal(sizes).astype(dtype)


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
