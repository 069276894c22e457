"""An image and one map of it, drawn into axes."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.patches import Rectangle

from app.maps.explain import Map
from app.maps.overlay import dimmed, is_photograph, lay_over, on_scale
from app.maps.placement import is_whole
from app.maps.probabilities import Said
from app.maps.verdict import unseen_runs
from app.show.canvas import INK, show_picture, show_series, strip
from app.show.colours import colours_of
from app.show.pictures import PALETTE_OVER, PALETTES

WORDS_FROM = 1.1
"""Inches of a picture in which there is room for words."""


@dataclass(frozen=True)
class Panel:
    """One map as it is drawn."""

    title: str
    caption: str
    map: Map
    is_signed: bool = False
    """Whether the values have a sign: blue below 0, orange above."""


@dataclass(frozen=True)
class Line:
    """An image and its maps."""

    image: np.ndarray
    """(height, width, channels)."""
    title: str
    caption: str
    panels: tuple[Panel, ...]
    unseen: np.ndarray
    """(height, width), true where the network never looks; hatched."""
    classes: tuple[Said, ...] = ()
    """What the network gives the classes, drawn as bars beside the image; none of quantities."""

    @property
    def is_series(self) -> bool:
        """Whether the image is a series of one row, drawn as curves."""
        return self.image.shape[0] == 1

    @property
    def is_photograph(self) -> bool:
        """Whether the image is large enough for maps to be laid over it unasked."""
        return is_photograph(self.image)


@dataclass(frozen=True)
class MapStyle:
    """How maps are drawn."""

    palette: str | None = None
    """Colours of unsigned maps; None: those that suit what lies below."""
    overlay: float | None = None
    """How solid maps lie over the image, 0…1; None: the more solid the larger their value."""
    is_beside: bool = False
    """Whether each map is drawn a second time, alone, beside the image that it lies over."""

    @property
    def lies_over(self) -> bool:
        """Whether maps are the more solid the larger their value, and clear where they are near 0."""
        return self.overlay is None

    @property
    def alone(self) -> "MapStyle":
        """The same without the image below."""
        return MapStyle(self.palette, 1.0)


def draw_image(axes: Axes, line: Line) -> None:
    """Draw the image itself; what the network never looks at is hatched."""
    if line.is_photograph and line.image.dtype == np.uint8:  # as bright as it is
        axes.imshow(line.image, cmap="gray", vmin=0, vmax=255)
        strip(axes)
    else:
        show_picture(axes, line.image)
    (hatch_steps if line.is_series else hatch)(axes, line.unseen)
    quiet(axes)


def draw_panel(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable | None:
    """Draw one map, with an outline of the image and the unseen border; return its colours, None where it has none."""
    values, judged = panel.map.values, panel.map.verdict.judgement
    scale: ScalarMappable | None = None
    if line.is_series:
        return _draw_series(axes, panel, line, style)
    strip(axes)
    if judged.is_empty:
        axes.imshow(np.repeat(dimmed(line.image), 3, axis=-1))
        if axes.get_window_extent().width > WORDS_FROM * axes.get_figure(root=True).dpi:  # type: ignore[union-attr]
            _write_in(axes, "nothing to show")
    elif values.ndim == 3:
        axes.imshow(values / judged.largest)  # a colour for each channel needs no bar
    else:
        scale = _draw_values(axes, panel, line, style)
    if panel.map.box is not None and not judged.is_empty and not is_whole(panel.map.box, line.image.shape):
        left, top, right, bottom = panel.map.box
        for colour, width, dashes in (("black", 1.3, "-"), ("white", 0.7, (0, (5, 3)))):
            axes.add_patch(
                Rectangle(
                    (left, top),
                    right - left,
                    bottom - top,
                    fill=False,
                    edgecolor=colour,
                    linewidth=width,
                    linestyle=dashes,
                )
            )
    hatch(axes, line.unseen)
    quiet(axes)
    return scale


def _draw_values(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable:
    """Draw a map over its image, the more solid the larger its value; or as solid as the style says."""
    values, largest = panel.map.values, panel.map.verdict.judgement.largest
    if style.lies_over:
        end, shares = on_scale(values, largest, line.is_photograph and not panel.map.is_of_cells)
        colours, scale = colours_of(style.palette or PALETTE_OVER, end, panel.is_signed)
        axes.imshow(lay_over(line.image, np.asarray(colours(scale(values)))[..., :3], shares))
        return ScalarMappable(scale, colours)
    show_picture(axes, line.image)
    colours, scale = colours_of(style.palette or PALETTES[0], largest, panel.is_signed)
    axes.imshow(values, cmap=colours, norm=scale, alpha=style.overlay)
    _outline(axes, line.image, "#555555" if panel.is_signed else "white")
    return ScalarMappable(scale, colours)


def _outline(axes: Axes, image: np.ndarray, colour: str) -> None:
    """Draw where a grey image crosses its middle grey, as a thin line."""
    if image.shape[-1] == 1 and image.min() < image.max():
        middle = (float(image.min()) + float(image.max())) / 2
        axes.contour(image[..., 0], levels=[middle], colors=colour, linewidths=0.7, alpha=0.7)


def _draw_series(axes: Axes, panel: Panel, line: Line, style: MapStyle) -> ScalarMappable | None:
    """Draw the curves of a series over what a map says of each step."""
    judged = panel.map.verdict.judgement
    low, high = show_series(axes, line.image, INK)
    hatch_steps(axes, line.unseen)
    shown = None
    if not judged.is_empty:
        values = panel.map.values if panel.map.values.ndim == 2 else panel.map.values.max(axis=-1)
        colours, scale = colours_of(style.palette or PALETTES[0], judged.largest, panel.is_signed)
        place = (-0.5, values.shape[1] - 0.5, low, high)
        shown = axes.imshow(
            values, cmap=colours, norm=scale, aspect="auto", extent=place, alpha=0.75, zorder=0
        )
    if panel.map.box is not None and not judged.is_empty:
        left, _, right, _ = panel.map.box
        for end in (left, right):
            axes.axvline(end, color=INK, linewidth=1, linestyle="--")
    return None if shown is None else ScalarMappable(shown.norm, shown.cmap)


def _write_in(axes: Axes, words: str) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "boxstyle": "round,pad=0.25"}
    axes.text(
        0.5, 0.95, words, ha="center", va="top", fontsize=8, color=INK, transform=axes.transAxes, bbox=box
    )


def quiet(axes: Axes) -> None:
    """Draw the frame of a picture as a thin grey line."""
    for spine in axes.spines.values():
        spine.set(linewidth=0.5, color="#888888")


def hatch(axes: Axes, mask: np.ndarray) -> None:
    """Hatch the rows and the columns that lie wholly in `mask` with quiet lines; see `unseen_runs`."""
    rows, columns = unseen_runs(mask)
    height, width = mask.shape
    boxes = [(-0.5, first - 0.5, width, last - first + 1) for first, last in rows]
    boxes += [(first - 0.5, -0.5, last - first + 1, height) for first, last in columns]
    for x, y, w, h in boxes:
        axes.add_patch(
            Rectangle((x, y), w, h, facecolor="#eeeeee", edgecolor="#c4c4c4", hatch="////", linewidth=0)
        )


def hatch_steps(axes: Axes, unseen: np.ndarray) -> None:
    """Hatch the steps of a series that lie in `unseen`, (1, steps)."""
    for first, last in unseen_runs(unseen)[1]:
        axes.axvspan(
            first - 0.5, last + 0.5, facecolor="white", edgecolor="#888888", hatch="//////", linewidth=0
        )
