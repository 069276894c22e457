"""Figures of what is inside a network: feature maps and filters; and of single units: the images nearest to
them, what they are projected from, what maximises them."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from app.counting.rows import shape_text
from app.features.results import CloseUp, LayerMaps
from app.maps.overlay import is_photograph, last_colour
from app.maps.placement import Box
from app.show.canvas import INK, new_figure, show_picture
from app.show.mosaic import (
    LINE,
    PICTURE,
    Scale,
    Tile,
    draw_bar,
    draw_mosaic,
    mosaic_size,
    pixels,
    scale_of,
    tile_corner,
)
from app.show.paper import PAPER

MOST_TILES = 256
"""Tiles that are drawn of one layer; the title says how many there are."""
MOST_ROWS, MOST_ROWS_OF_SLIDE = 12, 6
"""Layers that one figure has room for, on a page and on a slide."""
WIDE, HIGH = 8.2, 11.0
"""Inches that a figure has on a page of A4, without title and notes across."""
BESIDE = 1.5
"""Inches of the column with the image and what is said of it."""
NAMED = 0.9
"""Inches of what a row is, beside it on a slide."""
LETTERS_BESIDE = 24
"""Letters that one line of that column has room for."""


def draw_layer(image: np.ndarray, layer: LayerMaps, title: str, notes: Sequence[str]) -> Figure:
    """Return all maps of one layer beside the image, on one scale; dead ones are hatched."""
    tiles = _tiles(layer, list(range(min(layer.count, MOST_TILES))))
    columns, side, letters = _grid(len(tiles), WIDE - BESIDE - 0.8)
    high = mosaic_size(tiles, columns, side)[1]
    figure = new_figure(WIDE, max(high + 0.9, 3.4), title)
    axes = _beside(figure, image, notes).subplots()
    scale = scale_of([tile.values for tile in tiles])
    draw_mosaic(axes, tiles, columns, scale, letters)
    axes.set_title(_heading(layer, len(tiles), "first"), fontsize=9, color=INK, loc="left")
    draw_bar(figure, axes, scale)
    return figure


def draw_layers(
    image: np.ndarray, layers: Sequence[LayerMaps], count: int, title: str, notes: Sequence[str]
) -> Figure:
    """Return one row for each layer with its `count` strongest maps, each row on a scale of its own."""
    columns = min(count, max(layer.count for layer in layers))
    if PAPER.get().is_slide:
        return _draw_slide(image, layers, columns, title, notes)
    widest = (WIDE - BESIDE - 0.7) / columns / 1.08
    side = min(1.1, widest, (HIGH / len(layers) - 0.46) / 1.06)
    line = max(LINE, 0.14 / side)
    row = side * (1.06 + line) + 0.3
    figure = new_figure(
        min(WIDE, BESIDE + 1.1 + 1.08 * columns * side), max(3.4, 0.5 + len(layers) * row), title
    )
    right = _beside(figure, image, notes)
    for axes, layer in zip(right.subplots(len(layers), 1, squeeze=False)[:, 0], layers, strict=True):
        tiles = _tiles(layer, layer.strongest(count))
        scale = scale_of([tile.values for tile in tiles])
        draw_mosaic(axes, tiles, columns, scale, line=line)
        axes.set_title(_heading(layer, len(tiles), "strongest"), fontsize=8.5, color=INK, loc="left", pad=2)
        draw_bar(right, axes, scale)
    return figure


def _draw_slide(
    image: np.ndarray, layers: Sequence[LayerMaps], columns: int, title: str, notes: Sequence[str]
) -> Figure:
    """Return the same for a slide, which is wide and low: what a row is stands at its left, not above it."""
    figure = new_figure(WIDE, HIGH, title)
    wide, high = figure.get_size_inches()
    row = (high - 0.55) / len(layers)
    side = min((wide - BESIDE - NAMED - 0.8) / columns / 1.08, (row - 0.3) / 1.06)
    right = _beside(figure, image, notes, max(BESIDE, wide - NAMED - 0.9 - 1.08 * columns * side))
    for axes, layer in zip(right.subplots(len(layers), 1, squeeze=False)[:, 0], layers, strict=True):
        tiles = _tiles(layer, layer.strongest(columns))
        scale = scale_of([tile.values for tile in tiles])
        draw_mosaic(axes, tiles, columns, scale, line=max(LINE, 0.14 / side))
        shown = f"{len(tiles)} of {layer.count:,}" if len(tiles) < layer.count else f"all {len(tiles)}"
        words = f"{textwrap.fill(layer.layer, 14)}\n{shape_text(layer.values.shape)}\n{shown} maps"
        axes.set_ylabel(words, fontsize=8.5, color=INK, rotation=0, ha="right", va="center", labelpad=4)
        draw_bar(right, axes, scale)
    return figure


def _beside(figure: Figure, image: np.ndarray, notes: Sequence[str], column: float = BESIDE) -> SubFigure:
    """Draw the image at the top of a column on the left, the notes below it; return the rest of the figure."""
    wide = figure.bbox.width / figure.dpi
    left, right = figure.subfigures(1, 2, width_ratios=(column, max(wide - column, column)))  # type: ignore[misc]
    axes = left.subplots()
    show_picture(axes, image)
    axes.set_anchor("N")
    axes.set_title("the image", fontsize=9, color=INK)
    letters = max(12, round(LETTERS_BESIDE * min(column / BESIDE, wide / 3 / BESIDE)))
    folded = "\n\n".join(textwrap.fill(note.replace(" %", "\u00a0%"), letters) for note in notes)
    axes.set_xlabel(folded, fontsize=8, color=INK, loc="left", labelpad=6)
    return right


def _tiles(layer: LayerMaps, chosen: Sequence[int]) -> list[Tile]:
    """Return the chosen maps; all of those that are 0 everywhere are blank."""
    return [Tile(layer.values[..., k], f"{k}", k in set(layer.dead)) for k in chosen]


def _heading(layer: LayerMaps, shown: int, which: str) -> str:
    of = f"all {shown}" if shown == layer.count else f"the {shown} {which} of {layer.count:,}"
    return f"{layer.layer}, {shape_text(layer.values.shape)}: {of} maps"


def _grid(count: int, wide: float) -> tuple[int, float, float]:
    """Return columns, the width of a tile in inches and the size of its letters in points."""
    columns = min(16, math.ceil(math.sqrt(1.6 * count)))
    side = min(0.85, wide / columns / 1.08)
    return columns, side, min(7.0, max(4.5, 12 * side))


def choose_rows(count: int, most: int | None = None) -> list[int]:
    """Return which of `count` layers are drawn: all, or `most` of them from first to last.

    Without a number: as many as the paper has room for.
    """
    most = most or (MOST_ROWS_OF_SLIDE if PAPER.get().is_slide else MOST_ROWS)
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
    columns, side, letters = _grid(len(tiles), WIDE - 1.0)
    wide, high = mosaic_size(tiles, columns, side)
    if len(shown) < len(pictures):
        title += f" (the first {len(shown)} of {len(pictures)})"
    figure = figure_with_notes((max(wide + 0.9, 5.5), high), title, notes)
    axes = figure.subplots()
    is_coloured = pictures.ndim == 4
    scale = Scale(0, 1, "gray") if is_coloured else scale_of([shown])
    draw_mosaic(axes, tiles, columns, scale, letters)
    if not is_coloured:
        bar = draw_bar(figure, axes, scale, unit)
        _end_numbers(bar, scale)
    return figure


def _end_numbers(bar: Colorbar, scale: Scale) -> None:
    """Number both ends of a bar, and the middle; on both sides of 0 the ends are the largest magnitude."""
    ends = (scale.low, (scale.low + scale.high) / 2, scale.high)
    bar.set_ticks(ends, labels=[f"{end:.3g}".replace("-", "−") for end in ends])


def figure_with_notes(size: tuple[float, float], title: str, notes: Sequence[str]) -> Figure:
    """Return a figure with a heading and notes below it, yet empty between them."""
    fold = round(15 * size[0])
    lines = [part for note in notes for part in textwrap.wrap(note, fold)]
    figure = new_figure(size[0], size[1] + 0.55 + 0.15 * len(lines), title)
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=8, color=INK, x=0.01, ha="left")
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
    lines = 1 + any(row.projections for row in rows)
    side = min(1.0, (WIDE - 0.9) / columns / 1.08)
    while side > 0.3 and sum(_nearest_heights(rows, columns, side, lines)) > HIGH - 0.5:
        side *= 0.95
    heights = _nearest_heights(rows, columns, side, lines)
    wide = mosaic_size(rows[0].crops, columns, side)[0]
    figure = figure_with_notes((max(wide + 0.9, 5.5), sum(heights)), title, notes)
    grid = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for number, row in enumerate(rows):
        crops = grid[number * lines]
        draw_mosaic(crops, row.crops, columns, PICTURE)
        crops.set_anchor("SW")  # so that projections stand close below their crops
        crops.set_title(row.title, fontsize=9, color=INK, loc="left", pad=2)
        if lines == 2:
            axes = grid[number * lines + 1]
            scale = scale_of([tile.values for tile in row.projections])
            draw_mosaic(axes, row.projections, columns, scale)
            axes.set_anchor("NW")
            draw_bar(figure, axes, scale)
    return figure


def _nearest_heights(rows: Sequence[UnitRow], columns: int, side: float, lines: int) -> list[float]:
    """Return the inches of each row of pictures: crops with captions and a heading, then projections."""
    crops = mosaic_size(rows[0].crops, columns, side)[1] + 0.25
    projections = mosaic_size([Tile(rows[0].crops[0].values)], columns, side)[1] + 0.1
    return [crops, projections][:lines] * len(rows)


def draw_projections(
    image: np.ndarray, seen: Mapping[int, CloseUp], title: str, notes: Sequence[str]
) -> Figure:
    """Return the image and the projection of each map, on one scale; blank ones are hatched.

    Beyond what the cell sees, which is framed, a projection is 0 and left white.
    """
    columns = min(5, 1 + len(seen))
    each = list(seen.items())
    shown = [_within_box(close_up) for _, close_up in each]
    ends_early = is_photograph(image)
    largest = max(1e-12, *(_last_colour(values, ends_early) for values in shown))
    scale = scale_of([np.array([-largest, largest])])
    captions = [f"map {unit}: {close_up.value:.3g}" for unit, close_up in each]
    tiles = [
        Tile(_in_colours(image), "the image"),
        *(
            Tile(values, caption, not np.nansum(np.abs(values)))
            for values, caption in zip(shown, captions, strict=True)
        ),
    ]
    side = min(1.6, (WIDE - 0.8) / columns / 1.08)
    wide, high = mosaic_size(tiles, columns, side)
    figure = figure_with_notes((max(wide + 0.8, 5.5), high), title, notes)
    axes = figure.subplots()
    draw_mosaic(axes, tiles, columns, scale, letters=8.5)
    said = "\n(the strongest 0.5 % share the last colour)" if ends_early else ""
    draw_bar(figure, axes, scale, f"activation carried back to a pixel{said}")
    for number, (_, close_up) in enumerate(each, 1):
        if close_up.box is not None:
            _draw_frame(axes, tile_corner(tiles, columns, number), close_up.box)
    return figure


def _within_box(close_up: CloseUp) -> np.ndarray:
    """Return a projection, NaN where the cell sees nothing."""
    if close_up.box is None:
        return close_up.projection
    left, top, right, bottom = (round(edge + 0.5) for edge in close_up.box)
    values = np.full(close_up.projection.shape, np.nan)
    within = np.s_[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    values[within] = close_up.projection[within]
    return values if np.isfinite(values).any() else close_up.projection


def _last_colour(values: np.ndarray, ends_early: bool) -> float:
    """Return the magnitude at which the colours of a projection end; NaN is left out."""
    seen = values[np.isfinite(values)]
    return last_colour(seen) if ends_early else float(np.abs(seen).max())


def _in_colours(image: np.ndarray) -> np.ndarray:
    """Return an image from its darkest to its brightest value as colours 0…1, (height, width, 3)."""
    shades = pixels(image, float(image.min()), float(image.max()))
    return shades if shades.ndim == 3 else np.repeat(shades[..., np.newaxis], 3, axis=-1)


def _draw_frame(axes: Axes, corner: tuple[float, float], box: Box) -> None:
    """Draw the frame around what a cell sees into the tile whose corner is given."""
    left, top, right, bottom = box
    place = (corner[0] + left + 0.5, corner[1] + top + 0.5)
    axes.add_patch(
        Rectangle(
            place,
            right - left,
            bottom - top,
            fill=False,
            edgecolor=INK,
            linewidth=0.8,
            linestyle="--",
            clip_on=False,
        )
    )


def draw_maximised(tiles: Sequence[Tile], title: str, notes: Sequence[str]) -> Figure:
    """Return the inputs that were made, each with what the network says of it."""
    columns = min(5, len(tiles))
    side = min(2.6, (WIDE - 0.2) / columns / 1.08)
    letters = min(10.0, 5.5 * side)
    line = 1.45 * letters / 72 / side
    high = mosaic_size(tiles, columns, side, line)[1]
    figure = figure_with_notes((max(1.08 * columns * side + 0.2, 5.8), high), title, notes)
    axes = figure.subplots()
    draw_mosaic(axes, tiles, columns, PICTURE, letters, line)
    axes.set_anchor("C")
    return figure
