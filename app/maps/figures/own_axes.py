"""Maps in the place of somebody's own axes."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.maps.figures.panels import Line, MapStyle, Panel, draw_image, draw_panel
from app.maps.layout import fold_text
from app.maps.methods import METHODS
from app.show.canvas import INK, check_axes

FOLD = 30
"""Letters in a line below a map in a figure of somebody else's."""
FIGURE_LETTER = 7
"""Dots that a letter of its title takes."""


def draw_within(axes: Axes, lines: Sequence[Line], title: str, style: MapStyle) -> Figure:
    """Draw images and their maps in the place of somebody's own axes, whose figure is returned.

    A single map is drawn into the axes as it is; several, and their images, become small pictures side by side.
    """
    if len(lines) == 1 == len(lines[0].panels):
        return draw_into([axes], lines, style)
    cells: list[tuple[Line, Panel | None]] = []
    for each in lines:
        cells += [(each, None), *((each, panel) for panel in each.panels)]
    box = axes.get_window_extent()
    columns = min(len(cells), max(1, round(math.sqrt(len(cells) * box.width / max(box.height, 1)))))
    rows = math.ceil(len(cells) / columns)
    axes.set_axis_off()
    axes.set_title(fold_text(title, round(box.width / FIGURE_LETTER)), fontsize=9, color=INK)
    for number, (line, panel) in enumerate(cells):
        row, column = divmod(number, columns)
        place = axes.inset_axes((column / columns, 1 - (row + 0.95) / rows, 0.88 / columns, 0.75 / rows))
        place.set_title(
            METHODS[panel.map.method].label if panel else line.title, fontsize=6.5, color=INK, pad=2
        )
        if panel:
            draw_panel(place, panel, line, style)
        else:
            draw_image(place, line)
    root = axes.get_figure(root=True)
    assert root is not None
    return root


def draw_into(places: Sequence[Axes], lines: Sequence[Line], style: MapStyle) -> Figure:
    """Draw maps into axes of somebody's own figure, which is returned: one a map, or one an image and a map.

    Raises:
        ValueError: another number of axes.
    """
    panels: list[tuple[Line, Panel | None]] = [(line, panel) for line in lines for panel in line.panels]
    with_images = [cell for line in lines for cell in ((line, None), *((line, p) for p in line.panels))]
    if len(places) not in (len(panels), len(with_images)):
        raise ValueError(
            f"there are {len(places)} axes; give one for each of the {len(panels)} maps, or "
            f"{len(with_images)}, one for each image and each map"
        )
    for axes in places:
        check_axes(axes)
    for axes, (line, panel) in zip(
        places, with_images if len(places) != len(panels) else panels, strict=True
    ):
        if not axes.get_title():
            axes.set_title(panel.title if panel else line.title, fontsize=10, color=INK)
        axes.set_xlabel(fold_text(panel.caption if panel else line.caption, FOLD), fontsize=8, color=INK)
        if panel:
            draw_panel(axes, panel, line, style)
        else:
            draw_image(axes, line)
    root = places[0].get_figure(root=True)
    assert root is not None
    return root
