"""Short questions to the chalkboard: what comes out of a few layers, what a network holds."""

import math
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

from app.claims import networks
from app.counting import formulas
from app.counting.chalkboard import nn
from app.counting.count import Count
from app.counting.rows import Row, Shape, Sheet
from models.densenet import dense_block

CONVOLUTIONS = ("Conv2D", "GroupedConv2D")


def _sheet(shape: Shape, layers: tuple[Any, ...]) -> Sheet:
    return nn.Sequential([nn.Input(shape), *layers]).sheet()


def output_shape(shape: Shape, *layers: Any) -> Shape:
    """Return what `layers` make of an input of `shape` (without the batch axis)."""
    return _sheet(shape, layers).rows[-1].output_shape


def flattened(shape: Shape) -> int:
    """Return how many numbers a picture of `shape` becomes when it is flattened."""
    return output_shape(shape, nn.Flatten())[0]


def parameters(shape: Shape, *layers: Any) -> Count:
    """Return the parameters of the last of `layers`."""
    return _sheet(shape, layers).rows[-1].trainable


def macs(shape: Shape, *layers: Any) -> Count:
    """Return the multiply-accumulates of the last of `layers`."""
    return _sheet(shape, layers).rows[-1].multiply_accumulates


def pixels_seen(shape: Shape, *layers: Any) -> Shape:
    """Return the receptive field, in cells of the input, behind `layers`."""
    return _seen(_sheet(shape, layers).rows[-1])


def layer_sees(network: str, layer: str) -> Shape:
    """Return the receptive field, in pixels of the image, of a layer of a network."""
    return _seen(networks.sheet(network).row(layer))


def _seen(row: Row) -> Shape:
    if row.field is None:
        raise ValueError(f"layer {row.name!r} has no single receptive field")
    return row.field.window_sizes()


def conv_weights(kernel_size: tuple[int, int], in_channels: int, filters: int = 1) -> Count:
    """Return the weights of a convolution without its biases."""
    return formulas.conv_parameters(kernel_size, in_channels, filters, use_bias=False)


def conv_biases(kernel_size: tuple[int, int], in_channels: int, filters: int) -> int:
    """Return the biases of a convolution: all its parameters less the weights."""
    every = formulas.conv_parameters(kernel_size, in_channels, filters)
    return every - conv_weights(kernel_size, in_channels, filters)


def dense_weights(inputs: int, units: int) -> Count:
    """Return the weights of a dense layer without its biases."""
    return formulas.dense_parameters(inputs, units, use_bias=False)


def dense_biases(inputs: int, units: int) -> int:
    """Return the biases of a dense layer: all its parameters less the weights."""
    return formulas.dense_parameters(inputs, units) - dense_weights(inputs, units)


def layer_shape(network: str, layer: str) -> Shape:
    """Return what comes out of a layer of a network."""
    return networks.sheet(network).row(layer).output_shape


def layer_parameters(network: str, layer: str) -> Count:
    """Return the trainable parameters of a layer of a network."""
    return networks.sheet(network).row(layer).trainable


def layer_biases(network: str, layer: str) -> int:
    """Return the biases of a layer that has them: one for each channel or unit of its output."""
    return layer_shape(network, layer)[-1]


def layer_weights(network: str, layer: str) -> int:
    """Return the weights of a layer without its biases."""
    return layer_parameters(network, layer) - layer_biases(network, layer)


def network_parameters(network: str) -> int:
    """Return all trainable parameters of a network."""
    return networks.sheet(network).trainable


def network_outputs(network: str) -> int:
    """Return how many values come out of a network's last layer."""
    return cells(networks.sheet(network).rows[-1].output_shape)


def learned_layers(network: str) -> int:
    """Return the layers that learn: convolutions and dense layers."""
    return convolutions(network) + layers_of_kind(network, "Dense")


def convolutions(network: str) -> int:
    """Return how many convolutions a network has, in groups or not."""
    return sum(layers_of_kind(network, kind) for kind in CONVOLUTIONS)


def layers_of_kind(network: str, kind: str) -> int:
    """Return how many layers of a network are of Keras' class `kind`."""
    return sum(row.kind == kind for row in networks.sheet(network).rows)


