"""The pictures as commands: options, one call, and the report printed or the picture written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.commands.apart import COUNTING
from app.commands.door import Door
from app.commands.options import all_of, isolate_option, seed_option
from app.commands.outputs import OutputFile
from app.commands.reports import deliver
from app.files.folders import prepare_folder, shown
from app.show.pictures import PICTURE_ENDINGS
from app.show.writers import ENDINGS
from app.walk.options import ARRAY, Cell, shown_options

COMMANDS: list[click.Command] = []
"""What stands below, in this order."""


def picture(example: str, *options: Callable[..., Any], is_walk: bool = False) -> Callable[..., Any]:
    """Make a function that returns a result a command of that name.

    Args:
        example: what is typed behind `python -m app.walk`.
        options: its own.
        is_walk: whether its result is steps, which are shown as those of the operations are.
    """

    def decorate(make: Callable[..., Any]) -> click.Command:
        def run(output: Path | None, **given: Any) -> None:
            if is_walk:
                from app.walk.request import leave

                step, every_step = given.pop("step"), given.pop("every_step")
                leave(make(**given), output, step, every_step)
            else:
                _leave(make(**given), output)

        run.__doc__ = make.__doc__
        name = make.__name__.rstrip("_")
        shown_by = shown_options() if is_walk else _output_option()
        command = click.command(name, cls=Door, example=f"python -m app.walk {example}")(
            all_of((*options, shown_by))(run)
        )
        COMMANDS.append(command)
        return command

    return decorate


def _output_option() -> Callable[..., Any]:
    words = (
        "Write a picture (.png, .svg, .pdf) or the report (.html, .md, .json, …), by the ending. Default: the report "
        "is printed."
    )
    return click.option("--output", type=OutputFile(), metavar="FILE", help=words)


def _leave(result: Any, output: Path | None) -> None:
    """Print a result's report, or write it, or its picture, into a file.

    Raises:
        ValueError: nothing is written with such an ending.
    """
    if output is None:
        deliver(result.document())
        return
    ending = output.suffix.lower()
    if ending not in (*PICTURE_ENDINGS, *ENDINGS, ".npz"):
        raise ValueError(
            f"{output.name} cannot be written; use an ending of {', '.join((*PICTURE_ENDINGS, *ENDINGS))}"
        )
    prepare_folder(output.parent)
    result.save(output)
    click.echo(f"{'Picture' if ending in PICTURE_ENDINGS else 'Report'}: {shown(output)}")


def number(name: str, words: str, default: float, **more: Any) -> Callable[..., Any]:
    """Return an option that takes a number, whole where its default is."""
    return click.option(name, type=type(default), default=default, show_default=True, help=words, **more)


@picture(
    "curves sigmoid relu --output curves.png",
    click.argument("names", nargs=-1, metavar="[NAME]..."),
    number("--low", "The smallest x.", -4.0),
    number("--high", "The largest x.", 4.0),
)
def curves(**given: Any) -> Any:
    """Draw activations and their slopes: sigmoid, tanh, relu, leaky_relu, elu, gelu, swish, softplus, relu6, …"""
    from app.walk.pictures.curves import activation_curves

    return activation_curves(**given)


@picture(
    "fields conv3/2,p1 conv3/2,p1 --input 5 --output fields.png",
    click.argument("layers", nargs=-1, metavar="[LAYER]..."),
    click.option(
        "--input", "size", metavar="SIZE", help="Cells of the input, for typed layers: 28, or 28x32 (15)."
    ),
    click.option(
        "--model", "name", metavar="NAME|FILE", help="The layers of a network, up to --layer, instead."
    ),
    isolate_option(COUNTING),
    click.option(
        "--layer", metavar="NAME", help="With --model: the last layer. Default: the last with places."
    ),
    click.option(
        "--cell", type=Cell(), metavar="ROW,COLUMN", help="Of the last map. Default: the middle one."
    ),
    click.option(
        "--dimensions", type=click.IntRange(1, 2), help="1 draws a sequence, as rows of cells and lines (2)."
    ),
)
def fields(
    layers: tuple[str, ...],
    size: str | None,
    name: str | None,
    layer: str | None,
    cell: Any,
    dimensions: int | None,
) -> Any:
    """Draw what a cell behind a chain of LAYERs depends on, in every map below it.

    Layers are typed as for python -m app.calculate receptive-field: conv3, conv3/2 (stride), conv3,p1 (padding),
    conv3,d2 (dilation), pool2.
    """
    from app.walk.pictures.fields import field_in_network, field_of_cell

    if name is not None:
        if layers or size is not None or dimensions is not None:
            raise ValueError(
                "--model brings its layers and its input; leave LAYER, --input and --dimensions out"
            )
        return field_in_network(name, layer, cell)
    if layer is not None:
        raise ValueError("--layer goes with --model")
    return field_of_cell(layers, size or "15", cell, dimensions or 2)


@picture(
    "dots conv3 conv3,d2 conv3,d4 --output dots.png",
    click.argument("layers", nargs=-1, metavar="LAYER..."),
    click.option(
        "--input", "size", metavar="SIZE", help="Cells of the input. Default: just more than are seen."
    ),
)
def dots(**given: Any) -> Any:
    """Draw which cells the kernel of each LAYER touches, and what its middle cell sees: dilated convolutions."""
    from app.walk.pictures.fields import touched_pixels

    return touched_pixels(**{**given, "layers": given["layers"] or ("conv3", "conv3,d2", "conv3,d4")})


@picture(
    "stretch 3 --kernel 3 --stride 2 --output stretch.png",
    click.argument("size", type=int, required=False, metavar="[SIZE]"),
    number("--kernel", "Taps along an axis.", 3),
    number("--stride", "Of the transposed convolution: 2 sets a zero between two cells.", 1),
    number("--padding", "Cells that the transposed convolution cuts off each side.", 0),
)
def stretch(size: int | None, kernel: int, stride: int, padding: int) -> Any:
    """Draw what a transposed convolution slides over: the map with its zeros.

    Without SIZE article 004's three cases are drawn: 5×5 to 3×3, 5×5 to 5×5 and 3×3 to 5×5.
    """
    from app.walk.pictures.stretch import stretched_maps, transposed_map

    if size is None:
        return stretched_maps()
    return transposed_map(size, kernel, stride, padding)


@picture("table --output table.png")
def table() -> Any:
    """Draw LeNet-5's connection table: which maps of S2 each map of C3 reads."""
    from app.walk.pictures.table import connection_table

    return connection_table()


