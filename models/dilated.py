"""The context module: dilated convolutions that see far without pooling (Yu and Koltun 2016)."""

from typing import Any

DILATIONS = (1, 1, 2, 4, 8, 16, 1)
"""Of the seven 3×3 convolutions (table 1); they take 33 cells off each side."""


def dilated_context(nn: Any, input_shape: tuple[int, int, int] = (64, 64, 21)) -> Any:
    """Seven dilated 3×3 convolutions and a 1×1, all with as many filters as channels come in.

    The maps of a segmentation network go in, one for each class, and come out in their size: a border
    of 33 is added first, and no convolution pads. Each cell then sees 67×67 cells.
    Source: Yu and Koltun 2016, §3 and table 1, the basic module.
    """
    channels = input_shape[-1]
    border = sum(DILATIONS)
    layers = [nn.Input(input_shape, name="maps"), nn.ZeroPadding2D(border, name="border")]
    for i, dilation in enumerate(DILATIONS, 1):
        layers.append(nn.Conv2D(channels, 3, dilation_rate=dilation, activation="relu", name=f"layer{i}"))
    layers.append(nn.Conv2D(channels, 1, name="output"))
    return nn.Sequential(layers, name="dilated_context")
