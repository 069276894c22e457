"""A network is filled with published weights, or with others of the same network, and written with its card."""

from functools import partial
from pathlib import Path
from typing import Any

from app.files.cards import Card, card_path, hash_file, new_card, read_card
from app.files.fetching import cache_folder, fetch_weights
from app.files.folders import prepare_folder, shown
from app.files.pretrained import list_places, match_weights, published_weights
from app.files.weights import open_weights
from app.pretrained.results import FilledNetwork, PretrainedList
from app.show import tables
from app.show.progress import Progress
from models import PRETRAINED, Network, PublishedWeights


def list_pretrained() -> PretrainedList:
    """Return which networks have published weights, and which of the files are there."""
    return PretrainedList(PRETRAINED, cache_folder())


def fill_network(
    network: Network,
    weights: str | Path | None,
    folder: Path,
    replace: bool,
    advice: str = "another folder, or replace=True",
) -> FilledNetwork:
    """Fill a network, and leave the model and its card; what does not fit is refused before TensorFlow is loaded.

    Args:
        network: an entry of the catalogue.
        weights: a file of the same network of keras.applications; None or `imagenet`: the published one.
        folder: where the model goes.
        replace: whether a trained model of this name may be lost.
        advice: what to give where there is one, as whoever asks spells it.

    Raises:
        ValueError: there are no such weights, they do not fit, or a trained model would be lost.
    """
    published = published_weights(network)
    path = prepare_folder(folder) / f"{network.name}.keras"
    if not replace:
        spare_trained(path, advice)
    source = find_published(published) if weights in (None, "imagenet") else Path(str(weights))
    with open_weights(source) as layers:
        match_weights(source, layers, network, list_places(network))
    tables.make_console().print(f"Filling {network.name} with {shown(source)} …", soft_wrap=True)
    return FilledNetwork(network.name, path, make_model(network, source, path))


def find_published(published: PublishedWeights) -> Path:
    """Return the published file, fetched under a bar if it is not in the cache."""
    what = f"Fetching {published.file}"
    with Progress(tables.make_console(), what, words="", amount="bytes", waits=True) as progress:

        def show(done: int, total: int | None) -> None:
            size = "" if total is None else f" ({total / 1e6:,.1f} MB)"
            progress.update(done, total=total, line=f"{what}{size} …")

        return fetch_weights(published, show)


def spare_trained(path: Path, advice: str) -> None:
    """Refuse to write over a model that was not made of published weights.

    Raises:
        ValueError: there is one.
    """
    if path.exists():
        card = read_card(card_path(path))
        if card is None or not card.weights:
            raise ValueError(
                f"{shown(path)} is there already, and not from published weights; give {advice} to lose it"
            )


def make_model(network: Network, weights: Path, path: Path) -> Card:
    """Build the network, fill it, and write it and its card, which is returned."""
    from app.engine.build import build_model
    from app.engine.store import save_with_card

    model = build_model(network, weights=weights)
    return save_with_card(model, path, partial(make_card, network, model, weights, path))


def make_card(network: Network, model: Any, weights: Path, path: Path, written: Path) -> Card:
    """Return the card of a model for `path`, which was just written, for now, as `written`."""
    from app.engine.store import hash_weights

    published, md5 = PRETRAINED[network.name], hash_file(weights, "md5")
    is_published = md5 == published.md5
    return new_card(
        path,
        written,
        network=network.name,
        data={
            "name": "imagenet" if is_published else "unknown",
            "source": weights.name,
            "image_shape": list(network.input_shape),
            "class_names": list(network.outputs),
        },
        parameters=model.count_params(),
        weights_sha256=hash_weights(model),
        pixels=published.pixels,
        weights={
            "file": weights.name,
            "address": published.address if is_published else None,
            "md5": md5,
            "sha256": hash_file(weights),
            "is_published": is_published,
        },
    )
