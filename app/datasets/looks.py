"""A first look at a picture in a file: whether it can be read, its size, its format, and a tiny likeness of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from app.datasets.pictures import read_picture

SIDE = 16
"""Pixels a side of the likeness."""
COARSE = 8
"""Pixels a side of the coarser one, in grey, by which likenesses are found."""
ENOUGH = (64, 64)
"""Width and height that a large JPEG is unpacked to for a look."""
BLANK_SPREAD = 4
"""Levels between the darkest and the brightest value of a picture that holds nothing but one colour."""
GREY_SPREAD = 2
"""Levels by which red, green and blue of a grey picture may differ, as JPEG rounds them."""

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""What a file should hold by its ending."""


@dataclass(frozen=True, eq=False)
class Look:
    """What a first look at a picture shows."""

    size: tuple[int, int]
    """Width and height, upright."""
    format: str
    """What the file holds, whatever it is called."""
    is_grey: bool
    """Whether it has no colours, however it is stored."""
    is_blank: bool
    """Whether it is all of one colour."""
    likeness: np.ndarray
    """Bytes, (16, 16, 3): the picture at that size."""
    coarse: np.ndarray
    """Bytes, (8, 8): the same in grey, smaller."""


def look_at(path: Path) -> Look:
    """Return what a first look at the picture in a file shows; it is unpacked whole, so that damage is noticed.

    Raises:
        ValueError: there is no picture that can be read.
    """
    picture = read_picture(path, ENOUGH)
    colours = picture.image.convert("RGB")
    return Look(
        picture.size,
        picture.format,
        picture.image.mode in ("L", "1") or _is_grey(colours),
        all(_spread(band) <= BLANK_SPREAD for band in colours.split()),
        np.asarray(colours.resize((SIDE, SIDE), Image.Resampling.BILINEAR)),
        np.asarray(colours.convert("L").resize((COARSE, COARSE), Image.Resampling.BILINEAR)),
    )


def is_misnamed(path: Path, look: Look) -> bool:
    """Return whether a file is called as another format than it holds.

    >>> white = Look((1, 1), "PNG", True, True, np.zeros((16, 16, 3)), np.zeros((8, 8)))
    >>> is_misnamed(Path("a.jpg"), white), is_misnamed(Path("a.PNG"), white)
    (True, False)
    """
    return FORMATS.get(path.suffix.lower(), look.format) != look.format


def _is_grey(colours: Image.Image) -> bool:
    red, green, blue = colours.split()
    return all(_spread(ImageChops.difference(red, other)) <= GREY_SPREAD for other in (green, blue))


def _spread(band: Image.Image) -> float:
    """Return the levels between the darkest and the brightest value of a band; of a difference it is the largest."""
    low, high = band.getextrema()
    return high - low  # type: ignore[operator]  # of one band they are numbers
