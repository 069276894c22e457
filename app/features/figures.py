"""Figures of what is inside a network: feature maps and filters."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, show_picture
from app.show.mosaic import Scale, Tile, draw_bar, draw_mosaic, mosaic_size, scale_of

MOST_TILES = 256
"""Tiles that are drawn of one layer; the title says how many there are."""
MOST_ROWS = 12
"""Layers that one figure has room for."""


@dataclass(frozen=True)
class Layer:
    """The maps of one layer, as they are drawn."""

    name: str
    size: str
    """`26×26×32`."""
    maps: np.ndarray
    """(rows, columns, maps)."""
    dead: Sequence[int] = ()
    """The maps that are 0 everywhere."""


def draw_layer(image: np.ndarray, layer: Layer, title: str, notes: Sequence[str]) -> Figure:
    """Return all maps of one layer beside the image, on one scale; dead ones are hatched."""
    shown = min(layer.maps.shape[-1], MOST_TILES)
    tiles = _tiles(layer, range(shown))
    columns = math.ceil(math.sqrt(1.6 * shown))
    side = 0.85 if shown <= 64 else 0.6
    wide, high = mosaic_size(tiles, columns, side)
    figure = figure_with_notes((wide + 3.1, max(high, 2.2)), title, notes)
    picture, axes = figure.subplots(1, 2, width_ratios=(2.2, wide + 0.9))
    show_picture(picture, image)
    picture.set_title("the image", fontsize=10, color=INK)
    scale = scale_of([tile.values for tile in tiles])
    draw_mosaic(axes, tiles, columns, scale, letters=7 if shown <= 64 else 5.5)
    which = "all" if shown == layer.maps.shape[-1] else f"the first {shown} of"
    axes.set_title(f"{layer.name}, {layer.size}: {which} {layer.maps.shape[-1]} maps", fontsize=10, color=INK)
    draw_bar(figure, axes, scale)
    return figure


def draw_layers(
    image: np.ndarray, layers: Sequence[Layer], count: int, title: str, notes: Sequence[str]
) -> Figure:
    """Return one row for each layer with its first `count` maps, each row on a scale of its own."""
    side = 1.0
    figure = figure_with_notes((2.9 + 1.12 * side * count, max(2.2, 1.62 * side * len(layers))), title, notes)
    ratios = (1.9, 1.12 * side * count + 1.0)
    left, right = figure.subfigures(1, 2, width_ratios=ratios)  # type: ignore[misc]
    picture = left.subplots()
    show_picture(picture, image)
    picture.set_title("the image", fontsize=10, color=INK)
    for axes, layer in zip(right.subplots(len(layers), 1, squeeze=False)[:, 0], layers, strict=True):
        shown = min(count, layer.maps.shape[-1])
        tiles = _tiles(layer, range(shown))
        scale = scale_of([tile.values for tile in tiles])
        draw_mosaic(axes, tiles, count, scale)
        which = "all" if shown == layer.maps.shape[-1] else f"the first {shown} of"
        axes.set_title(
            f"{layer.name}, {layer.size}: {which} {layer.maps.shape[-1]} maps",
            fontsize=8.5,
            color=INK,
            loc="left",
            pad=2,
        )
        draw_bar(right, axes, scale)
    return figure


def choose_rows(count: int, most: int = MOST_ROWS) -> list[int]:
    """Return which of `count` layers are drawn: all, or `most` of them from first to last."""
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def draw_filters(pictures: np.ndarray, unit: str, title: str, notes: Sequence[str]) -> Figure:
    """Return the filters of a convolution side by side, on one scale.

    Args:
        pictures: (filters, rows, columns), or with colours 0…1 (filters, rows, columns, 3).
        unit: what the numbers at the colour bar are: `weight`.
        title: a heading.
        notes: what is to be said below.
    """
    shown = pictures[:MOST_TILES]
    tiles = [Tile(picture, str(number)) for number, picture in enumerate(shown)]
    columns = math.ceil(math.sqrt(1.6 * len(tiles)))
    side = 0.85 if len(tiles) <= 64 else 0.6
    wide, high = mosaic_size(tiles, columns, side)
    if len(shown) < len(pictures):
        title += f" (the first {len(shown)} of {len(pictures)})"
    figure = figure_with_notes((max(wide + 0.9, 5.5), high), title, notes)
    axes = figure.subplots()
    is_coloured = pictures.ndim == 4
    scale = Scale(0, 1, "gray") if is_coloured else scale_of([shown])
    draw_mosaic(axes, tiles, columns, scale, letters=7 if len(tiles) <= 64 else 5.5)
    if not is_coloured:
        draw_bar(figure, axes, scale, unit)
    return figure


def _tiles(layer: Layer, numbers: Sequence[int]) -> list[Tile]:
    dead = set(layer.dead)
    return [Tile(layer.maps[..., k], f"{k}" + (": all 0" if k in dead else ""), k in dead) for k in numbers]


def figure_with_notes(size: tuple[float, float], title: str, notes: Sequence[str]) -> Figure:
    """Return a figure with a heading and notes below it, yet empty between them."""
    fold = round(14.5 * size[0])
    lines = [part for note in notes for part in textwrap.wrap(note, fold)]
    figure = new_figure(size[0], size[1] + 0.55 + 0.16 * len(lines))
    figure.suptitle(title, fontsize=12, color=INK)
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=8.5, color=INK, x=0.01, ha="left")
    return figure
