"""Gradient descent on one weight, a panel for each learning rate."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame

if TYPE_CHECKING:
    from app.walk.pictures.descent import Descent

MOST_PANELS = 6


def draw_descent(descent: "Descent") -> Figure:
    """Return the loss as a curve over the weight, with the steps of each rate on it."""
    ways = descent.ways[:MOST_PANELS]
    best = descent.target / descent.x
    reach = 1.15 * abs(ways[0].weights[0] - best) or 1.0
    reach = max(reach, *(min(max(abs(w - best) for w in way.weights[:6]), 3 * reach) for way in ways))
    figure = new_figure(2.7 * len(ways), 3.1)
    weights = np.linspace(best - reach, best + reach, 201)
    for axes, way in zip(figure.subplots(1, len(ways), squeeze=False, sharey=True)[0], ways, strict=True):
        axes.plot(weights, descent.loss(weights), color=BLUE, linewidth=1.6)
        steps = np.array(way.weights)
        steps = steps[: 1 + int(np.argmax(np.append(np.abs(steps - best) > reach, True)))]
        axes.plot(steps, descent.loss(steps), "o-", color=ORANGE, linewidth=1, markersize=4)
        axes.axvline(best, color="#bbbbbb", linewidth=0.8, zorder=0)
        axes.set(
            xlim=(best - reach, best + reach),
            ylim=(0, 1.05 * float(descent.loss(best + reach))),
            xlabel="weight w",
        )
        axes.set_title(f"rate {way.rate:g}\n{way.verdict.split(', ')[0]}", fontsize=9, color=INK)
        open_frame(axes, with_grid=False)
    figure.axes[0].set_ylabel("loss")
    return figure
