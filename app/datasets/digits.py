"""Own digits, prepared as the MNIST images were, or as other images of signs that a network learnt from.

MNIST's are white ink on black; the digit scaled, proportions kept, into a box of 20 of the 28 pixels, with grey
levels from anti-aliasing; its centre of mass moved to (14, 14), with pixels counted
from 0: over the test set it lies within half a pixel of there.
Source: LeCun, Bottou, Bengio and Haffner 1998, §III.A, and the MNIST page.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.datasets.paper import as_bytes, slide
from app.datasets.paper_ink import Written, find_written
from models.pixels import Ink

MNIST = Ink()
BOX_SHARE = MNIST.box
"""Share of the field that the longer side of MNIST's digits fills."""
LEAST_STROKE, USUAL_STROKE = 1.75, 2.2
"""Thickness of strokes in 28 pixels (`measure_stroke`): below the first they are made as thick as the second. Of
MNIST's 10,000 test images 0.5 % are below 1.77, half below 2.46."""
UNEVEN = 24
"""Grey levels between the lightest and the darkest paper from which its light is uneven."""
INK_SHARES = (0.015, 0.45)
"""Share of the field that is ink, beyond which it holds no such digit: of MNIST's 10,000 test images 0.024 to 0.33."""
GAP = 0.05
"""Share of the longer side that must be empty between two signs."""
SIGN = 0.15
"""Share of the ink that makes a part a sign of its own. 2 of MNIST's 10,000 test images have two parts side by side."""


@dataclass(frozen=True)
class PreparedSign:
    """A sign as a network's own images hold theirs, and what was done to it."""

    pixels: np.ndarray
    """Bytes, (height, width)."""
    changes: tuple[str, ...] = ()
    """What was done, in words."""
    warnings: tuple[str, ...] = ()
    """Why the network may misread it, a sentence each."""
    stages: tuple[tuple[str, np.ndarray], ...] = ()
    """What each step left: words, and bytes (height, width[, 3])."""


def prepare_digit(
    grey: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST
) -> tuple[np.ndarray, list[str]]:
    """Return a picture of one digit, or of another sign, as MNIST would have it, and what was done to it.

    Raises:
        ValueError: the picture is blank.
    """
    found = prepare_sign(grey, size, as_in)
    return found.pixels, [*found.changes, *found.warnings]


def digit_stages(
    picture: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST
) -> list[tuple[str, np.ndarray]]:
    """Return what each step of the preparation leaves, as words and bytes (height, width[, 3]).

    >>> page = np.full((60, 60), 250, np.uint8); page[20:40, 28:32] = 20
    >>> [words for words, _ in digit_stages(page, (28, 28))]
    ['as photographed', 'the paper', 'the ink', 'cut out', 'as the network sees it']

    Raises:
        ValueError: the picture is blank.
    """
    found = prepare_sign(picture, size, as_in)
    return list(found.stages) or [("as it is", picture), ("as the network sees it", found.pixels)]


def prepare_sign(picture: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST) -> PreparedSign:
    """Return a picture of one digit, or of another sign, as MNIST would have it, and what was done to it.

    Args:
        picture: bytes of shape (height, width), or (height, width, 3): ink on paper or light on dark.
        size: height and width of the field, 28×28 for MNIST.
        as_in: how the network's own images hold their signs.

    Raises:
        ValueError: the picture is blank.
    """
    if picture.shape[:2] == size:
        grey = picture if picture.ndim == 2 else np.asarray(Image.fromarray(picture).convert("L"))
        if is_prepared(grey, size, as_in):
            return PreparedSign(grey)
    written = find_written(picture, keeps_dots=as_in != MNIST)
    changes = ["inverted (dark ink on light paper)"] if written.sheet.is_dark else []
    if written.sheet.unevenness > UNEVEN:
        changes.append("uneven light evened out")
    if written.lines:
        changes.append(f"{written.lines} printed line{'s' * (written.lines > 1)} taken away")
    rows, columns = (np.flatnonzero(written.ink.any(axis=axis)) for axis in (1, 0))
    digit = written.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cut = [max(1, round(n / written.sheet.scale)) for n in digit.shape]
    if as_in == MNIST:
        digit, said = _with_usual_strokes(digit)
        changes += said
    scale = as_in.box * min(size) / max(digit.shape)
    box = [max(1, round(n * scale)) for n in digit.shape]
    small = _scaled(digit, box)
    changes.append(f"cropped to {cut[1]}×{cut[0]}, scaled to {box[1]}×{box[0]}")
    changes.append("centred by mass" if as_in.by_mass else "centred")
    warnings = _doubts(written, digit, as_in)
    pixels = _place(small, size, as_in)
    share = float((pixels > 127).mean())
    if as_in == MNIST and not INK_SHARES[0] <= share <= INK_SHARES[1]:
        warnings.append(
            f"unlike MNIST's digits: {100 * share:.0f} % of the field is ink, of theirs 2 to 33 %"
        )
    if not as_in.is_light:
        pixels = 255 - pixels
        changes.append("as dark ink on white")
    stages = (*written.stages, ("as the network sees it", pixels))
    return PreparedSign(pixels, tuple(changes), tuple(warnings), stages)


def _scaled(digit: np.ndarray, box: list[int]) -> np.ndarray:
    """Return ink from 0 to 1 as bytes in another height and width, the strongest white."""
    is_smaller = box[0] < digit.shape[0]
    way = Image.Resampling.BOX if is_smaller else Image.Resampling.BILINEAR
    small = np.asarray(Image.fromarray(as_bytes(255 * digit)).resize((box[1], box[0]), way))
    return as_bytes(small * (255 / small.max())) if small.max() else small


