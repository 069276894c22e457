"""Shapes taken apart, with what is wrong said in words; layers that mix the values along some axes."""

from collections.abc import Sequence
from typing import Any

from app.counting.fields import Field
from app.counting.layers.base import Layer
from app.counting.rows import Shape

MAPS = {1: "(steps, channels)", 2: "(height, width, channels)", 3: "(depth, height, width, channels)"}


def split_map(shape: Shape, rank: int, kind: str) -> tuple[Shape, int]:
    """Return the spatial sizes and the channels of a map with `rank` spatial axes.

    Raises:
        ValueError: `shape` is not that of such a map.
    """
    if len(shape) != rank + 1:
        raise ValueError(f"{kind} takes a map {MAPS[rank]}, not the shape {tuple(map(int, shape))}")
    return shape[:-1], shape[-1]


def find_axis(axis: int, shape: Shape, kind: str) -> int:
    """Return the index into a shape without batch axis for Keras' `axis`, which counts the batch.

    Raises:
        ValueError: there is no such axis, or it is the batch axis.
    """
    index = axis - 1 if axis > 0 else axis + len(shape)
    if not 0 <= index < len(shape) or axis == 0:
        raise ValueError(f"{kind} along axis {axis}: the shape {tuple(map(int, shape))} has none such")
    return index


class OverAxes(Layer):
    """A layer that mixes the values along one or several axes."""

    def __init__(self, axis: Any = -1, **common: Any) -> None:
        super().__init__(**common)
        self.axes = tuple(axis) if isinstance(axis, list | tuple) else (axis,)

    def mixed(self, shape: Shape) -> Sequence[int]:
        """Return the axes along which values are mixed."""
        return [find_axis(axis, shape, self.kind) for axis in self.axes]

    def field(self, shapes: Sequence[Shape], fields: Sequence[Field | None]) -> Field | None:
        """Return the whole image where places are mixed, the cell's own field otherwise."""
        field, last = fields[0], len(shapes[0]) - 1
        spatial = field is not None and any(axis < last for axis in self.mixed(shapes[0]))
        return field.collapse() if field is not None and spatial else field

    def settings(self) -> str:
        """Return the axes, if not the last."""
        return "" if self.axes == (-1,) else f"over axes {', '.join(map(str, self.axes))}"
