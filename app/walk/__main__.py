"""python -m app.walk: a calculation, number by number."""

from typing import Any

import click

from app.commands.data import OWN_DATA, data_option
from app.commands.options import (
    all_of,
    image_shape_option,
    index_option,
    machine_option,
    model_option,
    pixel_range_option,
    prepare_option,
    seed_option,
)
from app.walk.options import (
    ARRAY,
    Cell,
    Sizes,
    WalkGroup,
    array_option,
    backward_option,
    gradient_option,
    padding_option,
    shown_options,
)
from app.walk.pictures.commands import PICTURES
from app.walk.request import show_network, show_operation


@click.group(
    cls=WalkGroup,
    commands=PICTURES,
    example='python -m app.walk conv --image cross5 --kernel "1 0 1; 0 1 0; 1 0 1"',
)
def main() -> None:
    """Show a calculation number by number: one operation, or a whole network on one image.

    \b
    python -m app.walk conv            a kernel slides over an image
    python -m app.walk mnist           a trained network, layer by layer
    python -m app.walk model.keras --layer conv2 --cell 4,7 --filter 3
                                       one number of one layer, opened

    The steps are printed; --output writes them as a page with a slider (.html), an animation (.gif) or
    a still of one step (.png, .svg, .pdf). docs/walk.md shows them.
    """


ACTIVATION_HELP = "relu, sigmoid, tanh, leaky_relu, gelu, silu, … Default: none."


@main.command(
    example='python -m app.walk conv --image "0 1 2; 3 4 5; 6 7 8" --kernel "0 1; 2 3"',
    contradictions=(("--relu", "--activation"),),
)
@all_of(
    (
        array_option("--image", f"{ARRAY}: x, cross5, curve, figure1, image4, … Default: cross5."),
        array_option(
            "--kernel",
            "The same; names: x_filter, sobel_vertical, sobel_horizontal, scharr_vertical, laplace, sharpen, blur, "
            "gaussian, curve, …; or a trained filter, as mnist/conv1/5. Default: x_filter.",
        ),
        click.option(
            "--bias", metavar="NUMBERS", help="Added to each sum: one number, or one for each filter."
        ),
        click.option(
            "--stride", type=Sizes(), help="Cells from place to place; 3x2 is 3 down and 2 across (1)."
        ),
        padding_option("cells of zeros around"),
        click.option("--dilation", type=Sizes(), help="Cells from cell to cell of the kernel (1)."),
        click.option("--relu", is_flag=True, help="Apply ReLU to each sum."),
        click.option("--activation", metavar="NAME", help=ACTIVATION_HELP),
        click.option("--flip", is_flag=True, help="Turn the kernel by 180° first, as mathematics does."),
        backward_option(),
        gradient_option(),
        shown_options(),
    )
)
def conv(**options: Any) -> None:
    """Slide a kernel over an image: products, their sum, the bias, the activation."""
    show_operation("conv", **options)


@main.command(example="python -m app.walk pool --image figure6 --size 2 --stride 1")
@all_of(
    (
        array_option("--image", f"{ARRAY}: figure6, x, … Default: figure6."),
        click.option(
            "--kind", type=click.Choice(["max", "mean", "sum"]), help="What is taken of a window (max)."
        ),
        click.option("--size", type=Sizes(), help="Rows and columns of the window (2)."),
        click.option("--stride", type=Sizes(), help="Cells from place to place. Default: the size."),
        click.option(
            "--padding",
            type=Sizes(0, ("valid", "same")),
            help="valid: whole windows alone; same: incomplete ones too; or cells around the map (valid).",
        ),
        backward_option("Go one step back: who gets the gradient."),
        gradient_option(),
        shown_options(),
    )
)
def pool(**options: Any) -> None:
    """Pool a map: the largest value, the mean or the sum of each window."""
    show_operation("pool", **options)


@main.command(example='python -m app.walk transposed --image "1 2; 3 4" --kernel ones --stride 2 --zeros')
@all_of(
    (
        array_option("--image", f'{ARRAY}. Default: "1 2; 3 4".'),
        array_option("--kernel", "The same, or a kernel's name. Default: ones, 3×3."),
        click.option("--bias", type=float, help="Added to every number of the result."),
        click.option("--stride", type=Sizes(), help="Cells from stamp to stamp (1)."),
        padding_option("cells cut off at each side"),
        click.option("--output-padding", type=Sizes(0), help="Cells more at the end of the result."),
        click.option("--zeros", is_flag=True, help="As a convolution over the input spread with zeros."),
        backward_option(),
        gradient_option(),
        shown_options(),
    )
)
def transposed(**options: Any) -> None:
    """Make a map larger: each number lays the kernel like a stamp."""
    show_operation("transposed", **options)


