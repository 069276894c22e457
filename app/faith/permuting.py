"""What a network has learnt, taken from it layer by layer: weights put into a random order, and back."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from app.program.machine import LearntLayer


@contextmanager
def permuted(layer: LearntLayer, seed: tuple[int, ...]) -> Iterator[None]:
    """Put the numbers of each weight array of `layer` into a random order; put them back at the end.

    Arrays of one shape get one order, so that the four numbers that a batch normalisation keeps for a channel stay
    together.
    """
    before = layer.read()
    try:
        mixed = []
        for values in before:
            order = np.random.default_rng((*seed, *values.shape)).permutation(values.size)
            mixed.append(values.reshape(-1)[order].reshape(values.shape))
        layer.write(mixed)
        yield
    finally:
        layer.write(before)
