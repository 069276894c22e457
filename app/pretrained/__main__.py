"""python -m app.pretrained: a network with the weights that keras.applications publishes."""

from pathlib import Path
from typing import Any

import click

from app.commands.door import Door
from app.commands.outputs import prepare_folder, shown
from app.files.cards import Card, card_path, hash_file, new_card, read_card, write_card
from app.files.fetching import cache_folder, fetch_weights
from app.files.pretrained import list_places, match_weights, published_weights
from app.files.saved import trained_models
from app.files.weights import open_weights
from app.show import tables
from app.show.progress import Progress
from models import PRETRAINED, Network, PublishedWeights, find_network

EXAMPLE = "Example: python -m app.pretrained resnet50"


@click.command(cls=Door, epilog=EXAMPLE)
@click.argument("name", metavar="[NETWORK]", required=False)
@click.option(
    "--weights",
    metavar="FILE",
    help="Weights of the same network of keras.applications, trained by anybody: .h5, .weights.h5 or "
    ".keras. Default: the published file, from Keras' cache or fetched into it (33 to 575 MB).",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=trained_models,
    help="Folder for the model and its card (saved_models).",
)
@click.option("--replace", is_flag=True, help="Lose a trained model of this name in that folder.")
def main(name: str | None, weights: str | None, output: Path, replace: bool) -> None:
    """Fill a network with weights trained on ImageNet and leave NETWORK.keras and its card.

    VGG, ResNet and DenseNet of the catalogue are layer by layer the networks of keras.applications, so
    that its published weights fit. The card keeps how pictures must enter the network, and
    what its 1,000 classes are called: then python -m app.saliency --model NETWORK --image cat.jpg
    --class "tiger cat" works. Without NETWORK, the networks and their files are listed.
    """
    if name is None:
        list_networks()
        return
    network = find_network(name)
    published = published_weights(network)
    prepare_folder(output)
    model_path = output / f"{name}.keras"
    if not replace:
        spare_trained(model_path)
    own = None if weights in (None, "imagenet") else weights
    path = find_published(published) if own is None else Path(own)
    with open_weights(path) as layers:  # what does not fit is refused before TensorFlow is loaded
        match_weights(path, layers, network, list_places(network))
    click.echo(f"Filling {name} with {shown(path)} …")
    card = make_model(network, path, model_path)
    which = "the published file" if card.weights["is_published"] else "not the published file"
    where = name if output.resolve() == trained_models().resolve() else shown(model_path)
    click.echo(f"Weights  {which}, MD5 {card.weights['md5']}")
    click.echo(f"Model    {shown(model_path)}")
    click.echo(f"Card     {shown(card_path(model_path))}")
    click.echo(f"Pixels   enter as {card.pixels.words()}")
    click.echo(f"See      python -m app.saliency --model {where} --image cat.jpg --class goldfish")


def find_published(published: PublishedWeights) -> Path:
    """Return the published file, fetched under a bar if it is not in the cache."""
    what = f"Fetching {published.file}"
    with Progress(tables.make_console(), what, words="", amount="bytes", waits=True) as progress:

        def show(done: int, total: int | None) -> None:
            size = "" if total is None else f" ({total / 1e6:,.1f} MB)"
            progress.update(done, total=total, line=f"{what}{size} …")

        return fetch_weights(published, show)


def list_networks() -> None:
    """Print which networks have published weights, and which of the files are there."""
    folder = cache_folder()
    rows = [
        (name, published.file, "yes" if (folder / published.file).is_file() else "no")
        for name, published in PRETRAINED.items()
    ]
    columns, title = ("network", "file", "in the cache"), "networks with published weights"
    tables.make_console().print(tables.plain_table(columns, rows, title))
    click.echo(EXAMPLE)


def spare_trained(path: Path) -> None:
    """Refuse to write over a model that this command did not make.

    Raises:
        ValueError: there is one.
    """
    if path.exists():
        card = read_card(card_path(path))
        if card is None or not card.weights:
            raise ValueError(
                f"{shown(path)} is there already, and not from published weights; give another "
                "--output, or --replace to lose it"
            )


def make_model(network: Network, weights: Path, path: Path) -> Card:
    """Build the network, fill it, and write it and its card, which is returned."""
    from app.engine.build import build_model
    from app.engine.store import save_model

    model = build_model(network, weights=weights)
    save_model(model, path)
    card = make_card(network, model, weights, path)
    write_card(card, card_path(path))
    return card


def make_card(network: Network, model: Any, weights: Path, path: Path) -> Card:
    """Return the card of a model that was just saved at `path`."""
    from app.engine.store import hash_weights

    published, md5 = PRETRAINED[network.name], hash_file(weights, "md5")
    is_published = md5 == published.md5
    return new_card(
        path,
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


if __name__ == "__main__":
    main(prog_name="python -m app.pretrained")
