"""What a network has learnt, taken from it layer by layer: weights put into a random order, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from app.engine.replay.steps import Replay


def learnt_layers(model: Replay) -> list[tuple[str, keras.Layer]]:
    """Return the layers that hold weights, with their names, from the output down; each layer once.

    A Normalization layer is left out: it holds the mean and variance of the input, which nothing learnt.
    """
    found: dict[int, tuple[str, keras.Layer]] = {}
    for step in reversed(model.steps):
        layer = step.operation
        learns = isinstance(layer, keras.Layer) and not isinstance(layer, keras.layers.Normalization)
        if learns and _arrays(layer):
            found.setdefault(id(layer), (step.name.removesuffix(":linear"), layer))
    return list(found.values())


@contextmanager
def permuted(layer: keras.Layer, seed: tuple[int, ...]) -> Iterator[None]:
    """Put the numbers of each weight array of `layer` into a random order; put them back at the end.

    The layer must be a copy of a replay's own. Arrays of one shape get one order, so that the four
    numbers that a batch normalisation keeps for a channel stay together. Nothing is compiled again:
    graphs read the variables when they run.
    """
    before = [(variable, np.copy(variable.numpy())) for variable in _arrays(layer)]
    try:
        for variable, values in before:
            order = np.random.default_rng((*seed, *values.shape)).permutation(values.size)
            variable.assign(values.reshape(-1)[order].reshape(values.shape))
        yield
    finally:
        for variable, values in before:
            variable.assign(values)


def _arrays(layer: keras.Layer) -> list[Any]:
    """Return the variables of a layer that hold real numbers; a counter or a random state is none."""
    return [variable for variable in layer.weights if "float" in str(variable.dtype)]
