"""Pictures from files: read safely, converted to what a network takes, every change said."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from app.datasets.damage import damage_words, unknown_words
from app.datasets.digits import prepare_sign
from app.datasets.silence import without_warnings
from app.untrusted.places import verify_readable
from models.pixels import Ink

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
"""Formats that are read; Pillow knows others, of which some start another program."""
SAME_FORMAT = {"MPO": "JPEG"}
"""What Pillow calls by a name of its own: a JPEG of a phone with a second picture behind the first."""
MOST_PIXELS = 30_000_000
"""Of one picture; a network sees a few hundred across."""
LARGEST_DISTORTION = 2.0
"""Of a picture whose sides would be stretched against each other by more than this, the middle is cut out."""

USUAL_BITS = (1, 8, 10, 12, 16)
"""Bits of grey that cameras and scanners store, often within 16."""
OVERSHOOT = 0.05
"""Share by which fractions may leave their range, as smoothing makes them."""
LEAST_CONTRAST = 1 / 3
"""Contrast on white, against that on black, below which transparency is taken for black."""


@dataclass(frozen=True)
class FittedPicture:
    """A picture as a network takes it, with what was done to it."""

    pixels: np.ndarray
    """`uint8`, (height, width, channels)."""
    changes: tuple[str, ...]
    """What was changed on the way from the file, in words."""
    warnings: tuple[str, ...] = ()
    """Why a network may misread it, a sentence each."""


@dataclass(frozen=True)
class PlainPicture:
    """A picture in bytes, without transparency, with what was found out about it."""

    image: Image.Image
    changes: tuple[str, ...] = ()
    """What was changed on the way from the file, in words."""
    format: str = ""
    """What its file holds, whatever it is called: `JPEG`; "" where it comes from no file."""
    size: tuple[int, int] = (0, 0)
    """Width and height in the file, upright; (0, 0) where it comes from no file."""


def read_picture(path: Path, least: tuple[int, int] | None = None) -> PlainPicture:
    """Return the picture in a PNG, JPEG or other image file, upright and without transparency.

    Args:
        path: the file.
        least: width and height that are enough for a first look: a large JPEG is then unpacked at a half, a quarter or
            an eighth of its size, but no smaller than these, which is faster.

    Raises:
        ValueError: there is no file, it is no picture, or it is damaged or absurdly large.
    """
    verify_readable(path, "image", f"a picture ({', '.join(FORMATS)})")
    try:
        # Of what is odd inside and read all the same nothing is said.
        with without_warnings(), Image.open(path, formats=FORMATS) as file:
            if math.prod(file.size) > MOST_PIXELS:  # before a pixel of it is unpacked
                raise ValueError(_too_large(path, math.prod(file.size)))
            frames, is_cut = getattr(file, "is_animated", False), _is_cut_to_eight_bits(file)
            kind, size = str(file.format), file.size
            if least is not None:
                file.draft(None, least)
            drawn = file.size
            picture = ImageOps.exif_transpose(file)
            picture.load()
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} {unknown_words(path, ', '.join(FORMATS))}") from error
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large(path, int(re.findall(r"[0-9]+", str(error))[0]))) from error
    except Exception as error:  # Pillow's readers raise whatever a damaged byte makes them stumble over
        if str(path) in str(error):
            raise
        raise ValueError(f"{path} is a damaged picture ({damage_words(error, path)})") from error
    if is_cut and _is_left_empty(picture):
        raise ValueError(
            f"{path} holds 12 bits or fewer in a 16-bit picture in colour, of which the upper 8 can be read; save it "
            "with 8 bits, or as grey"
        )
    plain = plain_picture(picture)
    changes = (*["the first of several frames"] * bool(frames), *plain.changes)
    is_turned = picture.size == drawn[::-1] != drawn
    return PlainPicture(plain.image, changes, SAME_FORMAT.get(kind, kind), size[::-1] if is_turned else size)


def _too_large(path: Path, pixels: int) -> str:
    return (
        f"{path} is too large a picture: {pixels:,} pixels are {pixels / 1e6:,.0f} megapixels, at most "
        f"{MOST_PIXELS / 1e6:.0f} are read"
    )


def _is_cut_to_eight_bits(file: Image.Image) -> bool:
    """Return whether Pillow reads only the upper byte of each value: of 16-bit pictures that are not plain grey."""
    tiles = getattr(file, "tile", ())
    return file.format == "PNG" and any(";16" in str(tile[3]) for tile in tiles) and file.mode[0] != "I"


def _is_left_empty(picture: Image.Image) -> bool:
    """Return whether the upper bytes hold next to nothing; black that is drawn by its transparency is something."""
    colours = [np.asarray(picture.getchannel(band)) for band in picture.getbands()]
    alpha = colours.pop() if "A" in picture.getbands() else np.zeros(1)
    largest = max(int(colour.max()) for colour in colours)
    return 0 < largest < 16 or (largest == 0 and bool(np.ptp(alpha) == 0))


def plain_picture(picture: Image.Image) -> PlainPicture:
    """Return a picture in bytes and without transparency.

    What is transparent becomes white, or black where the picture would hardly be seen on white.

    Raises:
        ValueError: it holds values that are no shades of grey.
    """
    changes: list[str] = []
    if picture.mode.startswith("I") or picture.mode == "F":
        picture, changes = _as_bytes(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture, said = _on_paper(picture.convert("RGBA"))
        changes += said
    return PlainPicture(picture, tuple(changes))


def _as_bytes(picture: Image.Image) -> tuple[Image.Image, list[str]]:
    """Return a picture of numbers as bytes, scaled by the least of the usual numbers of bits that holds them."""
    values = np.asarray(picture, np.float64)
    least, largest = float(values.min()), float(values.max())
    slack = 1 + OVERSHOOT if picture.mode == "F" else 1
    bits = next((n for n in USUAL_BITS if largest <= (2**n - 1) * slack), 0)
    top = 2.0**bits - 1 if bits else largest
    if not np.isfinite(values).all() or least < (1 - slack) * top:
        raise ValueError(
            "the picture holds values that are negative or no numbers; expected 0…1, 0…255 or up to 16 bits"
        )
    grey = Image.fromarray(np.rint(values.clip(0, top) / top * 255).astype(np.uint8))
    if picture.mode == "F" and bits == 1:
        return grey, []
    words = f"read as {bits} bit{'s' * (bits > 1)}" if bits else "scaled"
    return grey, [f"{words}: the largest value is {largest:{',.0f' if largest.is_integer() else 'g'}}"]


def _on_paper(picture: Image.Image) -> tuple[Image.Image, list[str]]:
    """Return a picture on white, or on black where its contrast there is much the larger."""
    sheets = [Image.new("RGBA", picture.size, colour) for colour in ("white", "black")]
    on_white, on_black = (Image.alpha_composite(sheet, picture).convert("RGB") for sheet in sheets)
    contrast = [float(np.asarray(image.convert("L"), float).std()) for image in (on_white, on_black)]
    if contrast[0] < contrast[1] * LEAST_CONTRAST:
        return on_black, ["light ink on transparency, put on black"]
    return on_white, []


def fit_picture(picture: Image.Image, shape: tuple[int, int, int], ink: Ink | None) -> FittedPicture:
    """Return `picture` as an input of `shape` (height, width, channels).

    Args:
        picture: what `read_picture` found.
        shape: what the network takes.
        ink: prepare it as images that hold their signs so were prepared (`prepare_sign`); None: only resize it.

    Raises:
        ValueError: the network takes neither grey nor colour images.
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
    warnings: tuple[str, ...] = ()
    if ink:  # of a coloured pen one channel shows more than another
        sign = prepare_sign(np.asarray(picture.convert("L" if grey else "RGB")), (height, width), ink)
        pixels, warnings = sign.pixels, sign.warnings
        changes += sign.changes
    else:
        pixels, done = _resize(picture.convert("L" if channels == 1 else "RGB"), height, width)
        changes += done
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], channels, axis=-1)
    return FittedPicture(pixels, tuple(changes), warnings)


