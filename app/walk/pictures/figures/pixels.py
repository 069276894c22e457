"""A picture, and its numbers as matrices and as a column."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.show.canvas import INK, ORANGE, new_figure, strip
from app.show.frames.frame import number_text

if TYPE_CHECKING:
    from app.walk.pictures.pixels import Pixels

TINTS = {"red": (1.0, 0.35, 0.3), "green": (0.35, 0.8, 0.4), "blue": (0.4, 0.55, 1.0)}


def draw_pixels(pixels: "Pixels") -> Figure:
    """Return the picture with a frame around the piece, a matrix for each channel, and the column of a small one."""
    has_column = pixels.column is not None
    count = len(pixels.names)
    ratios = [1.0, *([1.0] * count), *([0.28] if has_column else [])]
    figure = new_figure(3.1 * sum(ratios), 3.5 if not has_column else 4.0)
    panels = figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]
    top = 255.0 if pixels.values.max() > 1 else 1.0
    _draw_picture(panels[0], pixels, top)
    for axes, name, c in zip(panels[1:], pixels.names, range(count), strict=False):
        _draw_matrix(axes, pixels, name, c, top)
    if pixels.column is not None:
        _draw_column(panels[-1], pixels.column, top)
    return figure


def _draw_picture(axes: Axes, pixels: "Pixels", top: float) -> None:
    values = np.clip(pixels.values / max(top, float(pixels.values.max()) or 1), 0, 1)
    if values.shape[-1] in (3, 4):
        axes.imshow(values[..., :3], interpolation="nearest")
    else:  # small pictures are ink on paper, bytes are light
        axes.imshow(
            values[..., 0], cmap="gray_r" if top == 1 else "gray", vmin=0, vmax=1, interpolation="nearest"
        )
    rows, columns, _ = pixels.values.shape
    (row, column), (high, wide) = pixels.first, pixels.side
    if (high, wide) != (rows, columns):
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), wide, high, fill=False, edgecolor=ORANGE, linewidth=2)
        )
    axes.set_title(f"{rows}×{columns} pixels", fontsize=10, color=INK)
    strip(axes)


def _draw_matrix(axes: Axes, pixels: "Pixels", name: str, channel: int, top: float) -> None:
    piece = pixels.piece[..., channel]
    share = np.clip(piece / max(top, float(np.abs(piece).max()) or 1), 0, 1)
    tint = np.array(TINTS.get(name, (0.55, 0.55, 0.55)))
    axes.imshow(1 - 0.75 * share[..., None] * (1 - tint), interpolation="nearest")
    digits = max(len(number_text(v, 3)) for v in piece.ravel().tolist())
    size = min(12.0, 92 / max(piece.shape) / max(digits, 2) * 2.2)
    for (row, column), value in np.ndenumerate(piece):
        axes.text(
            column, row, number_text(float(value), 3), ha="center", va="center", fontsize=size, color=INK
        )
    axes.set_xticks(np.arange(piece.shape[1] + 1) - 0.5, [])
    axes.set_yticks(np.arange(piece.shape[0] + 1) - 0.5, [])
    axes.grid(color="#bbbbbb", linewidth=0.6)
    axes.tick_params(length=0)
    (row, column), (high, wide) = pixels.first, pixels.side
    where = (
        ""
        if pixels.side == pixels.values.shape[:2]
        else f", rows {row}–{row + high - 1}, columns {column}–{column + wide - 1}"
    )
    axes.set_title(f"{name}{where}", fontsize=9 if where else 10, color=INK)


def _draw_column(axes: Axes, column: np.ndarray, top: float) -> None:
    share = np.clip(column[:, None] / max(top, float(np.abs(column).max()) or 1), 0, 1)
    axes.imshow(1 - 0.45 * np.repeat(share[..., None], 3, -1), aspect="auto", interpolation="nearest")
    for row, value in enumerate(column.tolist()):
        axes.text(
            0,
            row,
            number_text(value, 3),
            ha="center",
            va="center",
            fontsize=min(8.0, 210 / len(column)),
            color=INK,
        )
    axes.set_title(f"{len(column)}", fontsize=10, color=INK)
    strip(axes)