@main.command(example='python -m app.walk dense --input "1 2 3" --weights "1 0; 0 1; 2 -1" --activation relu')
@all_of(
    (
        click.option("--input", "inputs", metavar="ARRAY", help=f'{ARRAY}. Default: "1 2 3".'),
        array_option("--weights", 'A row for each input, a column for each unit. Default: "1 0; 0 1; 2 -1".'),
        click.option("--bias", metavar="NUMBERS", help="One number, or one for each unit."),
        click.option("--activation", metavar="NAME", help=ACTIVATION_HELP + " softmax too."),
        backward_option(),
        gradient_option(),
        shown_options(),
    )
)
def dense(**options: Any) -> None:
    """Multiply every input by every unit's weights, and add up."""
    show_operation("dense", **options)


@main.command(example='python -m app.walk activation sigmoid --values "-4 -2 0 2 4"')
@all_of(
    (
        click.argument("name", default="relu"),
        array_option("--values", f'{ARRAY}. Default: "-2 -1 0 1 2".'),
        backward_option("Go one step back: multiply the gradient by the slope."),
        gradient_option(),
        shown_options(),
    )
)
def activation(name: str, **options: Any) -> None:
    """Apply an activation, relu unless another NAME is given, to each number."""
    show_operation("activation", name=name, **options)


@main.command(example='python -m app.walk softmax --logits "1 2 3"')
@all_of(
    (
        array_option("--logits", 'The scores of the classes. Default: "1 2 3".'),
        backward_option("Go one step back: p − t, with the cross-entropy of --target."),
        click.option(
            "--target", type=click.IntRange(0), metavar="N", help="The right class, for --backward."
        ),
        shown_options(),
    )
)
def softmax(**options: Any) -> None:
    """Make probabilities of scores."""
    show_operation("softmax", **options)


@main.command(example="python -m app.walk loss --outputs 0.98 --targets 1")
@all_of(
    (
        click.option(
            "--kind",
            type=click.Choice(["log", "cross-entropy", "squared", "mse"]),
            help="log: of sigmoid units; cross-entropy: of a softmax; squared: half of the squares; mse (log).",
        ),
        array_option("--outputs", "What the network puts out. Default: 0.98."),
        array_option("--targets", "What is right; of a cross-entropy the class will do. Default: 1."),
        backward_option("Go one step back: the gradient by the outputs."),
        shown_options(),
    )
)
def loss(**options: Any) -> None:
    """Measure how wrong a prediction is."""
    show_operation("loss", **options)


@main.command(example='python -m app.walk delta --input "1 0" --target 1 --hidden 2')
@all_of(
    (
        click.option("--input", "inputs", metavar="ARRAY", help='The sample. Default: "1 0".'),
        click.option("--target", metavar="ARRAY", help="What the output units should say. Default: 1."),
        click.option("--hidden", type=click.IntRange(1, 50), metavar="N", help="Hidden units (2)."),
        click.option("--rate", type=float, help="The learning rate (0.5)."),
        seed_option("Of the weights."),
        shown_options(),
    )
)
def delta(**options: Any) -> None:
    """Train a perceptron for one step by the delta rule: forward, errors, changes."""
    show_operation("delta", **options)


@main.command(
    example="python -m app.walk mnist --index 18 --layer conv2 --cell 4,7 --filter 3",
    contradictions=(
        ("--image", "--index"),
        ("--image", "--class"),
        ("--index", "--class"),
        ("--image", "--data"),
    ),
)
@all_of(
    (
        model_option(),
        click.option(
            "--image",
            metavar="FILE|NAME|ARRAY",
            help="A picture, prepared as the network's own data; a .csv or .npy file; the name of an array, as x; or "
            "numbers, which enter as they are.",
        ),
        index_option(" (0)."),
        click.option("--class", "class_text", metavar="CLASS", help="The first test image of a class."),
        data_option("Test images.", OWN_DATA),
        prepare_option(
            "How a picture is fitted: as the digits or letters that the network learnt from, or resized."
        ),
        click.option("--layer", metavar="NAME", help="Open one number of this layer. Default: all layers."),
        click.option("--cell", type=Cell(), metavar="ROW,COLUMN", help="Which. Default: the largest."),
        click.option("--head", metavar="NAME", help="Which output, where the model has several."),
        click.option(
            "--filter", "unit", type=click.IntRange(0), metavar="N", help="Which filter, map or unit."
        ),
        pixel_range_option(),
        image_shape_option(),
        machine_option(),
        shown_options(),
    )
)
def network(**options: Any) -> None:
    """Walk through a trained network on one image; its name alone will do: python -m app.walk mnist.

    Of each layer the largest numbers are worked out, of a small one all. With --layer one number is opened, down to
    its products, and held against the number that the network itself computed.
    """
    show_network(**options)


if __name__ == "__main__":
    main(prog_name="python -m app.walk")