def _resize(picture: Image.Image, height: int, width: int) -> tuple[np.ndarray, list[str]]:
    """Return the pixels at the wanted size, and what was said of it."""
    if picture.size == (width, height):
        return np.asarray(picture), []
    picture, changes = _cut_middle(picture, height, width)
    distortion = (picture.width / width) / (picture.height / height)
    change = f"resized from {picture.width}×{picture.height} to {width}×{height}"
    if not 0.99 < distortion < 1.01:
        change += f" (proportions changed by {max(distortion, 1 / distortion):.2f})"
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)), [*changes, change]


def _cut_middle(picture: Image.Image, height: int, width: int) -> tuple[Image.Image, list[str]]:
    """Return the middle of a picture whose proportions are too far from those wanted, else the whole; with words."""
    widest = max(1, math.floor(LARGEST_DISTORTION * picture.height * width / height + 1e-6))
    highest = max(1, math.floor(LARGEST_DISTORTION * picture.width * height / width + 1e-6))
    size = min(picture.width, widest), min(picture.height, highest)
    if size == picture.size:
        return picture, []
    left, top = ((whole - part) // 2 for whole, part in zip(picture.size, size, strict=True))
    said = f"cut to its middle, {size[0]}×{size[1]} of {picture.width}×{picture.height}"
    return picture.crop((left, top, left + size[0], top + size[1])), [said]
