"""The questions of the calculator: which settings each of them has, and how it is answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.calculate import notation, typed
from app.calculate.reading import report_on
from app.calculate.settings import Given, Setting, refuse, require
from app.show.document import Document

if TYPE_CHECKING:
    from app.calculate.reports.filters import FilterBank
    from app.calculate.searches import Search, Target

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
    from app.calculate.reports.sliding import conv_report

    if given["find"] is not None:
        return _convs_to(given)
    shape = _shape(given, "28x28x1")
    return report_on(
        shape, conv_report, typed.sliding_windows(given, "kernel", len(shape) - 1), _filters(given)
    )


def _convs_to(given: Given) -> Document:
    from app.calculate import searches

    pooled = given["then_pool"]
    refuse(given, ("size", "filters", "groups", "bias"), NOT_SEARCHED, Setting("find"))
    refuse(given, () if pooled else POOLED, "needs", Setting("then_pool"))
    bounds = searches.conv_bounds(given, "valid,same,1,full")
    pools = searches.pool_bounds(given) if pooled else None
    return _ways(searches.conv_search(_target(given), bounds, pools))


def pool(given: Given) -> Document:
    """Return what a pool makes of an input and which rows it drops, or the pools that make a size."""
    if given["find"] is not None:
        from app.calculate import searches

        refuse(given, ("size", "ceil"), NOT_SEARCHED, Setting("find"))
        return _ways(searches.pool_search(_target(given), searches.pool_bounds(given)))
    from app.calculate.reports.sliding import pool_report

    shape = _shape(given, "27x27x64")
    strided = {**given, "stride": given["stride"] or given["pool"]}
    return report_on(shape, pool_report, typed.sliding_windows(strided, "pool", len(shape) - 1))


def transposed(given: Given) -> Document:
    """Return what a transposed convolution makes of an input, or those that make a size."""
    if given["find"] is not None:
        from app.calculate import searches

        refuse(given, ("size", "filters", "groups", "bias", "output_padding"), NOT_SEARCHED, Setting("find"))
        bounds = searches.conv_bounds(given, "valid,same,1")
        return _ways(searches.transposed_search(_target(given), bounds))
    from app.calculate.reports.transposed import transposed_report

    shape = _shape(given, "7x7x64")
    windows = typed.transposed_windows(given, len(shape) - 1)
    return report_on(shape, transposed_report, windows, _filters(given))


def dense(given: Given) -> Document:
    """Return what a fully connected layer costs on a vector, or at each position of a map."""
    from app.calculate.reports.dense import dense_report

    shape = notation.parse_vector(require(given, "size", "1690"))
    units = notation.parse_number(require(given, "units", "200"), "units")
    settings = units, given["bias"] is not False, bool(given["flatten"])
    if given["flatten"] or len(shape) < 3:  # in which order they come makes no difference, or is not known
        return dense_report(shape, *settings)
    return report_on(shape, dense_report, *settings)


def receptive_field(given: Given) -> Document:
    """Return what a cell behind a chain of layers sees, or the stacks of layers that see so much."""
    if given["find"] is not None:
        return _stacks_that_see(given)
    refuse(given, ("depth",), "goes with", FIND)
    refuse(given, () if given["input"] else ("cell",), "goes with", Setting("input", "SIZE"))
    if not given["layers"]:
        raise ValueError("which layers? For example: receptive-field conv5 pool2 conv3")
    from app.calculate.reports.receptive_field import receptive_field_report

    links = _links(given, given["layers"])
    rank = len(links[0].windows)
    pixels = given["input"] and notation.parse_axes(given["input"], "input without channels", rank)
    cell = given["cell"] and notation.parse_axes(given["cell"], "cell", rank, least=0)
    return receptive_field_report(links, pixels, cell)


def _stacks_that_see(given: Given) -> Document:
    from app.calculate.reports.stacks import stacks_report

    refuse(given, ("input", "cell"), NOT_SEARCHED, Setting("find"))
    names = [*given["layers"]] or ["conv3", "conv5", "pool2"]
    field = notation.parse_number(given["find"], "receptive field")
    depth = notation.parse_number(given["depth"] or "4", "depth", 1, 100)
    return stacks_report(_links(given, names), field, depth)


def _links(given: Given, names: Sequence[str]) -> list[notation.Link]:
    """Return the layers, each with as many axes as `dimensions` says, or else the layer that names most."""
    rank = typed.axes(given) if given["dimensions"] is not None else notation.layer_axes(names)
    return [notation.parse_layer(name, rank) for name in names]


def padding(given: Given) -> Document:
    """Return how much padding keeps the size, what `same` adds, and how symmetric padding compares."""
    from app.calculate.reports.padding import padding_report

    rank = typed.axes(given, "size")
    windows = typed.sliding_windows(given, "kernel", rank)
    if not given["size"]:
        return padding_report(None, windows)
    return report_on(notation.parse_shape(given["size"], rank), padding_report, windows)


def _shape(given: Given, example: str) -> tuple[int, ...]:
    """Return the input's sizes and channels, after refusing what belongs to a search."""
    refuse(given, SEARCHED, "goes with", FIND)
    return notation.parse_shape(require(given, "size", example), typed.axes(given, "size"))


def _filters(given: Given) -> "FilterBank":
    from app.calculate.reports.filters import FilterBank

    numbers = typed.number(given, "filters"), typed.number(given, "groups")
    return FilterBank(*numbers, given["bias"] is not False)


def _target(given: Given) -> "Target":
    from app.calculate.searches import Target

    return Target(given["find"], given["inputs"], typed.axes(given, "find"))


def _ways(search: "Search") -> Document:
    from app.calculate.reports.ways import ways_report

    if search.channels is None:
        return ways_report(search)
    return report_on(search.size, lambda _: ways_report(search))


CONVOLUTION = ("kernel", "stride", "padding", "dilation", "filters", "groups", "bias", "dimensions", "find")

QUESTIONS = {
    "conv": Question(conv, (*CONVOLUTION, *SEARCHED)),
    "pool": Question(pool, ("pool", "stride", "padding", "ceil", "dimensions", "find", "inputs", *POOLED)),
    "transposed": Question(transposed, ("output_padding", *CONVOLUTION, *SEARCHED[:4])),
    "dense": Question(dense, ("units", "bias", "flatten")),
    "receptive-field": Question(receptive_field, ("input", "cell", "dimensions", "find", "depth"), "layers"),
    "padding": Question(padding, ("kernel", "stride", "dilation", "dimensions")),
}
"""The questions, as the command calls them."""
