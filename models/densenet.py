"""DenseNet: layers that read all maps made before them (Huang, Liu, van der Maaten, Weinberger 2017)."""

from dataclasses import dataclass
from typing import Any

from models.imagenet import IMAGENET_SHAPE

Shape = tuple[int, int, int]
GROWTH = 32
BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32), 264: (6, 12, 64, 48)}
"""Layers in each of the four dense blocks, by the number of layers with weights (table 1)."""


def _activate(nn: Any, x: Any, name: str) -> Any:
    """Batch normalisation and ReLU, which come before each convolution."""
    x = nn.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    return nn.ReLU(name=f"{name}_relu")(x)


def _convolve(nn: Any, x: Any, name: str, filters: int, kernel: int) -> Any:
    """Batch normalisation, ReLU and a convolution without bias."""
    conv = nn.Conv2D(filters, kernel, padding="same", use_bias=False, name=f"{name}_conv")
    return conv(_activate(nn, x, name))


def _grow(nn: Any, x: Any, name: str, layers: int, growth: int, bottleneck: bool) -> Any:
    """A dense block: each layer appends `growth` maps to all that it read.

    `x` holds every map made so far, so that one pair is joined per layer.
    """
    for i in range(1, layers + 1):
        layer = f"{name}_{i}"
        y = _convolve(nn, x, f"{layer}_narrow", 4 * growth, 1) if bottleneck else x
        y = _convolve(nn, y, layer, growth, 3)
        x = nn.Concatenate(name=f"{layer}_join")([x, y])
    return x


def _transition(nn: Any, x: Any, name: str, filters: int) -> Any:
    """A 1×1 convolution and a 2×2 mean between two blocks."""
    return nn.AveragePooling2D(2, name=f"{name}_pool")(_convolve(nn, x, name, filters, 1))


def _classify(nn: Any, x: Any, classes: int) -> Any:
    """The mean of each map and a dense layer."""
    x = nn.GlobalAveragePooling2D(name="mean")(_activate(nn, x, "last"))
    return nn.Dense(classes, activation="softmax", name="output")(x)


def _densenet(nn: Any, depth: int, classes: int, input_shape: Shape) -> Any:
    """DenseNet-BC: bottlenecks of 4k, and transitions that halve the channels."""
    image = nn.Input(input_shape, name="image")
    x = nn.ZeroPadding2D(3, name="conv1_padding")(image)
    x = nn.Conv2D(2 * GROWTH, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = nn.ZeroPadding2D(1, name="pool1_padding")(_activate(nn, x, "conv1"))
    x = nn.MaxPooling2D(3, strides=2, name="pool1")(x)
    channels = 2 * GROWTH
    for number, layers in enumerate(BLOCKS[depth], 1):
        x = _grow(nn, x, f"block{number}", layers, GROWTH, bottleneck=True)
        channels += layers * GROWTH
        if number < len(BLOCKS[depth]):
            channels //= 2
            x = _transition(nn, x, f"transition{number}", channels)
    return nn.Model(image, _classify(nn, x, classes), name=f"densenet{depth}")


def densenet121(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """DenseNet-BC with k = 32 and blocks of 6, 12, 24 and 16 layers; 7,978,856 trainable."""
    return _densenet(nn, 121, classes, input_shape)


def densenet169(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """DenseNet-BC with k = 32 and blocks of 6, 12, 32 and 32 layers; 14,149,480 trainable."""
    return _densenet(nn, 169, classes, input_shape)


def densenet201(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """DenseNet-BC with k = 32 and blocks of 6, 12, 48 and 32 layers; 20,013,928 trainable."""
    return _densenet(nn, 201, classes, input_shape)


def densenet264(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """DenseNet-BC with k = 32 and blocks of 6, 12, 64 and 48 layers; 33,337,704 trainable."""
    return _densenet(nn, 264, classes, input_shape)


@dataclass(frozen=True)
class DenseStack:
    """What tells the networks for small images apart: three blocks of `layers` layers (§3, §4.2)."""

    layers: int
    """Layers in each dense block, each with one 3×3 convolution."""
    growth: int
    """k, the maps that each layer appends."""
    is_compressed: bool = False
    """DenseNet-BC: 1×1 bottlenecks of 4k, transitions that halve the channels, 2k maps at first, not 16."""


def cifar_densenet(nn: Any, name: str, stack: DenseStack, classes: int, input_shape: Shape) -> Any:
    """Return a network of three dense blocks for small images."""
    image = nn.Input(input_shape, name="image")
    channels = 2 * stack.growth if stack.is_compressed else 16
    x = nn.Conv2D(channels, 3, padding="same", use_bias=False, name="conv1")(image)
    for number in (1, 2, 3):
        x = _grow(nn, x, f"block{number}", stack.layers, stack.growth, stack.is_compressed)
        channels += stack.layers * stack.growth
        if number < 3:
            channels = channels // 2 if stack.is_compressed else channels
            x = _transition(nn, x, f"transition{number}", channels)
    return nn.Model(image, _classify(nn, x, classes), name=name)


def densenet40_12(nn: Any, classes: int = 10, input_shape: Shape = (32, 32, 3)) -> Any:
    """Three blocks of twelve layers with k = 12, no bottlenecks, no compression; 1,019,722 trainable.

    Source: §4.2 and table 2, L = 40, k = 12; sixteen maps enter the first block (§3).
    """
    return cifar_densenet(nn, "densenet40_12", DenseStack(12, 12), classes, input_shape)


def dense_block(nn: Any, layers: int = 5, growth_rate: int = 4, input_shape: Shape = (32, 32, 6)) -> Any:
    """One dense block, each connection drawn: layer l reads the input and all l − 1 layers before it.

    That makes L(L + 1)/2 direct connections; the last layer's reader is not counted.
    Source: §1 and figure 1: five layers, k = 4.
    """
    maps = [nn.Input(input_shape, name="image")]
    for i in range(1, layers + 1):
        read = nn.Concatenate(name=f"layer{i}_read")(maps) if len(maps) > 1 else maps[0]
        maps.append(_convolve(nn, read, f"layer{i}", growth_rate, 3))
    return nn.Model(maps[0], nn.Concatenate(name="output")(maps), name="dense_block")
