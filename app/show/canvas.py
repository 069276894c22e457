"""Figures without pyplot's global state, written whole or not at all."""

import contextlib
import io
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpec
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from app.files.atomic import replacing
from app.show.pictures import PICTURE_ENDINGS

INK = "#222222"
BLUE, ORANGE = "#0072b2", "#d55e00"
"""Two colours that stay apart for every kind of colour vision, and in grey (Okabe and Ito, 2008)."""


_PLACE: ContextVar[Axes | None] = ContextVar("the axes in whose place a figure is drawn", default=None)


@contextlib.contextmanager
def place_in(axes: Axes | None) -> Iterator[Callable[[Figure], Figure]]:
    """Inside, `new_figure` gives the place of `axes`; without axes, a figure of its own.

    What is given is a function that returns the whole figure for what was drawn.
    """
    if axes is not None:
        check_axes(axes)
    token = _PLACE.set(axes)
    try:
        yield _finished
    finally:
        _PLACE.reset(token)


def _finished(drawn: Figure) -> Figure:
    take_literally(drawn)
    return drawn.get_figure(root=True) or drawn


def take_literally(figure: Figure) -> None:
    """Make every "$" in the texts of a figure a dollar, not the begin of a formula."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Return an empty figure, sizes in inches, that lays itself out; or the place that `place_in` gives."""
    axes = _PLACE.get()
    if axes is None:
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)  # type: ignore[union-attr, call-arg]
    else:
        figure = _part_of(axes)  # type: ignore[assignment]
    if title:
        figure.suptitle(title, fontsize=12, color=INK)
    return figure


def own_place() -> Axes | None:
    """Return the axes that a picture of one panel is to draw in, None where it needs a figure."""
    return _PLACE.get()


def _part_of(axes: Axes) -> SubFigure:
    """Return an empty part of a figure in the place of `axes`, which are taken away."""
    figure, place = axes.get_figure(root=False), axes.get_subplotspec()
    assert figure is not None
    if place is None:  # axes at a place of their own
        box = axes.get_position()
        widths, heights = (box.x0, box.width, 1 - box.x1), (1 - box.y1, box.height, box.y0)
        grid = GridSpec(3, 3, figure, width_ratios=_above_0(widths), height_ratios=_above_0(heights))  # type: ignore[arg-type]
        place = grid[1, 1]
    root = axes.get_figure(root=True)
    if root is not None and root.get_layout_engine() is None:
        root.set_layout_engine("constrained")
    axes.set_axis_off()
    return figure.add_subfigure(place)


def check_axes(axes: object) -> None:
    """Refuse what no picture can be drawn into.

    Raises:
        TypeError: it is no matplotlib axes.
        ValueError: the axes are not flat, or were taken out of their figure.
    """
    if not isinstance(axes, Axes):
        raise TypeError(f"expected matplotlib axes, not {type(axes).__name__}")
    if axes.get_figure(root=False) is None:
        raise ValueError("these axes were taken out of their figure")
    if axes.name != "rectilinear":
        raise ValueError(f"pictures are drawn into flat axes, not into {axes.name} ones")


def _above_0(shares: tuple[float, ...]) -> list[float]:
    return [max(share, 1e-6) for share in shares]


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG (150 dots an inch), SVG or PDF, by the ending of `path`.

    Raises:
        ValueError: another ending.
    """
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise ValueError(f"a picture cannot be written as {path.name}; use {', '.join(PICTURE_ENDINGS)}")
    take_literally(figure)
    quick: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}}  # 2 % larger than at 6, in half the time
    with replacing(path) as temporary:
        figure.savefig(
            temporary, dpi=150, facecolor="white", **(quick if path.suffix.lower() == ".png" else {})
        )


def figure_png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG picture, 100 dots an inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, facecolor="white")
    return buffer.getvalue()


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG that a page can hold: without the XML declaration, pictures inside."""
    buffer = io.StringIO()
    take_literally(figure)
    figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def show_series(axes: Axes, image: np.ndarray, colour: str | None = None) -> tuple[float, float]:
    """Draw a series, (1, steps, values), as a curve for each of its values; return where its axis begins and ends."""
    values = np.asarray(image[0], float)
    for column in values.T:
        axes.plot(
            column, linewidth=0.9, color=colour, alpha=max(0.15, len(values.T) ** -0.5) if colour else 1
        )
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 1.0
    axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_ylim(low - margin, high + margin)
    axes.tick_params(labelsize=6)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    return low - margin, high + margin


def show_picture(axes: Axes, image: np.ndarray) -> None:
    """Draw an image, its darkest value black and its brightest white, without ticks.

    An image of one value keeps it: bytes run from 0 to 255, other numbers from 0 to 1. One of a single row is a series,
    and is drawn as curves.
    """
    if image.shape[0] == 1:
        show_series(axes, image)
        return
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
