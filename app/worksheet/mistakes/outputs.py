"""Mistakes with output shapes."""

import math
from collections.abc import Callable

from app.counting.rows import Row, Shape
from app.worksheet.cases import LayerCase, setting
from app.worksheet.mistakes.mistake import Recogniser
from app.worksheet.mistakes.recounts import (
    dilation_ignored,
    is_padded,
    is_pooling,
    layer_before_skipped,
    padding_ignored,
    stride_ignored,
)


def resized(case: LayerCase, size: Callable[[int, int, int], int]) -> Shape | None:
    """Return the output with each size worked out by `size(n, kernel, stride)`."""
    window = setting(case.layer, "window")
    if window is None or len(case.inputs[0]) != len(window.windows) + 1:
        return None
    sizes = [size(n, w.span, w.stride) for n, w in zip(case.inputs[0], window.windows, strict=False)]
    return (*sizes, case.row.output_shape[-1])


def padding_assumed(case: LayerCase) -> Row | None:
    """Return the shape with same padding where the layer does not pad."""
    return case.recount(padding="same") if setting(case.layer, "strides") else None


def rounded_up(case: LayerCase) -> Shape | None:
    """Return the shape with a ceiling where the formula has a floor."""
    return None if is_padded(case) else resized(case, lambda n, k, s: -(-(n - k) // s) + 1)


def rounded_down(case: LayerCase) -> Shape | None:
    """Return the shape with a floor where `same` has a ceiling."""
    return resized(case, lambda n, _, s: n // s) if is_padded(case) else None


def one_forgotten(case: LayerCase) -> Shape | None:
    """Return the shape without the + 1."""
    return None if is_padded(case) else resized(case, lambda n, k, s: (n - k) // s)


def kernel_added(case: LayerCase) -> Shape | None:
    """Return the shape with the kernel added instead of subtracted."""
    return None if is_padded(case) else resized(case, lambda n, k, s: (n + k) // s + 1)


def kernel_added_without_one(case: LayerCase) -> Shape | None:
    """Return the shape as if a convolution widened the map: n + k − 1."""
    slides_by_one = set(setting(case.layer, "strides", ())) == {1}
    if is_padded(case) or not slides_by_one:
        return None
    return resized(case, lambda n, k, _: n + k - 1)


def pooling_changes_channels(case: LayerCase) -> Shape | None:
    """Return the shape with the channels pooled too."""
    kernel = setting(case.layer, "kernel_size", (1,))
    output = case.row.output_shape
    return (*output[:-1], output[-1] // kernel[0]) if is_pooling(case) else None


def channels_kept(case: LayerCase) -> Shape | None:
    """Return the shape with the input's channels instead of one a filter."""
    if not setting(case.layer, "filters"):
        return None
    return (*case.row.output_shape[:-1], case.inputs[0][-1])


def channels_multiplied(case: LayerCase) -> Shape | None:
    """Return the shape with every filter applied to every channel on its own."""
    if not setting(case.layer, "filters"):
        return None
    return (*case.row.output_shape[:-1], case.inputs[0][-1] * case.row.output_shape[-1])


def channels_first(case: LayerCase) -> Shape | None:
    """Return the shape with the channels in front."""
    *sizes, channels = case.row.output_shape
    return (channels, *sizes)


def height_and_width_swapped(case: LayerCase) -> Shape | None:
    """Return the shape with height and width the other way round."""
    output = case.row.output_shape
    return (output[1], output[0], *output[2:]) if len(output) == 3 else None


def input_repeated(case: LayerCase) -> Shape | None:
    """Return the shape of the input."""
    return case.inputs[0]


def multiplied_out(case: LayerCase) -> Shape | None:
    """Return the number of values instead of the shape."""
    return (math.prod(case.row.output_shape),) if len(case.row.output_shape) > 1 else None


def depth_forgotten(case: LayerCase) -> Shape | None:
    """Return the length of the vector made of one channel only."""
    return (math.prod(case.inputs[0][:-1]),) if case.row.kind == "Flatten" else None


def sizes_added(case: LayerCase) -> Shape | None:
    """Return the length of the vector as the sum of the sizes."""
    return (sum(case.inputs[0]),) if case.row.kind == "Flatten" else None


def one_side_padded(case: LayerCase) -> Shape | None:
    """Return the shape with a border on one side of each axis only."""
    if case.row.kind != "ZeroPadding2D":
        return None
    before, after = case.inputs[0], case.row.output_shape
    return (*(n + (m - n) // 2 for n, m in zip(before[:-1], after[:-1], strict=True)), after[-1])


OUTPUT_MISTAKES: dict[Recogniser, str] = {
    padding_ignored: "the padding is ignored; with 'same' the size is ⌈n/s⌉",
    padding_assumed: "padding is assumed; without it ('valid') the border shrinks: ⌊(n − k)/s⌋ + 1",
    rounded_up: "rounded up; a window that does not fit is left out: ⌊ ⌋",
    rounded_down: "rounded down; with 'same' the last window is padded: ⌈n/s⌉",
    stride_ignored: "the stride is ignored; divide by it",
    one_forgotten: "the + 1 is forgotten; the first position counts too",
    kernel_added: "the kernel is added; it is subtracted: ⌊(n − k)/s⌋ + 1",
    kernel_added_without_one: "the kernel widens the map here; it is subtracted: ⌊(n − k)/s⌋ + 1",
    dilation_ignored: "the dilation is ignored; the kernel spans d·(k − 1) + 1 cells",
    pooling_changes_channels: "the pooling changes the channels; it keeps all of them",
    channels_kept: "the input's channels are kept; a convolution makes one channel a filter",
    channels_multiplied: "the channels are multiplied; every filter reads all channels and makes one",
    channels_first: "the channels stand first; the order is height, width, channels",
    height_and_width_swapped: "height and width are swapped; the height comes first",
    input_repeated: "this is the shape of the input; the layer changes it",
    layer_before_skipped: "worked out from the input of the layer before, which is skipped",
    multiplied_out: "the sizes are multiplied; the shape itself is asked for",
    depth_forgotten: "the channels are forgotten; a flattened map has h·w·c values",
    sizes_added: "the sizes are added; they are multiplied: h·w·c",
    one_side_padded: "the border is added once; it lies on both sides",
}
