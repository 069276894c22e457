"""Figures of what is inside a network: feature maps and filters; and of single units: the images nearest to
them, what they are projected from, what maximises them."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.counting.rows import shape_text
from app.features.results import CloseUp, LayerMaps
from app.show.canvas import INK, new_figure, show_picture
from app.show.mosaic import PICTURE, Scale, Tile, draw_bar, draw_mosaic, mosaic_size, scale_of

MOST_TILES = 256
"""Tiles that are drawn of one layer; the title says how many there are."""
MOST_ROWS = 12
"""Layers that one figure has room for."""


def draw_layer(image: np.ndarray, layer: LayerMaps, title: str, notes: Sequence[str]) -> Figure:
    """Return all maps of one layer beside the image, on one scale; dead ones are hatched."""
    tiles = _tiles(layer, MOST_TILES)
    columns, side, letters = _grid(len(tiles))
    wide, high = mosaic_size(tiles, columns, side)
    figure = figure_with_notes((wide + 3.1, max(high, 2.2)), title, notes)
    picture, axes = figure.subplots(1, 2, width_ratios=(2.2, wide + 0.9))
    show_picture(picture, image)
    picture.set_title("the image", fontsize=10, color=INK)
    scale = scale_of([tile.values for tile in tiles])
    draw_mosaic(axes, tiles, columns, scale, letters)
    axes.set_title(_heading(layer, len(tiles)), fontsize=10, color=INK)
    draw_bar(figure, axes, scale)
    return figure


def draw_layers(
    image: np.ndarray, layers: Sequence[LayerMaps], count: int, title: str, notes: Sequence[str]
) -> Figure:
    """Return one row for each layer with its first `count` maps, each row on a scale of its own."""
    wide = 1.12 * count
    figure = figure_with_notes((2.9 + wide, max(2.2, 1.62 * len(layers))), title, notes)
    left, right = figure.subfigures(1, 2, width_ratios=(1.9, wide + 1.0))  # type: ignore[misc]
    picture = left.subplots()
    show_picture(picture, image)
    picture.set_title("the image", fontsize=10, color=INK)
    for axes, layer in zip(right.subplots(len(layers), 1, squeeze=False)[:, 0], layers, strict=True):
        tiles = _tiles(layer, count)
        scale = scale_of([tile.values for tile in tiles])
        draw_mosaic(axes, tiles, count, scale)
        axes.set_title(_heading(layer, len(tiles)), fontsize=8.5, color=INK, loc="left", pad=2)
        draw_bar(right, axes, scale)
    return figure


def _tiles(layer: LayerMaps, most: int) -> list[Tile]:
    dead = set(layer.dead)
    return [
        Tile(layer.values[..., k], f"{k}: all 0" if k in dead else f"{k}", k in dead)
        for k in range(min(layer.count, most))
    ]


def _heading(layer: LayerMaps, shown: int) -> str:
    which = "all" if shown == layer.count else f"the first {shown} of"
    return f"{layer.layer}, {shape_text(layer.values.shape)}: {which} {layer.count} maps"


def _grid(count: int) -> tuple[int, float, float]:
    """Return columns, the width of a tile in inches and the size of its letters in points."""
    return math.ceil(math.sqrt(1.6 * count)), *((0.85, 7.0) if count <= 64 else (0.6, 5.5))


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
    columns, side, letters = _grid(len(tiles))
    wide, high = mosaic_size(tiles, columns, side)
    if len(shown) < len(pictures):
        title += f" (the first {len(shown)} of {len(pictures)})"
    figure = figure_with_notes((max(wide + 0.9, 5.5), high), title, notes)
    axes = figure.subplots()
    is_coloured = pictures.ndim == 4
    scale = Scale(0, 1, "gray") if is_coloured else scale_of([shown])
    draw_mosaic(axes, tiles, columns, scale, letters)
    if not is_coloured:
        draw_bar(figure, axes, scale, unit)
    return figure


def figure_with_notes(size: tuple[float, float], title: str, notes: Sequence[str]) -> Figure:
    """Return a figure with a heading and notes below it, yet empty between them."""
    fold = round(14.5 * size[0])
    lines = [part for note in notes for part in textwrap.wrap(note, fold)]
    figure = new_figure(size[0], size[1] + 0.55 + 0.16 * len(lines))
    figure.suptitle(title, fontsize=12, color=INK)
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=8.5, color=INK, x=0.01, ha="left")
    return figure


@dataclass(frozen=True)
class UnitRow:
    """One unit with what activates it."""

    title: str
    crops: Sequence[Tile]
    """What its strongest cell sees of each image, as pixels of 0…1."""
    projections: Sequence[Tile] = ()
    """The activation carried back to the same pixels; none for a class."""


def draw_nearest(rows: Sequence[UnitRow], title: str, notes: Sequence[str]) -> Figure:
    """Return a row of crops for each unit, and below it, on one scale a unit, their projections."""
    columns = max(len(row.crops) for row in rows)
    side = 1.0
    wide, high = mosaic_size(rows[0].crops, columns, side)
    below = mosaic_size([Tile(rows[0].crops[0].values)], columns, side)[1] + 0.2
    lines = 1 + any(row.projections for row in rows)
    figure = figure_with_notes(
        (max(wide + 1.0, 5.5), len(rows) * (high + (lines - 1) * below + 0.25)), title, notes
    )
    heights = [high + 0.25, below][:lines] * len(rows)
    grid = figure.subplots(len(rows) * lines, 1, squeeze=False, height_ratios=heights)[:, 0]
    for number, row in enumerate(rows):
        crops = grid[number * lines]
        draw_mosaic(crops, row.crops, columns, PICTURE)
        crops.set_title(row.title, fontsize=9, color=INK, loc="left", pad=2)
        if lines == 2:
            axes = grid[number * lines + 1]
            scale = scale_of([tile.values for tile in row.projections])
            draw_mosaic(axes, row.projections, columns, scale)
            draw_bar(figure, axes, scale)
    return figure


def draw_projections(
    image: np.ndarray, seen: Mapping[int, CloseUp], title: str, notes: Sequence[str]
) -> Figure:
    """Return the image and the projection of each map, each on a scale of its own; blank ones are hatched."""
    columns = min(5, 1 + len(seen))
    rows = math.ceil((1 + len(seen)) / columns)
    figure = figure_with_notes((2.1 * columns, 2.05 * rows), title, notes)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    show_picture(grid[0], image)
    grid[0].set_title("the image", fontsize=9, color=INK)
    for axes, (unit, each) in zip(grid[1:], seen.items(), strict=False):
        values = each.projection
        scale = scale_of([np.minimum(values, -1e-12), values])
        draw_mosaic(axes, [Tile(values, is_blank=not values.any())], 1, scale)
        axes.set_title(f"map {unit}: {each.value:.3g}", fontsize=9, color=INK)
        draw_bar(figure, axes, scale, share=0.05)
        if each.box is not None:
            gap = axes.get_ylim()[0] - axes.get_ylim()[1] - values.shape[0]
            left, top, right, bottom = each.box
            axes.add_patch(
                Rectangle(
                    (left + 0.5, top + 0.5 + gap / 2),
                    right - left,
                    bottom - top,
                    fill=False,
                    edgecolor="black",
                    linewidth=1.0,
                    linestyle="--",
                )
            )
    for axes in grid[1 + len(seen) :]:
        axes.axis("off")
    return figure


def draw_maximised(tiles: Sequence[Tile], title: str, notes: Sequence[str]) -> Figure:
    """Return the inputs that were made, each with what the network says of it."""
    columns = min(5, len(tiles))
    wide, high = mosaic_size(tiles, columns, 1.5)
    figure = figure_with_notes((max(wide, 5.5), high), title, notes)
    draw_mosaic(figure.subplots(), tiles, columns, PICTURE, letters=8)
    return figure
