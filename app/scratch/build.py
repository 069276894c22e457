"""A network of the catalogue, in NumPy."""

from typing import Any

from app.scratch.network import Model
from app.scratch.vocabulary import nn
from models import Network


def build_network(
    network: Network,
    classes: int | None = None,
    input_shape: tuple[int, ...] | None = None,
    seed: int = 0,
    dtype: Any = "float32",
) -> Model:
    """Return the network with fresh weights; the same seed draws the same.

    Args:
        network: an entry of the catalogue.
        classes: output units, where they are to differ from the published ones.
        input_shape: height, width and channels, likewise.
        seed: of the weights.
        dtype: of the weights, float32 or float64.

    Raises:
        ValueError: it has a layer that NumPy has no code for, or does not fit the shape or the classes.

    >>> from models import find_network
    >>> build_network(find_network("numpy_cnn")).parameters
    13602
    """
    arguments = network.arguments(classes, input_shape)
    try:
        model: Model = network.builder(nn, **arguments)
    except AttributeError as error:
        if error.obj is not nn:
            raise
        raise ValueError(f"{network.name} has the layer {error.name}, for which NumPy has no code") from error
    return model.initialise(seed, dtype)
