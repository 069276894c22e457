"""The pictures of a training run: the learning curve and the confusion matrix."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame
from app.train.confusion import most_confused


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


def draw_confusion_matrix(matrix: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Return the confusion matrix; mistakes are shaded, the diagonal is only written."""
    classes, longest = len(names), max(map(len, names))
    side = max(5.0, 0.42 * classes + 2)
    column = 2.3 + 0.16 * longest  # room for "NAME taken for NAME: 123"
    figure = new_figure(side + column, side + 0.5, title)
    axes, legend = figure.subplots(1, 2, width_ratios=(side, column))
    mistakes = matrix - np.diag(np.diag(matrix))
    shades = axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(1, int(mistakes.max())), aspect="auto")
    if classes <= 30:
        for (i, j), value in np.ndenumerate(matrix):
            if value:
                dark = i != j and value > 0.6 * mistakes.max()
                axes.text(
                    j,
                    i,
                    f"{value}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else INK,
                    weight="bold" if i == j else "normal",
                )
    axes.set_xticks(range(classes), names, rotation=90 if longest > 2 else 0)
    axes.set_yticks(range(classes), names)
    axes.set(xlabel="taken for", ylabel="true class")
    bar = figure.colorbar(shades, ax=axes, shrink=0.6, pad=0.03)
    bar.ax.set_xlabel("mistakes", fontsize=9, loc="left")
    bar.locator = MaxNLocator(integer=True)
    bar.update_ticks()
    legend.axis("off")
    lines = [f"{true} taken for {taken}: {n}" for true, taken, n in most_confused(matrix, names, 8)]
    text = "most confused\n\n" + ("\n".join(lines) or "no mistakes")
    legend.text(0.05, 0.95, text, va="top", fontsize=10, color=INK, linespacing=1.5)
    return figure
