"""Which layer of keras.applications fills which layer of ours."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.counting.chalkboard import nn
from app.counting.rows import Shape, shape_text
from app.files.weights import Layers
from models import CATALOGUE, PRETRAINED, Network, PublishedWeights

Rule = tuple[str, str | Callable[[re.Match[str]], str]]
RULES: dict[str, tuple[Rule, ...]] = {
    "vgg": (
        (r"conv(\d)_(\d)", r"block\1_conv\2"),
        (r"fc([67])", lambda m: f"fc{int(m[1]) - 5}"),
        (r"fc8", "predictions"),
    ),
    "resnet": (
        (r"conv1_(\w+)", r"conv1_\1"),
        (r"conv(\d)_(\d+)_shortcut_(\w+)", r"conv\1_block\2_0_\3"),
        (r"conv(\d)_(\d+)_(\d)_(\w+)", r"conv\1_block\2_\3_\4"),
        (r"output", "predictions"),
    ),
    "densenet": (
        (r"conv1_(\w+)", r"conv1_\1"),
        (r"block(\d)_(\d+)_narrow_norm", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_0_bn"),
        (r"block(\d)_(\d+)_narrow_conv", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_1_conv"),
        (r"block(\d)_(\d+)_norm", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_1_bn"),
        (r"block(\d)_(\d+)_conv", lambda m: f"conv{int(m[1]) + 1}_block{m[2]}_2_conv"),
        (r"transition(\d)_(\w+)", lambda m: f"pool{int(m[1]) + 1}_{m[2]}"),
        (r"last_norm", "bn"),
        (r"output", "predictions"),
    ),
}
"""What keras.applications calls our layers, by family; then `norm` becomes `bn`."""
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
    published_weights(network)
    family = re.sub(r"\d+", "", network.name)
    sheet = network.builder(nn, **network.arguments(classes, input_shape)).sheet()
    places = []
    for row in sheet.rows:
        if row.weights:
            shapes = [tuple(weight.shape) for weight in row.weights]
            if family == "resnet" and row.kind == "Conv2D":
                shapes.append(shapes[0][-1:])
            places.append(Place(row.name, _source(row.name, family), tuple(shapes)))
    return places


def _source(layer: str, family: str) -> str:
    for pattern, theirs in RULES[family]:
        if found := re.fullmatch(pattern, layer):
            name = found.expand(theirs) if isinstance(theirs, str) else theirs(found)
            return re.sub("norm$", "bn", name)
    raise ValueError(f"keras.applications has no layer for {layer}")


def match_weights(
    path: Path, layers: Layers, network: Network, places: list[Place]
) -> list[tuple[Place, tuple[Any, ...]]]:
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
    if len(stored) < len(layers) or set(stored) != wanted:
        raise ValueError(
            f"{path} does not fit {network.name}: {_why(set(stored), wanted, network)}"
        )
    for place in places:
        given = tuple(tuple(array.shape) for array in stored[place.source])
        if given != place.shapes:
            raise ValueError(
                f"{path} does not fit {network.name}: its layer {place.source} holds "
                f"{_listed(given)}, and {_listed(place.shapes)} is wanted"
            )
    return [(place, stored[place.source]) for place in places]


def _why(given: set[str], wanted: set[str], network: Network) -> str:
    """Return what is wrong with the names of the layers in a file, in words."""
    for name, published in PRETRAINED.items():
        theirs = {place.source for place in list_places(CATALOGUE[name])}
        if given == theirs:
            return f"it holds the layers of {name}"
        if given == theirs - TOP:
            whose = "" if name == network.name else f"of {name}, and "
            return (
                f"it is a 'notop' file, {whose}without the dense layers at the end; wanted is "
                f"{PRETRAINED[network.name].file if whose else published.file}"
            )
    missing, more = sorted(wanted - given), sorted(given - wanted)
    said = [f"{what} {_some(names)}" for what, names in (
        ("it lacks", missing), ("it also holds", more)) if names]  # fmt: skip
    return " and ".join(said) or "two of its layers are the same layer"


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more layers" if len(names) > 3 else "")


def _listed(shapes: Iterable[Shape]) -> str:
    return " and ".join(shape_text(shape) for shape in shapes) or "nothing"
