"""The picture of a training run: its learning curve."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, count_along, new_figure, open_frame

FEW = 3
"""Epochs up to which each value is written beside its mark."""
SIDES = (
    ("", "training images (average during the epoch)", BLUE, "o"),
    ("val_", "test images (after the epoch)", ORANGE, "s"),
)


def draw_learning_curve(history: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Return loss and error, training and test, epoch by epoch."""
    few = len(history) <= FEW
    figure = new_figure(7.5 if few else 8.2, 3.6, title)
    epochs = np.arange(1, len(history) + 1)
    panels = (("loss", "loss (cross-entropy)", 1.0), ("accuracy", "error, % of the images", 100.0))
    for axes, (key, label, factor) in zip(figure.subplots(1, 2), panels, strict=True):
        ends = []
        for prefix, name, colour, marker in SIDES:
            values = np.array([epoch[prefix + key] for epoch in history])
            shown = (1 - values) * factor if key == "accuracy" else values
            ends.append(_text(shown[-1], key))
            axes.plot(epochs, shown, color=colour, marker=marker, markersize=5, label=name)
            if few:
                _write_values(axes, epochs, shown, key)
        axes.set_title(f"at the end: {ends[0]} in training, {ends[1]} in the test", fontsize=9, loc="left")
        axes.set(xlabel="epoch", ylabel=label, xlim=(0.5, len(history) + 0.5))
        axes.set_ylim(0, 1.12 * axes.dataLim.ymax or 1)
        count_along(axes.xaxis)
        open_frame(axes)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def _text(value: float, key: str) -> str:
    return f"{value:.3g}" + (" %" if key == "accuracy" else "")


def _write_values(axes: Axes, epochs: np.ndarray, values: np.ndarray, key: str) -> None:
    """Write each value beside its mark."""
    for epoch, value in zip(epochs, values, strict=True):
        axes.annotate(
            _text(value, key),
            (epoch, value),
            xytext=(7, 3),
            textcoords="offset points",
            fontsize=8,
            color=INK,
        )
