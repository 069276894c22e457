"""A map laid over its image: the image in grey, the map in colours, the more solid the larger its value."""

import numpy as np

PHOTOGRAPH = 64
"""Pixels of the shorter side from which an image is a photograph, and a digit or a thumbnail no more."""
STRONGEST = 0.005
"""Share of the pixels whose colour is the last one: a few values far above all others would leave the rest dark."""
DIMMED = 0.75
"""Brightness of the image below the map."""
SOLID, POWER = 0.9, 0.7
"""Where a share s of the largest value is s = 1, the map hides so much of the image; elsewhere SOLID · s^POWER."""
GREY = np.array([0.299, 0.587, 0.114])
"""How bright red, green and blue are (ITU-R BT.601)."""


def is_photograph(image: np.ndarray) -> bool:
    """Return whether an image, (height, width, channels), is large enough for a map to be laid over it.

    >>> is_photograph(np.zeros((224, 224, 3))), is_photograph(np.zeros((28, 28, 1)))
    (True, False)
    """
    return image.ndim == 3 and image.shape[-1] in (1, 3) and min(image.shape[:2]) >= PHOTOGRAPH


def last_colour(values: np.ndarray) -> float:
    """Return the magnitude of a map of pixels at which its colours end: that of the strongest 0.5 %.

    >>> last_colour(np.r_[np.ones(999), 50.0]), last_colour(np.r_[np.zeros(999), 50.0])
    (1.0, 50.0)
    """
    magnitudes = np.abs(values)
    return float(np.quantile(magnitudes, 1 - STRONGEST)) or float(magnitudes.max())


def on_scale(values: np.ndarray, largest: float, ends_early: bool) -> tuple[float, np.ndarray]:
    """Return where the colours of a map end, and its values as shares of that, (height, width), signs kept.

    Args:
        values: of a map that is not 0 everywhere, (height, width).
        largest: largest magnitude among the values.
        ends_early: whether the strongest share the last colour, as in a map of the pixels of a photograph.
    """
    end = last_colour(values) if ends_early else largest
    return end, values / end


def lay_over(image: np.ndarray, colours: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return an image below a map, (height, width, 3), numbers of 0…1.

    Args:
        image: bytes or other numbers, (height, width, 1 or 3).
        colours: of the map, (height, width, 3), numbers of 0…1.
        shares: of the largest value, (height, width), −1…1; at 0 only the image is seen.
    """
    solid = SOLID * np.abs(shares).clip(0, 1)[..., np.newaxis] ** POWER
    return np.asarray((1 - solid) * dimmed(image) + solid * colours)


def dimmed(image: np.ndarray) -> np.ndarray:
    """Return an image in grey and a little darker, (height, width, 1), numbers of 0…1.

    Bytes are as bright as they are. Of other numbers, prepared for a network, the smallest is black and the largest
    white.
    """
    low, high = (0, 255) if image.dtype == np.uint8 else (image.min(), image.max())
    shares = (image - low) / (high - low or 1)
    if shares.shape[-1] == 3:
        shares = (shares @ GREY)[..., np.newaxis]
    return np.asarray(DIMMED * shares.mean(axis=-1, keepdims=True))
