"""How sure a network is, and where it is surely wrong, in pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from app.evaluate.measures import Reliability
from app.evaluate.results import Mistake
from app.maps.figures.panels import Line, MapStyle, Panel
from app.maps.figures.sheet import draw_maps
from app.maps.methods import METHODS
from app.maps.verdict import percent
from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame
from app.show.paper import PAPER, on_paper

GREY = "#777777"
WIDE = 8.2
"""Inches of a page of A4."""
FEW = 10
"""Images of a bin below which its share is mostly chance."""
LONGEST = 40
"""Letters of a file's name above its picture."""


def draw_calibration(curves: Mapping[str, Reliability], title: str) -> Figure:
    """Return the reliability curve, with how many images each bin holds below it.

    Args:
        curves: by what they are of; drawn side by side.
        title: of the figure.
    """
    figure = new_figure(min(WIDE, 5.2 * len(curves)), 6.0, title)
    grid = figure.subplots(2, len(curves), squeeze=False, height_ratios=(3, 1), sharex=True)
    for (above, below), (name, curve) in zip(grid.T, curves.items(), strict=True):
        filled = curve.filled
        sure = np.array([each.confidence for each in filled])
        true = np.array([each.accuracy for each in filled])
        above.plot(
            [0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="as often right as it is sure"
        )
        above.vlines(sure, sure, true, color=ORANGE, linewidth=3, alpha=0.5, label="how far off")
        above.plot(sure, true, color=BLUE, linewidth=1)
        few = np.array([each.images < FEW for each in filled])
        for which, face, label in (
            (~few, BLUE, f"bin of {FEW} images or more"),
            (few, "white", f"bin of fewer than {FEW} images"),
        ):
            if which.any():
                dots = {
                    "marker": "o",
                    "markerfacecolor": face,
                    "linestyle": "none",
                    "clip_on": False,
                    "zorder": 3,
                }
                above.plot(sure[which], true[which], color=BLUE, label=label, **dots)
        above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="how often it is the true class")
        error = f"{name}: expected calibration error {100 * curve.error:.2f} %"
        above.set_title(error, fontsize=10, color=INK, loc="left")
        above.legend(frameon=False, loc="best")
        middles = [(each.low + each.high) / 2 for each in filled]
        counts = [each.images for each in filled]
        below.bar(middles, counts, 0.92 / curve.bins, color=BLUE)
        below.set(
            xlabel="probability that the network gives", ylabel="images", yscale="log", ylim=(0.5, None)
        )
        below.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
        below.yaxis.set_minor_locator(NullLocator())
        for axes in (above, below):
            open_frame(axes)
            axes.set_axisbelow(True)
    return figure


def draw_mistakes(mistakes: Sequence[Mistake], title: str) -> Figure:
    """Return mistakes, each with a map of what speaks for the class that the image was taken for.

    On a page the figure is as wide as the page, so that its letters are printed as large as they are.
    """
    lines = []
    for each in mistakes:
        panels = []
        for made in each.explanation.maps:
            judged = made.verdict.judgement
            found = made.verdict.short() if judged.is_empty else made.verdict.headline()
            panels.append(Panel(f"{METHODS[made.method].label} for {each.predicted}", found, made))
        said = (
            f"{_short(each.image)}: {percent(each.probability)} for {each.predicted}, "
            f"{percent(each.of_label)} for {each.label}"
        )
        heading = f"{each.label}, taken for {each.predicted}"
        lines.append(Line(each.pixels, heading, said, tuple(panels), each.explanation.unseen))
    paper = PAPER.get()
    if not paper.is_slide and paper.width is None:
        paper = replace(paper, width=WIDE)
    with on_paper(paper):
        return draw_maps(lines, title, _notes(mistakes), MapStyle())


def _notes(mistakes: Sequence[Mistake]) -> list[str]:
    """Return how the pictures are to be read; what is true of one map alone is left out."""
    verdicts = [made.verdict for each in mistakes for made in each.explanation.maps]
    about = [f"{METHODS[each.method].label}: {each.made_of}" for each in verdicts]
    about += [f"{METHODS[each.method].label}: {note}" for each in verdicts for note in each.notes]
    common = [
        note
        for each in mistakes
        for note in each.explanation.notes
        if len(mistakes) == 1 or "saturated" not in note
    ]
    shared = [note for note in dict.fromkeys(about) if about.count(note) > 1 or len(verdicts) == 1]
    return list(dict.fromkeys([*shared, *common]))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
