"""Own digits, prepared as the MNIST images were, or as other images of signs that a network learnt from.

MNIST's are white ink on black; the digit scaled, proportions kept, into a box of 20 of the 28 pixels, with grey
levels from anti-aliasing; its centre of mass moved to (14, 14), with pixels counted
from 0: over the test set it lies within half a pixel of there.
Source: LeCun, Bottou, Bengio and Haffner 1998, §III.A, and the MNIST page.
"""

import numpy as np
from PIL import Image

from models.pixels import Ink

MNIST = Ink()
BOX_SHARE = MNIST.box
"""Share of the field that the longer side of MNIST's digits fills."""
INK_THRESHOLD = 0.1
"""Values below this share of the strongest ink are paper texture or JPEG noise."""


INK_SHARES = (0.015, 0.45)
"""Share of the field that is ink, beyond which it holds no such digit: of MNIST's 10,000 test images 0.024 to 0.33."""
GAP = 0.05
"""Share of the longer side that must be empty between two signs."""
SIGN = 0.15
"""Share of the ink that makes a part a sign of its own. 2 of MNIST's 10,000 test images have two parts side by side."""


def prepare_digit(
    grey: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST
) -> tuple[np.ndarray, list[str]]:
    """Return a picture of one digit, or of another sign, as MNIST would have it, and what was done to it.

    Args:
        grey: bytes of shape (height, width), ink on paper or light on dark.
        size: height and width of the field, 28×28 for MNIST.
        as_in: how the network's own images hold their signs.

    Raises:
        ValueError: the picture is blank.
    """
    if is_prepared(grey, size, as_in):
        return grey, []
    ink, changes = _extract_ink(grey.astype(np.float64))
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = as_in.box * min(size) / max(digit.shape)
    box = [max(1, round(n * scale)) for n in digit.shape]
    picture = Image.fromarray(np.rint(digit).astype(np.uint8))
    small = np.asarray(
        picture.resize((box[1], box[0]), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    )
    if small.max():
        small = np.rint(small * (255 / small.max())).astype(np.uint8)
    changes.append(f"cropped to {digit.shape[1]}×{digit.shape[0]}, scaled to {box[1]}×{box[0]}")
    changes.append("centred by mass" if as_in.by_mass else "centred")
    changes += _doubts(digit, as_in)
    field = _place(small, size, as_in)
    share = float((field > 127).mean())
    if as_in == MNIST and not INK_SHARES[0] <= share <= INK_SHARES[1]:
        changes.append(f"unlike MNIST's digits: {100 * share:.0f} % of the field is ink, of theirs 2 to 33 %")
    if not as_in.is_light:
        return 255 - field, [*changes, "as dark ink on white"]
    return field, changes


def is_prepared(grey: np.ndarray, size: tuple[int, int], as_in: Ink = MNIST) -> bool:
    """Return whether the picture already has MNIST's size, a dark border and its centre."""
    if not as_in.is_light:
        grey = 255 - grey
    if grey.shape != size or not grey.any():
        return False
    off = np.abs(_centre(grey, as_in) - np.array(size) / 2)
    return _paper(grey) == 0 and bool(np.all(off <= 1.5))


def _extract_ink(grey: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Return the ink as 0…255 on 0, and what was done."""
    paper = _paper(grey)
    darker, lighter = np.clip(paper - grey, 0, None), np.clip(grey - paper, 0, None)
    inverted = bool((darker**2).sum() > (lighter**2).sum())  # the ink is what differs most
    ink = darker if inverted else lighter
    if ink.max() < 16:
        raise ValueError("the picture is blank: no digit stands out from its background")
    ink *= 255 / ink.max()
    ink[ink < INK_THRESHOLD * 255] = 0
    return ink, ["inverted (dark ink on light paper)"] if inverted else []


def _doubts(digit: np.ndarray, as_in: Ink) -> list[str]:
    """Return what there is to say of ink that falls into parts: several signs in one picture."""
    ways = ((0, "side by side"), (1, "below each other"))
    for axis, where in ways if as_in == MNIST else ways[:1]:  # letters have dots
        count = _count_parts(digit, axis)
        if count > 1:
            what = "digits" if as_in == MNIST else "signs"
            return [f"{count} {what} {where}, read as one: crop the picture to one of them"]
    return []


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
