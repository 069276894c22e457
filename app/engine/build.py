"""The vocabulary `nn` read with Keras: a builder of `models/` becomes a trainable model."""

from pathlib import Path
from types import SimpleNamespace

import keras
from keras.src.backend.common import global_state

from app.counting.layers import CUSTOM_LAYERS, LAYERS
from app.engine.pretrained import fill_model, locate_weights
from models import Network, layers

nn = SimpleNamespace(
    Input=keras.Input,
    Sequential=keras.Sequential,
    Model=keras.Model,
    **{name: getattr(layers if name in CUSTOM_LAYERS else keras.layers, name) for name in LAYERS},
)
"""The same names that the chalkboard offers."""


def build_model(
    network: Network,
    classes: int | None = None,
    input_shape: tuple[int, ...] | None = None,
    weights: str | Path | None = None,
) -> keras.Model:
    """Return the network as a Keras model, with fresh weights or with those of keras.applications.

    With such weights pictures must be prepared as `models.PRETRAINED[network.name].pixels` says.

    Args:
        network: an entry of the catalogue.
        classes: output units, where they are to differ from the published ones.
        input_shape: height, width and channels, likewise.
        weights: `imagenet` for the published ones, or the path of a file of keras.applications.

    Raises:
        ValueError: the network does not fit the shape, has no classes to choose, or the weights do not
            fit or cannot be had.
    """
    arguments = network.arguments(classes, input_shape)
    path = None if weights is None else locate_weights(network, weights, classes)
    model = network.builder(nn, **arguments)
    if path is not None:
        fill_model(model, network, path, classes, input_shape)
    return model


def outline_model(
    network: Network, classes: int | None = None, input_shape: tuple[int, ...] | None = None
) -> keras.Model:
    """Return the network as Keras lays it out: every weight has its shape and no value.

    It can be counted, and nothing else; a gigabyte of weights takes no memory. Arguments and errors
    are those of `build_model`.
    """
    try:
        with keras.StatelessScope(initialize_variables=False):
            return build_model(network, classes, input_shape)
    finally:  # Keras keeps a list of them, which the next scope would fill with values
        global_state.set_global_attribute("uninitialized_variables", [])
