"""The pictures: a loss curve with filters before and after, the spread layer by layer, a perceptron's error."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from app.scratch.spread import LayerSpread
from app.show.canvas import BLUE, INK, ORANGE, count_along, new_figure, open_frame
from app.show.mosaic import Tile, draw_bar, draw_mosaic, scale_of
from app.show.numbers import superscript

MOST_FILTERS = 8
"""Filters that are drawn."""


def _mark(value: float) -> str:
    """Return a mark of a logarithmic axis: a plain number, a power of ten where that would have many zeros."""
    if 1e-4 <= abs(value) < 1e6 or value <= 0:
        return f"{value:g}"
    return f"10{superscript(round(np.log10(value)))}"


NUMBERS = FuncFormatter(lambda value, _: _mark(value))
"""Marks of a logarithmic axis; matplotlib's own would be formulas, which are turned off here."""
GREEN = "#009e73"
"""Okabe and Ito, 2008."""
STYLES = ((ORANGE, "v", "--"), (BLUE, "o", "-"), (GREEN, "^", "-."))
"""Of weights too small, right, too large."""


def draw_training(
    curve: Sequence[tuple[int, float]],
    steps_an_epoch: int,
    filters: tuple[np.ndarray, np.ndarray] | None,
    loss: str,
    title: str,
) -> Figure:
    """Return the loss over the training, and below it the first filters before and after.

    Args:
        curve: (steps, mean loss of the steps before).
        steps_an_epoch: where the grid is drawn.
        filters: two kernels, (rows, columns, channels, filters); None: no filters are drawn.
        loss: what the loss is called.
        title: a heading.
    """
    figure = new_figure(9, 3.4 if filters is None else 6.2, title)
    if filters is None:
        _draw_curve(figure.subplots(), curve, steps_an_epoch, loss)
        return figure
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.1, 1))  # type: ignore[misc]
    _draw_curve(top.subplots(), curve, steps_an_epoch, loss)
    words = ("before training", "after training")
    for axes, kernel, when in zip(bottom.subplots(2, 1), filters, words, strict=True):
        shown = kernel[:, :, 0] if kernel.shape[2] == 1 else np.sqrt((kernel**2).sum(axis=2))
        count = min(shown.shape[-1], MOST_FILTERS)
        scale = scale_of([shown[..., k] for k in range(count)])
        draw_mosaic(axes, [Tile(shown[..., k], f"{k}") for k in range(count)], count, scale)
        axes.set_title(when, fontsize=10, color=INK, loc="left")
        draw_bar(bottom, axes, scale)
    return figure


def _draw_curve(axes: Axes, curve: Sequence[tuple[int, float]], steps_an_epoch: int, loss: str) -> None:
    epochs = np.array([steps / steps_an_epoch for steps, _ in curve])
    values = [value for _, value in curve]
    axes.plot(epochs, values, color=BLUE, linewidth=1, marker="o" if len(curve) < 12 else "")
    axes.set(xlabel="epoch", ylabel=f"{loss}, mean of 100 steps", xlim=(0, None))
    axes.set_ylim(0, 1.1 * max(values, default=1.0) or 1)
    count_along(axes.xaxis)
    open_frame(axes)


def draw_spread(rows: Sequence[LayerSpread], names: Sequence[str], title: str) -> Figure:
    """Return two panels: standard deviations of values and of gradients, layer by layer.

    Args:
        rows: the layers, the first one first.
        names: what the ways to draw the weights are called, in the order of the rows' numbers.
        title: a heading.
    """
    figure = new_figure(8.2, 4.2, title)
    places = np.arange(1, len(rows) + 1)
    panels = (
        ("values", "standard deviation of the\nvalues (log scale)", [row.values for row in rows]),
        (
            "gradients",
            "standard deviation of the gradient,\nover that at the end (log scale)",
            [row.gradients for row in rows],
        ),
    )
    places_of_panels = figure.subplots(1, 2)
    for axes, (what, label, numbers) in zip(places_of_panels, panels, strict=True):
        for column, name, (colour, marker, line) in zip(np.array(numbers).T, names, STYLES, strict=True):
            drawn = np.where(column > 0, column, np.nan)
            axes.plot(places, drawn, color=colour, marker=marker, linestyle=line, markersize=5, label=name)
        axes.set(xlabel="layer", ylabel=label, yscale="log")
        axes.yaxis.set_major_formatter(NUMBERS)
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_title(
            f"{what} {'forward' if what == 'values' else 'backward'}", fontsize=10, loc="left", color=INK
        )
        count_along(axes.xaxis)
        if len(rows) <= 8:
            axes.set_xticks(places, [row.name for row in rows], rotation=30 if len(rows) > 4 else 0)
        open_frame(axes)
    handles, labels = places_of_panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=9,
                  title="standard deviation of the weights", title_fontsize=9)  # fmt: skip
    return figure


def draw_perceptron(points: Sequence[tuple[int, float, float]], has_many_epochs: bool, title: str) -> Figure:
    """Return the mean error by epoch, and the share that is told right.

    Args:
        points: (epoch, mean error, accuracy).
        has_many_epochs: whether the epochs are drawn on a logarithmic axis.
        title: a heading.
    """
    figure = new_figure(9, 3.6, title)
    epochs, errors, accuracies = np.array(points, float).T
    panels = ((errors, "mean of half the squared error", BLUE), (100 * accuracies, "right, %", ORANGE))
    for axes, (values, label, colour) in zip(figure.subplots(1, 2), panels, strict=True):
        axes.plot(epochs, values, color=colour, marker="o", markersize=4)
        axes.set(xlabel="epochs", ylabel=label)
        axes.set_ylim(0, 1.1 * float(values.max()) or 1)
        if has_many_epochs:
            axes.set_xscale("symlog", linthresh=1)
            axes.set_xlim(-0.2, 1.3 * epochs[-1])
            axes.set_xticks([0, *(10**power for power in range(int(np.log10(max(epochs[-1], 1))) + 1))])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(NUMBERS)
        else:
            count_along(axes.xaxis)
        open_frame(axes)
    return figure
