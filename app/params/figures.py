"""Several networks side by side, as a figure for a file."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from app.params.reports.comparison import NetworkSummary, panels
from app.show.canvas import BLUE, new_figure


def draw_comparison(summaries: Sequence[NetworkSummary]) -> Figure:
    """Return bars of parameters, MACs, depth and receptive field, one line for each network."""
    names = [summary.name for summary in summaries]
    few = 1 < len(names) <= 4
    several = f"{', '.join(names[:-1])} and {names[-1]}" if few else f"{len(names)} networks"
    figure = new_figure(8.2, min(11.0, 1.9 + 0.6 * len(summaries)), f"{several} compared")
    for axes, (title, values) in zip(figure.subplots(2, 2).flat, panels(summaries), strict=True):
        labels, numbers = zip(*values, strict=True)
        places = range(len(labels))
        bars = axes.barh(places, numbers, color=BLUE, height=0.6)
        axes.bar_label(bars, [f"{number:,}" for number in numbers], padding=4, fontsize=8)
        axes.set_yticks(places, labels, fontsize=8)
        axes.invert_yaxis()
        axes.margins(x=0.3)  # room for the numbers
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    return figure
