"""The images that a command is about: a picture of the user's own, or images of a test set."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from app.datasets.digits import MNIST
from app.datasets.pictures import PlainPicture, fit_picture, read_picture
from app.untrusted.text import visible
from models.pixels import Ink

SHOWN = 512
"""Pixels of the longer side of a picture as it is kept to be shown beside what the network gets."""


@dataclass(frozen=True)
class Sample:
    """One image that is looked at."""

    pixels: np.ndarray
    """As it is drawn, (height, width, channels): bytes, or what `inputs` look like."""
    title: str
    caption: str
    """Its label, or what was done to the picture."""
    inputs: np.ndarray | None = None
    """Just what the network takes, (height, width, channels); None: the pixels, scaled as it wants them."""
    before: np.ndarray | None = None
    """What the picture looked like before it was fitted, bytes, no larger than `SHOWN`; None: just so."""
    warnings: tuple[str, ...] = ()
    """Why a network may misread it, a sentence each; they stand in the caption too."""
    is_digit: bool = False
    """Whether it is a picture of somebody's own that was prepared as MNIST's digits were."""


def own_picture(path: Path, shape: tuple[int | None, ...], ink: Ink | None) -> Sample:
    """Return the picture in a file, fitted to an input of `shape`; an open size keeps the picture's.

    Raises:
        ValueError: it is no picture, or it cannot be fitted safely.
    """
    try:
        return fitted_sample(read_picture(path), path.name, shape, ink)
    except ValueError as error:
        if str(path) in str(error):
            raise
        raise ValueError(f"{path}: {error}") from error


def fitted_sample(
    picture: PlainPicture, title: str, shape: tuple[int | None, ...], ink: Ink | None
) -> Sample:
    """Return a picture fitted to an input of `shape`; an open size keeps the picture's.

    Raises:
        ValueError: it cannot be fitted safely.
    """
    height, width, channels = shape
    size = (height or picture.image.height, width or picture.image.width, channels or 3)
    fitted = fit_picture(picture.image, size, ink)
    said = "; ".join((*picture.changes, *fitted.changes, *fitted.warnings)) or "taken as it is"
    before = _shown(picture.image) if fitted.changes else None
    return Sample(fitted.pixels, title, said, None, before, fitted.warnings, ink == MNIST)


def _shown(picture: Image.Image) -> np.ndarray:
    small = picture.convert("RGB")  # a copy
    small.thumbnail((SHOWN, SHOWN))
    return np.asarray(small)


def fit_data(data: Dataset, shape: tuple[int | None, ...], ink: Ink | None = None) -> Dataset:
    """Return a data set as a network of this shape takes it: pictures in files are fitted, arrays must have its size.

    Args:
        data: the data set.
        shape: height, width and channels; None where the network leaves one open, the data set's own is then taken.
        ink: prepare pictures in files as images that hold their signs so, as pictures of one's own are.

    Raises:
        ValueError: it holds arrays of another size, or the network takes no images.
    """
    height, width, channels = (n or m for n, m in zip(shape, data.image_shape, strict=True))
    if data.is_of_files and shape[0] != 1 and channels in (1, 3):
        data = data.fitted((height, width, channels), ink)
    check_fit(data, shape)
    return data


def check_fit(data: Dataset, shape: tuple[int | None, ...]) -> None:
    """Check that the images of a data set have the size that a network takes.

    Raises:
        ValueError: they have not, or the network takes no images.
    """
    if shape[0] == 1:
        raise ValueError(f"the network takes series, and {data.name} holds images")
    if any(n is not None and n != m for n, m in zip(shape, data.image_shape, strict=True)):
        wanted = shape_text(shape)
        given = "×".join(map(str, data.image_shape))
        raise ValueError(
            f"the network takes {wanted} images, {data.name} has {given}; give --image FILE, or "
            "--data with images of that size"
        )


def test_image(data: Dataset, index: int) -> Sample:
    """Return test image number `index`.

    Raises:
        ValueError: there are not so many.
    """
    count = len(data.test_images)
    if index >= count:
        raise ValueError(f"test image {index} is out of range; {data.name} has 0 to {count - 1}")
    label, images = data.class_names[int(data.test_labels[index])], data.test_images
    if isinstance(images, np.ndarray) or images.files is None:
        return Sample(images[index], f"test image {index}", f"labelled {label}")
    path = images.files[index]
    sample = own_picture(path, images.image_shape, images.ink)
    title, said = (
        f"test image {index} ({visible(path.name)})",
        f"; {sample.caption}" * (sample.before is not None),
    )
    return replace(sample, title=title, caption=f"labelled {label}{said}")


def first_of_class(data: Dataset, class_index: int) -> Sample:
    """Return the first test image whose label is `class_index`.

    Raises:
        ValueError: there is none.
    """
    return test_images(data, 1, class_index)[0]


def test_images(data: Dataset, count: int, class_index: int | None) -> list[Sample]:
    """Return the first `count` test images, of one class if it is given; fewer where there are fewer.

    Raises:
        ValueError: there is none of the class.
    """
    found = np.arange(len(data.test_images))
    if class_index is not None:
        found = np.flatnonzero(data.test_labels == class_index)
    if not found.size:
        raise ValueError(f"{data.name} has no test image of class {class_index}; give --index")
    return [test_image(data, int(i)) for i in found[:count]]
