"""The tests of faith in pictures: maps while the network forgets, correlations, curves."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from app.faith.results import Faithfulness, Sanity, Side
from app.maps.figures.panels import hatch, hatch_steps, quiet
from app.maps.methods import METHODS
from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame, show_picture, strip
from app.show.pictures import PALETTE_OVER

GREY = "#777777"
WIDE, HIGH = 8.2, 11.0
"""Inches of a page of A4."""
ONE_BLOCK = 6
"""Methods up to which their rows stand one below the other; more are drawn in two blocks side by side."""
MOST_STAGES = 5
"""Stages of forgetting that are drawn as maps."""
COLUMNS = 4
"""Panels of curves side by side."""
MOST_NAMES = 10
"""Stages that are named along an axis."""


def draw_forgetting(
    image: np.ndarray,
    maps: Mapping[str, Sequence[np.ndarray]],
    found: Sequence[Sanity],
    title: str,
    unseen: np.ndarray | None = None,
) -> Figure:
    """Return one row a method, one column a stage; below each map the mean correlation of all images.

    Below the trained network's map stands the limit of that correlation; a method that reaches it in the last column
    fails, and is framed. Of many stages the first, the last and some between are drawn.

    Args:
        image: (height, width, channels), the image whose maps are shown.
        maps: of each method, (height, width): trained, then stage by stage.
        found: what was measured of each method, over all images.
        title: of the figure.
        unseen: (height, width), true where the network never looks; hatched.
    """
    unseen = np.zeros(image.shape[:2], bool) if unseen is None else unseen
    stages = chosen_stages(len(found[0].stages))
    blocks = 2 if len(found) > ONE_BLOCK else 1
    rows = -(-len(found) // blocks)
    side = (WIDE - 1.2 * blocks) / blocks / (len(stages) + 1) - 0.06
    side = min(0.95, side, (HIGH - 1.9) / rows - 0.24)
    reading = _reading(found, maps, stages, bool(unseen.any()))
    above, below = max(1.0, 0.17 * (reading.count("\n") + 2)), 0.3 + rows * (side + 0.24)
    figure = new_figure(WIDE, 0.4 + above + below, title)
    head, body = figure.subfigures(2, 1, height_ratios=(above, below))  # type: ignore[misc]
    _draw_head(head, image, unseen, reading)
    parts = body.subfigures(1, blocks, squeeze=False)[0]
    for block, part in enumerate(parts):
        own = found[block * rows : (block + 1) * rows]
        _draw_block(part, maps, unseen, own, stages, rows)
    return figure


def chosen_stages(count: int) -> list[int]:
    """Return which of `count` stages are drawn: all, or `MOST_STAGES` of them from first to last."""
    if count <= MOST_STAGES:
        return list(range(count))
    return [round(i * (count - 1) / (MOST_STAGES - 1)) for i in range(MOST_STAGES)]


def _reading(
    found: Sequence[Sanity], maps: Mapping[str, Sequence[np.ndarray]], stages: Sequence[int], is_hatched: bool
) -> str:
    """Return how the picture is to be read, a line for each thing."""
    of = len(found[0].stages)
    base = "the ρ of two different images' maps" if found[0].between is not None else "0"
    lines = [
        "Left: the maps of the trained network. Each further column: the weights of the named layer, and of all "
        "layers behind it, are in a random order; in the last the network knows nothing.",
        f"Below each map: ρ, the rank correlation with the trained network's map, mean of {found[0].images:,} images "
        f"(1: the same order). Limit: halfway between {base} and 1.",
    ]
    if any(each.fails for each in found):
        lines.append(
            "✗ and framed: in the last column ρ reaches the limit, so the map does not depend on what the network "
            "learnt."
        )
    drawn = [maps[each.method][number] for each in found for number in (0, *(stage + 1 for stage in stages))]
    last = ["–: a blank map, which has no order."] if any(map(_is_blank, drawn)) else []
    last += ["Hatched: pixels that the network never sees."] if is_hatched else []
    last += [f"Drawn: {len(stages)} of the {of} stages."] if len(stages) < of else []
    lines += [" ".join(last)] if last else []
    return "\n".join(textwrap.fill(line, 115) for line in lines)


def limit(found: Sanity) -> float:
    """Return the ρ from which on a map hardly changes: halfway from that of two different images' maps to 1."""
    return (1 + (found.between or 0.0)) / 2


