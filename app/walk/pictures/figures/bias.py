"""Two networks, one of them taught with a mark: what each was shown, what it is asked, and its gradient."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from app.show.canvas import INK, new_figure, strip

if TYPE_CHECKING:
    from app.walk.pictures.bias import BiasShown


def draw_bias(shown: "BiasShown") -> Figure:
    """Return a row for each network; the gradients have one scale each."""
    figure = new_figure(7.6, 2.7 * len(shown.taught) + 0.2)
    panels = figure.subplots(len(shown.taught), 3, squeeze=False)
    for row, taught in zip(panels, shown.taught, strict=True):
        pictures = (
            (taught.example, f"training: {taught.name}", "gray"),
            (shown.image, f"asked: {100 * taught.swapped:.0f} % of such are told right", "gray"),
            (taught.attention, f"gradient: {100 * taught.share_on_mark:.0f} % on the mark", "viridis"),
        )
        for axes, (image, title, colours) in zip(row, pictures, strict=True):
            axes.imshow(image, cmap=colours, interpolation="nearest")
            axes.set_title(title, fontsize=9, color=INK)
            strip(axes)
    return figure
