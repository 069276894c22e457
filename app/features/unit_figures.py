"""Figures of single units: the images nearest to them, what they are projected from, what maximises them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.features.figures import figure_with_notes
from app.show.canvas import INK, show_picture
from app.show.mosaic import PICTURE, Tile, draw_bar, draw_mosaic, mosaic_size, scale_of


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


@dataclass(frozen=True)
class Projection:
    """One unit's strongest cell, carried back to the image."""

    title: str
    values: np.ndarray
    """(height, width), signed."""
    box: tuple[float, float, float, float] | None
    """Left, top, right and bottom of what the cell sees, in pixels."""
    is_blank: bool = False


def draw_projections(
    image: np.ndarray, projections: Sequence[Projection], title: str, notes: Sequence[str]
) -> Figure:
    """Return the image and the projection of each unit, each on a scale of its own."""
    columns = min(5, 1 + len(projections))
    rows = math.ceil((1 + len(projections)) / columns)
    figure = figure_with_notes((2.1 * columns, 2.05 * rows), title, notes)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    show_picture(grid[0], image)
    grid[0].set_title("the image", fontsize=9, color=INK)
    for axes, each in zip(grid[1:], projections, strict=False):
        scale = scale_of([np.minimum(each.values, -1e-12), each.values])
        draw_mosaic(axes, [Tile(each.values, is_blank=each.is_blank)], 1, scale)
        axes.set_title(each.title, fontsize=9, color=INK)
        draw_bar(figure, axes, scale, share=0.05)
        if each.box is not None:
            gap = axes.get_ylim()[0] - axes.get_ylim()[1] - each.values.shape[0]
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
    for axes in grid[1 + len(projections) :]:
        axes.axis("off")
    return figure


def draw_maximised(tiles: Sequence[Tile], title: str, notes: Sequence[str]) -> Figure:
    """Return the inputs that were made, each with what the network says of it."""
    columns = min(5, len(tiles))
    wide, high = mosaic_size(tiles, columns, 1.5)
    figure = figure_with_notes((max(wide, 5.5), high), title, notes)
    draw_mosaic(figure.subplots(), tiles, columns, PICTURE, letters=8)
    return figure
