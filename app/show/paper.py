"""What a figure is drawn for: a page, a slide, a book; known before anything that draws is loaded."""

import contextlib
import math
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

SLIDE = (13.333, 7.5)
"""Inches of a slide, 16:9."""
DPI = 150
"""Dots an inch of a PNG file."""
WIDEST, MOST_DPI = 60.0, 1200
"""Inches, and dots an inch, beyond which a figure is no picture for people."""


@dataclass(frozen=True)
class Paper:
    """What a figure is drawn for; nothing in it changes what is measured."""

    title: str | None = None
    """Stands above the figure instead of its own title; an empty one leaves the title out."""
    width: float | None = None
    """Inches; None: as wide as the figure wants to be."""
    dpi: int = DPI
    """Dots an inch of a PNG file, and of the pictures inside an SVG or a PDF file."""
    is_slide: bool = False
    """Whether it fills a slide of 16:9, its letters large enough for the back row."""
    has_verdict: bool = True
    """Whether the words below maps are drawn, which say how far to trust them; a book has a caption of its own."""

    def __post_init__(self) -> None:
        if self.width is not None and not (math.isfinite(self.width) and 1 <= self.width <= WIDEST):
            raise ValueError(f"a figure's width is 1 to {WIDEST:.0f} inches, not {self.width:g}")
        if not 20 <= self.dpi <= MOST_DPI:
            raise ValueError(f"a figure has 20 to {MOST_DPI} dots an inch, not {self.dpi}")
        if self.is_slide and self.width is not None:
            raise ValueError("a slide has a width of its own; give the width or the slide")


PAPER: ContextVar[Paper] = ContextVar("what figures are drawn for", default=Paper())  # noqa: B039  # frozen


@contextlib.contextmanager
def on_paper(paper: Paper) -> Iterator[None]:
    """Inside, figures are drawn for this paper."""
    token = PAPER.set(paper)
    try:
        yield
    finally:
        PAPER.reset(token)
