"""The gradient's size at each depth, at the start of training and after some steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.experiment.figures.styles import SPREAD, STYLES, finish_axes
from app.show.canvas import INK, new_figure

PLACES = (
    ("outputs", "by the output of block …", "gradient of the loss by a block's output"),
    ("kernels", "by the kernel of convolution …", "gradient of the loss by a kernel"),
)


def draw_gradients(result: Mapping[str, Any]) -> Figure:
    """Return four panels: by outputs and by kernels, before training and after some steps."""
    figure = new_figure(11, 8)
    recipe, seeds = result["recipe"], len(result["seeds"])
    lines = SPREAD.replace("mean", "geometric mean")
    figure.suptitle(
        f"{recipe['depth']} layers, {result['data']['name']}, {seeds} seed{'s' * (seeds > 1)}; {lines}",
        fontsize=12,
        color=INK,
    )
    times = (("start", "at the start"), ("later", f"after {recipe['steps']} steps"))
    grid = figure.subplots(2, 2, sharey="row")
    for row, (key, place, label) in zip(grid, PLACES, strict=True):
        for axes, (when, words) in zip(row, times, strict=True):
            _draw_panel(axes, result, when, key)
            axes.set_title(words, fontsize=10, loc="left")
            axes.set(xlabel=place, yscale="log")
            finish_axes(axes)
        row[0].set_ylabel(f"{label}\n(Euclidean norm, log scale)", fontsize=9)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def _draw_panel(axes: Axes, result: Mapping[str, Any], when: str, key: str) -> None:
    """Draw one line for each network, over the seeds whose gradient is nowhere 0, and say which are."""
    left_out = []
    for network, style in zip(result["networks"], STYLES, strict=True):
        every = np.array(
            [run[when][key] for run in result["runs"] if run["network"] == network["name"]], float
        )
        norms = every[(every > 0).all(axis=1)]
        if len(norms) < len(every):
            left_out.append(
                f"{network['name']}: 0 in {len(every) - len(norms)} of {len(every)} seeds, not drawn"
            )
        places = np.arange(1, every.shape[1] + 1)
        ends = norms if len(norms) else np.full((1, len(places)), np.nan)
        axes.fill_between(
            places, ends.min(axis=0), ends.max(axis=0), color=style["color"], alpha=0.25, linewidth=0
        )
        axes.plot(
            places,
            np.exp(np.log(ends).mean(axis=0)),
            **style,
            markersize=4,
            markevery=max(1, len(places) // 8),
            label=network["name"],
        )
    axes.text(0.98, 0.03, "\n".join(left_out), transform=axes.transAxes, ha="right", fontsize=9)
