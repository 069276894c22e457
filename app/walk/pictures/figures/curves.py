"""Activations as curves, each with its slope."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.show.canvas import BLUE, INK, ORANGE, count_along, new_figure, open_frame

MOST_IN_A_ROW = 4
JUMP = 0.08
"""A step of the slope from one point to the next that is no curve, as a share of all its heights."""


def draw_curves(curves: Sequence[Any]) -> Figure:
    """Return a panel for each curve: y as a line, the slope dashed."""
    columns = min(len(curves), MOST_IN_A_ROW)
    rows = -(-len(curves) // columns)
    figure = new_figure(max(2.5 * columns, 3.6), 2.5 * rows + 0.5)
    panels = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for axes, curve in zip(panels, curves, strict=False):
        axes.axhline(0, color="#bbbbbb", linewidth=0.8, zorder=0)
        if curve.x[0] <= 0 <= curve.x[-1]:
            axes.axvline(0, color="#bbbbbb", linewidth=0.8, zorder=0)
        axes.plot(curve.x, curve.y, color=BLUE, linewidth=2, label="y = f(x)")
        axes.plot(
            curve.x, _with_gaps(curve.slope), color=ORANGE, linestyle="--", linewidth=1.6, label="slope f′(x)"
        )
        axes.set_title(f"{curve.name}\ny = {curve.formula}", fontsize=9, color=INK)
        axes.tick_params(labelsize=7)
        count_along(axes.xaxis, 4)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        open_frame(axes, with_grid=False)
    for axes in panels[len(curves) :]:
        axes.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def _with_gaps(slope: np.ndarray) -> np.ndarray:
    """Return the slope with a gap where it jumps, which is no part of the curve."""
    jumps = np.abs(np.diff(slope)) > JUMP * float(np.ptp(slope))
    drawn = slope.astype(float).copy()
    drawn[1:][jumps] = np.nan
    return drawn