def _draw_head(figure: SubFigure, image: np.ndarray, unseen: np.ndarray, text: str) -> None:
    """Draw the image once, and beside it how the picture is to be read."""
    picture, words = figure.subplots(1, 2, width_ratios=(1.0, WIDE - 1.0))
    show_picture(picture, image)
    (hatch_steps if len(image) == 1 else hatch)(picture, unseen)
    quiet(picture)
    words.axis("off")
    words.text(0, 0.5, text, transform=words.transAxes, fontsize=8, va="center", color=INK, linespacing=1.35)


def _draw_block(
    figure: SubFigure,
    maps: Mapping[str, Sequence[np.ndarray]],
    unseen: np.ndarray,
    found: Sequence[Sanity],
    stages: Sequence[int],
    rows: int,
) -> None:
    """Draw a row for each method; rows without one stay empty, so that two blocks have rows of one height."""
    grid = figure.subplots(rows, len(stages) + 1, squeeze=False)
    for row, each in zip(grid, found, strict=False):
        _label(row[0], each)
        for axes, number in zip(row, (0, *(stage + 1 for stage in stages)), strict=True):
            _draw_map(axes, maps[each.method][number], unseen)
        words = [f"limit {limit(each):.2f}" if each.kept is not None else ""]
        for stage in stages:
            is_blank = _is_blank(maps[each.method][stage + 1])
            words.append("–" if is_blank else f"ρ {each.stages[stage].mean:.2f}".replace("-", "−"))
        for axes, text in zip(row, words, strict=True):
            axes.set_xlabel(text, fontsize=7, color=INK, labelpad=2)
    for axes in grid[len(found) :].flat:
        axes.axis("off")
    names = ["trained", *(_folded(found[0].stages[stage].name) for stage in stages)]
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(name, fontsize=7.5, color=INK)


def _folded(name: str) -> str:
    return "\n".join(textwrap.wrap(name, 10)[:2])


def _is_blank(values: np.ndarray) -> bool:
    """Return whether a map has one value everywhere."""
    return bool(values.max() == values.min())


def _draw_map(axes: Axes, values: np.ndarray, unseen: np.ndarray) -> None:
    strip(axes)
    quiet(axes)
    aspect: Literal["auto", "equal"] = "auto" if len(values) == 1 else "equal"  # a series has one row
    if not _is_blank(values):
        axes.imshow(values, cmap=PALETTE_OVER, vmin=0, vmax=values.max(), aspect=aspect)
        (hatch_steps if len(values) == 1 else hatch)(axes, unseen)
        return
    axes.imshow(np.ones((*values.shape, 3)), aspect=aspect)
    axes.text(0.5, 0.5, "blank", transform=axes.transAxes, ha="center", va="center", fontsize=6, color=INK)


def _label(axes: Axes, found: Sanity) -> None:
    """Write the name of a method to the left of its maps, framed if it fails."""
    name = textwrap.fill(_title(found.method), 12)
    box = {"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": ORANGE, "linewidth": 1.5}
    label = axes.set_ylabel(
        f"✗ {name}" if found.fails else name,
        fontsize=8,
        color=INK,
        rotation=0,
        ha="right",
        va="center",
        weight="bold" if found.fails else "normal",
    )
    if found.fails:
        label.set_bbox(box)


