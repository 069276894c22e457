"""A network is filled with published weights, or with others of the same network, and written with its card."""

from pathlib import Path

from app.files.cards import card_path, read_card
from app.files.fetching import cache_folder, fetch_weights
from app.files.folders import prepare_folder, shown
from app.files.packaged import find_packaged, is_installed
from app.files.pretrained import list_places, match_weights, open_layers, published_weights
from app.pretrained.results import FilledNetwork, PretrainedList
from app.show import tables
from app.show.progress import Progress
from models import PACKAGED, PRETRAINED, Network, PackagedWeights, PublishedWeights


def list_pretrained() -> PretrainedList:
    """Return which networks have published weights, and which of the files are there."""
    installed = frozenset(name for name, published in PACKAGED.items() if is_installed(published))
    return PretrainedList({**PACKAGED, **PRETRAINED}, cache_folder(), installed)


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
    with open_layers(source, network) as layers:
        match_weights(source, layers, network, list_places(network))
    which = source.name if network.name in PACKAGED and weights is None else shown(source)
    tables.make_console().print(f"Filling {network.name} with {which} …", soft_wrap=True)
    from app.engine.filled import write_filled

    return FilledNetwork(network.name, path, write_filled(network, source, path))


def find_published(published: PublishedWeights | PackagedWeights) -> Path:
    """Return the published file: of an installed package, or fetched under a bar if it is not in the cache."""
    if isinstance(published, PackagedWeights):
        return find_packaged(published)
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
