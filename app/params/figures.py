"""Several networks side by side, as a figure for a file."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from app.params.reports.comparison import NetworkSummary, panels
from app.show.canvas import BLUE, new_figure


def draw_comparison(summaries: Sequence[NetworkSummary]) -> Figure:
    """Return bars of parameters, MACs, depth and receptive field, one line for each network."""
    figure = new_figure(11, 1.6 + 0.7 * len(summaries))
    for axes, (title, values) in zip(figure.subplots(2, 2).flat, panels(summaries), strict=True):
        names, numbers = zip(*values, strict=True)
        places = range(len(names))
        bars = axes.barh(places, numbers, color=BLUE, height=0.6)
        axes.bar_label(bars, [f"{number:,}" for number in numbers], padding=4, fontsize=8)
        axes.set_yticks(places, names, fontsize=8)
        axes.invert_yaxis()
        axes.margins(x=0.2)
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    return figure
