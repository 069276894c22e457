"""The figure of the variational auto-encoder, drawn from its numbers."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from app.experiment.autoencoder.drawn import GRID, as_picture, grid_values
from app.show.canvas import BLUE, INK, ORANGE, count_along, new_figure, open_frame, strip

PARTS = (
    ("reconstruction", "reconstruction, nats an image", ORANGE, "o"),
    ("divergence", "KL divergence, nats an image", BLUE, "s"),
)
REACH = 3.5
"""The latent plane is drawn so far from 0."""
MOST_NAMED = 20
"""Classes whose names stand in the plane."""


def draw_autoencoder(result: Mapping[str, Any]) -> Figure:
    """Return five panels: both parts of the loss, digits made again, the latent plane as digits and as points.

    The curves are of all seeds, the pictures of the first.
    """
    data, run = result["data"], result["runs"][0]
    count = len(result["seeds"])
    seeds = f"{count} seed{'s' * (count > 1)}; pictures: seed {run['seed']}"
    title = f"Variational auto-encoder: {data['training_images']:,} images of {data['name']}, {seeds}"
    figure = new_figure(8.2, 9.4, title)  # A4 is 8.27 wide
    above, middle, below = figure.subfigures(3, 1, squeeze=False, height_ratios=(2.6, 2.5, 4.3)).flat
    for axes, part in zip(above.subplots(1, 2), PARTS, strict=True):
        _draw_part(axes, result, *part)
    _draw_pairs(middle.subplots(), run)
    grid, plane = below.subplots(1, 2)
    _draw_grid(grid, run)
    _draw_plane(plane, run["latent"])
    return figure


def _draw_part(
    axes: Axes, result: Mapping[str, Any], part: str, label: str, colour: str, marker: str
) -> None:
    """Draw one part of the loss on the training images, mean and band over the seeds, and on the test images."""
    values = np.array([[epoch[part] for epoch in run["history"]] for run in result["runs"]])
    epochs = np.arange(1, values.shape[1] + 1)
    axes.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25, linewidth=0)
    axes.plot(epochs, values.mean(axis=0), color=colour, marker=marker, markersize=4, label="while training")
    tested = np.mean([run["test"][part] for run in result["runs"]])
    axes.axhline(tested, color=INK, linestyle="--", linewidth=1, label=f"test images: {tested:.1f}")
    axes.set(xlabel="epoch")
    axes.set_title(label, fontsize=10, loc="left")
    count_along(axes.xaxis, 6)
    axes.legend(frameon=False, fontsize=8)
    open_frame(axes)


def _draw_pairs(axes: Axes, run: Mapping[str, Any]) -> None:
    """Draw test images in rows, and below each what the decoder makes of its two numbers."""
    _show(axes, as_picture(run["pairs"]))
    axes.set_title(
        "test images, and below each what the decoder makes of its two numbers", fontsize=10, loc="left"
    )


def _draw_grid(axes: Axes, run: Mapping[str, Any]) -> None:
    """Draw the mosaic of the latent plane, with the numbers that it is made of."""
    picture = as_picture(run["grid"])
    _show(axes, picture)
    height, width = (size / GRID for size in picture.shape[:2])
    values, shown = grid_values(), range(0, GRID, 2)
    axes.set_xticks([(i + 0.5) * width for i in shown], [f"{values[i]:.1f}" for i in shown], fontsize=8)
    axes.set_yticks(
        [(GRID - i - 0.5) * height for i in shown], [f"{values[i]:.1f}" for i in shown], fontsize=8
    )
    axes.set(xlabel="z₁", ylabel="z₂")
    axes.set_title(
        "what the decoder makes of points of the plane,\nwhich are equally likely", fontsize=10, loc="left"
    )


def _draw_plane(axes: Axes, latent: Mapping[str, Any]) -> None:
    """Draw where test images lie in the plane, a colour for each class."""
    names, classes = latent["names"], np.array(latent["class"])
    across, up = (np.array(latent[key]) for key in ("across", "up"))
    colours = matplotlib.colormaps["tab10" if len(names) <= 10 else "turbo"]
    for number, name in enumerate(names):
        chosen = classes == number
        if not chosen.any():
            continue
        colour = colours(number if len(names) <= 10 else number / (len(names) - 1))
        axes.plot(across[chosen], up[chosen], ".", color=colour, markersize=3.5, alpha=0.7)
        if len(names) <= MOST_NAMED:
            place = np.median(across[chosen]), np.median(up[chosen])
            axes.text(
                *place, name, color=colour, fontsize=15, weight="bold", ha="center", va="center", clip_on=True,
                path_effects=[withStroke(linewidth=3, foreground="white")],
            )  # fmt: skip
    axes.set(xlabel="z₁", ylabel="z₂", xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    beyond = int((np.maximum(abs(across), abs(up)) > REACH).sum())
    more = f"; {beyond:,} lie further out" if beyond else ""
    axes.set_title(f"where the encoder puts\n{len(classes):,} test images{more}", fontsize=10, loc="left")
    open_frame(axes, with_grid=False)


def _show(axes: Axes, picture: np.ndarray) -> None:
    height, width, channels = picture.shape
    axes.imshow(
        picture[..., 0] if channels == 1 else picture,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(0, width, height, 0),
    )
    strip(axes)
