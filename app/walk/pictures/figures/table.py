"""LeNet-5's connection table as a picture."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.show.canvas import BLUE, INK, new_figure

if TYPE_CHECKING:
    from app.walk.pictures.table import ConnectionTable

SHADES = {3: "#56b4e9", 4: BLUE, 6: "#003f66"}
"""By how many maps are read."""


def draw_table(table: "ConnectionTable") -> Figure:
    """Return rows for S2, columns for C3, a filled cell for each pair that is joined, sums at the edges."""
    rows, columns = table.maps, len(table.reads)
    figure = new_figure(8.2, 4.4, "LeNet-5: which maps of S2 each map of C3 reads")
    axes = figure.subplots()
    for column, read in enumerate(table.reads):
        for row in range(rows):
            tone = SHADES.get(len(read), BLUE) if row in read else "white"
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=tone, edgecolor="#999999", linewidth=0.8))
        axes.text(column + 0.5, rows + 0.45, str(len(read)), ha="center", va="center", fontsize=9, color=INK)
    for row in range(rows):
        count = sum(row in read for read in table.reads)
        axes.text(columns + 0.5, row + 0.5, str(count), ha="center", va="center", fontsize=9, color=INK)
    axes.text(
        columns + 0.5,
        rows + 0.45,
        str(table.connections),
        ha="center",
        va="center",
        fontsize=10,
        weight="bold",
        color=INK,
    )
    axes.text(-0.2, rows + 0.45, "reads", ha="right", va="center", fontsize=9, color=INK)
    axes.text(columns + 0.5, -0.28, "read by", ha="center", va="center", fontsize=9, color=INK)
    axes.set_xticks([i + 0.5 for i in range(columns)], [str(i) for i in range(columns)])
    axes.set_yticks([i + 0.5 for i in range(rows)], [str(i) for i in range(rows)])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set(xlim=(-0.05, columns + 1), ylim=(rows + 0.9, -0.05), aspect="equal")
    axes.set_xlabel("map of C3", color=INK)
    axes.set_ylabel("map of S2", color=INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    words = f"5·5·{table.connections} + {columns} = {table.parameters:,} parameters"
    axes.text(
        columns / 2, rows + 1.35, words, ha="center", va="center", fontsize=10, color=INK, clip_on=False
    )
    counts = sorted({len(read) for read in table.reads})
    handles = [Rectangle((0, 0), 1, 1, facecolor=SHADES.get(n, BLUE), edgecolor="#999999") for n in counts]
    said = [f"reads {n} of the {rows} maps" for n in counts]
    figure.legend(handles, said, loc="outside lower center", ncols=len(said), frameon=False, fontsize=9)
    return figure
