"""The tests of faith in pictures: maps while the network forgets, correlations, curves."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.faith.results import Faithfulness, Sanity, Side
from app.maps.methods import METHODS
from app.show.canvas import BLUE, INK, ORANGE, new_figure, show_picture, strip

GREY = "#777777"


def draw_forgetting(
    image: np.ndarray, maps: Mapping[str, Sequence[np.ndarray]], found: Sequence[Sanity], title: str
) -> Figure:
    """Return one row a method, one column a stage; below each map the mean correlation of all images.

    A method that fails says so in the picture.

    Args:
        image: (height, width, channels), the image whose maps are shown.
        maps: of each method, (height, width): trained, then stage by stage.
        found: what was measured of each method, over all images.
        title: of the figure.
    """
    names = ["trained", *(f"random down\nto {stage.name}" for stage in found[0].stages)]
    figure = new_figure(1.15 * (len(names) + 2.1), 1.24 * len(found) + 0.9)
    figure.suptitle(title, fontsize=12, color=INK)
    widths = (1.0, *(1.0 for _ in names), 1.1)
    grid = figure.subplots(len(found), len(names) + 2, squeeze=False, width_ratios=widths)
    for row, each in zip(grid, found, strict=True):
        show_picture(row[0], image)
        row[0].set_ylabel(
            textwrap.fill(_title(each.method), 14),
            fontsize=8.5,
            color=INK,
            rotation=0,
            ha="right",
            va="center",
        )
        for axes, values in zip(row[1:-1], maps[each.method], strict=True):
            _draw_map(axes, values)
        for axes, stage in zip(row[2:-1], each.stages, strict=True):
            axes.set_xlabel(f"ρ = {stage.mean:.2f}", fontsize=8, color=INK, labelpad=2)
        _label(row[-1], each)
    for axes, name in zip(grid[0, 1:-1], names, strict=True):
        axes.set_title(name, fontsize=8.5, color=INK)
    return figure


def _draw_map(axes: Axes, values: np.ndarray) -> None:
    strip(axes)
    aspect: Literal["auto", "equal"] = "auto" if len(values) == 1 else "equal"  # a series has one row
    if values.max() > values.min():
        axes.imshow(values, cmap="viridis", vmin=0, vmax=values.max(), aspect=aspect)
        return
    axes.imshow(np.ones((*values.shape, 3)), aspect=aspect)
    axes.text(0.5, 0.5, "blank", transform=axes.transAxes, ha="center", va="center", fontsize=8, color=INK)


def _label(axes: Axes, found: Sanity) -> None:
    axes.axis("off")
    text = textwrap.fill(found.label, 17)
    box = {"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": ORANGE, "linewidth": 1.8}
    axes.text(
        0,
        0.5,
        f"✗ {text}" if found.fails else text,
        transform=axes.transAxes,
        fontsize=8,
        va="center",
        color=INK,
        weight="bold" if found.fails else "normal",
        bbox=box if found.fails else None,
    )


def draw_stages(found: Sequence[Sanity], title: str) -> Figure:
    """Return the correlation against the stage, a panel a method, with what different images share."""
    figure, panels = _panels(len(found), title)
    names = ["trained", *(stage.name for stage in found[0].stages)]
    places = np.arange(len(names))
    for axes, each in zip(panels, found, strict=True):
        low = each.between or 0.0
        axes.axhspan((1 + low) / 2, 1.0, color=ORANGE, alpha=0.15, linewidth=0)
        axes.axhline(low, color=GREY, linestyle="--", linewidth=1)
        axes.plot(
            places, [1.0, *(stage.mean for stage in each.stages)], color=BLUE, marker="o", markersize=3.5
        )
        signed = [1.0, *(stage.signed for stage in each.stages)]
        axes.plot(places, signed, color=GREY, marker="x", markersize=4, linewidth=0.8)
        axes.set(ylim=(-0.55, 1.08))
        axes.set_xticks(places, names, rotation=60, ha="right", fontsize=7)
        text = _title(each.method) + ("  ✗ fails" if each.fails else "")
        axes.set_title(text, fontsize=8.5, color=INK, weight="bold" if each.fails else "normal")
    _key(
        figure,
        (
            "blue: ρ of what the pictures show; grey crosses: of the signed maps; dashed: ρ of two "
            "different images; shaded: nearer to unchanged than to another image, a map that ends "
            "here fails"
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
        axes.set_title(f"{_title(curves.name)}\nareas {areas}", fontsize=8.5, color=INK)
    _key(
        figure,
        (
            "probability of the explained class against the share of the pixels removed (blue circles, first "
            "area) or put in (orange squares, second area), means of all images; bands: random orders; dotted: "
            "pixels by their ink, asking no network"
        ),
    )
    return figure


def _panels(count: int, title: str) -> tuple[Figure, list[Axes]]:
    columns = min(4, count)
    rows = -(-count // columns)
    figure = new_figure(2.6 * columns, 2.1 * rows + 0.9)
    figure.suptitle(title, fontsize=12, color=INK)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#dddddd")
        axes.tick_params(labelsize=7)
    for axes in grid.flat[count:]:
        axes.axis("off")
    return figure, list(grid.flat[:count])


def _key(figure: Figure, text: str) -> None:
    folded = textwrap.fill(text, round(13 * figure.get_figwidth()))
    figure.supxlabel(folded, fontsize=8, color=INK, x=0.01, ha="left")


def _title(method: str) -> str:
    return METHODS[method].label if method in METHODS else method
