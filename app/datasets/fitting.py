"""A network of the catalogue made to fit a data set."""

from typing import Any

from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from models import Network


def fit_to_data(network: Network, data: Dataset) -> dict[str, Any]:
    """Return the builder's arguments that make the network fit the data.

    Raises:
        ValueError: its architecture does not allow it.
    """
    if data.classes < 2:
        raise ValueError(f"{data.name} has only one class; there is nothing to tell apart")
    shape = None if data.image_shape == network.input_shape else data.image_shape
    try:
        arguments = network.arguments(data.classes, shape)
        network.builder(nn, **arguments).sheet()
    except ValueError as error:
        size = shape_text(data.image_shape)
        raise ValueError(
            f"{network.name} does not fit {data.name} ({size}, {data.classes} classes): {error}; it was "
            f"made for {shape_text(network.input_shape)}"
        ) from error
    return arguments
