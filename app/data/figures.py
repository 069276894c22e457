"""A data set at a glance: images and class balance; augmented copies beside their originals."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import BLUE, INK, ORANGE, new_figure, show_picture
from app.show.mosaic import PICTURE, Tile, draw_mosaic, mosaic_size, pixels, tile_corner

WIDE, HIGH = 8.2, 11.0
"""Inches of a page of A4."""
MARGIN = 0.12
"""Inches that are left free to the left of the pictures."""
MOST_BARS = 200
"""Classes beyond which bars, and their names, cannot be told apart."""
MOST_COUNTS = 12
"""Classes up to which the number of images is written on each bar."""
LABEL = "share of the images, %"
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
    figure = new_figure(WIDE, 3.9, title)
    _, left, right = figure.subfigures(1, 3, width_ratios=(MARGIN, 3.1, WIDE - 3.1))  # type: ignore[misc]
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
    width, height = mosaic_size(tiles, columns, 3.9 / columns)
    figure = new_figure(WIDE, min(max(height + 0.9, 3.6), HIGH), title)
    _, left, right = figure.subfigures(1, 3, width_ratios=(MARGIN, width, WIDE - width))  # type: ignore[misc]
    draw_mosaic(left.subplots(), tiles, columns, PICTURE, letters=7)
    _draw_balance(right.subplots(), counts, names)
    return figure


def draw_augmentation(originals: np.ndarray, copies: np.ndarray, labels: Sequence[str], title: str) -> Figure:
    """Return originals, each with its augmented copies in the row behind it; one heading stands above all copies.

    Args:
        originals: bytes, (rows, height, width, channels).
        copies: bytes, (rows, copies, height, width, channels).
        labels: the class of each original.
        title: a heading.
    """
    rows = [[original, *changed] for original, changed in zip(originals, copies, strict=True)]
    columns = len(rows[0])
    captions = [caption for label in labels for caption in (_short(label), *[""] * (columns - 1))]
    tiles = _tiles([image for row in rows for image in row], captions)
    side = min(1.5, WIDE / columns / 1.08)
    height = mosaic_size(tiles, columns, side)[1]
    figure = new_figure(WIDE, height + 0.8)
    figure.suptitle(textwrap.fill(title.replace(" %", "\u00a0%"), 90), fontsize=11, color=INK)
    axes = figure.subplots()
    draw_mosaic(axes, tiles, columns, PICTURE, letters=8)
    end = axes.get_xlim()[1]
    axes.axvline(0.96 * end / columns, color=INK, linewidth=0.8)
    top = tile_corner(tiles, columns, 1)[1] - 0.03 * originals.shape[2]
    middle = (tile_corner(tiles, columns, 1)[0] + end) / 2
    axes.text(middle, top, "copies, as training sees them", ha="center", va="bottom", fontsize=8, color=INK)
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
    has_counts = len(names) <= MOST_COUNTS
    for i, ((part, count), colour) in enumerate(zip(counts.items(), (BLUE, ORANGE), strict=False)):
        share, label = 100 * count / count.sum(), f"{part}, {count.sum():,} images"
        if len(names) > MOST_BARS:
            axes.stairs(share, np.arange(len(names) + 1) - 0.5, color=colour, label=label)
            continue
        bars = axes.bar(
            position + (i - (len(counts) - 1) / 2) * width, share, width, color=colour, label=label
        )
        if has_counts:
            axes.bar_label(bars, [f"{n:,}" for n in count], fontsize=6, rotation=90, padding=2)
    if len(names) <= MOST_BARS:
        rotation = 90 if max(map(len, names)) * len(names) > ACROSS else 0
        axes.set_xticks(position, [_short(name) for name in names], rotation=rotation)
    axes.set_xlabel("class" if len(names) <= MOST_BARS else f"class, by number, of {len(names):,}")
    axes.set_ylabel(LABEL + ("\n(on the bars: number of images)" if has_counts else ""), fontsize=9)
    axes.margins(y=0.25)  # room for the numbers and the legend
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", ncols=2, fontsize=8.5, handlelength=1.2)
