"""Transposed convolutions: sizes, parameters, and whether they draw a checkerboard."""

import math

from app.calculate.dimensions import group_alike
from app.calculate.reports.answers import (
    STRIDE_AND_DILATION,
    axis_answers,
    calculation,
    count_text,
    settings_data,
    settings_text,
    stride_and_dilation,
    value_answers,
)
from app.calculate.reports.filters import FilterBank
from app.calculate.transposing import Transposed
from app.counting.rows import shape_text
from app.show.document import Document

Windows = tuple[Transposed, ...]


def transposed_report(shape: tuple[int, ...], windows: Windows, filters: FilterBank) -> Document:
    """Return the report of one transposed convolution on an input of `shape`."""
    *places, channels = shape
    filters.check(channels)
    pairs = zip(places, windows, strict=True)
    sizes = [(window.formula(), window.output_size(size)) for size, window in pairs]
    output = (*(size for _, size in sizes), filters.filters)
    words = f"{settings_text(windows)}, {filters.text()}"
    title = f"transposed convolution {words}: {shape_text(shape)} becomes {shape_text(output)}"
    data = {
        "kind": "transposed convolution",
        "input": list(shape),
        **settings_data(windows),
        "output_padding": [window.output_padding for window in windows],
        **filters.data(),
        "output": [int(size) for size in output],
        "overlaps": [list(window.overlaps()) for window in windows],
        "checkerboard": any(fewest != most for fewest, most in map(Transposed.overlaps, windows)),
    }
    costs = filters.costs([window.kernel for window in windows], channels, places, "in")
    answers = [*axis_answers(sizes), *costs, *value_answers(output)]
    return calculation(title, answers, _notes(windows, filters), data)


def _notes(windows: Windows, filters: FilterBank) -> list[str]:
    rank = len(windows)
    groups = group_alike(windows, key=lambda window: _overlap_note("", window))
    notes = [_overlap_note(axis, window) for axis, window in groups]
    if filters.groups > 1:
        notes.append(
            f"Keras' Conv{rank}DTranspose has no groups; PyTorch's ConvTranspose{rank}d takes groups={filters.groups}."
        )
    if any(window.padding == "full" for window in windows):
        notes.append(
            "full cuts off d·(k − 1) cells on each side, what a convolution with full padding adds; "
            "valid cuts off none."
        )
    if not all(window.is_cut_by_keras for window in windows):
        notes.append(f"Keras knows valid and same only; PyTorch's ConvTranspose{rank}d takes numbers.")
    if stride_and_dilation(windows):
        notes.append(STRIDE_AND_DILATION)
    return notes


def _overlap_note(axis: str, window: Transposed) -> str:
    fewest, most = window.overlaps()
    if fewest == most:
        return f"No checkerboard along {axis}: away from the ends every cell is a sum of {count_text(most, 'tap')}."
    cause = f"the kernel {window.kernel:,} is not divisible by the stride {window.stride:,}"
    if math.gcd(window.dilation, window.stride) > 1:
        cause = f"the dilation {window.dilation:,} and the stride {window.stride:,} share a factor"
    holes = " (0: holes that only the bias fills)" if fewest == 0 else ""
    return (
        f"Checkerboard along {axis}: {cause}, so neighbouring cells are sums of "
        f"{fewest:,} to {most:,} taps{holes}. A kernel divisible by the stride, undilated, avoids it."
    )