def measure_stroke(digit: np.ndarray) -> float:
    """Return how thick the strokes of a sign are, in pixels: 2 Σ ink / Σ |slope of the ink|.

    A long bar of thickness t has t of ink and a slope of 1 on either side for each pixel of its length.

    >>> bar = np.zeros((9, 40)); bar[3:7] = 1
    >>> round(measure_stroke(bar), 1)
    3.5
    """
    down, right = np.gradient(np.pad(digit, 1))
    return float(2 * digit.sum() / max(np.hypot(down, right).sum(), 1e-6))


def _with_usual_strokes(digit: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Return a digit, ink from 0 to 1, whose strokes are at least as thick for its size as nearly all of MNIST's."""
    share = BOX_SHARE / max(digit.shape)  # of the field, for one of its pixels
    stroke = measure_stroke(_scaled(digit, [max(1, round(28 * share * n)) for n in digit.shape]) / 255) / 28
    if stroke >= LEAST_STROKE / 28:
        return digit, []
    times = max(
        1, math.ceil(4 * share * 28)
    )  # a step of one pixel is to be a quarter of one of MNIST's at most
    if times > 1:
        image = Image.fromarray(as_bytes(255 * digit))
        large = image.resize((image.width * times, image.height * times), Image.Resampling.BICUBIC)
        digit = (np.asarray(large) / np.float32(255)).astype(np.float32)
    reach = round(
        0.85 * (USUAL_STROKE / 28 - stroke) / 2 / share * times
    )  # a square reaches further at a slant
    if reach < 1:
        return digit, []
    return slide(np.pad(digit, 2 * reach), 2 * reach + 1, np.maximum), ["thin strokes made thicker"]


def resize_sign(pixels: np.ndarray) -> np.ndarray:
    """Return an image of a sign with the sign a sixth larger, and a sixth smaller, around its middle.

    Args:
        pixels: bytes, (height, width, channels), on black.

    >>> resize_sign(np.zeros((28, 28, 1), np.uint8)).shape
    (2, 28, 28, 1)
    """
    height, width, channels = pixels.shape
    resized = np.empty((2, height, width, channels), np.uint8)
    for times, into in zip((7 / 6, 5 / 6), resized, strict=True):
        share = 1 / times
        matrix = (share, 0, width / 2 * (1 - share), 0, share, height / 2 * (1 - share))
        for channel in range(channels):
            image = Image.fromarray(pixels[..., channel])
            way = Image.Resampling.BICUBIC
            into[..., channel] = np.asarray(
                image.transform((width, height), Image.Transform.AFFINE, matrix, way)
            )
    return resized


def is_prepared(grey: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST) -> bool:
    """Return whether the picture already has MNIST's size, a dark border and its centre."""
    if not as_in.is_light:
        grey = 255 - grey
    if grey.shape != size or not grey.any():
        return False
    off = np.abs(_centre(grey, as_in) - np.array(size) / 2)
    return _paper(grey) == 0 and bool(np.all(off <= 1.5))


def _doubts(written: Written, digit: np.ndarray, as_in: Ink) -> list[str]:
    """Return what there is to say of a sign that may be misread."""
    what = "digit" if as_in == MNIST else "sign"
    doubts = []
    for axis, where in ((0, "side by side"), (1, "below each other")):
        others = written.others[axis]
        if others:
            doubts.append(f"{others + 1} {what}s {where}, one of them read: crop the picture to one")
        elif axis == 0 or as_in == MNIST:  # letters have dots
            count = _count_parts(digit, axis)
            if count > 1:
                doubts.append(f"{count} {what}s {where}, read as one: crop the picture to one of them")
    if written.is_cut:
        doubts.append(f"the {what} touches the border of the picture, so a part of it may be missing")
    return doubts


def _count_parts(digit: np.ndarray, axis: int) -> int:
    """Return into how many parts ink falls along an axis, specks left out."""
    filled = np.flatnonzero((digit > 0.3 * digit.max()).any(axis=axis))
    parts = np.split(filled, np.flatnonzero(np.diff(filled) > max(2, GAP * max(digit.shape))) + 1)
    line = digit.sum(axis=axis)
    return sum(bool(line[part[0] : part[-1] + 1].sum() >= SIGN * line.sum()) for part in parts if len(part))


def _paper(grey: np.ndarray) -> float:
    """Return what the paper is: the median along the border."""
    return float(np.median(np.concatenate([grey[[0, -1]].ravel(), grey[:, [0, -1]].ravel()])))


def _centre_of_mass(ink: np.ndarray) -> np.ndarray:
    total = float(ink.sum())
    return np.array([(np.indices(ink.shape)[axis] * ink).sum() / total for axis in (0, 1)])


def _centre(ink: np.ndarray, as_in: Ink) -> np.ndarray:
    """Return the centre of mass, or the middle of the box around the ink."""
    if as_in.by_mass:
        return _centre_of_mass(ink)
    lines = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return np.array([(line[0] + line[-1] + 1) / 2 for line in lines])


def _place(digit: np.ndarray, size: tuple[int, int], as_in: Ink) -> np.ndarray:
    """Return the field with the digit's centre in its middle, the digit kept inside."""
    field = np.zeros(size, np.uint8)
    offset = np.rint(np.array(size) / 2 - _centre(digit, as_in)).astype(int)
    top, left = np.clip(offset, 0, np.array(size) - digit.shape)
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field
