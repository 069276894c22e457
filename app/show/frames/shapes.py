"""Shapes on paper, in points: what a step is drawn of, before anything draws it.

Two draw them: matplotlib a still, Pillow the pictures of an animation. So both look alike, and where things lie is
worked out once.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import ImageFont

from app.show.canvas import INK
from app.show.fonts import needs_cjk, pieces, signs_for_pillow
from app.untrusted.text import visible

QUIET, FAINT, WHITE, BLACK, EMPTY = "#5b6670", "#c9ced3", "#ffffff", "#000000", "#e3e7eb"
LETTERS, SMALL, TITLE = 10.5, 7.5, 13.0
"""Sizes of letters: numbers and working, the numbers of rows and columns, the title."""


@dataclass(frozen=True)
class Box:
    """A filled rectangle; with a line around it, if there is a colour for it."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""


@dataclass(frozen=True)
class Slant:
    """A thin line, one of those that hatch the border."""

    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class Ring:
    """An ellipse that is not filled."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    line: float


@dataclass(frozen=True)
class Words:
    """A line of text: x is its left end or its middle, y its middle."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    is_bold: bool = False
    is_centred: bool = True


@dataclass(frozen=True)
class Pixels:
    """A picture of as many pixels as a grid has cells."""

    x: float
    y: float
    width: float
    height: float
    colours: np.ndarray
    """(rows, columns, 3), bytes."""


Shape = Box | Slant | Ring | Words | Pixels


@dataclass(frozen=True)
class Sheet:
    """Shapes on paper of a size."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


@lru_cache
def font(is_bold: bool, size: float, has_signs: bool = False) -> Any:
    """Return the letters that come with matplotlib, for Pillow; for Chinese signs those that have them, if any do."""
    signs = signs_for_pillow(size) if has_signs else None
    if signs is not None:
        return signs
    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


@lru_cache(4096)
def text_width(text: str, size: float, is_bold: bool = False) -> float:
    """Return the width of a text in points."""
    return sum(
        float(font(is_bold, 100, needs_cjk(piece)).getlength(piece)) * size / 100 for piece in pieces(text)
    )


def wrap(text: str, size: float, width: float, is_bold: bool = False) -> list[str]:
    """Return lines no wider than `width`, broken at spaces; a longer word stays whole."""
    lines = [""]
    for word in visible(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and text_width(longer, size, is_bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
