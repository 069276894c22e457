"""The picture of a training run: its learning curve."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from app.show.canvas import BLUE, ORANGE, new_figure, open_frame


def draw_learning_curve(history: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Return loss and error, training and test, epoch by epoch."""
    figure = new_figure(9, 3.8, title)
    epochs = np.arange(1, len(history) + 1)
    panels = (("loss", "loss", 1.0), ("accuracy", "error, % of the images", 100.0))
    for axes, (key, label, factor) in zip(figure.subplots(1, 2), panels, strict=True):
        for prefix, name, colour, marker in (
            ("", "training (average during the epoch)", BLUE, "o"),
            ("val_", "test (after the epoch)", ORANGE, "s"),
        ):
            values = np.array([epoch[prefix + key] for epoch in history])
            shown = (1 - values) * factor if key == "accuracy" else values
            last = f"{shown[-1]:.3g}" + (" %" if key == "accuracy" else "")
            axes.plot(epochs, shown, color=colour, marker=marker, label=f"{name}: {last}")
        axes.set(xlabel="epoch", ylabel=label, xlim=(0.5, len(history) + 0.5))
        axes.set_ylim(0, 1.3 * axes.dataLim.ymax or 1)  # room for the legend
        axes.set_xticks(epochs[:: max(1, len(epochs) // 10)])
        open_frame(axes)
        axes.legend(frameon=False, loc="upper right")
    return figure
