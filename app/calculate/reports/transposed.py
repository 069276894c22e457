"""Transposed convolutions: sizes, parameters, and whether they draw a checkerboard."""

import math

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
from app.calculate.transposing import Transposed
from app.counting import formulas
from app.counting.count import product_count
from app.counting.rows import shape_text
from app.show.document import Document

Windows = tuple[Transposed, Transposed]


def transposed_report(
    shape: tuple[int, int, int], windows: Windows, filters: int, use_bias: bool
) -> Document:
    """Return the report of one transposed convolution on an input of `shape`."""
    pairs = zip(shape, windows, strict=False)
    sizes = [(window.formula(), window.output_size(size)) for size, window in pairs]
    output = (*(size for _, size in sizes), filters)
    words = f"{settings_text(windows)}, {count_text(filters, 'filter')}"
    words += "" if use_bias else ", no bias"
    title = f"transposed convolution {words}: {shape_text(shape)} becomes {shape_text(output)}"
    data = {
        "kind": "transposed convolution",
        "input": list(shape),
        **settings_data(windows),
        "output_padding": [window.output_padding for window in windows],
        "filters": filters,
        "use_bias": use_bias,
        "output": [int(size) for size in output],
        "overlaps": [list(window.overlaps()) for window in windows],
        "checkerboard": any(fewest != most for fewest, most in map(Transposed.overlaps, windows)),
    }
    answers = [*axis_answers(sizes), *_costs(shape, windows, filters, use_bias)]
    return calculation(title, [*answers, *value_answers(output)], _notes(windows), data)


def _costs(shape: tuple[int, int, int], windows: Windows, filters: int, use_bias: bool) -> list[Answer]:
    """Return parameters and MACs: every cell of the input meets the whole kernel."""
    kernel = [window.kernel for window in windows]
    height, width, channels = shape
    parameters = formulas.conv_parameters(kernel, channels, filters, 1, use_bias)
    macs = product_count(*kernel, channels, height, width, filters)
    return [
        Answer("parameters", "(k_h·k_w·c + 1)·f" if use_bias else "k_h·k_w·c·f", parameters),
        Answer("MACs", "k_h·k_w·c·h_in·w_in·f", macs),
    ]


def _notes(windows: Windows) -> list[str]:
    alike = windows[0].overlaps() == windows[1].overlaps()
    axes = ("rows and columns",) if alike else AXES
    notes = [_overlap_note(axis, window) for axis, window in zip(axes, windows, strict=False)]
    if any(isinstance(window.padding, tuple) for window in windows):
        notes.append("Keras knows valid and same only; PyTorch's ConvTranspose2d takes numbers.")
    strided = any(window.stride > 1 for window in windows)
    if strided and any(window.dilation > 1 for window in windows):
        notes.append("Keras refuses a stride and a dilation above 1 together; PyTorch takes them.")
    return notes


def _overlap_note(axis: str, window: Transposed) -> str:
    fewest, most = window.overlaps()
    if fewest == most:
        return f"No checkerboard along {axis}: away from the ends every cell is a sum of {most:,} taps."
    cause = f"the kernel {window.kernel:,} is not divisible by the stride {window.stride:,}"
    if math.gcd(window.dilation, window.stride) > 1:
        cause = f"the dilation {window.dilation:,} and the stride {window.stride:,} share a factor"
    holes = " (0: holes that only the bias fills)" if fewest == 0 else ""
    return (
        f"Checkerboard along {axis}: {cause}, so neighbouring cells are sums of "
        f"{fewest:,} to {most:,} taps{holes}. A kernel divisible by the stride, undilated, avoids it."
    )
