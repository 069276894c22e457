"""A network with published weights as a file, and the card that says whose weights these are."""

from functools import partial
from pathlib import Path

import keras

from app.engine.build import build_model
from app.engine.store import hash_weights, save_with_card
from app.files.cards import Card, hash_file, new_card
from app.files.pretrained import published_weights
from models import Network, PackagedWeights


def write_filled(network: Network, weights: Path, path: Path) -> Card:
    """Build the network, fill it, and write it and its card, which is returned.

    Args:
        network: an entry of the catalogue.
        weights: the file of weights.
        path: the `.keras` file that is written.

    Raises:
        ValueError: the weights do not fit.
    """
    model = build_model(network, weights=weights)
    return save_with_card(model, path, partial(_card, network, model, weights, path))


def _card(network: Network, model: keras.Model, weights: Path, path: Path, written: Path) -> Card:
    """Return the card of a model for `path`, which was just written, for now, as `written`."""
    published = published_weights(network)
    told = {"file": weights.name, "md5": hash_file(weights, "md5"), "sha256": hash_file(weights)}
    if isinstance(published, PackagedWeights):
        is_published = told["sha256"] == published.sha256
        source = {"package": published.requirement, "licence": published.licence, "origin": published.origin}
    else:
        is_published = told["md5"] == published.md5
        source = {"address": published.address}
    return new_card(
        path,
        written,
        network=network.name,
        data={
            "name": "imagenet" if is_published else "unknown",
            "source": weights.name,
            "image_shape": list(network.input_shape),
            "class_names": list(network.outputs),
            "ink": None,
        },
        parameters=model.count_params(),
        weights_sha256=hash_weights(model),
        pixels=published.pixels,
        weights={**told, **(source if is_published else dict.fromkeys(source)), "is_published": is_published},
    )
