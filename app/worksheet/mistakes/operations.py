"""Mistakes with the multiply-accumulates of a layer."""

import math

from app.counting.rows import Row
from app.worksheet.cases import LayerCase, setting
from app.worksheet.mistakes.mistake import Recogniser
from app.worksheet.mistakes.parameters import has_bias, kernel_weights
from app.worksheet.mistakes.recounts import (
    colour_forgotten,
    depth_forgotten,
    dilation_ignored,
    flatten_forgotten,
    groups_ignored,
    is_convolution,
    layer_before_skipped,
    padding_ignored,
    stride_ignored,
)


def counted_as_two_operations(case: LayerCase) -> int | None:
    """Return 2·MACs."""
    return 2 * case.row.multiply_accumulates


def biases_included(case: LayerCase) -> int | None:
    """Return the MACs and one addition for each output value."""
    output = math.prod(case.row.output_shape)
    return case.row.multiply_accumulates + output if has_bias(case) else None


def counted_for_one_filter(case: LayerCase) -> int | None:
    """Return k·k·c·h·w, or n for a dense layer."""
    return case.row.multiply_accumulates // case.row.output_shape[-1]


def positions_forgotten(case: LayerCase) -> int | None:
    """Return k·k·c·f."""
    return kernel_weights(case)


def parameters_for_macs(case: LayerCase) -> int | None:
    """Return the parameters."""
    return int(case.row.parameters)


def input_positions_counted(case: LayerCase) -> int | None:
    """Return k·k·c·f for each position of the input."""
    weights = kernel_weights(case) if is_convolution(case) else None
    return None if weights is None else weights * math.prod(case.inputs[0][:-1])


def kernel_forgotten(case: LayerCase) -> int | None:
    """Return c·h·w·f."""
    kernel = setting(case.layer, "kernel_size", ())
    return case.row.multiply_accumulates // math.prod(kernel) if is_convolution(case) else None


def one_side_of_the_positions(case: LayerCase) -> int | None:
    """Return k·k·c·f·h."""
    output = case.row.output_shape
    if not is_convolution(case) or len(output) != 3:
        return None
    return case.row.multiply_accumulates // output[1]


def padding_assumed(case: LayerCase) -> Row | None:
    """Return the MACs with same padding where the layer does not pad."""
    return case.recount(padding="same") if is_convolution(case) else None


MAC_MISTAKES: dict[Recogniser, str] = {
    counted_as_two_operations: "a product and its addition count as one here, not two",
    biases_included: "the additions of biases are counted; they are no multiply-accumulates",
    counted_for_one_filter: "this is for one filter or unit; multiply by their number",
    positions_forgotten: "the positions are forgotten; the weights are used at each of h·w",
    parameters_for_macs: "these are the parameters, not the multiply-accumulates",
    input_positions_counted: "the input's positions are counted; the output's are asked for",
    depth_forgotten: "the input's depth is forgotten; a filter reads all channels: k·k·c",
    colour_forgotten: "three colour channels are counted as one; a filter reads all three",
    kernel_forgotten: "the kernel is forgotten; every output takes k·k·c products",
    one_side_of_the_positions: "the positions are counted along one side; there are h·w",
    groups_ignored: "the groups are ignored; a filter reads c/g channels",
    stride_ignored: "the stride is ignored; it leaves fewer positions",
    padding_ignored: "the padding is ignored; it leaves more positions",
    padding_assumed: "padding is assumed; there are fewer positions without it",
    dilation_ignored: "the dilation is ignored; it leaves fewer positions",
    layer_before_skipped: "worked out from the input of the layer before, which is skipped",
    flatten_forgotten: "the flattening is forgotten; every value of the map is an input: h·w·c",
}
