"""Which images of a batch each replica takes, and by what their losses are weighted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Slice:
    """The share of one replica in a batch."""

    rows: np.ndarray
    """Indices of its images; as many for each replica."""
    weights: np.ndarray
    """1 for an image of the batch, 0 for one that only fills the slice, float32."""


def slice_batch(rows: np.ndarray, replicas: int, which: int) -> Slice:
    """Return the share of a replica in a batch.

    The images are dealt out in their order, as evenly as possible. Where they do not come out even, slices that are
    one short are filled with the first image of the batch, which counts for nothing: all replicas must have equal
    shapes, since TensorFlow traces a step anew for each shape, and all workers have to do so at the same time.

    Args:
        rows: indices of the images of the batch.
        replicas: how many there are.
        which: of them, from 0.

    >>> [slice_batch(np.arange(5), 2, which).rows.tolist() for which in (0, 1)]
    [[0, 1, 2], [3, 4, 0]]
    >>> slice_batch(np.arange(5), 2, 1).weights.tolist()
    [1.0, 1.0, 0.0]
    """
    size = math.ceil(len(rows) / replicas)
    own = np.array_split(rows, replicas)[which]
    missing = size - len(own)
    weights = np.concatenate([np.ones(len(own), np.float32), np.zeros(missing, np.float32)])
    return Slice(np.concatenate([own, np.repeat(rows[:1], missing)]), weights)


def slice_for(rows: np.ndarray, replicas: int, mine: Sequence[int]) -> list[Slice]:
    """Return the shares of several replicas."""
    return [slice_batch(rows, replicas, which) for which in mine]
