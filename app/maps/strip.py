"""A strip of an image and its maps, for folders of thousands: no figure, only pixels and a line of words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from app.maps.figures.panels import Panel
from app.maps.overlay import is_photograph, lay_over, on_scale
from app.show.colours import colours_of
from app.show.fonts import pillow_font
from app.show.pictures import PALETTE_OVER

SIDE = 224
"""Pixels that the longer side of an image takes at least."""
LINE = 14
"""Height of a line of words."""
GAP = 6


def draw_strip(
    image: np.ndarray, caption: str, panels: Sequence[Panel], palette: str | None = None
) -> Image.Image:
    """Return an image and its maps side by side, each with its verdict below; maps lie over it.

    Args:
        image: bytes, (height, width, channels).
        caption: what is said below the image.
        panels: its maps.
        palette: colours of unsigned maps; None: those that suit the image.
    """
    times = max(1, SIDE // max(image.shape[:2]))
    tiles = [_grow(_picture(image), times)]
    tiles += [_grow(_tile(image, panel, palette), times) for panel in panels]
    words = [caption, *(f"{panel.title}: {panel.caption}" for panel in panels)]
    font = pillow_font(11, "".join(words))
    width, height = tiles[0].size
    folded = [_fold(text, width, font) for text in words]
    tall = height + GAP + LINE * max(map(len, folded))
    sheet = Image.new("RGB", (len(tiles) * (width + GAP) - GAP, tall), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (tile, lines) in enumerate(zip(tiles, folded, strict=True)):
        left = i * (width + GAP)
        sheet.paste(tile, (left, 0))
        for number, line in enumerate(lines):
            pen.text((left + 2, height + GAP // 2 + LINE * number), line, fill="#222222", font=font)
    return sheet


def _tile(image: np.ndarray, panel: Panel, palette: str | None) -> Image.Image:
    """Return a map in colours; where it shows nothing, the image, paled."""
    picture = np.asarray(_picture(image), np.float64)
    values, judged = panel.map.values, panel.map.verdict.judgement
    if judged.is_empty:
        return Image.fromarray((picture * 0.35 + 255 * 0.65).astype(np.uint8))
    if values.ndim == 3:
        return Image.fromarray((values / judged.largest * 255).astype(np.uint8))
    end, shares = on_scale(values, judged.largest, is_photograph(image) and not panel.map.is_of_cells)
    colours, scale = colours_of(palette or PALETTE_OVER, end, panel.is_signed)
    laid = lay_over(image, np.asarray(colours(np.asarray(scale(values))))[..., :3], shares)
    return Image.fromarray((255 * laid).astype(np.uint8))


def _picture(image: np.ndarray) -> Image.Image:
    return Image.fromarray(np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image)


def _grow(tile: Image.Image, times: int) -> Image.Image:
    return tile.resize((tile.width * times, tile.height * times), Image.Resampling.NEAREST)


def _fold(text: str, width: int, font: Any) -> list[str]:
    """Return `text` in lines that fit into a width in pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width - 4:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
