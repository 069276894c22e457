"""A strip of an image and its maps, for folders of thousands: no figure, only pixels and a line of words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.maps.figures import Panel
from app.maps.overlay import is_photograph, lay_over, on_scale
from app.show.colours import colours_of
from app.show.pictures import PALETTE_OVER, PALETTES

SIDE = 224
"""Pixels that the longer side of an image takes at least."""
LINE = 14
"""Height of a line of words."""
GAP = 6


def draw_strip(
    image: np.ndarray, caption: str, panels: Sequence[Panel], palette: str | None = None
) -> Image.Image:
    """Return an image and its maps side by side, each with its verdict below; maps lie over photographs.

    Args:
        image: bytes, (height, width, channels).
        caption: what is said below the image.
        panels: its maps.
        palette: colours of unsigned maps; None: those that suit the image.
    """
    times = max(1, SIDE // max(image.shape[:2]))
    font = ImageFont.load_default(size=11)
    tiles = [_grow(_picture(image), times)]
    tiles += [_grow(_tile(image, panel, palette), times) for panel in panels]
    words = [caption, *(f"{panel.title}: {panel.caption}" for panel in panels)]
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
    values, covered, judged = panel.map.values, panel.map.covered, panel.map.verdict.judgement
    if judged.is_empty:
        return Image.fromarray((picture * 0.35 + 255 * 0.65).astype(np.uint8))
    if values.ndim == 3:
        return Image.fromarray((values / judged.largest * 255).astype(np.uint8))
    if is_photograph(image):
        end, shares = on_scale(values, covered, judged.largest)
        colours, scale = colours_of(palette or PALETTE_OVER, end, panel.is_signed)
        laid = lay_over(image, _colour(colours, scale(values)) / 255, shares)
        return Image.fromarray((255 * laid).astype(np.uint8))
    colours, scale = colours_of(palette or PALETTES[0], judged.largest, panel.is_signed)
    drawn = _colour(colours, scale(values))
    if covered is not None:
        mixed = 0.4 * picture + 0.6 * drawn if image.shape[-1] == 3 else drawn
        drawn = np.where(covered[..., None], mixed, picture)
    return Image.fromarray(drawn.astype(np.uint8))


def _colour(colours: Any, shares: Any) -> np.ndarray:
    return np.asarray(colours(np.asarray(shares)))[..., :3] * 255


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
