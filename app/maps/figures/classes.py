"""What a network gives the classes, as bars beside an image."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from app.maps.probabilities import Said
from app.maps.verdict import percent
from app.show.canvas import BLUE, INK, ORANGE

SHORT = 3
"""Letters of a class's name that stand beside its bar; longer names stand above it."""


def draw_classes(axes: Axes, classes: Sequence[Said], size: float = 7.5) -> None:
    """Draw classes as bars, the explained one orange; long names stand above their bars."""
    are_short = max(len(said.name) for said in classes) <= SHORT
    tall = axes.get_window_extent().height / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    size = min(size, 72 * tall / len(classes) * (0.85 if are_short else 0.5))
    for place, said in enumerate(classes):
        colour = ORANGE if said.is_explained else BLUE
        number = percent(said.probability).replace("over", ">").replace("under", "<")
        height = 0.62 if are_short else 0.3
        axes.barh(place, said.probability, height=height, color=colour)
        name = said.name if said.place <= len(classes) else f"{said.name} (place {said.place:,})"
        ink = colour if said.is_explained else INK
        if are_short:
            axes.text(-0.03, place, name, va="center", ha="right", fontsize=size, color=ink)
        else:
            axes.text(0.02, place - 0.2, name, va="bottom", fontsize=size, color=ink)
        if said.probability >= 0.0005 or said.is_explained:
            axes.text(said.probability + 0.03, place, number, va="center", fontsize=size * 0.9, color=INK)
    axes.set_ylim(len(classes) - 0.5, -0.5 if are_short else -0.8)
    axes.set_xlim(-0.12 if are_short else 0, 1.6)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.axvline(0, color="#999999", linewidth=0.6)
