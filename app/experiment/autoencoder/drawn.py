"""What an auto-encoder draws, for the file of numbers: mosaics as PNG in base 64, latent points as lists."""

import base64
import io
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from PIL import Image

GRID = 15
"""Pictures a side in the mosaic of the latent plane."""
POINTS = 2000
"""Test images whose latent points are kept."""
SHOWN, TIMES = 10, 2
"""Classes of which test images stand above what is made of them, and how many of each."""
NEIGHBOURS = 10
"""Training images that vote for the class of a test image."""
CHUNK = 500


def mosaic(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Return pictures, (count, height, width, channels), side by side in rows of `columns`."""
    count, height, width, channels = pictures.shape
    rows = pictures.reshape(count // columns, columns, height, width, channels).swapaxes(1, 2)
    return rows.reshape(count // columns * height, columns * width, channels)


def as_text(picture: np.ndarray) -> str:
    """Return bytes, (height, width, channels), as a PNG in base 64.

    >>> as_picture(as_text(np.full((2, 3, 1), 7, np.uint8))).shape
    (2, 3, 1)
    """
    stream = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


def as_picture(text: str) -> np.ndarray:
    """Return what `as_text` was given."""
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
    return picture[..., np.newaxis] if picture.ndim == 2 else picture


def grid_values(side: int = GRID) -> list[float]:
    """Return the numbers that part N(0, 1) into `side` pieces of equal probability, the middle of each.

    >>> [round(z, 2) for z in grid_values(3)]
    [-0.97, 0.0, 0.97]
    """
    return [NormalDist().inv_cdf((i + 0.5) / side) for i in range(side)]


def grid_points(side: int = GRID) -> np.ndarray:
    """Return the points of the latent plane, (side², 2), row by row from the top: z₁ to the right, z₂ upwards."""
    values = grid_values(side)
    return np.array([(across, up) for up in reversed(values) for across in values])


def some_of_each(labels: np.ndarray, classes: int = SHOWN, times: int = TIMES) -> np.ndarray:
    """Return the places of the first images of each class, (times, classes); of fewer, the last one again."""
    found = [np.flatnonzero(labels == c)[:times] for c in np.unique(labels)[:classes]]
    return np.stack([np.pad(each, (0, times - len(each)), mode="edge") for each in found], axis=1)


def in_pairs(images: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return rows of images, each above the row of what was made of them, and white between two such pairs.

    Args:
        images: (rows, columns, height, width, channels).
        pictures: likewise.
    """
    rows = []
    for above, below in zip(images, pictures, strict=True):
        pair = mosaic(np.concatenate([above, below]), len(above))
        rows += [pair, np.full((images.shape[2] // 5, *pair.shape[1:]), 255, np.uint8)]
    return np.concatenate(rows[:-1])


def neighbours_accuracy(
    known: np.ndarray, classes: np.ndarray, points: np.ndarray, labels: np.ndarray, count: int = NEIGHBOURS
) -> float:
    """Return the share of points whose class has most of the `count` known points that are nearest, 0…1.

    Args:
        known: latent points of training images, (images, numbers).
        classes: their classes.
        points: those of test images.
        labels: their classes.
        count: of neighbours.
    """
    right = 0
    for start in range(0, len(points), CHUNK):
        part = points[start : start + CHUNK]
        squares = ((part[:, np.newaxis] - known) ** 2).sum(axis=2)
        nearest = np.argpartition(squares, min(count, len(known)) - 1, axis=1)[:, :count]
        votes = [int(np.bincount(classes[each]).argmax()) for each in nearest]
        right += int((np.array(votes) == labels[start : start + CHUNK]).sum())
    return right / len(points)


def bernoulli_loss(images: np.ndarray, pictures: np.ndarray) -> float:
    """Return −Σ [x ln p + (1 − x) ln(1 − p)] over the pixels, the mean over the images, in nats; 0 ln 0 is 0.

    Args:
        images: x, bytes, (images, height, width, channels).
        pictures: p, of 0…1, (height, width, channels) or one an image.
    """
    x = images.astype(np.float64) / 255
    p = np.broadcast_to(np.asarray(pictures, np.float64), x.shape)
    tiny = np.finfo(np.float64).tiny
    each = np.where(x > 0, x * np.log(np.maximum(p, tiny)), 0)
    each += np.where(x < 1, (1 - x) * np.log(np.maximum(1 - p, tiny)), 0)
    return float(-each.sum(axis=(1, 2, 3)).mean())


def latent_record(points: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Return latent points as lists, rounded to a hundredth."""
    across, up = np.round(points[:POINTS].astype(float), 2).T.tolist()
    return {"across": across, "up": up, "class": labels[:POINTS].tolist(), "names": list(names)}
