"""EfficientNet-Lite: one small network, made wider, deeper and larger by one rule (Tan and Le 2019; Lite 2020)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Shape = tuple[int, int, int]
STEM, HEAD = 32, 1280
"""Filters of the first and of the last convolution; in Lite they are the same in every size."""
MULTIPLE = 8
"""Numbers of filters are rounded to a multiple of this."""


@dataclass(frozen=True)
class Stage:
    """Blocks one after the other with maps of one size (table 1 of the paper, for the smallest network)."""

    blocks: int
    kernel: int
    stride: int
    """Of the first block; the others keep the size."""
    expansion: int
    """How many times more maps a block makes of what it reads, before its depthwise convolution."""
    filters: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class Scale:
    """What tells the five sizes apart."""

    width: float
    """The stages' filters are multiplied by this."""
    depth: float
    """The blocks of the inner stages are multiplied by this; the first and the last stage keep one."""
    dropout: float


SCALES = (
    Scale(1.0, 1.0, 0.2),
    Scale(1.0, 1.1, 0.2),
    Scale(1.1, 1.2, 0.3),
    Scale(1.2, 1.4, 0.3),
    Scale(1.4, 1.8, 0.3),
)


def round_filters(filters: float) -> int:
    """Return the nearest multiple of 8 that is at least 8 and not more than a tenth below `filters`.

    >>> [round_filters(1.2 * filters) for filters in (16, 24, 40)]
    [24, 32, 48]
    """
    rounded = max(MULTIPLE, int(filters + MULTIPLE / 2) // MULTIPLE * MULTIPLE)
    return rounded + MULTIPLE if rounded < 0.9 * filters else rounded


def scaled_stages(scale: Scale) -> Iterator[Stage]:
    """Yield the stages of a size.

    >>> [(stage.blocks, stage.filters) for stage in scaled_stages(SCALES[1])][:3]
    [(1, 16), (3, 24), (3, 40)]
    """
    for number, stage in enumerate(STAGES):
        is_inner = 0 < number < len(STAGES) - 1
        blocks = math.ceil(scale.depth * stage.blocks) if is_inner else stage.blocks
        filters = round_filters(scale.width * stage.filters)
        yield Stage(blocks, stage.kernel, stage.stride, stage.expansion, filters)


def _activate(nn: Any, x: Any, name: str) -> Any:
    """Batch normalisation and ReLU6, min(max(x, 0), 6)."""
    x = nn.BatchNormalization(momentum=0.99, epsilon=1e-3, name=f"{name}_norm")(x)
    return nn.ReLU(max_value=6.0, name=f"{name}_relu")(x)


def _convolve(nn: Any, x: Any, name: str, filters: int, kernel: int = 1, strides: int = 1) -> Any:
    """A convolution without bias."""
    conv = nn.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")
    return conv(x)


def _block(nn: Any, x: Any, name: str, stage: Stage, stride: int) -> Any:
    """More maps by 1×1, each map filtered by itself, fewer maps by 1×1; what went in is added where it fits."""
    channels = x.shape[-1]
    y = x
    if stage.expansion > 1:
        y = _activate(nn, _convolve(nn, y, f"{name}_expand", stage.expansion * channels), f"{name}_expand")
    depthwise = nn.DepthwiseConv2D(
        stage.kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )
    y = _activate(nn, depthwise(y), f"{name}_depthwise")
    y = _convolve(nn, y, f"{name}_project", stage.filters)
    y = nn.BatchNormalization(momentum=0.99, epsilon=1e-3, name=f"{name}_project_norm")(y)
    return nn.Add(name=f"{name}_add")([y, x]) if stride == 1 and channels == stage.filters else y


def _efficientnet_lite(nn: Any, size: int, classes: int, input_shape: Shape) -> Any:
    scale = SCALES[size]
    image = nn.Input(input_shape, name="image")
    x = _activate(nn, _convolve(nn, image, "stem", STEM, 3, 2), "stem")
    for number, stage in enumerate(scaled_stages(scale), 1):
        for block in range(1, stage.blocks + 1):
            x = _block(nn, x, f"block{number}_{block}", stage, stage.stride if block == 1 else 1)
    x = _activate(nn, _convolve(nn, x, "head", HEAD), "head")
    x = nn.GlobalAveragePooling2D(name="mean")(x)
    x = nn.Dropout(scale.dropout, name="dropout")(x)
    x = nn.Dense(classes, activation="softmax", name="output")(x)
    return nn.Model(image, x, name=f"efficientnet_lite{size}")


def efficientnet_lite0(nn: Any, classes: int = 1000, input_shape: Shape = (224, 224, 3)) -> Any:
    """EfficientNet-B0 with ReLU6 and without squeeze-and-excitation; 4,652,008 trainable."""
    return _efficientnet_lite(nn, 0, classes, input_shape)


def efficientnet_lite1(nn: Any, classes: int = 1000, input_shape: Shape = (240, 240, 3)) -> Any:
    """Depth times 1.1; 5,416,680 trainable."""
    return _efficientnet_lite(nn, 1, classes, input_shape)


def efficientnet_lite2(nn: Any, classes: int = 1000, input_shape: Shape = (260, 260, 3)) -> Any:
    """Width times 1.1, depth times 1.2; 6,092,072 trainable."""
    return _efficientnet_lite(nn, 2, classes, input_shape)


def efficientnet_lite3(nn: Any, classes: int = 1000, input_shape: Shape = (280, 280, 3)) -> Any:
    """Width times 1.2, depth times 1.4; 8,197,096 trainable."""
    return _efficientnet_lite(nn, 3, classes, input_shape)


def efficientnet_lite4(nn: Any, classes: int = 1000, input_shape: Shape = (300, 300, 3)) -> Any:
    """Width times 1.4, depth times 1.8; 13,006,568 trainable."""
    return _efficientnet_lite(nn, 4, classes, input_shape)
