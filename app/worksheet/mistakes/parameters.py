"""Mistakes with the parameters of a layer."""

import math

from app.counting.rows import Row
from app.worksheet.cases import LayerCase, setting
from app.worksheet.mistakes.mistake import Recogniser
from app.worksheet.mistakes.recounts import (
    colour_forgotten,
    depth_forgotten,
    flatten_forgotten,
    groups_ignored,
    is_convolution,
    is_pooling,
    layer_before_skipped,
    with_depth,
)


def kernel_weights(case: LayerCase) -> int | None:
    """Return the weights without the biases."""
    row = case.recount(use_bias=False)
    return None if row is None else int(row.parameters)


def has_bias(case: LayerCase) -> bool:
    """Return whether the layer has biases."""
    return bool(setting(case.layer, "use_bias"))


def bias_forgotten(case: LayerCase) -> int | None:
    """Return k·k·c·f."""
    return kernel_weights(case) if has_bias(case) else None


def one_bias_for_the_layer(case: LayerCase) -> int | None:
    """Return k·k·c·f + 1."""
    weights = kernel_weights(case) if has_bias(case) else None
    return None if weights is None else weights + 1


def bias_per_weight(case: LayerCase) -> int | None:
    """Return (k·k·c + k·k·c)·f."""
    weights = kernel_weights(case) if has_bias(case) else None
    return None if weights is None else 2 * weights


def bias_per_channel(case: LayerCase) -> int | None:
    """Return (k·k + 1)·c·f: a bias for every slice of a filter."""
    weights = kernel_weights(case) if has_bias(case) and is_convolution(case) else None
    depth = case.inputs[0][-1] // setting(case.layer, "groups", 1)
    return None if weights is None else weights + depth * case.row.output_shape[-1]


def bias_for_each_input(case: LayerCase) -> int | None:
    """Return n·u + n: a bias for each input instead of each unit."""
    weights = kernel_weights(case) if case.row.kind == "Dense" and has_bias(case) else None
    return None if weights is None else weights + case.inputs[0][-1]


def bias_added(case: LayerCase) -> Row | None:
    """Return the count with biases where the layer has none."""
    return case.recount(use_bias=True) if not has_bias(case) else None


def colour_assumed(case: LayerCase) -> Row | None:
    """Return the count with three channels instead of one."""
    grey = case.reads_image and is_convolution(case) and case.inputs[0][-1] == 1
    return case.recount(with_depth(case, 3)) if grey else None


def depth_counted_twice(case: LayerCase) -> Row | None:
    """Return (k·k·c·c + 1)·f."""
    depth = case.inputs[0][-1]
    if not is_convolution(case):
        return None
    return case.recount(with_depth(case, depth * depth))


def filters_forgotten(case: LayerCase) -> Row | None:
    """Return k·k·c + 1."""
    return case.recount(filters=1, groups=1) if is_convolution(case) else None


def filters_as_depth(case: LayerCase) -> Row | None:
    """Return (k·k·f + 1)·f: the layer's own filters taken for the input's channels."""
    if not is_convolution(case):
        return None
    return case.recount(with_depth(case, case.row.output_shape[-1]))


def one_side_of_the_kernel(case: LayerCase) -> Row | None:
    """Return (k·c + 1)·f."""
    kernel = setting(case.layer, "kernel_size", ())
    if not is_convolution(case) or len(kernel) < 2:
        return None
    return case.recount(kernel_size=(kernel[0],) + (1,) * (len(kernel) - 1))


def positions_counted(case: LayerCase) -> int | None:
    """Return (k·k·c + 1)·f·h·w: weights of their own at every position."""
    if not is_convolution(case):
        return None
    return int(case.row.parameters) * math.prod(case.row.output_shape[:-1])


def connected_fully(case: LayerCase) -> int | None:
    """Return (h·w·c + 1)·f: a convolution counted as a dense layer."""
    if not is_convolution(case):
        return None
    return (math.prod(case.inputs[0]) + has_bias(case)) * case.row.output_shape[-1]