def dense_percent(network: str) -> float:
    """Return the share of a network's parameters that its dense layers hold, in per cent."""
    sheet = networks.sheet(network)
    return 100 * sum(r.trainable for r in sheet.rows if r.kind == "Dense") / sheet.trainable


def layer_percent(network: str, layer: str) -> float:
    """Return the share of a network's parameters that one layer holds, in per cent."""
    sheet = networks.sheet(network)
    return 100 * sheet.row(layer).trainable / sheet.trainable


def convolutions_of_stride(network: str, stride: int) -> int:
    """Return how many convolutions of a network move by `stride` cells along both axes."""
    noted = _strides(networks.find_builder(network))
    return sum(strides in (stride, (stride, stride)) for strides in noted)


class _Nothing:
    """What stands for every layer and tensor where only the strides are asked for."""

    def __call__(self, *_: Any, **__: Any) -> "_Nothing":
        """Return itself."""
        return self


@cache
def _strides(builder: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the strides of all convolutions of a network, in order.

    The network is read a third way: with a vocabulary whose convolutions note their strides, and nothing else.
    """
    noted: list[Any] = []
    nothing = _Nothing()

    def note(filters: int, kernel_size: Any, strides: Any = 1, *_: Any, **__: Any) -> _Nothing:  # noqa: ARG001
        noted.append(strides if isinstance(strides, int) else tuple(strides))
        return nothing

    builder(SimpleNamespace(**(dict.fromkeys(vars(nn), nothing) | dict.fromkeys(CONVOLUTIONS, note))))
    return tuple(noted)


def strided_percent(*names: str) -> float:
    """Return how many of all convolutions of some networks move by more than one cell, in per cent."""
    return 100 * sum(map(_strided, names)) / sum(len(_strides(networks.find_builder(name))) for name in names)


def striding_percent(*names: str) -> float:
    """Return how many of some networks have a convolution that moves by more than one cell, in per cent."""
    return 100 * sum(_strided(name) > 0 for name in names) / len(names)


def _strided(network: str) -> int:
    return len(_strides(networks.find_builder(network))) - convolutions_of_stride(network, 1)


def heights(network: str, kinds: tuple[str, ...]) -> list[int]:
    """Return the heights of the maps that layers of `kinds` make, in order."""
    return [row.output_shape[0] for row in networks.sheet(network).rows if row.kind in kinds]


def channels(network: str, kinds: tuple[str, ...]) -> list[int]:
    """Return the channels of the maps that layers of `kinds` make, in order."""
    return [row.output_shape[-1] for row in networks.sheet(network).rows if row.kind in kinds]


def block_links(layers: int) -> int:
    """Return the direct connections of a dense block: the maps that each of its layers reads.

    The last thing that reads them all is not a layer, and is not counted.
    """
    symbols = dense_block(nn, layers).symbols()
    reading = [symbol for symbol in symbols if symbol.row.kind == "BatchNormalization"]
    read = [symbol.parents[0] for symbol in reading]
    return sum(max(1, len(symbol.parents)) for symbol in read)


def block_channels(layers: int, growth: int, channels: int) -> int:
    """Return the channels that leave a dense block which `channels` enter."""
    return dense_block(nn, layers, growth, (8, 8, channels)).outputs[0].shape[-1]


def merged_channels(kind: str, first: int, second: int) -> int:
    """Return the channels of two maps merged by the layer `kind`, `Add` or `Concatenate`."""
    inputs = [nn.Input((8, 8, first)), nn.Input((8, 8, second))]
    return int(getattr(nn, kind)()(inputs).shape[-1])


def percent_lost(shape: Shape, *layers: Any) -> float:
    """Return by how many per cent `layers` reduce the number of values of a map."""
    return 100 - 100 * cells(output_shape(shape, *layers)) / cells(shape)


def shrinking(size: int, padding: str, kernel: int = 3, stride: int = 2) -> float:
    """Return how many times more cells go into a sliding window than come out along an axis."""
    return size / formulas.output_size(size, kernel, stride, padding)


def smallest_input(outputs: int, kernel: int, stride: int) -> int:
    """Return the smallest size of which a window makes `outputs` cells."""
    size = kernel
    while formulas.output_size(size, kernel, stride) < outputs:
        size += 1
    return size


def cells(shape: Shape) -> int:
    """Return how many values a map of `shape` holds."""
    return math.prod(shape)
