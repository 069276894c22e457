"""A data set at a glance: its first images and its class balance."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import BLUE, ORANGE, new_figure, show_picture

MOST_BARS = 200
"""Classes beyond which bars, and their names, cannot be told apart."""


def draw_dataset(
    images: np.ndarray, labels: Sequence[str], counts: dict[str, np.ndarray], names: Sequence[str], title: str
) -> Figure:
    """Return nine images with their labels beside the share of each class in training and test.

    Args:
        images: at least as many as labels, (count, height, width, channels).
        labels: up to nine labels.
        counts: images of each class, by part of the data set.
        names: what the classes are called.
        title: a heading.
    """
    figure = new_figure(10, 4.6)
    figure.suptitle(title, fontsize=12)
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.5))  # type: ignore[misc]
    for axes, image, label in zip(left.subplots(3, 3).flat, images, labels, strict=False):
        show_picture(axes, image)
        axes.set_title(label, fontsize=9)
    for axes in left.axes[len(labels) :]:
        axes.axis("off")
    _draw_balance(right.subplots(), counts, names)
    return figure


def _draw_balance(axes: Axes, counts: dict[str, np.ndarray], names: Sequence[str]) -> None:
    """Draw the share of each class, in bars; of more than `MOST_BARS` the outline alone."""
    position = np.arange(len(names))
    width = 0.8 / len(counts)
    for i, ((part, count), colour) in enumerate(zip(counts.items(), (BLUE, ORANGE), strict=False)):
        share, label = 100 * count / count.sum(), f"{part}, {count.sum():,} images"
        if len(names) > MOST_BARS:
            axes.stairs(share, np.arange(len(names) + 1) - 0.5, color=colour, label=label)
            continue
        bars = axes.bar(
            position + (i - (len(counts) - 1) / 2) * width, share, width, color=colour, label=label
        )
        if len(names) <= 12:
            axes.bar_label(bars, [f"{n:,}" for n in count], fontsize=6.5, rotation=90, padding=2)
    if len(names) <= MOST_BARS:
        rotation = 90 if max(map(len, names)) > 3 or len(names) > 20 else 0
        axes.set_xticks(position, names, rotation=rotation)
    axes.set(
        xlabel="class" if len(names) <= MOST_BARS else f"class, by number, of {len(names):,}",
        ylabel="% of the images",
    )
    axes.margins(y=0.18)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", ncols=2, fontsize=9)
