"""Settings as they are typed, by the names of the options, turned into windows and bounds."""

from collections.abc import Mapping
from typing import Any

from app.calculate import notation
from app.calculate.geometry import ReversibleWindow
from app.calculate.searches import CUTS, WindowBounds
from app.calculate.transposing import Transposed
from app.counting.windows import Padding

TypedOptions = Mapping[str, Any]
"""What was typed, by option, and None for what was not."""


def required(given: TypedOptions, name: str, example: str) -> str:
    """Return what was typed for `name`, or ask for it with an example."""
    if given[name] is None:
        what = "the input's size" if name == "size" else f"--{name}"
        raise ValueError(f"{what} is missing; for example: {example}")
    return str(given[name])


def number(given: TypedOptions, name: str) -> int:
    """Return the number of filters or groups; 1 where none was typed."""
    return 1 if given[name] is None else notation.parse_number(given[name], f"number of {name}")


def sliding_windows(given: TypedOptions, size: str) -> tuple[ReversibleWindow, ReversibleWindow]:
    """Return the windows along rows and columns; `size` names the option with their size."""
    settings = _axes(given, size, notation.PADDING_WORDS)
    ceil = bool(given.get("ceil"))
    if ceil and any(sides in ("same", "full") for _, _, sides, _ in settings):
        raise ValueError("--ceil goes with valid or a number; same and full leave nothing hanging")
    rows, columns = (ReversibleWindow(k, s, p, d, ceil) for k, s, p, d in settings)
    return rows, columns


def transposed_windows(given: TypedOptions) -> tuple[Transposed, Transposed]:
    """Return the transposed windows along rows and columns."""
    settings = _axes(given, "kernel", CUTS)
    text = given["output_padding"]
    more = (None, None) if text is None else notation.parse_pair(text, "output padding", least=0)
    rows, columns = (Transposed(*axis, o) for axis, o in zip(settings, more, strict=True))
    return rows, columns


def _axes(given: TypedOptions, size: str, words: tuple[str, ...]) -> list[tuple[int, int, Padding, int]]:
    """Return kernel, stride, padding and dilation of rows and of columns."""
    kernels = notation.parse_pair(required(given, size, f"--{size} 3"), f"{size} size")
    strides = notation.parse_pair(given["stride"] or "1", "stride")
    paddings = notation.parse_padding(given.get("padding") or "valid", words)
    dilations = notation.parse_pair(given.get("dilation") or "1", "dilation")
    return list(zip(kernels, strides, paddings, dilations, strict=True))


def conv_bounds(given: TypedOptions, paddings: str) -> WindowBounds:
    """Return what to try for a convolution: the setting that is kept, or its bounds."""
    return WindowBounds(
        _kept(given, "kernel", "kernels", "1-7"),
        _kept(given, "stride", "strides", "1-2"),
        _kept(given, "padding", "paddings", paddings),
        given["dilation"] or "1",
    )


def pool_bounds(given: TypedOptions) -> WindowBounds:
    """Return what to try for a pool. Behind a convolution --stride is not the pool's."""
    alone = "kernel" not in given
    return WindowBounds(
        _kept(given, "pool", "pools", "2-4"),
        _kept(given, "stride" if alone else "", "pool_strides", "1-4"),
        _kept(given, "padding" if alone else "", "pool_paddings", "valid,ceil,same"),
    )


def _kept(given: TypedOptions, one: str, many: str, default: str) -> str:
    if given.get(one) is not None and given[many] is not None:
        raise ValueError(f"--{one} and --{many.replace('_', '-')} contradict; give one of them")
    chosen = given[many] if given.get(one) is None else given[one]
    return default if chosen is None else str(chosen)
