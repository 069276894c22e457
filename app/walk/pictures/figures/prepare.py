"""The steps of a preparation side by side: the photograph, the paper, the ink, and what the network gets."""

import textwrap
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, strip

if TYPE_CHECKING:
    from app.walk.pictures.prepare import Preparation

FOLD = 26
"""Letters of a line below a step."""


def draw_preparation(prepared: "Preparation") -> Figure:
    """Return a row of pictures, each with its words above; below the last what the network reads and the doubts."""
    stages = prepared.stages
    ratios = [max(0.6, pixels.shape[1] / pixels.shape[0]) for _, pixels in stages]
    doubts = "".join(f"\n{textwrap.fill(doubt, FOLD)}" for doubt in prepared.doubts)
    figure = new_figure(1.0 + 2.1 * sum(ratios), 2.8 + 0.16 * doubts.count("\n"))
    panels = figure.subplots(1, len(stages), squeeze=False, width_ratios=ratios)[0]
    for number, (axes, (words, pixels)) in enumerate(zip(panels, stages, strict=True), 1):
        way = "nearest" if max(pixels.shape[:2]) < 100 else "antialiased"
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation=way)
        axes.set_title(textwrap.fill(f"{number}. {words}", FOLD), fontsize=9, color=INK)
        strip(axes)
    panels[-1].set_xlabel(f"{prepared.says}{doubts}", fontsize=9, color=INK)
    return figure