def draw_stages(found: Sequence[Sanity], title: str) -> Figure:
    """Return the correlation against the stage, a panel a method, with what different images share."""
    figure, panels = _panels(len(found), title)
    names = ["trained", *(stage.name for stage in found[0].stages)]
    places = np.arange(len(names))
    for axes, each in zip(panels, found, strict=True):
        low = each.between or 0.0
        axes.axhspan(limit(each), 1.0, color=ORANGE, alpha=0.15, linewidth=0)
        axes.axhline(low, color=GREY, linestyle="--", linewidth=1)
        axes.plot(
            places, [1.0, *(stage.mean for stage in each.stages)], color=BLUE, marker="o", markersize=3.5
        )
        signed = [1.0, *(stage.signed for stage in each.stages)]
        axes.plot(places, signed, color=GREY, marker="x", markersize=4, linewidth=0.8)
        axes.set(ylim=(-0.55, 1.08))
        apart = -(-len(names) // MOST_NAMES)
        axes.set_xticks(places[::apart], names[::apart], rotation=60, ha="right", fontsize=7)
        text = ("✗ " if each.fails else "") + _title(each.method)
        axes.set_title(text, fontsize=8, color=INK, weight="bold" if each.fails else "normal")
    _name_axes(panels, "last layer in random order", "ρ")
    _key(
        figure,
        (
            "Down: ρ, the mean rank correlation with the trained network's maps. Across: the last layer whose weights "
            "are in a random order. Blue: of what the pictures show; grey crosses: of the signed maps; dashed: of the "
            "maps of two different images. A blue line that ends in the shaded area is nearer to an unchanged map than "
            "to another image's map: the map fails (✗)."
        ),
    )
    return figure


def draw_curves(faith: Faithfulness, title: str) -> Figure:
    """Return deletion and insertion of each method, with the band of random orders and the ink's."""
    figure, panels = _panels(len(faith.methods), title)
    sides: tuple[tuple[Side, str, str], ...] = (("deletion", BLUE, "o"), ("insertion", ORANGE, "s"))
    for axes, curves in zip(panels, faith.methods, strict=True):
        for side, colour, marker in sides:
            band = np.stack([order.mean_curve(side) for order in faith.random])
            axes.fill_between(
                curves.shares, band.min(axis=0), band.max(axis=0), color=colour, alpha=0.3, linewidth=1.5
            )
            axes.plot(curves.shares, faith.ink.mean_curve(side), color=GREY, linewidth=0.9, linestyle=":")
            own = curves.mean_curve(side)
            axes.plot(curves.shares, own, color=colour, marker=marker, markersize=2.5, linewidth=1.2)
        axes.set(xlim=(0, 1), ylim=(0, 1.03))
        areas = " and ".join(f"{curves.printed_area(side):.3f}" for side, *_ in sides)
        axes.set_title(f"{_title(curves.name)}\nareas {areas}", fontsize=8, color=INK)
    _name_axes(panels, "share of the pixels", "probability")
    _key(
        figure,
        (
            "Probability: of the explained class, mean of all images. Blue circles: pixels are removed in the order of "
            "the map. Orange squares: they are put into an empty image in the same order. The two areas are below the "
            "blue and below the orange curve. Bands: random orders. Dotted: the order of the pixels' brightness, "
            "which needs no network."
        ),
    )
    return figure


def _panels(count: int, title: str) -> tuple[Figure, list[Axes]]:
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    figure = new_figure(max(5.0, WIDE / COLUMNS * columns), min(HIGH, 1.75 * rows + 1.35), title)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat:
        open_frame(axes)
        axes.tick_params(labelsize=7)
    for axes in grid.flat[count:]:
        axes.axis("off")
    return figure, list(grid.flat[:count])


def _name_axes(panels: Sequence[Axes], across: str, down: str) -> None:
    """Name the axes at the left and at the bottom, and number those above an empty place too."""
    columns = min(COLUMNS, len(panels))
    for axes in panels[::columns]:
        axes.set_ylabel(down, fontsize=7.5, color=INK)
    for axes in panels[-columns:]:
        axes.set_xlabel(across, fontsize=7.5, color=INK)
        axes.tick_params(labelbottom=True)


def _key(figure: Figure, text: str) -> None:
    folded = textwrap.fill(text, round(16 * figure.get_figwidth()))
    figure.supxlabel(folded, fontsize=8, color=INK, x=0.01, ha="left")


def _title(method: str) -> str:
    return METHODS[method].label if method in METHODS else method
