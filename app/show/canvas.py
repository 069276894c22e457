"""Figures without pyplot's global state, written whole or not at all."""

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MaxNLocator

from app.files.atomic import write_bytes
from app.show.fonts import give_signs, texts_of, without_glyph_warnings
from app.show.paper import PAPER, SLIDE
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
    """Make every "$" in the texts of a figure a dollar, not the begin of a formula; give Chinese signs their font."""
    texts = texts_of(figure)
    for text in texts:
        text.set_parse_math(False)
    give_signs(texts)


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Return an empty figure, sizes in inches, that lays itself out; or the place that `place_in` gives.

    For a slide it is laid out on 16:9, small, and magnified when it is written: so its letters are large.
    """
    axes = _PLACE.get()
    if axes is None:
        figure = Figure(
            figsize=slide_size(width) if PAPER.get().is_slide else (width, height), layout="constrained"
        )
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


def slide_size(width: float) -> tuple[float, float]:
    """Return the inches that a figure for a slide is laid out on: the smaller, the larger its letters become."""
    wide = 8.0 if width <= 9 else 9.6
    return wide, wide * SLIDE[1] / SLIDE[0]


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, SVG or PDF, by the ending of `path`; see `figure_bytes`.

    Raises:
        ValueError: another ending.
    """
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise ValueError(f"a picture cannot be written as {path.name}; use {', '.join(PICTURE_ENDINGS)}")
    write_bytes(path, figure_bytes(figure, path.suffix.lower()))


def figure_bytes(figure: Figure, ending: str) -> bytes:
    """Return a figure as a file of one of the `PICTURE_ENDINGS`, as wide and with the title that the `Paper` says.

    A figure of another width than the paper's is magnified as a whole, letters and lines too. Two files of one figure
    are the same.
    """
    paper = PAPER.get()
    if paper.title is not None:
        _put_title(figure, paper.title)
    take_literally(figure)
    wide = SLIDE[0] if paper.is_slide else paper.width or figure.get_figwidth()
    times = wide / figure.get_figwidth()
    if ending == ".png":
        return _saved(
            figure, "png", paper.dpi * times, pil_kwargs={"compress_level": 4}
        )  # 2 % larger, twice as fast
    if ending == ".svg":
        with rc_context({"svg.hashsalt": "convlab"}):  # the names inside are the same each time
            return _magnified_svg(_saved(figure, "svg", paper.dpi, metadata={"Date": None}), times)
    return _magnified_pdf(figure, paper.dpi, times)


def _saved(figure: Figure, format_: str, dpi: float, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    with without_glyph_warnings():
        figure.savefig(buffer, format=format_, dpi=dpi, facecolor="white", **settings)
    return buffer.getvalue()


def _put_title(figure: Figure, title: str) -> None:
    """Put a title in the place of the figure's own, which is that of its only axes where it has no other."""
    titled = [axes for axes in figure.get_axes() if axes.get_title()]
    if not figure.get_suptitle() and len(titled) == 1:
        titled[0].set_title(title)
    else:
        figure.suptitle(title)


def _magnified_svg(content: bytes, times: float) -> bytes:
    """Return an SVG picture of another size: what is drawn stays, its units grow."""
    if times == 1:
        return content
    head, tail = content.split(b"viewBox", 1)
    grown = re.sub(
        rb'((?:width|height)=")([0-9.]+)pt',
        lambda found: found[1] + f"{float(found[2]) * times:.3f}pt".encode(),
        head + b"viewBox" + tail[: tail.index(b">")],
    )
    return grown + tail[tail.index(b">") :]


def _magnified_pdf(figure: Figure, dpi: float, times: float) -> bytes:
    """Return a figure as a PDF file whose page, and all on it, is `times` as large."""
    from matplotlib.backends.backend_pdf import Op, PdfFile, PdfPages

    class Magnified(PdfFile):
        def newPage(self, width: float, height: float) -> None:  # noqa: N802  # matplotlib's name
            super().newPage(width * times, height * times)
            self.output(times, 0, 0, times, 0, 0, Op.concat_matrix)

    buffer = io.BytesIO()
    pages = PdfPages(buffer)
    pages._file = Magnified(buffer, metadata={"CreationDate": None})
    with pages, without_glyph_warnings():
        figure.savefig(pages, format="pdf", dpi=dpi, facecolor="white")  # type: ignore[arg-type]
    return buffer.getvalue()


def figure_png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG picture, 100 dots an inch."""
    return _saved(figure, "png", 100)


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG that a page can hold: without the XML declaration, pictures inside."""
    take_literally(figure)
    text = _saved(figure, "svg", 100, metadata={"Date": None}).decode()
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
    count_along(axes.xaxis, 5)
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


def count_along(axis: Axis, most: int = 10) -> None:
    """Put ticks at whole numbers alone, and one where there is no more than one.

    Args:
        axis: of what is counted: epochs, steps, pictures.
        most: spaces between ticks.
    """
    axis.set_major_locator(MaxNLocator(most, integer=True, min_n_ticks=1))


def strip(axes: Axes) -> None:
    """Remove ticks and their labels."""
    axes.set_xticks([])
    axes.set_yticks([])
