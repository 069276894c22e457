"""python -m app.calculate: a pocket calculator for the geometry and the cost of single layers."""

from collections.abc import Callable
from typing import Any

import click

from app.calculate import notation, typed
from app.calculate.reports.dense import dense_report
from app.calculate.reports.padding import padding_report
from app.calculate.reports.receptive_field import receptive_field_report
from app.calculate.reports.sliding import FilterBank, conv_report, pool_report
from app.calculate.reports.stacks import stacks_report
from app.calculate.reports.transposed import transposed_report
from app.calculate.reports.ways import ways_report
from app.calculate.searches import conv_search, pool_search, transposed_search
from app.calculate.typed import TypedOptions
from app.commands.door import DoorGroup
from app.commands.reports import deliver, report_options
from app.show.document import Document


@click.group(cls=DoorGroup, epilog="Example: python -m app.calculate conv 28x28x1 --kernel 5 --filters 10")
def main() -> None:
    """Answer one question about one layer: the formula, the numbers in place, the result.

    Sizes are typed as height x width x channels, 28x32x3; 28 alone is 28x28x1. A setting of rows and
    columns is one number, 3, or two, 3x5. A padding is valid, same (as Keras pads), full, a
    number for each side, or before,after: 1,2. One multiply-accumulate (MAC) counts once, biases are
    not counted.

    Give --find SIZE to conv, pool or transposed for the way back: every setting that makes SIZE.
    """


