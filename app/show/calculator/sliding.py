"""Convolutions and pools: sizes, parameters, multiply-accumulates, and what the border loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.counting import formulas
from app.counting.borders import Border, find_border
from app.counting.count import Count
from app.counting.geometry import Window
from app.show.calculator.answers import (
    AXES,
    BOTH,
    Answer,
    answers_table,
    axis_answers,
    count_text,
    legend,
    settings_data,
    settings_text,
    value_answers,
)
from app.show.document import Block, Document, Paragraph, Table
from app.show.tables import shape_text

Windows = tuple[Window, Window]


@dataclass(frozen=True)
class Filters:
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


def conv_report(shape: tuple[int, int, int], windows: Windows, filters: Filters) -> Document:
    """Return the report of one convolution on an input of `shape`."""
    filters.check(shape[2])
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), filters.filters)
    answers = [*axis_answers(sizes), *_conv_answers(shape, windows, filters, output)]
    words = f"{settings_text(windows)}, {count_text(filters.filters, 'filter')}"
    words += f", {count_text(filters.groups, 'group')}" if filters.groups > 1 else ""
    words += "" if filters.use_bias else ", no bias"
    data = {
        "filters": filters.filters,
        "groups": filters.groups,
        "use_bias": filters.use_bias,
    }
    notes = _conv_notes(shape, windows, filters)
    return _report("convolution", words, shape, windows, output, answers, notes, data)


def pool_report(shape: tuple[int, int, int], windows: Windows) -> Document:
    """Return the report of one pool on an input of `shape`."""
    sizes = _sizes(shape, windows)
    output = (*(size for _, size in sizes), shape[2])
    values = [
        Answer(a.quantity, a.formula.replace("·f", "·c"), a.count, a.unit)
        for a in value_answers(output)
    ]
    notes = ["A pool stores no parameters and keeps the channels apart."]
    if windows[0].ceil:
        same = [-(-n // w.stride) for n, w in zip(shape, windows, strict=False)]
        notes.append(
            "Keras has no ceil mode (PyTorch: ceil_mode=True); its same padding gives "
            f"{shape_text(same)} here."
        )
    elif not all(isinstance(window.padding, str) for window in windows):
        notes.append(
            "Keras' pools know valid and same only; PyTorch takes a padding up to half the pool."
        )
    answers = [*axis_answers(sizes), *values]
    data = {"ceil": windows[0].ceil}
    return _report("pool", settings_text(windows), shape, windows, output, answers, notes, data)


def _sizes(shape: Sequence[int], windows: Windows) -> list[tuple[str, Count]]:
    pairs = zip(shape, windows, strict=False)
    return [(window.formula(size), window.output_size(size)) for size, window in pairs]


def _conv_answers(
    shape: tuple[int, int, int], windows: Windows, filters: Filters, output: Sequence[int]
) -> list[Answer]:
    kernel = [window.kernel for window in windows]
    channels, groups = shape[2], filters.groups
    depth = Count(channels // groups, f"{channels:,}/{groups:,}")
    depth_sign = "c/g" if groups > 1 else "c"
    parameters = formulas.conv_parameters(
        kernel, channels, filters.filters, groups, filters.use_bias
    )
    macs = formulas.conv_multiply_accumulates(kernel, channels, output, groups)
    weights = f"k_h·k_w·{depth_sign}"
    return [
        *([Answer("channels that a filter reads", "c/g", depth)] if groups > 1 else []),
        Answer(
            "parameters", f"({weights} + 1)·f" if filters.use_bias else f"{weights}·f", parameters
        ),
        Answer("MACs", f"{weights}·h_out·w_out·f", macs),
        *value_answers(output),
    ]


def _conv_notes(shape: tuple[int, int, int], windows: Windows, filters: Filters) -> list[str]:
    notes = []
    if filters.groups == shape[2] > 1:
        times = filters.filters // filters.groups
        notes.append(
            f"A depthwise convolution; in Keras DepthwiseConv2D with depth_multiplier={times}."
        )
    if any(w.padding == "full" or isinstance(w.padding, tuple) for w in windows):
        sides = tuple(w.sides(n) for n, w in zip(shape, windows, strict=False))
        notes.append(f"In Keras: ZeroPadding2D({sides}), then padding='valid'.")
    strided = any(window.stride > 1 for window in windows)
    if strided and any(window.dilation > 1 for window in windows):
        notes.append("Keras refuses a stride and a dilation above 1 together; PyTorch takes them.")
    return notes


def _report(
    kind: str,
    words: str,
    shape: tuple[int, int, int],
    windows: Windows,
    output: Sequence[int],
    answers: list[Answer],
    notes: list[str],
    more: dict[str, Any],
) -> Document:
    borders = [find_border(n, window) for n, window in zip(shape, windows, strict=False)]
    title = f"{kind} {words}: {shape_text(shape)} becomes {shape_text(output)}"
    blocks: tuple[Block, ...] = (
        answers_table(title, answers),
        legend(answers),
        border_table(shape, windows, borders),
        *(Paragraph(note) for note in notes),
    )
    data = {
        "kind": kind,
        "input": list(shape),
        **settings_data(windows),
        **more,
        "output": [int(size) for size in output],
        "answers": [answer.data() for answer in answers],
        "border": [
            {"axis": axis, **border_data(n, window, border)}
            for axis, n, window, border in zip(AXES, shape, windows, borders, strict=False)
        ],
        "notes": notes,
    }
    return Document(title, blocks, data)


def border_table(shape: Sequence[int], windows: Windows, borders: Sequence[Border]) -> Table:
    """Return what the windows read and leave out, in one line where the axes are alike.

    Columns that say nothing here are left out.
    """
    pairs = list(zip(shape, windows, borders, strict=False))
    rows = [(axis, *_border_cells(*pair)) for axis, pair in zip(AXES, pairs, strict=True)]
    if rows[0][1:] == rows[1][1:]:
        rows = [(BOTH, *rows[0][1:])]
    columns = ("counted from 0", "padding before + after", "cells read", "dropped at the end",
               "skipped between", "overhang", "windows on padding alone")  # fmt: skip
    kept = [i for i in range(len(columns)) if i < 4 or any(row[i] != "none" for row in rows)]
    chosen = tuple(tuple(row[i] for i in kept) for row in rows)
    return Table(tuple(columns[i] for i in kept), chosen, "At the border")


def _border_cells(size: int, window: Window, border: Border) -> tuple[str, ...]:
    dropped = border.dropped
    counts = (border.skipped, border.overhang, border.blind)
    return (
        " + ".join(f"{cells:,}" for cells in window.sides(size)),
        f"{border.read:,} of {size:,}",
        f"{range_text(dropped)} ({len(dropped):,})" if dropped else "none",
        *(f"{count:,}" if count else "none" for count in counts),
    )


def border_data(size: int, window: Window, border: Border) -> dict[str, Any]:
    """Return what the windows read along one axis, for machines."""
    before, after = window.sides(size)
    return {
        "padding_before": before,
        "padding_after": after,
        "read": border.read,
        "dropped_first": border.dropped.start if border.dropped else None,
        "dropped": len(border.dropped),
        "skipped": border.skipped,
        "overhang": border.overhang,
        "windows_on_padding_alone": border.blind,
    }


def range_text(numbers: range) -> str:
    """Return consecutive numbers: `26–27`, or the only one."""
    first, last = f"{numbers[0]:,}", f"{numbers[-1]:,}"
    return first if len(numbers) == 1 else f"{first}–{last}"
