"""Convolutions and pools: sizes, parameters, multiply-accumulates, and what the border loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.calculate.borders import find_border
from app.calculate.geometry import ReversibleWindow
from app.calculate.reports.answers import (
    AXES,
    Answer,
    axis_answers,
    calculation,
    count_text,
    settings_data,
    settings_text,
    value_answers,
)
from app.calculate.reports.border import border_data, border_table
from app.counting import formulas
from app.counting.count import Count
from app.counting.rows import shape_text
from app.show.document import Document

Windows = tuple[ReversibleWindow, ReversibleWindow]


@dataclass(frozen=True)
class FilterBank:
    """What a convolution has besides its windows."""

    filters: int = 1
    groups: int = 1
    use_bias: bool = True

    def check(self, channels: int) -> None:
        """Refuse groups that do not divide channels and filters."""
        for number, words in ((channels, "channel"), (self.filters, "filter")):
            if number % self.groups:
                raise ValueError(
                    f"{count_text(self.groups, 'group')} cannot share out {count_text(number, words)}"
                    "; take a number that divides channels and filters"
                )


@dataclass(frozen=True)
class SlidingResult:
    """What slides, over what, and what comes out."""

    kind: str
    shape: tuple[int, int, int]
    windows: Windows
    output: tuple[int, ...]


def conv_report(shape: tuple[int, int, int], windows: Windows, filters: FilterBank) -> Document:
    """Return the report of one convolution on an input of `shape`."""
    filters.check(shape[2])
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), filters.filters)
    answers = [*axis_answers(sizes), *_conv_answers(shape, windows, filters, output)]
    words = f"{settings_text(windows)}, {count_text(filters.filters, 'filter')}"
    words += f", {count_text(filters.groups, 'group')}" if filters.groups > 1 else ""
    words += "" if filters.use_bias else ", no bias"
    data = {"filters": filters.filters, "groups": filters.groups, "use_bias": filters.use_bias}
    notes = _conv_notes(shape, windows, filters)
    layer = SlidingResult("convolution", shape, windows, output)
    return _report(layer, words, answers, notes, data)


def pool_report(shape: tuple[int, int, int], windows: Windows) -> Document:
    """Return the report of one pool on an input of `shape`."""
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), shape[2])
    values = [
        Answer(a.quantity, a.formula.replace("·f", "·c"), a.count, a.unit) for a in value_answers(output)
    ]
    notes = ["A pool stores no parameters and keeps the channels apart."]
    if windows[0].ceil:
        same = [-(-n // w.stride) for n, w in zip(shape, windows, strict=False)]
        notes.append(
            "Keras has no ceil mode (PyTorch: ceil_mode=True); its same padding gives "
            f"{shape_text(same)} here."
        )
    elif not all(isinstance(window.padding, str) for window in windows):
        notes.append("Keras' pools know valid and same only; PyTorch takes a padding up to half the pool.")
    answers = [*axis_answers(sizes), *values]
    data = {"ceil": windows[0].ceil}
    layer = SlidingResult("pool", shape, windows, output)
    return _report(layer, settings_text(windows), answers, notes, data)


def _sizes(shape: Sequence[int], windows: Windows) -> list[tuple[str, Count]]:
    pairs = zip(shape, windows, strict=False)
    return [(window.formula(size), window.output_size(size)) for size, window in pairs]


def _conv_answers(
    shape: tuple[int, int, int], windows: Windows, filters: FilterBank, output: Sequence[int]
) -> list[Answer]:
    kernel = [window.kernel for window in windows]
    channels, groups = shape[2], filters.groups
    depth = Count(channels // groups, f"{channels:,}/{groups:,}")
    depth_sign = "c/g" if groups > 1 else "c"
    parameters = formulas.conv_parameters(kernel, channels, filters.filters, groups, filters.use_bias)
    macs = formulas.conv_multiply_accumulates(kernel, channels, output, groups)
    weights = f"k_h·k_w·{depth_sign}"
    return [
        *([Answer("channels that a filter reads", "c/g", depth)] if groups > 1 else []),
        Answer("parameters", f"({weights} + 1)·f" if filters.use_bias else f"{weights}·f", parameters),
        Answer("MACs", f"{weights}·h_out·w_out·f", macs),
        *value_answers(output),
    ]


def _conv_notes(shape: tuple[int, int, int], windows: Windows, filters: FilterBank) -> list[str]:
    notes = []
    if filters.groups == shape[2] > 1:
        times = filters.filters // filters.groups
        notes.append(f"A depthwise convolution; in Keras DepthwiseConv2D with depth_multiplier={times}.")
    if any(w.padding == "full" or isinstance(w.padding, tuple) for w in windows):
        sides = tuple(w.sides(n) for n, w in zip(shape, windows, strict=False))
        notes.append(f"In Keras: ZeroPadding2D({sides}), then padding='valid'.")
    strided = any(window.stride > 1 for window in windows)
    if strided and any(window.dilation > 1 for window in windows):
        notes.append("Keras refuses a stride and a dilation above 1 together; PyTorch takes them.")
    return notes


def _report(
    layer: SlidingResult, words: str, answers: list[Answer], notes: list[str], more: dict[str, Any]
) -> Document:
    shape, windows = layer.shape, layer.windows
    borders = [find_border(n, window) for n, window in zip(shape, windows, strict=False)]
    title = f"{layer.kind} {words}: {shape_text(shape)} becomes {shape_text(layer.output)}"
    data = {
        "kind": layer.kind,
        "input": list(shape),
        **settings_data(windows),
        **more,
        "output": [int(size) for size in layer.output],
        "border": [
            {"axis": axis, **border_data(n, window, border)}
            for axis, n, window, border in zip(AXES, shape, windows, borders, strict=False)
        ],
    }
    return calculation(title, answers, notes, data, [border_table(shape, windows, borders)])