def question(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function a command of the calculator: it returns the report, which is delivered.

    The function gets its options as they were typed, as a dictionary.
    """

    def decorate(answer: Callable[[TypedOptions], Document]) -> Callable[..., Any]:
        def command(format_: Any, output: Any, width: Any, ascii_only: Any, **given: Any) -> None:
            deliver(answer(given), format_, output, width, ascii_only)

        command.__doc__ = answer.__doc__
        decorated: Callable[..., Any] = report_options(command)
        for option in reversed(options):
            decorated = option(decorated)
        return main.command(answer.__name__.replace("_", "-"))(decorated)

    return decorate


def setting(name: str, words: str) -> Callable[..., Any]:
    """Return an option that keeps what was typed, None where it is not given."""
    return click.option(name, help=words)


INPUT = click.argument("size", required=False, metavar="[INPUT]")
KERNEL = setting("--kernel", "Kernel: 5, or 3x5.")
STRIDE = setting("--stride", "Stride (1).")
PADDING = setting("--padding", "valid, same, full, 1, or 1,2 (valid).")
DILATION = setting("--dilation", "Dilation (1).")
FILTERS = setting("--filters", "Filters, the output's channels (1).")
BIAS = click.option("--bias/--no-bias", default=None, help="One bias a filter or unit (default).")
FIND = setting("--find", "Find every way to this output: 13, 13x15, 13x13x10.")
INPUTS = setting("--inputs", "With --find, input sizes to try: 20-64 (all).")
KERNELS = setting("--kernels", "With --find, kernels to try: 3,5 (1-7).")
STRIDES = setting("--strides", "With --find, strides to try (1-2).")
PADDINGS = setting("--paddings", "With --find, paddings to try (valid,same,1,full).")
CUT_PADDINGS = setting("--paddings", "With --find, paddings to try (valid,same,1).")
POOLS = setting("--pools", "With --find, pool sizes to try (2-4).")
POOL_STRIDES = setting("--pool-strides", "With --find, the pool's strides to try (1-4).")
POOL_PADDINGS = setting("--pool-paddings", "With --find, the pool's paddings (valid,ceil,same).")
THEN_POOL = click.option(
    "--then-pool", is_flag=True, default=None, help="With --find, a pool follows the convolution."
)
BOUNDS = ("inputs", "kernels", "strides", "paddings", "pools", "pool_strides", "pool_paddings", "then_pool")


@question(
    INPUT,
    KERNEL,
    STRIDE,
    PADDING,
    DILATION,
    FILTERS,
    setting("--groups", "Groups (1)."),
    BIAS,
    FIND,
    THEN_POOL,
    INPUTS,
    KERNELS,
    STRIDES,
    PADDINGS,
    POOLS,
    POOL_STRIDES,
    POOL_PADDINGS,
)
def conv(given: TypedOptions) -> Document:
    """What a convolution makes of INPUT, or the convolutions that make a size.

    Output size, parameters, multiply-accumulates, activations, and what the border loses. As many
    groups as channels: a depthwise convolution.

    \b
    python -m app.calculate conv 28x28x1 --kernel 5 --filters 10
    python -m app.calculate conv 56x56x32 --kernel 3 --stride 2 --groups 32 --filters 32
    python -m app.calculate conv --find 13x13x10 --kernel 5 --then-pool --inputs 20-64

    With --find, a setting that you give is kept (--kernel 5) and the others are tried within
    bounds (--kernels 3-7), which the report states. Windows are square.
    """
    if given["find"] is not None:
        pooled = given["then_pool"]
        _refuse(given, ("size", "filters", "groups", "bias"), "says nothing to --find")
        _refuse(given, () if pooled else BOUNDS[4:7], "needs --then-pool")
        bounds = typed.conv_bounds(given, "valid,same,1,full")
        pools = typed.pool_bounds(given) if pooled else None
        return ways_report(conv_search(given["find"], given["inputs"], bounds, pools))
    shape = _shape(given, "28x28x1")
    numbers = typed.number(given, "filters"), typed.number(given, "groups")
    filters = FilterBank(*numbers, given["bias"] is not False)
    return conv_report(shape, typed.sliding_windows(given, "kernel"), filters)


@question(
    INPUT,
    setting("--pool", "Size of the pool: 2, or 2x3."),
    setting("--stride", "Stride (the pool's size)."),
    PADDING,
    click.option("--ceil", is_flag=True, default=None, help="Keep a window that hangs over."),
    FIND,
    INPUTS,
    POOLS,
    POOL_STRIDES,
    POOL_PADDINGS,
)
def pool(given: TypedOptions) -> Document:
    """What a pool makes of INPUT and which rows it drops, or the pools that make a size.

    \b
    python -m app.calculate pool 27x27x64 --pool 2
    python -m app.calculate pool 112x112x64 --pool 3 --stride 2 --ceil
    python -m app.calculate pool --find 13 --inputs 20-64

    Keras has no ceil mode; Caffe always, and PyTorch on demand, keeps a last window that hangs over
    the end, if it starts within the image.
    """
    if given["find"] is not None:
        _refuse(given, ("size", "ceil"), "says nothing to --find")
        return ways_report(pool_search(given["find"], given["inputs"], typed.pool_bounds(given)))
    shape = _shape(given, "27x27x64")
    strided = {**given, "stride": given["stride"] or given["pool"]}
    return pool_report(shape, typed.sliding_windows(strided, "pool"))


@question(
    INPUT,
    KERNEL,
    STRIDE,
    setting("--padding", "Cut off: valid, same, 1, or 1,2 (valid)."),
    DILATION,
    setting("--output-padding", "Cells added at the end."),
    FILTERS,
    BIAS,
    FIND,
    INPUTS,
    KERNELS,
    STRIDES,
    CUT_PADDINGS,
)
def transposed(given: TypedOptions) -> Document:
    """What a transposed convolution makes of INPUT, and whether it draws a checkerboard.

    \b
    python -m app.calculate transposed 7x7x64 --kernel 3 --stride 2 --padding same --filters 32
    python -m app.calculate transposed 7x7x64 --kernel 4 --stride 2 --padding 1
    python -m app.calculate transposed --find 28 --stride 2

    valid and same cut as Keras does; a number cuts that much off each side, as PyTorch does.
    """
    if given["find"] is not None:
        _refuse(given, ("size", "filters", "bias", "output_padding"), "says nothing to --find")
        bounds = typed.conv_bounds(given, "valid,same,1")
        return ways_report(transposed_search(given["find"], given["inputs"], bounds))
    shape = _shape(given, "7x7x64")
    filters, windows = typed.number(given, "filters"), typed.transposed_windows(given)
    return transposed_report(shape, windows, filters, given["bias"] is not False)


@question(
    click.argument("size", metavar="INPUT"),
    setting("--units", "Units, the output's length."),
    BIAS,
    click.option("--flatten", is_flag=True, help="Make one vector first."),
)
def dense(given: TypedOptions) -> Document:
    """What a fully connected layer costs on a vector, or at each position of a map.

    \b
    python -m app.calculate dense 1690 --units 200
    python -m app.calculate dense 13x13x10 --units 200 --flatten
    """
    shape = notation.parse_sizes(given["size"], "input", (1, 2, 3))
    units = notation.parse_number(typed.required(given, "units", "--units 200"), "units")
    return dense_report(shape, units, given["bias"] is not False, given["flatten"])


@question(
    click.argument("layers", nargs=-1, metavar="LAYER..."),
    setting("--input", "Size of the image: 224, or 224x320."),
    setting("--cell", "With --input, an output cell to look at: 3, or 3x5."),
    setting("--find", "Find the stacks of these layers that see so many pixels."),
    setting("--depth", "With --find, the most layers in a stack (4)."),
)
def receptive_field(given: TypedOptions) -> Document:
    """What a cell behind a chain of LAYERs sees: conv5 pool2/2 conv3 conv3/2,d2.

    A layer is conv or pool, its size (3 or 3x5), then what is unusual: /STRIDE, ,dDILATION and a
    padding, ,same ,full or ,pNUMBER; for a pool also ,ceil. A convolution's stride is 1, a
    pool's its size.

    \b
    python -m app.calculate receptive-field conv3 pool2 conv3 pool2 conv3 --input 28
    python -m app.calculate receptive-field conv7/2,p3 pool3/2,p1 --input 224 --cell 27
    python -m app.calculate receptive-field --find 18 conv3 pool2 --depth 5

    With --input: what single cells depend on, exact to the pixel, and the pixels that no cell sees.
    """
    if given["find"] is not None:
        _refuse(given, ("input", "cell"), "says nothing to --find")
        names = [*given["layers"]] or ["conv3", "conv5", "pool2"]
        field = notation.parse_number(given["find"], "receptive field")
        depth = notation.parse_number(given["depth"] or "4", "depth", 1, 100)
        return stacks_report([notation.parse_layer(name) for name in names], field, depth)
    _refuse(given, ("depth",), "goes with --find SIZE")
    _refuse(given, () if given["input"] else ("cell",), "goes with --input SIZE")
    if not given["layers"]:
        raise ValueError("which layers? For example: receptive-field conv5 pool2 conv3")
    links = [notation.parse_layer(name) for name in given["layers"]]
    pixels = given["input"] and notation.parse_pair(given["input"], "input")
    cell = given["cell"] and notation.parse_pair(given["cell"], "cell", 0)
    return receptive_field_report(links, pixels, cell)


@question(INPUT, KERNEL, STRIDE, DILATION)
def padding(given: TypedOptions) -> Document:
    """How much padding keeps the size, what same adds on INPUT, and how symmetric compares.

    \b
    python -m app.calculate padding --kernel 5
    python -m app.calculate padding 224 --kernel 7 --stride 2
    """
    windows = typed.sliding_windows(given, "kernel")
    return padding_report(given["size"] and notation.parse_shape(given["size"])[:2], windows)


def _shape(given: TypedOptions, example: str) -> tuple[int, int, int]:
    """Return the input's shape, after refusing what belongs to --find."""
    _refuse(given, BOUNDS, "goes with --find SIZE")
    return notation.parse_shape(typed.required(given, "size", example))


def _refuse(given: TypedOptions, names: tuple[str, ...], why: str) -> None:
    """Refuse the first of the options that was given."""
    for name in names:
        if given.get(name) is not None:
            option = "INPUT" if name == "size" else f"--{name.replace('_', '-')}"
            more = f"; write --inputs {given[name]} to fix it" if name == "size" else ""
            raise ValueError(f"{option} {why}{more}")


if __name__ == "__main__":
    main(prog_name="python -m app.calculate")