@picture(
    "block plain residual --output block.png",
    click.argument("names", nargs=-1, metavar="[NAME]..."),
    number("--layers", "Layers of a dense block.", 5),
    number("--growth", "Growth rate of a dense block: the maps that each layer adds.", 4),
    number("--channels", "Maps that enter a dense block.", 6),
)
def block(**given: Any) -> Any:
    """Draw blocks of the classic networks: plain, residual, projection, bottleneck, inception, dense."""
    from app.walk.pictures.blocks import named_blocks

    return named_blocks(**given)


@picture(
    "growth 256 512 --units 1",
    click.argument("sides", type=int, nargs=-1, metavar="[SIDE]..."),
    number("--channels", "Of the picture.", 1),
    number("--units", "Of the dense layer.", 100),
    number("--kernel", "Of the convolution.", 3),
    number("--filters", "Of the convolution.", 32),
)
def growth(sides: tuple[int, ...], **given: Any) -> Any:
    """Set a dense layer's parameters beside a convolution's, for pictures of n×n pixels."""
    from app.walk.pictures.growth import SIDES, parameter_growth

    return parameter_growth(sides or SIDES, **given)


@picture(
    "descent --rate 0.1 --rate 2.1 --output descent.png",
    click.option(
        "--rate",
        "rates",
        type=float,
        multiple=True,
        help="A learning rate; may be repeated (0.1, 0.6, 1.8, 2.1).",
    ),
    number("--x", "The input.", 1.0),
    number("--target", "What w·x should be.", 2.0),
    number("--start", "The first w.", 0.0),
    number("--steps", "Of each rate.", 10),
)
def descent(rates: tuple[float, ...], **given: Any) -> Any:
    """Follow gradient descent on one weight with several learning rates, one of them too large."""
    from app.walk.pictures.descent import RATES, descend

    return descend(rates or RATES, **given)


@picture(
    'scores "0 0.1 0.1 0.75 0 0 0 0 0 0.05"',
    click.argument("values", required=False, metavar="[NUMBERS]"),
    click.option("--names", metavar="NAMES", help="What the classes are called, with commas between."),
)
def scores(values: str | None, names: str | None) -> Any:
    """Read a network's last vector as percentages."""
    from app.walk.given import read_row
    from app.walk.pictures.scores import DIGIT_SCORES, read_scores

    given = DIGIT_SCORES if values is None else read_row(values, "the vector").tolist()
    return read_scores(given, tuple(name.strip() for name in names.split(",")) if names else ())


@picture(
    "pixels --image x --output pixels.png",
    click.option("--image", metavar="ARRAY", default="x", show_default=True, help=f"{ARRAY}."),
    click.option(
        "--at", type=Cell(), metavar="ROW,COLUMN", help="Where the numbers begin. Default: in the middle."
    ),
    number("--side", "Rows and columns of numbers of a large picture.", 8),
)
def pixels(image: str, at: tuple[int, ...] | None, side: int) -> Any:
    """Show a picture as numbers: each channel as a matrix, a small picture as one column too."""
    from app.walk.given import read_image
    from app.walk.pictures.pixels import picture_numbers

    if at is not None and len(at) != 2:
        raise ValueError(f"--at needs row and column, as 4,7, not {at[0]}")
    return picture_numbers(read_image(image), at, side)


