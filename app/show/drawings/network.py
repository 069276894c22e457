"""The network as the first picture of a page: an SVG element in the page's own colours, light and dark."""

import re
from html import escape

from app.counting.rows import Sheet
from app.show.document import Drawing
from app.show.paper import Paper, on_paper
from app.untrusted.text import visible

CAPTION = (
    "The network from left to right. At the arrows stands what is handed on: height × width × channels. "
    "Filters or units follow a comma, a stride the sign /. Normalisations and activations stand in the box of "
    "the layer that they belong to."
)
REPEATED = (
    " What has a × with a number is done so many times in a row; of numbers that differ, the least and the "
    "largest are given."
)
PACKED_WORDS = " A box of several layers stands for a block, or for all layers whose maps have one size."
_IDS = re.compile(r' id="(?:figure|axes|patch|text|line2d)_\d+"')


def network_drawing(sheet: Sheet, title: str, style: str = "boxes") -> Drawing:
    """Return a network as a picture for a page.

    Args:
        sheet: the network, counted.
        title: what the picture shows, for those who do not see it.
        style: `boxes` or `volumes`.
    """
    from app.show.canvas import figure_bytes
    from app.show.drawings.figures import fit_network, paint_network, room_for
    from app.show.drawings.palette import PAGE_COLOURS

    with on_paper(Paper()):
        drawn = fit_network(sheet, style, room_for())
        svg = figure_bytes(paint_network(drawn), ".svg").decode()
    svg = _IDS.sub("", svg[svg.index("<svg") :])
    for colour, name in PAGE_COLOURS.items():
        svg = svg.replace(f": {colour}", f": var(--{name}, {colour})")
    label = escape(visible(f"The network {title}"), quote=True)
    caption = CAPTION + REPEATED * drawn.has_repeats + PACKED_WORDS * drawn.is_packed
    return Drawing(svg.replace("<svg ", f'<svg class="network" role="img" aria-label="{label}" ', 1), caption)
