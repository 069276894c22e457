"""The images that a command is about: a picture of the user's own, or images of a test set."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from app.datasets.pictures import PlainPicture, fit_picture, read_picture
from models.pixels import Ink


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
    return Sample(fitted.pixels, title, "; ".join((*picture.changes, *fitted.changes)) or "taken as it is")


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
    label = data.class_names[int(data.test_labels[index])]
    return Sample(data.test_images[index], f"test image {index}", f"labelled {label}")


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