def channels_forgotten_in_flatten(case: LayerCase) -> Row | None:
    """Return (h·w + 1)·u: one channel of the map that was flattened."""
    if case.map_shape is None or case.row.kind != "Dense":
        return None
    return case.recount([(math.prod(case.map_shape[:-1]),)])


def inputs_and_units_added(case: LayerCase) -> int | None:
    """Return n + u."""
    return case.inputs[0][-1] + case.row.output_shape[-1] if case.row.kind == "Dense" else None


def macs_for_parameters(case: LayerCase) -> int | None:
    """Return the multiply-accumulates."""
    return int(case.row.multiply_accumulates) or None


def pooling_given_parameters(case: LayerCase) -> int | None:
    """Return k·k·c for a layer that stores nothing."""
    window = pooling_window_counted(case)
    return None if window is None else window * case.inputs[0][-1]


def pooling_counted_as_convolution(case: LayerCase) -> int | None:
    """Return (k·k·c + 1)·c for a layer that stores nothing."""
    weights = pooling_given_parameters(case)
    return None if weights is None else (weights + 1) * case.inputs[0][-1]


def pooling_window_counted(case: LayerCase) -> int | None:
    """Return k·k for a layer that stores nothing."""
    return math.prod(setting(case.layer, "kernel_size")) if is_pooling(case) else None


def moving_statistics_forgotten(case: LayerCase) -> int | None:
    """Return 2·c: γ and β only."""
    return int(case.row.trainable) if case.row.kind == "BatchNormalization" else None


def one_number_a_channel(case: LayerCase) -> int | None:
    """Return c."""
    return case.inputs[0][-1] if case.row.kind == "BatchNormalization" else None


def normalised_at_each_position(case: LayerCase) -> int | None:
    """Return 4·h·w·c."""
    positions = math.prod(case.inputs[0][:-1])
    if case.row.kind != "BatchNormalization":
        return None
    return int(case.row.parameters) * positions


PARAMETER_MISTAKES: dict[Recogniser, str] = {
    bias_forgotten: "the bias is forgotten; every filter or unit has one",
    one_bias_for_the_layer: "one bias is counted for the whole layer; every filter or unit has one",
    bias_per_weight: "a bias is counted for every weight; every filter or unit has one",
    bias_per_channel: "a bias is counted for every slice of a filter; every filter has one",
    bias_for_each_input: "a bias is counted for every input; every unit has one",
    bias_added: "a bias is counted; this layer has none",
    depth_forgotten: "the input's depth is forgotten; a filter reads all channels: k·k·c",
    colour_forgotten: "three colour channels are counted as one; a filter reads all three",
    colour_assumed: "three colour channels are counted; this image has one",
    depth_counted_twice: "the input's depth is counted twice",
    filters_forgotten: "this is one filter; multiply by the number of filters",
    filters_as_depth: "the layer's own filters are taken for the input's channels",
    one_side_of_the_kernel: "the kernel is counted along one side; it is k·k",
    groups_ignored: "the groups are ignored; a filter reads c/g channels",
    positions_counted: "the weights are counted at every position; a convolution shares them",
    connected_fully: "counted as a dense layer; a filter reads only its window: k·k·c",
    layer_before_skipped: "worked out from the input of the layer before, which is skipped",
    flatten_forgotten: "the flattening is forgotten; every value of the map is an input: h·w·c",
    channels_forgotten_in_flatten: "one channel of the map is counted; all h·w·c values are inputs",
    inputs_and_units_added: "inputs and units are added; every unit has a weight for every input",
    macs_for_parameters: "these are the multiply-accumulates, not the parameters",
    pooling_given_parameters: "a pooling is given weights; it stores nothing",
    pooling_counted_as_convolution: "a pooling is counted as a convolution; it stores nothing",
    pooling_window_counted: "the window of a pooling is counted; it stores nothing",
    moving_statistics_forgotten: "the moving mean and variance are forgotten; they are stored too",
    one_number_a_channel: "one number a channel is counted; γ, β, mean and variance are four",
    normalised_at_each_position: "counted at every position; the numbers are shared by a channel",
}
