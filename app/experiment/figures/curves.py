"""Training loss and error of several networks, epoch by epoch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.experiment.figures.styles import SPREAD, finish_axes
from app.show.canvas import BLUE, INK, ORANGE, new_figure

LINES: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linestyle": "--", "marker": "o", "markerfacecolor": "white"},
    {"color": ORANGE, "linestyle": "-", "marker": "o"},
    {"color": BLUE, "linestyle": "--", "marker": "s", "markerfacecolor": "white"},
    {"color": BLUE, "linestyle": "-", "marker": "s"},
)
"""Shallow plain, deep plain, shallow residual, deep residual."""


def draw_training_curves(result: Mapping[str, Any]) -> Figure:
    """Return loss and error on the training images, averages while each epoch was trained."""
    figure = new_figure(11, 4.8)
    seeds, data = len(result["seeds"]), result["data"]
    figure.suptitle(
        f"{data['training_images']:,} images of {data['name']}, {seeds} seed{'s' * (seeds > 1)}; {SPREAD}",
        fontsize=12,
        color=INK,
    )
    panels = figure.subplots(1, 2)
    _draw_panel(panels[0], result, lambda epoch: epoch["loss"])
    _draw_panel(panels[1], result, lambda epoch: 100 * (1 - epoch["accuracy"]))
    panels[0].set(xlabel="epoch", ylabel="training loss (cross-entropy, log scale)", yscale="log")
    panels[1].set(xlabel="epoch", ylabel="training error, %", ylim=(0, None))
    for axes in panels:
        finish_axes(axes)
    panels[1].legend(frameon=False, loc="upper right")
    return figure


def _draw_panel(axes: Axes, result: Mapping[str, Any], measure: Any) -> None:
    for network, style in zip(result["networks"], LINES, strict=True):
        values = np.array(
            [
                [measure(epoch) for epoch in run["history"]]
                for run in result["runs"]
                if run["network"] == network["name"]
            ]
        )
        epochs = np.arange(1, values.shape[1] + 1)
        axes.fill_between(
            epochs, values.min(axis=0), values.max(axis=0), color=style["color"], alpha=0.25, linewidth=0
        )
        axes.plot(epochs, values.mean(axis=0), **style, markersize=5, label=f"{network['name']} layers")
