"""A data set at a glance: images and class balance; augmented copies beside their originals."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure, show_picture
from app.show.mosaic import PICTURE, Tile, draw_mosaic, mosaic_size, pixels

MOST_BARS = 200
"""Classes beyond which bars, and their names, cannot be told apart."""
ACROSS = 50
"""Letters of all names that stand side by side below the bars."""
LETTERS = 18
"""Letters of a class's name that fit above a picture."""


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


def draw_pictures(
    images: Sequence[np.ndarray],
    labels: Sequence[str],
    columns: int,
    counts: dict[str, np.ndarray],
    names: Sequence[str],
    title: str,
) -> Figure:
    """Return pictures of each class beside the share of each class in training and test.

    Args:
        images: bytes, (height, width, channels), all of one size.
        labels: what stands above each; "" for nothing.
        columns: pictures a row.
        counts: images of each class, by part of the data set.
        names: what the classes are called.
        title: a heading.
    """
    tiles = _tiles(images, [_short(label) for label in labels])
    width, height = mosaic_size(tiles, columns, 5.2 / columns)
    figure = new_figure(11, min(max(height + 0.9, 4.2), 11))
    figure.suptitle(title, fontsize=12)
    left, right = figure.subfigures(1, 2, width_ratios=(width, 11 - width))  # type: ignore[misc]
    draw_mosaic(left.subplots(), tiles, columns, PICTURE, letters=8)
    _draw_balance(right.subplots(), counts, names)
    return figure


def draw_augmentation(originals: np.ndarray, copies: np.ndarray, labels: Sequence[str], title: str) -> Figure:
    """Return originals, each with its augmented copies in the row behind it.

    Args:
        originals: bytes, (rows, height, width, channels).
        copies: bytes, (rows, copies, height, width, channels).
        labels: the class of each original.
        title: a heading.
    """
    rows = [[original, *changed] for original, changed in zip(originals, copies, strict=True)]
    columns = len(rows[0])
    captions = [caption for label in labels for caption in (_short(label), *[""] * (columns - 1))]
    captions[1] = "as training sees it"
    tiles = _tiles([image for row in rows for image in row], captions)
    width, height = mosaic_size(tiles, columns, 1.5)
    figure = new_figure(max(width, 8.5), height + 0.6)
    figure.suptitle(title, fontsize=11, wrap=True)
    axes = figure.subplots()
    draw_mosaic(axes, tiles, columns, PICTURE, letters=8)
    side = axes.get_xlim()[1] / columns
    axes.axvline(side - 0.04 * side, color=INK, linewidth=0.8)
    return figure


def _tiles(images: Sequence[np.ndarray], captions: Sequence[str]) -> list[Tile]:
    return [Tile(pixels(image, 0, 255), caption) for image, caption in zip(images, captions, strict=True)]


def _short(name: str) -> str:
    """Return what a class is called, in a few letters."""
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"


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
        rotation = 90 if max(map(len, names)) * len(names) > ACROSS else 0
        axes.set_xticks(position, [_short(name) for name in names], rotation=rotation)
    axes.set(
        xlabel="class" if len(names) <= MOST_BARS else f"class, by number, of {len(names):,}",
        ylabel="% of the images",
    )
    axes.margins(y=0.18)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", ncols=2, fontsize=9)
