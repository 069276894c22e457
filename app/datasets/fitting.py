"""A network of the catalogue made to fit a data set, or pictures fitted to a network."""

from typing import Any

from app.counting.chalkboard import nn
from app.counting.rows import shape_text
from app.datasets.dataset import Dataset
from app.datasets.streamed import StreamedImages
from models import Network


def fit_pictures(network: Network, data: Dataset) -> Dataset:
    """Return the data set in the shape that the network was made for, where its images are pictures in files.

    A network that takes one channel gets them in grey. Arrays stay as they are: `fit_to_data` makes the network fit
    them.

    Raises:
        ValueError: the network takes no pictures.
    """
    if not isinstance(data.test_images, StreamedImages):
        return data
    shape = network.input_shape
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ValueError(
            f"{network.name} takes {shape_text(shape)}, and pictures have 1 or 3 channels; choose another network"
        )
    return data.fitted((shape[0], shape[1], shape[2]))


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
