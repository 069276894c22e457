"""Pictures from files: read safely, converted to what a network takes, every change said."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from app.datasets.digits import prepare_digit

LARGEST_DISTORTION = 2.0
"""A picture whose sides would be stretched against each other by more than this is refused."""


@dataclass(frozen=True)
class FittedPicture:
    """A picture as a network takes it, with what was done to it."""

    pixels: np.ndarray
    """`uint8`, (height, width, channels)."""
    changes: tuple[str, ...]
    """What was changed on the way from the file, in words."""


def read_picture(path: Path) -> Image.Image:
    """Return the picture in a PNG, JPEG or other image file, upright and without transparency.

    Raises:
        ValueError: there is no file, it is no picture, or it is damaged or absurdly large.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise ValueError(f"image {path} {what}; expected a PNG or JPEG file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                picture = ImageOps.exif_transpose(file)
                picture.load()
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is not an image in a format that can be read") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{path} is too large a picture: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValueError(f"{path} is a damaged picture ({error})") from error
    return plain_picture(picture)


def plain_picture(picture: Image.Image) -> Image.Image:
    """Return a picture in bytes and without transparency, which becomes white."""
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, np.float64)
        if picture.mode == "F":
            top = 1 if values.max() <= 1 else 255
        else:
            top = 65535 if ";16" in picture.mode or values.max() > 255 else 255
        picture = Image.fromarray(np.rint(values.clip(0, top) / top * 255).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        picture = Image.alpha_composite(white, rgba).convert("RGB")
    return picture


def fit_picture(picture: Image.Image, shape: tuple[int, int, int], as_digit: bool) -> FittedPicture:
    """Return `picture` as an input of `shape` (height, width, channels).

    Args:
        picture: what `read_picture` returned.
        shape: what the network takes.
        as_digit: prepare it as the MNIST images were prepared (`prepare_digit`).

    Raises:
        ValueError: the network takes neither grey nor colour images, or the picture's proportions
            are too far from the input's.
    """
    height, width, channels = shape
    if channels not in (1, 3):
        raise ValueError(f"the network takes {channels} channels; a picture has 1 or 3")
    changes = []
    grey = picture.mode in ("L", "1")
    if channels == 1 and not grey:
        bands = np.asarray(picture.convert("RGB"))
        if (bands != bands[..., :1]).any():
            changes.append("colour turned to grey")
    if channels == 3 and grey:
        changes.append("grey copied to three channels")
    picture = picture.convert("L" if channels == 1 or as_digit else "RGB")
    if as_digit:
        pixels, done = prepare_digit(np.asarray(picture), (height, width))
        changes += done
    else:
        pixels, done = _resize(picture, height, width)
        changes += done
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], channels, axis=-1)
    return FittedPicture(pixels, tuple(changes))


def _resize(picture: Image.Image, height: int, width: int) -> tuple[np.ndarray, list[str]]:
    """Return the pixels at the wanted size, and what was said of it."""
    if picture.size == (width, height):
        return np.asarray(picture), []
    distortion = (picture.width / width) / (picture.height / height)
    if max(distortion, 1 / distortion) > LARGEST_DISTORTION:
        raise ValueError(
            f"a picture of {picture.width}×{picture.height} would be squeezed out of shape for an "
            f"input of {width}×{height}; crop it first"
        )
    change = f"resized from {picture.width}×{picture.height} to {width}×{height}"
    if not 0.99 < distortion < 1.01:
        change += f" (proportions changed by {max(distortion, 1 / distortion):.2f})"
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)), [change]
