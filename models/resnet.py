"""ResNet: blocks that add their input to what they make (He, Zhang, Ren and Sun 2016)."""

from dataclasses import dataclass
from typing import Any, Literal

from models.imagenet import IMAGENET_SHAPE

Shape = tuple[int, int, int]
FILTERS = (64, 128, 256, 512)
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in each of the four stages, by the number of layers with weights (table 1)."""


@dataclass(frozen=True)
class Block:
    """What tells the variants apart."""

    shortcut: Literal["projection", "padding", "none"] = "projection"
    """Where the shape changes: a 1×1 convolution (option B), zeros (option A); none: a plain network."""
    is_bottleneck: bool = False
    """1×1, 3×3 and 1×1 with four times the filters instead of two 3×3."""
    stride_on: int = 1
    """The convolution of the block that moves by the stride: 1 as published, 2 in "v1.5"."""


def _convolve(
    nn: Any, x: Any, name: str, filters: int, kernel: int, stride: int = 1, activate: bool = True
) -> Any:
    """Convolution without bias, batch normalisation and, if asked for, ReLU.

    The padding is symmetric, as in Caffe; with stride 2 Keras' own `same` would begin a pixel later.
    """
    if stride > 1 and kernel > 1:
        x = nn.ZeroPadding2D(kernel // 2, name=f"{name}_padding")(x)
    padding = "same" if stride == 1 else "valid"
    conv = nn.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False, name=f"{name}_conv")
    x = nn.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(conv(x))
    return nn.ReLU(name=f"{name}_relu")(x) if activate else x


def _shortcut(nn: Any, x: Any, name: str, block: Block, filters: int, stride: int) -> Any:
    """Make the block's input fit its output: option B projects it, option A appends zeros."""
    if block.shortcut == "projection":
        return _convolve(nn, x, f"{name}_shortcut", filters, 1, stride, activate=False)
    return pad_with_zeros(nn, x, name, stride)


def pad_with_zeros(nn: Any, x: Any, name: str, stride: int) -> Any:
    """One cell in each `stride`, and as many channels of zeros again (option A): nothing is stored."""
    x = nn.MaxPooling2D(1, strides=stride, name=f"{name}_shortcut_sample")(x)
    zeros = nn.Subtract(name=f"{name}_shortcut_zeros")([x, x])
    return nn.Concatenate(name=f"{name}_shortcut_padding")([x, zeros])


def _block(nn: Any, x: Any, name: str, block: Block, filters: int, stride: int, fits: bool) -> Any:
    """One block; where its input `fits` its output, the shortcut is the input itself."""
    kernels, widths = (3, 3), (filters, filters)
    if block.is_bottleneck:
        kernels, widths = (1, 3, 1), (filters, filters, 4 * filters)  # type: ignore[assignment]
    y = x
    for i, (kernel, width) in enumerate(zip(kernels, widths, strict=True), 1):
        moves = stride if i == block.stride_on else 1
        y = _convolve(nn, y, f"{name}_{i}", width, kernel, moves, activate=i < len(kernels))
    if block.shortcut != "none":
        beside = x if fits else _shortcut(nn, x, name, block, widths[-1], stride)
        y = nn.Add(name=f"{name}_add")([y, beside])
    return nn.ReLU(name=f"{name}_relu")(y)


def _resnet(nn: Any, name: str, depth: int, block: Block, classes: int, input_shape: Shape) -> Any:
    """A 7×7 convolution, a pooling, four stages of blocks, the mean of each map, a dense layer."""
    image = nn.Input(input_shape, name="image")
    x = _convolve(nn, image, "conv1", 64, 7, stride=2)
    x = nn.ZeroPadding2D(1, name="pool1_padding")(x)
    x = nn.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, (filters, count) in enumerate(zip(FILTERS, BLOCKS[depth], strict=True), 2):
        for i in range(1, count + 1):
            stride = 2 if i == 1 and stage > 2 else 1
            fits = i > 1 or (stage == 2 and not block.is_bottleneck)
            x = _block(nn, x, f"conv{stage}_{i}", block, filters, stride, fits)
    x = nn.GlobalAveragePooling2D(name="mean")(x)
    x = nn.Dense(classes, activation="softmax", name="output")(x)
    return nn.Model(image, x, name=name)


BASIC = Block()
PADDED = Block(shortcut="padding")
PLAIN = Block(shortcut="none")
BOTTLENECK = Block(is_bottleneck=True)
BOTTLENECK_V1_5 = Block(is_bottleneck=True, stride_on=2)


def resnet18(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """Eight blocks of two 3×3 convolutions, 1×1 projections where the shape changes (option B)."""
    return _resnet(nn, "resnet18", 18, BASIC, classes, input_shape)


def resnet34(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """Sixteen blocks of two 3×3 convolutions, 1×1 projections where the shape changes (option B)."""
    return _resnet(nn, "resnet34", 34, BASIC, classes, input_shape)


def resnet18_option_a(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-18 whose shortcuts have no parameters: every second cell, and zeros for new channels."""
    return _resnet(nn, "resnet18_option_a", 18, PADDED, classes, input_shape)


def resnet34_option_a(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-34 whose shortcuts have no parameters: every second cell, and zeros for new channels."""
    return _resnet(nn, "resnet34_option_a", 34, PADDED, classes, input_shape)


def plain18(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-18 without its shortcuts: the network that it is compared with."""
    return _resnet(nn, "plain18", 18, PLAIN, classes, input_shape)


def plain34(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-34 without its shortcuts: it trains worse than the plain 18 layers."""
    return _resnet(nn, "plain34", 34, PLAIN, classes, input_shape)


def resnet50(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """Sixteen bottleneck blocks; the first 1×1 convolution of a block moves by the stride."""
    return _resnet(nn, "resnet50", 50, BOTTLENECK, classes, input_shape)


def resnet101(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """33 bottleneck blocks; the first 1×1 convolution of a block moves by the stride."""
    return _resnet(nn, "resnet101", 101, BOTTLENECK, classes, input_shape)


def resnet152(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """50 bottleneck blocks; the first 1×1 convolution of a block moves by the stride."""
    return _resnet(nn, "resnet152", 152, BOTTLENECK, classes, input_shape)


def resnet50_v1_5(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-50 whose 3×3 convolutions move by the stride, as in torchvision."""
    return _resnet(nn, "resnet50_v1_5", 50, BOTTLENECK_V1_5, classes, input_shape)


def resnet101_v1_5(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-101 whose 3×3 convolutions move by the stride, as in torchvision."""
    return _resnet(nn, "resnet101_v1_5", 101, BOTTLENECK_V1_5, classes, input_shape)


def resnet152_v1_5(nn: Any, classes: int = 1000, input_shape: Shape = IMAGENET_SHAPE) -> Any:
    """ResNet-152 whose 3×3 convolutions move by the stride, as in torchvision."""
    return _resnet(nn, "resnet152_v1_5", 152, BOTTLENECK_V1_5, classes, input_shape)
