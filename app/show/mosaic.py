"""Many small pictures in one: tiles side by side, each with its caption, on one scale of values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from app.show.canvas import INK, strip
from app.show.colours import TONES
from app.show.pictures import PALETTE_OVER


@dataclass(frozen=True)
class Tile:
    """One small picture."""

    values: np.ndarray
    """(height, width), or colours 0…1 (height, width, 3); NaN where there is nothing."""
    caption: str = ""
    is_blank: bool = False
    """There is nothing to see, and an outline says so."""


@dataclass(frozen=True)
class Scale:
    """What the colours of a mosaic stand for."""

    low: float
    high: float
    colours: str | Colormap


def scale_of(values: Sequence[np.ndarray]) -> Scale:
    """Return one scale for all values: from 0, or, with values on both sides, as far down as up."""
    low = min(float(np.nanmin(each)) for each in values)
    high = max(float(np.nanmax(each)) for each in values)
    if low < 0:
        reach = max(-low, high)
        return Scale(-reach, reach, TONES)
    return Scale(0.0, high or 1.0, PALETTE_OVER)


PICTURE = Scale(0.0, 1.0, "gray")
"""For images with pixels of 0…1."""


LINE = 0.16
"""Height of one line of a caption, as a share of a tile's width: of 7 points above a tile of 0.85 inches."""


def pixels(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return an image, (height, width, 1 or 3), as a tile's values 0…1; NaN stays NaN."""
    share = np.clip((np.asarray(image, float) - low) / ((high - low) or 1.0), 0, 1)
    if share.shape[-1] == 3:
        return np.where(np.isnan(share), 1.0, share)
    return np.asarray(share[..., 0])


def _tile_size(tile: Tile) -> tuple[float, float]:
    """Return height and width of a tile; one row, of a series, is drawn as a band."""
    height, width = tile.values.shape[:2]
    return (height if height > 1 else 0.3 * width), width


@dataclass(frozen=True)
class _Grid:
    """Where tiles of one size stand, in units of their own pixels."""

    height: float
    width: float
    gap: float
    above: float
    """Room above each row, for the captions."""
    columns: int

    @classmethod
    def of(cls, tiles: Sequence[Tile], columns: int, line: float) -> "_Grid":
        height, width = _tile_size(tiles[0])
        lines = max(tile.caption.count("\n") + 1 if tile.caption else 0 for tile in tiles)
        gap = 0.08 * width
        above = max(gap, (0.06 + line * lines) * width) if lines else gap
        return cls(height, width, gap, above, columns)

    def corner(self, number: int) -> tuple[float, float]:
        """Return left and top of a tile, counted from 0."""
        row, column = divmod(number, self.columns)
        return column * (self.width + self.gap), row * (self.height + self.above) + self.above


def tile_corner(tiles: Sequence[Tile], columns: int, number: int) -> tuple[float, float]:
    """Return where the left edge and the top edge of tile `number` lie in the axes that `draw_mosaic` draws into."""
    return _Grid.of(tiles, columns, LINE).corner(number)


def draw_mosaic(
    axes: Axes, tiles: Sequence[Tile], columns: int, scale: Scale, letters: float = 7.0, line: float = LINE
) -> None:
    """Draw tiles of one size in rows of `columns`, each with its caption above it.

    Args:
        axes: where.
        tiles: at least one.
        columns: tiles a row.
        scale: what the values stand for.
        letters: size of the captions, in points.
        line: height of one line of a caption, as a share of a tile's width.
    """
    grid = _Grid.of(tiles, columns, line)
    height, width, gap = grid.height, grid.width, grid.gap
    rows = math.ceil(len(tiles) / columns)
    for number, tile in enumerate(tiles):
        left, top = grid.corner(number)
        box = (left, left + width, top + height, top)
        colours = matplotlib.colormaps[scale.colours] if isinstance(scale.colours, str) else (scale.colours)
        axes.imshow(tile.values, cmap=colours, vmin=scale.low, vmax=scale.high, extent=box)
        line, hatch = (0.8, "////") if tile.is_blank else (0.3, None)
        outline = Rectangle((left, top), width, height, fill=False, edgecolor="#888888")
        outline.set(linewidth=line, hatch=hatch)
        axes.add_patch(outline)
        if tile.caption:
            middle, bottom = left + width / 2, top - 0.03 * width
            axes.text(middle, bottom, tile.caption, ha="center", va="bottom", fontsize=letters, color=INK)
    axes.set_xlim(-gap, columns * (width + gap))
    axes.set_ylim(rows * (height + grid.above) + gap, 0)
    axes.set_aspect("equal", anchor="W")
    strip(axes)
    axes.spines[:].set_visible(False)


def mosaic_size(tiles: Sequence[Tile], columns: int, side: float, line: float = LINE) -> tuple[float, float]:
    """Return width and height in inches for tiles that are `side` wide."""
    height, width = _tile_size(tiles[0])
    lines = max(tile.caption.count("\n") + 1 if tile.caption else 0 for tile in tiles)
    rows = math.ceil(len(tiles) / columns)
    return columns * side * 1.08, rows * side * (height / width + 0.06 + line * lines) + 0.1


def draw_bar(
    figure: Figure | SubFigure, axes: Axes, scale: Scale, label: str = "", share: float = 0.02
) -> Colorbar:
    """Draw a colour bar with numbers beside `axes`, `share` of their width wide, and return it."""
    colours = ScalarMappable(Normalize(scale.low, scale.high), scale.colours)
    bar = figure.colorbar(colours, cax=axes.inset_axes((1.01, 0, share, 1)))
    bar.ax.tick_params(labelsize=7)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()
    if label:
        bar.set_label(label, fontsize=7.5, color=INK)
    return bar
