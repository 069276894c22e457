"""One place of a figure: an image, a map, probabilities or words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable

from app.maps.figures.classes import draw_classes
from app.maps.figures.panels import Line, MapStyle, Panel, draw_image, draw_panel
from app.maps.layout import LETTERS, Cell, fold_text
from app.maps.probabilities import Said
from app.show.canvas import INK
from app.show.paper import PAPER

BARS = 0.85
"""Width of the probabilities beside an image, in sides of the image."""


@dataclass(frozen=True)
class Picture:
    """One place of a figure: what is drawn there, and the words around it."""

    draw: Callable[[Axes], ScalarMappable | None]
    """Draws it; returns the colours of a map."""
    title: str = ""
    caption: str = ""
    units: float = 1.0
    tall: float = 1.0
    colour: str = INK
    """Of the caption."""

    @property
    def cell(self) -> Cell:
        """What the layout has to know."""
        return Cell(self.title, self.caption, self.units, self.tall)


def picture_of_image(line: Line, **words: Any) -> Picture:
    """Return the place of an image; `words` are other fields of it."""
    return Picture(
        lambda axes: draw_image(axes, line), **{"title": line.title, "caption": line.caption, **words}
    )


def picture_of_classes(classes: Sequence[Said], title: str = "what it says", **size: Any) -> Picture:
    """Return the place of the probabilities of classes."""
    return Picture(lambda axes: draw_classes(axes, classes), title, **{"units": BARS, **size})


def picture_of_map(line: Line, panel: Panel, style: MapStyle, **words: Any) -> Picture:
    """Return the place of a map; without a verdict where the paper wants none."""
    caption = panel.caption if PAPER.get().has_verdict else ""
    return Picture(
        lambda axes: draw_panel(axes, panel, line, style),
        **{"title": panel.title, "caption": caption, **words},
    )


def words_beside(text: str, units: float) -> Picture:
    """Return a place for words beside pictures, folded to its width."""

    def write(axes: Axes) -> None:
        axes.set_axis_off()
        wide = axes.get_window_extent().width / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
        folded = "\n".join(fold_text(part, wide * LETTERS) for part in text.split("\n"))
        axes.text(0, 0.5, folded, va="center", fontsize=7.5, color=INK, transform=axes.transAxes)

    return Picture(write, units=units)
