"""Lines that stay apart for every kind of colour vision and in grey."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from app.show.canvas import BLUE, INK, ORANGE

GREEN, SKY = "#009e73", "#56b4e9"
"""Okabe and Ito, 2008."""
SPREAD = "line: mean over the seeds; band: least to greatest"


def power_text(value: float) -> str:
    """Return a power of ten as 10⁻³, from 0.01 to 100 as it is; nothing between two powers."""
    power = round(math.log10(value))
    if not math.isclose(value, 10.0**power):
        return ""
    if abs(power) <= 2:
        return f"{10.0**power:g}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def finish_axes(axes: Axes) -> None:
    """Take away what is no number; whole numbers along x, powers of ten as they are written by hand."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.get_yscale() == "log":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_text(value)))
        axes.yaxis.set_minor_formatter(NullFormatter())
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
