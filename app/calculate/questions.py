"""The questions of the calculator: which settings each of them has, and how it is answered."""

from collections.abc import Callable
from dataclasses import dataclass

from app.calculate import notation, typed
from app.calculate.settings import Given, Setting, refuse, require
from app.show.document import Document

SEARCHED = ("inputs", "kernels", "strides", "paddings", "pools", "pool_strides", "pool_paddings", "then_pool")
"""Settings that say what a search tries."""
POOLED = ("pools", "pool_strides", "pool_paddings")
NOT_SEARCHED = "says nothing to"
FIND = Setting("find", "SIZE")


@dataclass(frozen=True)
class Question:
    """A question of the calculator."""

    answer: Callable[[Given], Document]
    settings: tuple[str, ...]
    asks_about: str = "size"
    """What is given without a name: the `size` of one input, or `layers`."""


def conv(given: Given) -> Document:
    """Return what a convolution makes of an input, or the convolutions that make a size."""
    from app.calculate.reports.sliding import FilterBank, conv_report

    if given["find"] is not None:
        return _convs_to(given)
    shape = _shape(given, "28x28x1")
    numbers = typed.number(given, "filters"), typed.number(given, "groups")
    filters = FilterBank(*numbers, given["bias"] is not False)
    return conv_report(shape, typed.sliding_windows(given, "kernel"), filters)


def _convs_to(given: Given) -> Document:
    from app.calculate import searches
    from app.calculate.reports.ways import ways_report

    pooled = given["then_pool"]
    refuse(given, ("size", "filters", "groups", "bias"), NOT_SEARCHED, Setting("find"))
    refuse(given, () if pooled else POOLED, "needs", Setting("then_pool"))
    bounds = searches.conv_bounds(given, "valid,same,1,full")
    pools = searches.pool_bounds(given) if pooled else None
    return ways_report(searches.conv_search(given["find"], given["inputs"], bounds, pools))


def pool(given: Given) -> Document:
    """Return what a pool makes of an input and which rows it drops, or the pools that make a size."""
    if given["find"] is not None:
        from app.calculate import searches
        from app.calculate.reports.ways import ways_report

        refuse(given, ("size", "ceil"), NOT_SEARCHED, Setting("find"))
        bounds = searches.pool_bounds(given)
        return ways_report(searches.pool_search(given["find"], given["inputs"], bounds))
    from app.calculate.reports.sliding import pool_report

    shape = _shape(given, "27x27x64")
    strided = {**given, "stride": given["stride"] or given["pool"]}
    return pool_report(shape, typed.sliding_windows(strided, "pool"))


def transposed(given: Given) -> Document:
    """Return what a transposed convolution makes of an input, or those that make a size."""
    if given["find"] is not None:
        from app.calculate import searches
        from app.calculate.reports.ways import ways_report

        refuse(given, ("size", "filters", "bias", "output_padding"), NOT_SEARCHED, Setting("find"))
        bounds = searches.conv_bounds(given, "valid,same,1")
        return ways_report(searches.transposed_search(given["find"], given["inputs"], bounds))
    from app.calculate.reports.transposed import transposed_report

    shape = _shape(given, "7x7x64")
    filters, windows = typed.number(given, "filters"), typed.transposed_windows(given)
    return transposed_report(shape, windows, filters, given["bias"] is not False)


def dense(given: Given) -> Document:
    """Return what a fully connected layer costs on a vector, or at each position of a map."""
    from app.calculate.reports.dense import dense_report

    shape = notation.parse_sizes(require(given, "size", "1690"), "input", (1, 2, 3))
    units = notation.parse_number(require(given, "units", "200"), "units")
    return dense_report(shape, units, given["bias"] is not False, bool(given["flatten"]))


def receptive_field(given: Given) -> Document:
    """Return what a cell behind a chain of layers sees, or the stacks of layers that see so much."""
    if given["find"] is not None:
        return _stacks_that_see(given)
    refuse(given, ("depth",), "goes with", FIND)
    refuse(given, () if given["input"] else ("cell",), "goes with", Setting("input", "SIZE"))
    if not given["layers"]:
        raise ValueError("which layers? For example: receptive-field conv5 pool2 conv3")
    from app.calculate.reports.receptive_field import receptive_field_report

    links = [notation.parse_layer(name) for name in given["layers"]]
    pixels = given["input"] and notation.parse_pair(given["input"], "input")
    cell = given["cell"] and notation.parse_pair(given["cell"], "cell", 0)
    return receptive_field_report(links, pixels, cell)


def _stacks_that_see(given: Given) -> Document:
    from app.calculate.reports.stacks import stacks_report

    refuse(given, ("input", "cell"), NOT_SEARCHED, Setting("find"))
    names = [*given["layers"]] or ["conv3", "conv5", "pool2"]
    field = notation.parse_number(given["find"], "receptive field")
    depth = notation.parse_number(given["depth"] or "4", "depth", 1, 100)
    return stacks_report([notation.parse_layer(name) for name in names], field, depth)


def padding(given: Given) -> Document:
    """Return how much padding keeps the size, what `same` adds, and how symmetric padding compares."""
    from app.calculate.reports.padding import padding_report

    windows = typed.sliding_windows(given, "kernel")
    return padding_report(given["size"] and notation.parse_shape(given["size"])[:2], windows)


def _shape(given: Given, example: str) -> tuple[int, int, int]:
    """Return the input's shape, after refusing what belongs to a search."""
    refuse(given, SEARCHED, "goes with", FIND)
    return notation.parse_shape(require(given, "size", example))


QUESTIONS = {
    "conv": Question(
        conv, ("kernel", "stride", "padding", "dilation", "filters", "groups", "bias", "find", *SEARCHED)
    ),
    "pool": Question(pool, ("pool", "stride", "padding", "ceil", "find", "inputs", *POOLED)),
    "transposed": Question(
        transposed,
        (
            *("kernel", "stride", "padding", "dilation", "output_padding", "filters", "bias"),
            *("find", *SEARCHED[:4]),
        ),
    ),
    "dense": Question(dense, ("units", "bias", "flatten")),
    "receptive-field": Question(receptive_field, ("input", "cell", "find", "depth"), "layers"),
    "padding": Question(padding, ("kernel", "stride", "dilation")),
}
"""The questions, as the command calls them."""
