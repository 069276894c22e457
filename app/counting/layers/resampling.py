"""Layers that change the resolution without weights: upsampling, resizing, cropping to a size."""

import functools
import math
from collections.abc import Sequence
from typing import Any

from app.counting.axes import Taps, padded_taps
from app.counting.count import Count
from app.counting.fields import Field
from app.counting.layers.base import Layer, Size, is_placed, positive, same_everywhere, spread
from app.counting.layers.shapes import split_map
from app.counting.rows import Shape, shape_text

REACH = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}
"""How far from its place in the input an interpolated output reads, in cells."""


@functools.lru_cache(1024)
def resize_taps(size: int, wanted: int, interpolation: str) -> Taps:
    """Return which cells a resized axis reads.

    Output o lies at (o + ½)·n/m − ½ of the input. `nearest` reads the cell it falls into; the others
    every cell nearer than their reach, the outermost cells standing in for what lies outside.
    """
    common = math.gcd(size, wanted)
    period = wanted // common, size // common

    def nearest(output: int) -> Sequence[int]:
        return ((2 * output + 1) * size // (2 * wanted),)

    def interpolated(output: int) -> Sequence[int]:
        place, unit = (2 * output + 1) * size - wanted, 2 * wanted  # the place is place/unit
        reach = REACH[interpolation] if place % unit else 1  # on a cell only that cell has a weight
        first, last = -(-place // unit) - reach, place // unit + reach
        return [i for i in range(first, last + 1) if abs(i * unit - place) < reach * unit]

    return Taps(nearest if interpolation == "nearest" else interpolated, wanted, period, clamp=True)


class _Upsampling(Layer):
    """Each cell repeated, or interpolated, f times along each axis."""

    keeps_field = False
    is_linear = True
    rank = 2
    interpolation = "nearest"

    def __init__(self, size: Size = 2, **common: Any) -> None:
        super().__init__(**common)
        self.size = positive(spread(size, self.rank), "the size")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return n·f along each axis."""
        sizes, channels = split_map(inputs[0], self.rank, self.kind)
        pairs = zip(sizes, self.size, strict=True)
        return (*(Count(n * f, f"{int(n):,}·{f}") for n, f in pairs), channels)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return what each cell is made of."""
        field = fields[0]
        if field is None or not is_placed(shapes[0], field):
            return field and same_everywhere(field)
        return resize_field(shapes[0], self.output_shape(*shapes), field, self.interpolation)

    def settings(self) -> str:
        """Return the factors and the interpolation."""
        return f"{shape_text(self.size)} {self.interpolation}"


def resize_field(shape: Shape, output: Shape, field: Field, interpolation: str) -> Field | None:
    """Return the field of a map resized from `shape` to `output`; None for unknown interpolation."""
    if interpolation != "nearest" and interpolation not in REACH:
        return None
    pairs = zip(shape[:-1], output[:-1], strict=True)
    return field.read([resize_taps(*pair, interpolation) for pair in pairs])


class UpSampling1D(_Upsampling):
    """Each step repeated."""

    rank = 1


class UpSampling2D(_Upsampling):
    """Each cell repeated or interpolated."""

    def __init__(self, size: Size = 2, interpolation: str = "nearest", **common: Any) -> None:
        super().__init__(size, **common)
        self.interpolation = interpolation


class UpSampling3D(_Upsampling):
    """Each cell repeated."""

    rank = 3


class _WantedSize(Layer):
    """What resizing and cropping to a wanted height and width share."""

    is_linear = True
    is_taught = False

    def __init__(self, height: int, width: int, **common: Any) -> None:
        super().__init__(**{key: common[key] for key in ("name", "data_format") if key in common})
        self.wanted = positive((height, width), "height and width")

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the wanted size."""
        _, channels = split_map(inputs[0], 2, self.kind)
        return (*self.wanted, channels)

    def settings(self) -> str:
        """Return the wanted size."""
        return f"to {shape_text(self.wanted)}"


class Resizing(_WantedSize):
    """The map resized to a wanted height and width."""

    keeps_field = False

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        antialias: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(height, width, **common)
        self.interpolation = interpolation
        self.is_plain = not (crop_to_aspect_ratio or pad_to_aspect_ratio or antialias)

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return what each cell is made of; not known where the aspect ratio is kept."""
        field = fields[0]
        if field is None or not is_placed(shapes[0], field) or not self.is_plain:
            return None
        return resize_field(shapes[0], self.output_shape(*shapes), field, self.interpolation)

    def settings(self) -> str:
        """Return the wanted size and the interpolation."""
        return f"{super().settings()} {self.interpolation}"


class _Crop(_WantedSize):
    """A piece of the map of a wanted size; a smaller map is resized."""

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Leave out what is cut away; not known where the map has to be resized."""
        field = fields[0]
        too_small = any(n < wanted for n, wanted in zip(shapes[0], self.wanted, strict=False))
        if field is None or not is_placed(shapes[0], field) or too_small:
            return None
        pairs = [(n - wanted, wanted) for n, wanted in zip(shapes[0], self.wanted, strict=False)]
        return field.read([padded_taps(more + n, -(more // 2), more // 2 - more) for more, n in pairs])


class CenterCrop(_Crop):
    """The middle of the map."""


class RandomCrop(_Crop):
    """A random piece while training, the middle afterwards."""
