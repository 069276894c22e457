"""Shapes taken apart, with what is wrong said in words."""

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
