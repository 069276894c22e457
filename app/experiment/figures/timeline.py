"""The winners of the ImageNet challenge, and the article's figures beside them."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.show.canvas import INK, ORANGE, new_figure

PALE = "#a9cde4"
"""The bars' blue, light enough for dark marks on it."""


def draw_timeline(data: Mapping[str, Any]) -> Figure:
    """Return a bar for each year's winner, with the article's figures and a trained human's."""
    figure = new_figure(9, 4.6)
    figure.suptitle(
        "ImageNet challenge (ILSVRC): the winners, and what the article says", fontsize=12, color=INK
    )
    axes = figure.subplots()
    years = data["years"]
    places = range(len(years))
    errors = [float(year["top_5_error"]["percent"]) for year in years]
    bars = axes.bar(
        places, errors, 0.5, color=PALE, edgecolor=INK, label="winner, the challenge's own images"
    )
    axes.bar_label(bars, [year["top_5_error"]["percent"] for year in years], padding=1, fontsize=9)
    _mark_more(axes, years)
    _mark_article(axes, years)
    human = float(data["human"]["percent"])
    axes.axhline(human, color=INK, linestyle="--", linewidth=1)
    axes.text(len(years) - 0.15, human + 0.2, f"a trained human: {human:g}", ha="right", fontsize=8)
    axes.set_xticks(
        places, [f"{year['year']}\n{year['team'].replace(' (', chr(10) + '(')}" for year in years], fontsize=8
    )
    axes.set(ylabel="top-5 error on the test images, %", xlim=(-0.6, len(years) - 0.1))
    axes.margins(y=0.1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right")
    return figure


def _mark_more(axes: Axes, years: list[dict[str, Any]]) -> None:
    marks = [
        (i, float(year["with_more_images"]["percent"]))
        for i, year in enumerate(years)
        if year["with_more_images"]
    ]
    axes.plot(
        *zip(*marks, strict=True),
        linestyle="none",
        marker="_",
        markersize=26,
        color=INK,
        markeredgewidth=2,
        label="winner, further images too",
    )


def _mark_article(axes: Axes, years: list[dict[str, Any]]) -> None:
    """The article's figures stand to the right of the bars, hollow where they are not as published.

    What is stated as a bound has no place of its own and is written beside the bar.
    """
    said = [(i, each) for i, year in enumerate(years) for each in year["article"]]
    for agrees, face in ((True, ORANGE), (False, "white")):
        marks = [
            (i + 0.36, each["percent"])
            for i, each in said
            if each["percent"] is not None and each["agrees"] is agrees
        ]
        label = f"article, {'as published' if agrees else 'not as published'}"
        for number, (x, y) in enumerate(marks):
            axes.plot(
                x,
                y,
                "D",
                color=ORANGE,
                markerfacecolor=face,
                markersize=7,
                linestyle="none",
                label="" if number else label,
            )
    for i, each in said:
        bound = each["percent"] is None
        height = float(years[i]["top_5_error"]["percent"]) / 2 if bound else each["percent"]
        axes.text(
            i + (0.28 if bound else 0.46), height, each["stated"], va="center", fontsize=9, color=ORANGE
        )
