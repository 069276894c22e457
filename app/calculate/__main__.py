"""python -m app.calculate: a pocket calculator for the geometry and the cost of single layers."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from app.calculate.request import answer
from app.commands.door import DoorGroup
from app.commands.reports import report_options


@click.group(cls=DoorGroup, example="python -m app.calculate conv 28x28x1 --kernel 5 --filters 10")
def main() -> None:
    """Answer one question about one layer: the formula, the numbers in place, the result.

    Sizes are typed as rows x columns x channels, 28x32x3; 28 alone is 28x28x1. A setting of rows and
    columns is one number, 3, or two, 3x5. A padding is valid, same (as Keras pads), full (kernel - 1
    cells on each side), a number for each side, or before,after: 1,2. One multiply-accumulate (MAC)
    counts once, biases are not counted.

    Sequences and volumes: with --dimensions 1 a size is length x channels, 100x3, and with
    --dimensions 3 depth x rows x columns x channels, 16x112x112x3. Without --dimensions a size of four
    numbers is a volume, and a shorter one is an image.

    Give --find SIZE to conv, pool or transposed for the way back: every setting that makes SIZE.
    """


def question(*options: Callable[..., Any], example: str, usual: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Make a function a command of the calculator, with these options and those of a report."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        name = command.__name__.replace("_", "-")
        with_options = reduce(
            lambda made, option: option(made), (report_options, *reversed(options)), command
        )
        return main.command(name, example=f"python -m app.calculate {example}", usual=usual)(with_options)

    return decorate


def setting(name: str, words: str, metavar: str = "N") -> Callable[..., Any]:
    """Return an option that keeps what was typed, None where it is not given."""
    return click.option(name, metavar=metavar, help=words)


INPUT = click.argument("size", required=False, metavar="[INPUT]")
DIMENSIONS = setting(
    "--dimensions", "Axes to slide along: 1, 2 or 3 (2; 3 for INPUT or SIZE of four numbers)."
)
LAYER_DIMENSIONS = setting(
    "--dimensions", "Axes to slide along: 1, 2 or 3 (2; 3 with a layer like conv3x3x3)."
)
KERNEL = setting("--kernel", "Kernel: 5, or 3x5.", "N[xN]")
STRIDE = setting("--stride", "Stride (1).", "N[xN]")
PADDING = setting("--padding", "valid, same, full, 1, or 1,2 (valid).", "PADDING")
DILATION = setting("--dilation", "Dilation (1).", "N[xN]")
FILTERS = setting("--filters", "Filters, the output's channels (1).")
GROUPS = setting("--groups", "Groups (1).")
BIAS = click.option("--bias/--no-bias", default=None, help="One bias a filter or unit (default).")
FIND = setting("--find", "Find every way to this output: 13, 13x15, 13x13x10.", "SIZE")
INPUTS = setting("--inputs", "With --find, input sizes to try: 20-64 (all).", "FROM-TO")
KERNELS = setting("--kernels", "With --find, kernels to try: 3,5 (1-7).", "N,N,...")
STRIDES = setting("--strides", "With --find, strides to try (1-2).", "N,N,...")
PADDINGS = setting("--paddings", "With --find, paddings to try (valid,same,1,full).", "P,P,...")
CUT_PADDINGS = setting("--paddings", "With --find, paddings to try (valid,same,1).", "P,P,...")
POOLS = setting("--pools", "With --find, pool sizes to try (2-4).", "N,N,...")
POOL_STRIDES = setting("--pool-strides", "With --find, the pool's strides to try (1-4).", "N,N,...")
POOL_PADDINGS = setting("--pool-paddings", "With --find, the pool's paddings (valid,ceil,same).", "P,P,...")
THEN_POOL = click.option(
    "--then-pool", is_flag=True, default=None, help="With --find, a pool follows the convolution."
)


@question(
    INPUT,
    KERNEL,
    STRIDE,
    PADDING,
    DILATION,
    FILTERS,
    GROUPS,
    BIAS,
    DIMENSIONS,
    FIND,
    THEN_POOL,
    INPUTS,
    KERNELS,
    STRIDES,
    PADDINGS,
    POOLS,
    POOL_STRIDES,
    POOL_PADDINGS,
    example="conv 28x28x1 --kernel 5 --filters 10",
    usual=("--kernel", "--stride", "--padding", "--filters", "--find", "--output"),
)
def conv(**given: Any) -> None:
    """What a convolution makes of INPUT, or the convolutions that make a size.

    Output size, parameters, multiply-accumulates, activations, and what the border loses. As many
    groups as channels: a depthwise convolution.

    \b
    python -m app.calculate conv 28x28x1 --kernel 5 --filters 10
    python -m app.calculate conv 56x56x32 --kernel 3 --stride 2 --groups 32 --filters 32
    python -m app.calculate conv 16x112x112x3 --kernel 3 --padding same --filters 64
    python -m app.calculate conv --find 13x13x10 --kernel 5 --then-pool --inputs 20-64

    With --find, a setting that you give is kept (--kernel 5) and the others are tried within
    bounds (--kernels 3-7), which the report states. Windows are square.
    """
    answer("conv", given)


@question(
    INPUT,
    setting("--pool", "Size of the pool: 2, or 2x3.", "N[xN]"),
    setting("--stride", "Stride (the pool's size).", "N[xN]"),
    PADDING,
    click.option("--ceil", is_flag=True, default=None, help="Keep a window that hangs over."),
    DIMENSIONS,
    FIND,
    INPUTS,
    POOLS,
    POOL_STRIDES,
    POOL_PADDINGS,
    example="pool 27x27x64 --pool 2",
    usual=("--pool", "--stride", "--padding", "--ceil", "--find", "--output"),
)
def pool(**given: Any) -> None:
    """What a pool makes of INPUT and which rows it drops, or the pools that make a size.

    \b
    python -m app.calculate pool 27x27x64 --pool 2
    python -m app.calculate pool 112x112x64 --pool 3 --stride 2 --ceil
    python -m app.calculate pool --find 13 --inputs 20-64

    Keras has no ceil mode; Caffe always, and PyTorch on demand, keeps a last window that hangs over
    the end, if it starts within the image.
    """
    answer("pool", given)


@question(
    INPUT,
    KERNEL,
    STRIDE,
    setting("--padding", "Cut off: valid, same, full, 1, or 1,2 (valid).", "PADDING"),
    DILATION,
    setting("--output-padding", "Cells added at the end.", "N[xN]"),
    FILTERS,
    GROUPS,
    BIAS,
    DIMENSIONS,
    FIND,
    INPUTS,
    KERNELS,
    STRIDES,
    CUT_PADDINGS,
    example="transposed 7x7x64 --kernel 4 --stride 2 --padding 1",
    usual=("--kernel", "--stride", "--padding", "--filters", "--find", "--output"),
)
def transposed(**given: Any) -> None:
    """What a transposed convolution makes of INPUT, and whether it draws a checkerboard.

    \b
    python -m app.calculate transposed 7x7x64 --kernel 3 --stride 2 --padding same --filters 32
    python -m app.calculate transposed 7x7x64 --kernel 4 --stride 2 --padding 1
    python -m app.calculate transposed 7x7x64 --kernel 4 --stride 2 --filters 32 --groups 8
    python -m app.calculate transposed --find 28 --stride 2

    valid and same cut as Keras does; a number cuts that much off each side, as PyTorch does, and full
    what a convolution with full padding adds. Groups are PyTorch's too.
    """
    answer("transposed", given)


@question(
    click.argument("size", metavar="INPUT"),
    setting("--units", "Units, the output's length."),
    BIAS,
    click.option("--flatten", is_flag=True, help="Make one vector first."),
    example="dense 1690 --units 200",
)
def dense(**given: Any) -> None:
    """What a fully connected layer costs on a vector, or at each position of a map.

    \b
    python -m app.calculate dense 1690 --units 200
    python -m app.calculate dense 13x13x10 --units 200 --flatten
    """
    answer("dense", given)


@question(
    click.argument("layers", nargs=-1, metavar="LAYER..."),
    setting("--input", "Size of the image: 224, or 224x320.", "SIZE"),
    setting("--cell", "With --input, an output cell to look at: 3, or 3x5.", "CELL"),
    LAYER_DIMENSIONS,
    setting("--find", "Find the stacks of these layers that see so many pixels."),
    setting("--depth", "With --find, the most layers in a stack (4)."),
    example="receptive-field conv3 pool2 conv3 --input 28",
)
def receptive_field(**given: Any) -> None:
    """What a cell behind a chain of LAYERs sees: conv5 pool2/2 conv3 conv3/2,d2.

    A layer is conv or pool, its size (3 or 3x5), then what is unusual: /STRIDE, ,dDILATION and a
    padding, ,same ,full or ,pNUMBER; for a pool also ,ceil. A convolution's stride is 1, a
    pool's its size.

    \b
    python -m app.calculate receptive-field conv3 pool2 conv3 pool2 conv3 --input 28
    python -m app.calculate receptive-field conv7/2,p3 pool3/2,p1 --input 224 --cell 27
    python -m app.calculate receptive-field conv1x3x3 conv3x1x1 --input 16x112x112
    python -m app.calculate receptive-field --find 18 conv3 pool2 --depth 5

    With --input: what single cells depend on, exact to the pixel, and the pixels that no cell sees.
    """
    answer("receptive-field", given)


@question(INPUT, KERNEL, STRIDE, DILATION, DIMENSIONS, example="padding --kernel 5")
def padding(**given: Any) -> None:
    """How much padding keeps the size, what same adds on INPUT, and how symmetric compares.

    \b
    python -m app.calculate padding --kernel 5
    python -m app.calculate padding 224 --kernel 7 --stride 2
    """
    answer("padding", given)


if __name__ == "__main__":
    main(prog_name="python -m app.calculate")