@picture(
    "prepare photo.jpg --output steps.png",
    click.argument("image", type=click.Path(path_type=Path), metavar="IMAGE"),
)
def prepare(image: Path) -> Any:
    """Show how a photographed digit becomes an image like MNIST's, step by step, and what the network mnist reads."""
    from app.walk.pictures.prepare import prepare_picture

    return prepare_picture(image)


@picture(
    "filtered mnist:18 --kernel sobel_vertical --kernel sobel_horizontal --output edges.png",
    click.argument("images", nargs=-1, metavar="[ARRAY]..."),
    click.option(
        "--kernel",
        "kernels",
        multiple=True,
        metavar="ARRAY",
        help="A kernel's name, or numbers; may be repeated (x_filter).",
    ),
    click.option(
        "--padding",
        type=click.Choice(["valid", "same"]),
        default="valid",
        show_default=True,
        help="same: zeros around keep the size.",
    ),
)
def filtered(images: tuple[str, ...], kernels: tuple[str, ...], padding: str) -> Any:
    """Lay kernels over whole pictures: mouse, x, mnist:18, a file, …; one row a picture, one column a kernel."""
    from app.walk.given import read_image, read_kernel
    from app.walk.pictures.filtered import drawn_mouse, filter_pictures

    shown_images = {name: drawn_mouse() if name == "mouse" else read_image(name) for name in images or ("x",)}
    laid = {name: _one_filter(read_kernel(name), name) for name in kernels or ("x_filter",)}
    return filter_pictures(shown_images, laid, padding)


def _one_filter(kernel: Any, name: str) -> Any:
    """Return a kernel of one filter, (rows, columns, channels).

    Raises:
        ValueError: it has several.
    """
    if kernel.ndim == 4:
        if kernel.shape[-1] != 1:
            raise ValueError(f"{name} has {kernel.shape[-1]} filters; give one of them, as mnist/conv1/5")
        return kernel[..., 0]
    return kernel


@picture("residual --output residual.html", is_walk=True)
def residual() -> Any:
    """Walk through a residual block in numbers: y = relu(F(x) + x), and what is left when all weights are 0."""
    from app.walk.pictures.residual import residual_walk

    return residual_walk()


@picture(
    "hopfield --flipped 6 --output hopfield.gif",
    click.option(
        "--image",
        "images",
        multiple=True,
        metavar="ARRAY",
        help="A picture that is stored; may be repeated (x, x_turned).",
    ),
    number("--flipped", "Cells of the first picture that are turned over.", 5),
    seed_option("Of these cells, and of the order of the units."),
    is_walk=True,
)
def hopfield(images: tuple[str, ...], flipped: int, seed: int) -> Any:
    """Let a Hopfield network find a damaged picture again."""
    from app.walk.given import read_image
    from app.walk.pictures.hopfield import hopfield_walk

    return hopfield_walk([read_image(name)[..., 0] for name in images], flipped, seed)


@picture(
    "kohonen --of digits --output kohonen.png",
    click.option(
        "--of",
        "kind",
        type=click.Choice(["colours", "digits"]),
        default="colours",
        show_default=True,
        help="What is shown to it.",
    ),
    number("--steps", "Samples that are shown.", 4000),
    number("--rows", "Units of the sheet; 0: 12, or 8 for digits.", 0),
    number("--columns", "The same across.", 0),
    seed_option("Of the first weights, the colours and the order."),
)
def kohonen(**given: Any) -> Any:
    """Let a Kohonen map sort colours, or digits, on a sheet of units."""
    from app.walk.pictures.kohonen import kohonen_map

    return kohonen_map(**given)


@picture(
    "art --vigilance 0.9",
    number("--vigilance", "The share of a picture that a category's template must have.", 0.7),
    number("--rounds", "How often all pictures are shown.", 2),
    is_walk=True,
)
def art(**given: Any) -> Any:
    """Let ART 1 put little pictures into categories, and open new ones."""
    from app.walk.pictures.art import art_walk

    return art_walk(**given)


@picture(
    "boxes --overlap 0.5 --output boxes.png",
    number("--overlap", "Boxes of a class that overlap by more than this, as IoU, are one.", 0.5),
    number("--least", "Boxes with a lower score are left out.", 0.2),
)
def boxes(overlap: float, least: float) -> Any:
    """Draw YOLO's grid, made-up boxes with their overlaps, and non-maximum suppression."""
    from app.walk.pictures.boxes import yolo_boxes

    return yolo_boxes(overlap, least)


@picture(
    "bias --output bias.png",
    number("--epochs", "Passes over the training images.", 2),
    seed_option("Of the weights and of the order of the images."),
)
def bias(**given: Any) -> Any:
    """Teach a network 4 and 9 where every 4 carries a mark in the corner, and see that it learns the mark."""
    from app.walk.pictures.bias import taught_with_a_mark

    return taught_with_a_mark(**given)


PICTURES = tuple(COMMANDS)
"""All of them, for the group of `python -m app.walk`."""
