"""Lines that stay apart for every kind of colour vision and in grey."""

from typing import Any

from matplotlib.axes import Axes

from app.show.canvas import BLUE, INK, ORANGE

GREEN, SKY = "#009e73", "#56b4e9"
"""Okabe and Ito, 2008."""
SPREAD = "line: mean over the seeds; band: least to greatest"


def finish_axes(axes: Axes) -> None:
    """Take away what is no number."""
    axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)


STYLES: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linestyle": "-", "marker": "o"},
    {"color": SKY, "linestyle": ":", "marker": "v"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": INK, "linestyle": "--", "marker": "s"},
    {"color": BLUE, "linestyle": "-", "marker": "D"},
)
"""One for each network of a figure, in order."""
