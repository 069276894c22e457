"""Several networks side by side, as a figure for a file."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from app.counting.rows import Sheet
from app.params.reports.comparison import NetworkSummary, panels
from app.show.canvas import BLUE, new_figure

MOST_BARS = 40
"""Layers with parameters that one figure has room for."""


def draw_count(sheet: Sheet) -> Figure:
    """Return bars of the parameters and the multiply-accumulates of each layer that has any."""
    rows = [row for row in sheet.rows if row.parameters or row.multiply_accumulates]
    title = sheet.name
    if len(rows) > MOST_BARS:
        title += f": the {MOST_BARS} of {len(rows)} layers with the most parameters"
        largest = sorted(rows, key=lambda row: -row.parameters)[:MOST_BARS]
        rows = [row for row in rows if row in largest]
    figure = new_figure(11, 1.2 + 0.28 * max(len(rows), 2), title)
    sides = (("parameters", "parameters"), ("MACs for one image", "multiply_accumulates"))
    for axes, (heading, quantity) in zip(figure.subplots(1, 2, sharey=True), sides, strict=True):
        values = [int(getattr(row, quantity)) for row in rows]
        bars = axes.barh(range(len(rows)), values, color=BLUE, height=0.6)
        axes.bar_label(bars, [f"{value:,}" for value in values], padding=4, fontsize=8)
        axes.set_title(heading, fontsize=10, loc="left")
        axes.margins(x=0.25)
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8)
        axes.set_ylim(len(rows) - 0.4, -0.6)
    return figure


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
