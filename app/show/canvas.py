"""Figures without pyplot's global state, written whole or not at all."""

import io
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.files.atomic import replacing
from app.show.pictures import PICTURE_ENDINGS

matplotlib.rcParams["text.parse_math"] = False  # a "$" in a name is a dollar
INK = "#222222"
BLUE, ORANGE = "#0072b2", "#d55e00"
"""Two colours that stay apart for every kind of colour vision, and in grey (Okabe and Ito, 2008)."""


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Return an empty figure, sizes in inches, that lays itself out."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)  # type: ignore[union-attr, call-arg]
    if title:
        figure.suptitle(title, fontsize=12, color=INK)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG (150 dots an inch), SVG or PDF, by the ending of `path`.

    Raises:
        ValueError: another ending.
    """
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise ValueError(f"a picture cannot be written as {path.name}; use {', '.join(PICTURE_ENDINGS)}")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150, facecolor="white")


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG that a page can hold: without the XML declaration, pictures inside."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def show_picture(axes: Axes, image: np.ndarray) -> None:
    """Draw an image, its darkest value black and its brightest white, without ticks.

    An image of one value keeps it: bytes run from 0 to 255, other numbers from 0 to 1.
    """
    pixels = np.asarray(image, float)
    low, high = float(pixels.min()), float(pixels.max())
    if high > low:
        pixels = (pixels - low) / (high - low)
    else:
        pixels = np.clip(pixels / (255 if image.dtype == np.uint8 else 1), 0, 1)
    if pixels.shape[-1] == 1:
        axes.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(pixels)
    strip(axes)


def open_frame(axes: Axes, with_grid: bool = True) -> None:
    """Take away the frame above and to the right; with faint lines across."""
    if with_grid:
        axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)


def strip(axes: Axes) -> None:
    """Remove ticks and their labels."""
    axes.set_xticks([])
    axes.set_yticks([])
