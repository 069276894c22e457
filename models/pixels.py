"""What a network wants to be told of a picture: how its pixels become numbers, and how signs stand in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Pixels:
    """How pixels x of 0…255 enter a network, channel by channel.

    (x / 255 · (high − low) + low − mean) / std, the channels in the given order.

    Raises:
        ValueError: a number is not finite, the range is empty, or a std is not above zero.
    """

    range: tuple[float, float] = (0.0, 1.0)
    """low and high: what a black and what a white pixel are worth, before the mean is taken off."""
    mean: tuple[float, ...] = ()
    """One number for each channel, in the network's order; empty: nothing is taken off."""
    std: tuple[float, ...] = ()
    """One number for each channel; empty: nothing is divided."""
    order: Literal["RGB", "BGR"] = "RGB"
    """The order of the colours; BGR, blue first, is Caffe's."""

    def __post_init__(self) -> None:
        low, high = self.range
        if not all(map(math.isfinite, (*self.range, *self.mean, *self.std))) or low >= high:
            raise ValueError(f"pixels need finite numbers and a range low…high, not {self}")
        if self.order not in ("RGB", "BGR") or any(s <= 0 for s in self.std):
            raise ValueError(f"pixels need the order RGB or BGR and a std above zero, not {self}")

    def words(self) -> str:
        """Return it as people say it: `0…255, as BGR, minus 103.939, 116.779, 123.68`."""
        parts = [f"{self.range[0]:g}…{self.range[1]:g}"]
        if self.order != "RGB":
            parts.append(f"as {self.order}")
        for verb, values in (("minus", self.mean), ("divided by", self.std)):
            if values:
                told = values[:1] if len(set(values)) == 1 else values
                parts.append(f"{verb} {', '.join(f'{value:g}' for value in told)}")
        return ", ".join(parts)


PLAIN = Pixels()
"""0…1, nothing taken off: what networks trained here take unless their paper says otherwise."""
CAFFE = Pixels((0.0, 255.0), mean=(103.939, 116.779, 123.68), order="BGR")
"""ImageNet's mean colour taken off, blue first: VGG and ResNet of keras.applications."""
TORCH = Pixels((0.0, 1.0), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""ImageNet's mean colour taken off and its spread divided out: DenseNet of keras.applications."""
CENTRED = Pixels((0.0, 255.0), mean=(127.0,) * 3, std=(128.0,) * 3)
"""(x − 127) / 128, about −1…1: EfficientNet-Lite."""


@dataclass(frozen=True)
class Ink:
    """How the signs of a hand stand in the pictures that a network learnt from; the default is MNIST's digits.

    Raises:
        ValueError: the share is not above 0 and up to 1.
    """

    is_light: bool = True
    """Whether the ink is light and its paper black; else the ink is dark and the paper white."""
    box: float = 20 / 28
    """Share of the picture's shorter side that the longer side of a sign fills."""
    by_mass: bool = True
    """Whether the centre of mass lies in the middle; else the middle of the box does."""

    def __post_init__(self) -> None:
        if not 0 < self.box <= 1:
            raise ValueError(f"a sign fills a share of the picture above 0 and up to 1, not {self.box}")


PICTURE_CHANNELS = (1, 3, 4)
"""Grey, RGB, and RGB with transparency."""


def seems_channels_first(shape: Sequence[int | None]) -> bool:
    """Return whether the shape of an image reads as channels, height, width: 3×224×224 does."""
    return len(shape) == 3 and shape[0] in PICTURE_CHANNELS and shape[2] not in PICTURE_CHANNELS
