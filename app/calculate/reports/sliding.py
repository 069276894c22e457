"""Convolutions and pools: sizes, parameters, multiply-accumulates, and what the border loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.calculate.borders import find_border
from app.calculate.dimensions import AXES
from app.calculate.geometry import ReversibleWindow
from app.calculate.reports.answers import (
    STRIDE_AND_DILATION,
    Answer,
    axis_answers,
    calculation,
    settings_data,
    settings_text,
    stride_and_dilation,
    value_answers,
)
from app.calculate.reports.border import border_data, border_table
from app.calculate.reports.filters import FilterBank
from app.counting.count import Count
from app.counting.rows import shape_text
from app.show.document import Document

Windows = tuple[ReversibleWindow, ...]
DEPTHWISE_IN_KERAS = (1, 2)
"""Numbers of axes for which Keras has a depthwise convolution."""


@dataclass(frozen=True)
class SlidingResult:
    """What slides, over what, and what comes out."""

    kind: str
    shape: tuple[int, ...]
    """The sizes along the axes and the channels, as in the output."""
    windows: Windows
    output: tuple[int, ...]


def conv_report(shape: tuple[int, ...], windows: Windows, filters: FilterBank) -> Document:
    """Return the report of one convolution on an input of `shape`."""
    *_, channels = shape
    filters.check(channels)
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), filters.filters)
    costs = filters.costs([window.kernel for window in windows], channels, output[:-1], "out")
    answers = [*axis_answers(sizes), *costs, *value_answers(output)]
    words = f"{settings_text(windows)}, {filters.text()}"
    layer = SlidingResult("convolution", shape, windows, output)
    return _report(layer, words, answers, _conv_notes(shape, windows, filters), filters.data())


def pool_report(shape: tuple[int, ...], windows: Windows) -> Document:
    """Return the report of one pool on an input of `shape`."""
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), shape[-1])
    notes = ["A pool stores no parameters and keeps the channels apart."]
    if windows[0].ceil:
        same = [-(-n // w.stride) for n, w in zip(shape, windows, strict=False)]
        notes.append(
            "Keras has no ceil mode (PyTorch: ceil_mode=True); its same padding gives "
            f"{shape_text(same)} here."
        )
    elif _is_padded_by_hand(windows):
        notes.append("Keras' pools know valid and same only; PyTorch takes a padding up to half the pool.")
    answers = [*axis_answers(sizes), *value_answers(output, "c")]
    layer = SlidingResult("pool", shape, windows, output)
    return _report(layer, settings_text(windows), answers, notes, {"ceil": windows[0].ceil})


def _sizes(shape: Sequence[int], windows: Windows) -> list[tuple[str, Count]]:
    pairs = zip(shape, windows, strict=False)
    return [(window.formula(size), window.output_size(size)) for size, window in pairs]


def _is_padded_by_hand(windows: Windows) -> bool:
    """Return whether a padding is none of Keras'."""
    return any(window.padding == "full" or isinstance(window.padding, tuple) for window in windows)


def _conv_notes(shape: tuple[int, ...], windows: Windows, filters: FilterBank) -> list[str]:
    notes, rank = [], len(windows)
    if filters.groups == shape[-1] > 1:
        times = filters.filters // filters.groups
        keras = f"in Keras DepthwiseConv{rank}D with depth_multiplier={times}"
        if rank not in DEPTHWISE_IN_KERAS:
            keras = f"in Keras Conv{rank}D with groups={filters.groups}"
        notes.append(f"A depthwise convolution; {keras}.")
    if _is_padded_by_hand(windows):
        sides = tuple(w.sides(n) for n, w in zip(shape, windows, strict=False))
        notes.append(
            f"In Keras: ZeroPadding{rank}D({sides if rank > 1 else sides[0]}), then padding='valid'."
        )
    if stride_and_dilation(windows):
        notes.append(STRIDE_AND_DILATION)
    return notes


def _report(
    layer: SlidingResult, words: str, answers: list[Answer], notes: list[str], more: dict[str, Any]
) -> Document:
    shape, windows = layer.shape, layer.windows
    axes = list(zip(AXES[len(windows)], shape, windows, strict=False))
    borders = [find_border(n, window) for _, n, window in axes]
    title = f"{layer.kind} {words}: {shape_text(shape)} becomes {shape_text(layer.output)}"
    data = {
        "kind": layer.kind,
        "input": list(shape),
        **settings_data(windows),
        **more,
        "output": [int(size) for size in layer.output],
        "border": [
            {"axis": axis, **border_data(n, window, border)}
            for (axis, n, window), border in zip(axes, borders, strict=True)
        ],
    }
    return calculation(title, answers, notes, data, [border_table(shape, windows, borders)])
