"""Shares of classes as bars."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame

if TYPE_CHECKING:
    from app.walk.pictures.scores import Scores


def draw_scores(scores: "Scores") -> Figure:
    """Return a bar for each class, the largest in another colour."""
    count = len(scores.values)
    figure = new_figure(max(4.0, min(10.0, 0.6 * count)), 2.8)
    axes = figure.subplots()
    tones = [ORANGE if i == scores.best else BLUE for i in range(count)]
    axes.bar(range(count), [100 * value for value in scores.values], color=tones)
    for i, value in enumerate(scores.values):
        if value and count <= 20:
            axes.annotate(
                f"{100 * value:g} %",
                (i, 100 * value),
                (0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=INK,
            )
    axes.set(xlabel="class", ylabel="share, %")
    axes.margins(y=0.12)
    axes.set_axisbelow(True)
    if count <= 20:
        axes.set_xticks(range(count), scores.names)
    open_frame(axes)
    return figure
