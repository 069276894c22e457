"""How the images of a data set hold the signs of a hand, found out by looking at them."""

import numpy as np

from models.pixels import Ink

LOOKED_AT = 2_000
"""Images that are looked at."""
PLAIN_SHARE = 0.95
"""Share of the images whose border must be paper; of MNIST's 98 % are so, of Fashion-MNIST's 0.4 %."""
PAPER_SPREAD = 16
"""Grey levels by which paper may differ from black or white."""


def find_ink(images: np.ndarray) -> Ink | None:
    """Return how signs stand in grey images with plain borders; None where the images are no such signs.

    Args:
        images: bytes, (count, height, width, channels).
    """
    if images.shape[-1] != 1 or min(images.shape[1:3]) < 8:
        return None
    grey = images[:: max(1, len(images) // LOOKED_AT), ..., 0][:LOOKED_AT]
    border = np.concatenate(
        [grey[:, [0, -1]].reshape(len(grey), -1), grey[..., [0, -1]].reshape(len(grey), -1)], 1
    )
    is_light = bool(np.median(border) < 128)
    if not is_light:
        grey, border = 255 - grey, 255 - border
    if (border <= PAPER_SPREAD).all(axis=1).mean() < PLAIN_SHARE:
        return None
    grey = grey[(grey > PAPER_SPREAD).any(axis=(1, 2))]
    if not len(grey):
        return None
    sizes, middles = _boxes(grey > 0.1 * grey.max(axis=(1, 2), keepdims=True))
    box = float(np.median(sizes.max(axis=1))) / min(grey.shape[1:])
    by_mass = _centres_of_mass(grey).std(axis=0).sum() <= middles.std(axis=0).sum()
    return Ink(is_light, min(box, 1.0), bool(by_mass))


def _boxes(is_ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and width of the box around the ink of each image, and its middle."""
    ends = []
    for axis in (2, 1):
        line = np.asarray(is_ink.any(axis=axis))
        ends.append((line.argmax(axis=1), line.shape[1] - line[:, ::-1].argmax(axis=1)))
    sizes = np.stack([end - start for start, end in ends], axis=1)
    return sizes, np.stack([(start + end) / 2 for start, end in ends], axis=1)


def _centres_of_mass(grey: np.ndarray) -> np.ndarray:
    """Return the centre of mass of each image, row and column."""
    mass = grey.sum(axis=(1, 2), dtype=float)
    lines = (grey.sum(axis=axis, dtype=float) for axis in (2, 1))
    return np.stack([line @ np.arange(line.shape[1]) / mass for line in lines], axis=1)
