"""Which layer of a file of published weights fills which layer of ours."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.counting.chalkboard import nn
from app.counting.rows import Row, Shape, shape_text
from app.files.torch_files import open_torch
from app.files.weights import Layers, StoredArray, open_weights
from models import CATALOGUE, PACKAGED, PRETRAINED, Network, PackagedWeights, PublishedWeights

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
LITE_NORMS = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}
LITE: tuple[Renaming, ...] = (
    (r"stem_conv", "_conv_stem"),
    (r"stem_norm", "_bn0"),
    (r"head_conv", "_conv_head"),
    (r"head_norm", "_bn1"),
    (r"output", "_fc"),
    (r"(\d+)_(\w+)_conv", r"_blocks.\1._\2_conv"),
    (r"(\d+)_(\w+)_norm", lambda m: f"_blocks.{m[1]}.{LITE_NORMS[m[2]]}"),
)
"""The blocks are counted from 0 through all stages."""
TORCH_ARRAYS = ("weight", "bias", "running_mean", "running_var")
"""PyTorch's names for what a layer stores, in Keras' order."""
TORCH_COUNTER = "num_batches_tracked"
"""How many batches a normalisation has seen in training: a number that no network computes with."""
TORCH_AXES = {"Conv2D": (2, 3, 1, 0), "DepthwiseConv2D": (2, 3, 0, 1), "Dense": (1, 0)}
"""The axes of PyTorch's kernels in Keras' order."""
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
    """What the file calls the layer."""
    shapes: tuple[Shape, ...]
    """Kernel and bias, or γ, β, mean and variance; of ResNet's convolutions a bias too."""
    axes: tuple[int, ...] = ()
    """The axes of the file's kernel in Keras' order; (): as they are."""


def published_weights(network: Network) -> PublishedWeights | PackagedWeights:
    """Return the published weights of a network.

    Raises:
        ValueError: there are none.
    """
    published = PACKAGED.get(network.name) or PRETRAINED.get(network.name)
    if published is None:
        names = ", ".join((*PACKAGED, *PRETRAINED))
        raise ValueError(f"there are no published weights for {network.name}; there are for {names}")
    return published


@contextlib.contextmanager
def open_layers(path: Path, network: Network) -> Iterator[Layers]:
    """Open a file of weights for a network, as `open_weights` does: of PyTorch's where those are published so.

    Raises:
        ValueError: it is missing, damaged, or no file of weights.
    """
    if network.name in PACKAGED:
        with open_torch(path) as arrays:
            yield _group(path, arrays)
    else:
        with open_weights(path) as layers:
            yield layers


def _group(path: Path, arrays: Mapping[str, StoredArray]) -> Layers:
    """Return PyTorch's arrays by their layers, in Keras' order; what counts batches is left out."""
    layers: dict[str, dict[str, StoredArray]] = {}
    for name, array in arrays.items():
        layer, _, kind = name.rpartition(".")
        if kind in TORCH_ARRAYS:
            layers.setdefault(layer, {})[kind] = array
        elif kind != TORCH_COUNTER or array.shape != () or f"{layer}.running_mean" not in arrays:
            raise ValueError(f"{path} holds the array {name}, which belongs to no layer")
    return {
        layer: tuple(found[kind] for kind in TORCH_ARRAYS if kind in found) for layer, found in layers.items()
    }


def list_places(
    network: Network, classes: int | None = None, input_shape: tuple[int, ...] | None = None
) -> list[Place]:
    """Return every layer of the network that stores weights, in the order of the calls.

    Raises:
        ValueError: the network does not fit the shape, or has no published weights.
    """
    published = published_weights(network)
    sheet = network.builder(nn, **network.arguments(classes, input_shape)).sheet()
    rows = [row for row in sheet.rows if row.weights]
    if isinstance(published, PackagedWeights):
        return _lite_places(rows)
    places = []
    for row in rows:
        shapes = [tuple(weight.shape) for weight in row.weights]
        if published.module == "resnet" and row.kind == "Conv2D":
            shapes.append(shapes[0][-1:])
        source = re.sub("norm$", "bn", _source(row.name, RENAMINGS[published.module]))
        places.append(Place(row.name, source, tuple(shapes)))
    return places


def _lite_places(rows: Iterable[Row]) -> list[Place]:
    places, blocks = [], list[str]()
    for row in rows:
        name, kernel, axes = row.name, row.weights[0].shape, TORCH_AXES.get(row.kind, ())
        if name.startswith("block"):
            stage, number, part = name.split("_", 2)
            if f"{stage}_{number}" not in blocks:
                blocks.append(f"{stage}_{number}")
            name = f"{len(blocks) - 1}_{part}"
        theirs = tuple(kernel[axes.index(axis)] for axis in range(len(kernel))) if axes else tuple(kernel)
        shapes = (theirs, *(tuple(weight.shape) for weight in row.weights[1:]))
        places.append(Place(row.name, _source(name, LITE), shapes, axes))
    return places


def _source(layer: str, renamings: Iterable[Renaming]) -> str:
    for pattern, theirs in renamings:
        if found := re.fullmatch(pattern, layer):
            return found.expand(theirs) if isinstance(theirs, str) else theirs(found)
    raise ValueError(f"no layer of the published weights corresponds to {layer}")


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
    for name in PACKAGED if network in PACKAGED else PRETRAINED:
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
