"""Which layer of keras.applications fills which layer of ours."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from app.counting.chalkboard import nn
from app.counting.rows import Shape, shape_text
from app.files.weights import Layers, StoredArray
from models import CATALOGUE, PRETRAINED, Network, PublishedWeights

Renaming = tuple[str, str | Callable[[re.Match[str]], str]]
VGG: tuple[Renaming, ...] = (
    (r"conv(\d)_(\d)", r"block\1_conv\2"),
    (r"fc([67])", lambda m: f"fc{int(m[1]) - 5}"),
    (r"fc8", "predictions"),
)
RESNET: tuple[Renaming, ...] = (
    (r"conv1_(\w+)", r"conv1_\1"),
    (r"conv(\d)_(\d+)_shortcut_(\w+)", r"conv\1_block\2_0_\3"),
    (r"conv(\d)_(\d+)_(\d)_(\w+)", r"conv\1_block\2_\3_\4"),
    (r"output", "predictions"),
)
DENSENET: tuple[Renaming, ...] = (
    (r"conv1_(\w+)", r"conv1_\1"),
    (r"block(\d)_(\d+)_narrow_norm", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_0_bn"),
    (r"block(\d)_(\d+)_narrow_conv", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_1_conv"),
    (r"block(\d)_(\d+)_norm", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_1_bn"),
    (r"block(\d)_(\d+)_conv", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_2_conv"),
    (r"transition(\d)_(\w+)", lambda m: f"pool{int(m[1]) + 1}_{m[2]}"),
    (r"last_norm", "bn"),
    (r"output", "predictions"),
)
RENAMINGS = {"vgg16": VGG, "vgg19": VGG, "resnet": RESNET, "densenet": DENSENET}
"""What each module of keras.applications calls our layers; then `norm` becomes `bn`."""
TOP = {"fc1", "fc2", "predictions"}
"""The dense layers, which a "notop" file lacks."""
OLD_NAMES = {"probs": "predictions", "fc1000": "predictions"}
"""The last layer's names when the files of ResNet and DenseNet were made."""


@dataclass(frozen=True)
class Place:
    """A layer of ours, and what a file must hold for it."""

    layer: str
    source: str
    """What keras.applications calls the layer."""
    shapes: tuple[Shape, ...]
    """Kernel and bias, or γ, β, mean and variance; of ResNet's convolutions a bias too."""


def published_weights(network: Network) -> PublishedWeights:
    """Return the published weights of a network.

    Raises:
        ValueError: there are none.
    """
    if network.name not in PRETRAINED:
        raise ValueError(
            f"there are no published weights for {network.name}; there are for {', '.join(PRETRAINED)}"
        )
    return PRETRAINED[network.name]


def list_places(
    network: Network, classes: int | None = None, input_shape: tuple[int, ...] | None = None
) -> list[Place]:
    """Return every layer of the network that stores weights, in the order of the calls.

    Raises:
        ValueError: the network does not fit the shape, or has no published weights.
    """
    module = published_weights(network).module
    sheet = network.builder(nn, **network.arguments(classes, input_shape)).sheet()
    places = []
    for row in sheet.rows:
        if row.weights:
            shapes = [tuple(weight.shape) for weight in row.weights]
            if module == "resnet" and row.kind == "Conv2D":
                shapes.append(shapes[0][-1:])
            places.append(Place(row.name, _source(row.name, module), tuple(shapes)))
    return places


def _source(layer: str, module: str) -> str:
    for pattern, theirs in RENAMINGS[module]:
        if found := re.fullmatch(pattern, layer):
            name = found.expand(theirs) if isinstance(theirs, str) else theirs(found)
            return re.sub("norm$", "bn", name)
    raise ValueError(f"keras.applications has no layer for {layer}")


def match_weights(
    path: Path, layers: Layers, network: Network, places: list[Place]
) -> list[tuple[Place, tuple[StoredArray, ...]]]:
    """Return each place with the arrays that fill it: every place once, every array used.

    Args:
        path: the file, for messages.
        layers: what `open_weights` gave.
        network: the network that is to be filled.
        places: what `list_places` gave.

    Raises:
        ValueError: a layer is missing, left over or of another shape; the message names it.
    """
    stored = {}
    for name, arrays in layers.items():
        plain = name.replace("/", "_")
        stored[OLD_NAMES.get(plain, plain)] = arrays
    wanted = {place.source for place in places}
    if len(stored) < len(layers):
        raise ValueError(f"{path} does not fit {network.name}: it has two layers in one place")
    if set(stored) != wanted:
        why = _why(set(stored), wanted, network.name)
        raise ValueError(f"{path} does not fit {network.name}: {why}")
    for place in places:
        given = tuple(array.shape for array in stored[place.source])
        if given != place.shapes:
            raise ValueError(
                f"{path} does not fit {network.name}: its layer {place.source} holds "
                f"{_listed(given)}, and {_listed(place.shapes)} is wanted"
            )
    return [(place, stored[place.source]) for place in places]


def _why(given: set[str], wanted: set[str], network: str) -> str:
    """Return what is wrong with the names of the layers in a file, in words."""
    for name in PRETRAINED:
        theirs = {place.source for place in list_places(CATALOGUE[name])}
        if given == theirs:
            return f"it holds the layers of {name}"
        if given == theirs - TOP:
            return (
                f"it is a 'notop' file of {name}, without the dense layers at the end; wanted is "
                f"{PRETRAINED[network].file}"
            )
    missing, more = sorted(wanted - given), sorted(given - wanted)
    both = (("it lacks", missing), ("it holds the unknown", more))
    return " and ".join(f"{what} {_some(names)}" for what, names in both if names)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{'layers' if len(names) > 1 else 'layer'} {', '.join(names[:3])}{more}"


def _listed(shapes: Iterable[Shape]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes) or "nothing"
