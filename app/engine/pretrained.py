"""Published weights in our networks, which compute the same with them.

Of keras.applications two things are spelled otherwise, and are turned into what computes the same:

- ResNet there has a bias b in front of each normalisation, here none: μ − b takes the place of the mean μ.
- Their normalisations add ε = 1.001e-5 to the variance, ours 1e-5: the difference is added to it.

PyTorch has the axes of a kernel in another order.
"""

from pathlib import Path

import keras
import numpy as np

from app.files.fetching import fetch_weights
from app.files.packaged import find_packaged
from app.files.pretrained import Place, list_places, match_weights, open_layers, published_weights
from app.files.weights import StoredArray
from models import Network, PackagedWeights

EPSILON = 1.001e-5
"""What keras.applications adds to the variance in ResNet and DenseNet."""


def locate_weights(network: Network, weights: str | Path, classes: int | None = None) -> Path:
    """Return the file that `weights` means, fetched if need be.

    Args:
        network: an entry of the catalogue.
        weights: `imagenet` for the published file, or the path of a file.
        classes: output units of the model, where they differ from the published ones.

    Raises:
        ValueError: none is published, it cannot be fetched, or it is for another number of classes.
    """
    published = published_weights(network)
    if weights != "imagenet":
        return Path(weights)
    if classes not in (None, len(network.outputs)):
        raise ValueError(
            f"the published weights of {network.name} are for {len(network.outputs):,} classes, not "
            f"{classes:,}; leave out classes, or train it anew"
        )
    if isinstance(published, PackagedWeights):
        return find_packaged(published)
    return fetch_weights(published)


def fill_model(
    model: keras.Model,
    network: Network,
    path: Path,
    classes: int | None = None,
    input_shape: tuple[int, ...] | None = None,
) -> None:
    """Fill a freshly built model with the published weights in a file, or others of the same network.

    Args:
        model: what the builder of `network` made with these `classes` and this `input_shape`.
        network: an entry of the catalogue.
        path: the file.
        classes: output units, where they differ from the published ones.
        input_shape: height, width and channels, likewise.

    Raises:
        ValueError: the file is missing, damaged, or does not fit; the message says where.
    """
    places = list_places(network, classes, input_shape)
    is_theirs = not isinstance(published_weights(network), PackagedWeights)
    with open_layers(path, network) as layers:
        biases: dict[str, np.ndarray] = {}
        for place, arrays in match_weights(path, layers, network, places):
            values = [_read(array, place, path) for array in arrays]
            if place.axes:
                values[0] = values[0].transpose(place.axes)
            _fill(model.get_layer(place.layer), values, biases, EPSILON if is_theirs else None)


def _fill(
    layer: keras.Layer, values: list[np.ndarray], biases: dict[str, np.ndarray], epsilon: float | None
) -> None:
    """Give a layer its values; a bias that it lacks is kept for the normalisation behind it.

    `epsilon` is what the file's network adds to the variance; None: the same as ours.
    """
    if isinstance(layer, keras.layers.BatchNormalization):
        gamma, beta, mean, variance = values
        bias = biases.pop(layer.name.removesuffix("norm"), np.float32(0))
        values = [gamma, beta, mean - bias, variance + np.float32((epsilon or layer.epsilon) - layer.epsilon)]
    elif len(values) > len(layer.weights):
        biases[layer.name.removesuffix("conv")] = values.pop()
    layer.set_weights(values)


def _read(array: StoredArray, place: Place, path: Path) -> np.ndarray:
    """Return the numbers of a stored array as float32.

    Raises:
        ValueError: they cannot be read, are no decimal numbers, or not all finite.
    """
    if not array.type.startswith("float"):
        raise ValueError(f"{path}: layer {place.source} holds {array.type}, not decimal numbers")
    try:
        with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite
            values = np.asarray(array.numbers[()], np.float32)
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: layer {place.source} cannot be read: {error}") from error
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: layer {place.source} holds numbers that are not finite")
    return values
