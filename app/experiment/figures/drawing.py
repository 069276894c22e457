"""The figure of each experiment, by its name."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.figure import Figure

from app.experiment.figures.curves import draw_training_curves
from app.experiment.figures.families import draw_families
from app.experiment.figures.gradients import draw_gradients
from app.experiment.figures.timeline import draw_timeline

DRAW: dict[str, Callable[[Mapping[str, Any]], Figure]] = {
    "plain-vs-residual": draw_training_curves,
    "vanishing-gradient": draw_gradients,
    "resnet-vs-densenet": draw_families,
    "imagenet-timeline": draw_timeline,
}
"""Each takes what the experiment wrote as JSON."""
