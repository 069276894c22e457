"""Accuracy of two families of networks against what they store and what they work."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure

FAMILIES = (("ResNet", BLUE, "s", "--"), ("DenseNet", ORANGE, "o", "-"))
MEASURES = (
    ("trainable", "trainable parameters, thousands", 1e3),
    ("multiply_accumulates", "multiply-accumulates for one image, millions", 1e6),
)


def draw_families(result: Mapping[str, Any]) -> Figure:
    """Return test accuracy against parameters and against work, each seed a small mark."""
    figure = new_figure(11, 4.8)
    data, seeds = result["data"], len(result["seeds"])
    figure.suptitle(
        f"{data['training_images']:,} training images of {data['name']}, {seeds} "
        f"seed{'s' * (seeds > 1)}; line: mean; bar: least to greatest; dots: single seeds",
        fontsize=12,
        color=INK,
    )
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (key, label, unit) in zip(panels, MEASURES, strict=True):
        for family in FAMILIES:
            _draw_family(axes, result, family, (key, unit))
        axes.set(xlabel=label)
        axes.grid(axis="y", color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel(f"accuracy on {data['test_images']:,} test images, %")
    panels[0].legend(frameon=False, loc="lower right")
    return figure


def _draw_family(
    axes: Axes, result: Mapping[str, Any], family: tuple[str, str, str, str], measure: tuple[str, float]
) -> None:
    name, colour, marker, line = family
    key, unit = measure
    networks = [network for network in result["networks"] if network["name"].startswith(name)]
    places = np.array([network[key] / unit for network in networks])
    values = np.array(
        [
            [100 * run["test_accuracy"] for run in result["runs"] if run["network"] == network["name"]]
            for network in networks
        ]
    )
    mean = values.mean(axis=1)
    ends = np.stack([mean - values.min(axis=1), values.max(axis=1) - mean])
    axes.errorbar(places, mean, ends, color=colour, marker=marker, linestyle=line, capsize=4, label=name)
    for seeds in values.T:
        axes.plot(places, seeds, linestyle="none", marker=".", markersize=4, color=colour, alpha=0.6)
