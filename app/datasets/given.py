"""Images as people have them: files, pictures, arrays of bytes or of floats, tensors; one or many."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from app.counting.rows import shape_text
from app.datasets.arrays import ENDINGS, read_array
from app.datasets.dataset import as_shown
from app.datasets.pictures import plain_picture
from app.datasets.samples import Sample, fitted_sample, own_picture
from models.pixels import Ink, Pixels

Shape = tuple[int | None, ...]


FAR_BEYOND = 10
"""How many times the range of pixels floats must exceed it to be mentioned."""


def series_words(shape: Shape) -> str:
    """Return what series a network takes, whose shape as an image is (1, steps, values).

    >>> series_words((1, 128, 9)), series_words((1, 40, 1))
    ('series of 128 steps with 9 values each', 'series of 40 steps')
    """
    return f"series of {shape[1]} step{'s' if shape[1] != 1 else ''}" + (
        f" with {shape[2]} values each" if shape[2] != 1 else ""
    )


def given_samples(images: Any, shape: Shape, pixels: Pixels, ink: Ink | None = None) -> list[Sample]:
    """Return the images that somebody handed over, each as a network of this shape takes it.

    Bytes are scaled as the network wants them; floats are taken as they are, and their captions say so. Files and
    PIL pictures are fitted to the network's size, arrays must have it.

    Args:
        images: a path, a PIL picture, an array or tensor (height, width), (height, width, channels) or
            (images, height, width[, channels]), or a list of such.
        shape: height, width and channels that the network takes; None where it leaves one open.
        pixels: how pictures enter the network.
        ink: prepare files and pictures as images that hold their signs so.

    Raises:
        ValueError: an image of another size, with values that are no pixels, or a file that is no picture.
        TypeError: it is no image at all.
    """
    many = [*images] if isinstance(images, (list, tuple)) and not _is_of_numbers(images) else None
    if many is not None:
        found = [each for image in many for each in given_samples(image, shape, pixels, ink)]
        if not found:
            raise ValueError("there are no images; give at least one")
        return [_numbered(each, i, len(found)) for i, each in enumerate(found)]
    if isinstance(images, (str, Path)):
        path = Path(images)
        if path.suffix.lower() in ENDINGS:
            return [
                replace(each, title=_of_file(path, each))
                for each in _of_array(read_array(path), shape, pixels)
            ]
        if shape[0] == 1:
            raise ValueError(f"{path} is no series; give a .csv file, a row for each step, or a .npy file")
        return [own_picture(path, shape, ink)]
    if isinstance(images, Image.Image):
        name = Path(str(getattr(images, "filename", ""))).name
        upright = ImageOps.exif_transpose(images)
        return [fitted_sample(plain_picture(upright), name or "the image", shape, ink)]
    return _of_array(_as_array(images), shape, pixels)


def _of_file(path: Path, sample: Sample) -> str:
    return path.name if sample.title in ("the image", "the series") else f"{path.name}, {sample.title}"


def _of_array(array: np.ndarray, shape: Shape, pixels: Pixels) -> list[Sample]:
    batch = _as_batch(array, shape)
    if not len(batch):
        raise ValueError("there are no images; give at least one")
    titles = ["the image"] if len(batch) == 1 else [f"image {i}" for i in range(len(batch))]
    make = _series if shape[0] == 1 else _sample
    return [make(array, title, pixels) for array, title in zip(batch, titles, strict=True)]


def _is_of_numbers(values: Sequence[Any]) -> bool:
    """Return whether nested lists hold numbers, as an image written out by hand does."""
    while isinstance(values, (list, tuple)) and values:
        values = values[0]
    return isinstance(values, (int, float))


def _as_array(images: Any) -> np.ndarray:
    if hasattr(images, "numpy") and not isinstance(images, np.ndarray):  # a tensor
        images = images.numpy()
    if not isinstance(images, (np.ndarray, list, tuple)) and not hasattr(images, "__array__"):
        raise TypeError(
            "expected an image: a path, a PIL picture, an array or a tensor, or a list of them, not "
            f"{type(images).__name__}"
        )
    array = np.ma.getdata(images) if np.ma.isMaskedArray(images) else np.asarray(images)
    if np.ma.isMaskedArray(images) and np.ma.getmaskarray(images).any():
        raise ValueError("a masked array leaves pixels out; fill them first: image.filled(0)")
    if array.dtype.kind not in "buif":
        raise TypeError(f"an image holds numbers, not {array.dtype}")
    return array


def _as_batch(array: np.ndarray, shape: Shape) -> np.ndarray:
    """Return arrays as (images, height, width, channels); those of a network of vectors or series, in its own shape.

    Raises:
        ValueError: they have another size than the network takes.
    """
    ways = {
        2: (array[np.newaxis, ..., np.newaxis],) if array.ndim == 2 else (),
        3: (array[np.newaxis], array[..., np.newaxis]),
        4: (array,),
    }.get(array.ndim, ())
    for batch in ways:
        if all(n is None or n == m for n, m in zip(shape, batch.shape[1:], strict=True)):
            return batch
    if None not in shape:
        sizes = tuple(n or 0 for n in shape)
        for own in (sizes[1:], sizes[1:2], (math.prod(sizes),)):
            if (
                math.prod(own) == math.prod(sizes)
                and array.shape[-len(own) :] == own
                and array.ndim <= len(own) + 1
            ):
                return array.reshape(-1, *sizes)
    if shape[0] == 1:
        raise ValueError(
            f"the network takes {series_words(shape)}, this array is "
            f"{'×'.join(map(str, array.shape)) or 'one number'}"
        )
    wanted = shape_text(shape)
    given = "×".join(map(str, array.shape)) or "one number"
    hint = ""
    if array.dtype == np.uint8 and (array.ndim == 2 or (array.ndim == 3 and array.shape[-1] in (1, 3, 4))):
        hint = "; as a picture, PIL.Image.fromarray(image), it is fitted to the network"
    raise ValueError(f"the network takes {wanted} images, this array is {given}{hint}")


def _sample(array: np.ndarray, title: str, pixels: Pixels) -> Sample:
    if array.dtype.kind == "f":
        if not (np.abs(array) <= np.finfo(np.float32).max).all():
            raise ValueError(f"{title} holds values that are not finite, or too large for 32 bits")
        said = f"floats from {array.min():.3g} to {array.max():.3g}, taken as they are"
        if not (pixels.mean or pixels.std) and array.max() > FAR_BEYOND * max(map(abs, pixels.range)):
            said += f", though the network takes {pixels.words()}; bytes would be scaled"
        return Sample(as_shown(array, pixels), title, said, array)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8) * 255
    elif array.dtype != np.uint8:
        if array.min() < 0 or array.max() > 255:
            raise ValueError(
                f"{title} holds whole numbers from {array.min()} to {array.max()}; pixels are 0…255"
            )
        array = array.astype(np.uint8)
    return Sample(array, title, "bytes, scaled as the network takes them")


def _series(array: np.ndarray, title: str, pixels: Pixels) -> Sample:  # noqa: ARG001
    """Return a series: its numbers are no pixels, and enter as they are."""
    values = array.astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError(f"{title} holds values that are not finite, or too large for 32 bits")
    count = array.shape[1]
    steps = f"{count:,} step{'s' if count > 1 else ''}"
    said = f"{steps}, from {values.min():.3g} to {values.max():.3g}, taken as they are"
    return Sample(values, title.replace("image", "series"), said, values)


def _numbered(sample: Sample, number: int, count: int) -> Sample:
    """Return an image of a list with a title that tells it from the others."""
    if count == 1 or not sample.title.startswith(("the image", "image ")):
        return sample
    return replace(sample, title=f"image {number}")
