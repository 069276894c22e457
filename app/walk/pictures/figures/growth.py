"""Parameters against the side of the picture."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from app.show.canvas import BLUE, INK, ORANGE, new_figure, open_frame

if TYPE_CHECKING:
    from app.walk.pictures.growth import Growth


def draw_growth(growth: "Growth") -> Figure:
    """Return two curves over the side, both axes logarithmic: a power of n is a straight line."""
    figure = new_figure(6.4, 4.0)
    axes = figure.subplots()
    sides, dense = growth.sides, growth.dense
    axes.plot(sides, dense, "o-", color=ORANGE, label=f"dense layer, {growth.units} units: grows with n²")
    words = f"{growth.filters} filters {growth.kernel}×{growth.kernel}: {growth.convolution:,} at every size"
    axes.plot(sides, [growth.convolution] * len(sides), "s--", color=BLUE, label=words)
    axes.set(xscale="log", yscale="log", xlabel="side n of the picture, pixels", ylabel="parameters")
    axes.set_xticks(sides, [f"{n:,}" for n in sides])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.margins(x=0.12, y=0.12)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    for n, count in zip(sides, dense, strict=True):
        axes.annotate(
            f"{count:,}", (n, count), (0, 8), textcoords="offset points", ha="center", fontsize=8, color=INK
        )
    open_frame(axes)
    axes.legend(frameon=False, fontsize=9, loc="center right")
    return figure
