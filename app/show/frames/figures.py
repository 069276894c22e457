"""A step as a still, and all of them as an animation."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Rectangle
from PIL import Image

from app.files.atomic import replacing
from app.show.canvas import new_figure
from app.show.frames.frame import Frame, Walk
from app.show.frames.layout import lay_out, legend_of
from app.show.frames.painting import paint
from app.show.frames.shapes import FAINT, Box, Pixels, Ring, Shape, Sheet, Slant, Words
from app.show.frames.words import step_title

MOST_PICTURES = 120
"""An animation of more steps leaves some out, evenly."""
SCALE, MOST_PIXELS = 1.5, 1200
"""Pixels a point of an animation, and how wide it may be."""
COLOURS, NEARLY_WHITE = 128, 249
"""Of all pictures together; from this byte on, red, green and blue are made white."""
LAST = 3.0
"""How much longer the last picture stands."""


def draw_frame(frame: Frame, title: str, heading: str = "") -> Figure:
    """Return a still of one step, in a figure of its own or in the place that `canvas.place_in` gives.

    Args:
        frame: the step.
        title: what stands above it.
        heading: which step it is, as `Step 2 of 9: row 0, column 1`; without it the frame's own title.
    """
    sheet = lay_out(frame, title, heading)
    figure = new_figure(sheet.width / 72, sheet.height / 72)
    if isinstance(figure, Figure):
        figure.set_layout_engine("none")  # the sheet is laid out
    axes = figure.add_axes((0, 0, 1, 1))
    points = 72 / figure.dpi
    scale = min(figure.bbox.width * points / sheet.width, figure.bbox.height * points / sheet.height)
    _draw_sheet(axes, sheet, scale)
    return figure


def _draw_sheet(axes: Axes, sheet: Sheet, scale: float) -> None:
    """Draw shapes; letters and lines are made as small as the place is."""
    axes.set_axis_off()
    for level, shape in enumerate(sheet.shapes):
        _draw_shape(axes, shape, scale, level)
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0), aspect="equal")


def _draw_shape(axes: Axes, shape: Shape, scale: float, level: int) -> None:
    if isinstance(shape, Words):
        text = axes.text(
            shape.x, shape.y, shape.text, fontsize=shape.size * scale, color=shape.colour, zorder=level
        )
        text.set(va="center_baseline", ha="center" if shape.is_centred else "left", parse_math=False)
        text.set(family="DejaVu Sans", weight="bold" if shape.is_bold else "normal")
    elif isinstance(shape, Slant):
        (x1, y1), (x2, y2) = shape.start, shape.end
        axes.plot(
            (x1, x2), (y1, y2), color=FAINT, linewidth=0.6 * scale, zorder=level, scalex=False, scaley=False
        )
    elif isinstance(shape, Box):
        box = Rectangle((shape.x, shape.y), shape.width, shape.height, facecolor=shape.fill, zorder=level)
        box.set(edgecolor=shape.edge or "none", linewidth=0.7 * scale if shape.edge else 0)
        axes.add_patch(box)
    elif isinstance(shape, Ring):
        middle = (shape.x + shape.width / 2, shape.y + shape.height / 2)
        ring = Ellipse(middle, shape.width, shape.height, fill=False, edgecolor=shape.colour, zorder=level)
        ring.set_linewidth(shape.line * scale)
        axes.add_patch(ring)
    elif isinstance(shape, Pixels):
        box_of = (shape.x, shape.x + shape.width, shape.y + shape.height, shape.y)
        axes.imshow(shape.colours, extent=box_of, interpolation="nearest", zorder=level)


def write_animation(walk: Walk, path: Path, seconds_a_step: float = 0.8) -> str:
    """Write a walk as an animated GIF that begins again at its end, whole or not at all.

    Of more than 120 steps some are left out, evenly; the first and the last are there. All pictures have one size,
    and the last stands three times as long.

    Args:
        walk: what is written.
        path: a file that ends in `.gif`.
        seconds_a_step: how long a picture stands.

    Returns:
        A sentence, where steps are left out: how many are shown. It stands below each picture too.

    Raises:
        ValueError: the time is not above 0, or longer than a minute.
    """
    if not 0 < seconds_a_step <= 60:
        raise ValueError(f"a step is to stand {seconds_a_step:g} seconds; give more than 0 and at most 60")
    shown = shown_steps(len(walk.frames))
    sentence = ""
    if len(shown) < len(walk.frames):
        sentence = f"{len(shown)} of {len(walk.frames)} steps are shown, evenly chosen."
    pictures = _pictures(walk, shown, sentence)
    standing = max(20, round(1000 * seconds_a_step))
    with replacing(path) as temporary:
        pictures[0].save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=pictures[1:],
            duration=[standing] * (len(pictures) - 1) + [round(LAST * standing)],
            loop=0,
            optimize=True,
        )
    return sentence


def shown_steps(count: int) -> list[int]:
    """Return the steps that an animation shows: all, or 120 of them, evenly chosen, the ends among them.

    >>> shown_steps(3), len(shown_steps(676)), shown_steps(676)[-1]
    ([0, 1, 2], 120, 675)
    """
    if count <= MOST_PICTURES:
        return list(range(count))
    return [round(i * (count - 1) / (MOST_PICTURES - 1)) for i in range(MOST_PICTURES)]


def _pictures(walk: Walk, shown: Sequence[int], sentence: str) -> list[Image.Image]:
    """Return the pictures, of one size and with the same 256 colours."""
    frames = [walk.frames[index] for index in shown]
    legend = [*legend_of(grid for frame in frames for grid in frame.grids), *([sentence] if sentence else [])]

    def sheet(index: int, least: float = 0.0) -> Sheet:
        heading = step_title(walk.frames[index].title, index, len(walk.frames))
        return lay_out(walk.frames[index], walk.title, heading, legend, least)

    width = max(sheet(index).width for index in shown)
    sheets = [sheet(index, width) for index in shown]
    height = max(each.height for each in sheets)
    scale = min(SCALE, MOST_PIXELS / width)
    size = (round(width * scale), round(height * scale))
    painted = [paint(each, scale, size) for each in sheets]
    few = [painted[round(i * (len(painted) - 1) / 5)] for i in range(6)]
    colours = Image.new("RGB", (size[0], size[1] * len(few)))
    for number, image in enumerate(few):
        colours.paste(image, (0, size[1] * number))
    palette = _with_white(colours.quantize(COLOURS))
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in painted]


def _with_white(palette: Image.Image) -> Image.Image:
    """Return a picture of few colours, of which those that are nearly white are white, as paper is."""
    bands = palette.getpalette() or []
    colours = [bands[i : i + 3] for i in range(0, len(bands), 3)]
    palette.putpalette(
        [255 if min(colour) >= NEARLY_WHITE else band for colour in colours for band in colour]
    )
    return palette
