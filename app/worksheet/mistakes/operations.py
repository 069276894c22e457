"""Mistakes with the multiply-accumulates of a layer."""

import math

from app.worksheet.cases import LayerCase, setting
from app.worksheet.mistakes.mistake import Recogniser, is_colour_image, macs_of, with_depth
from app.worksheet.mistakes.outputs import is_padded
from app.worksheet.mistakes.parameters import has_bias, is_convolution, kernel_weights


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


def depth_forgotten(case: LayerCase) -> int | None:
    """Return k·k·h·w·f."""
    if not is_convolution(case) or is_colour_image(case):
        return None
    return macs_of(case.recount(with_depth(case, 1), groups=1))


def colour_forgotten(case: LayerCase) -> int | None:
    """Return the MACs with one channel instead of three."""
    colour = is_colour_image(case) and is_convolution(case)
    return macs_of(case.recount(with_depth(case, 1), groups=1)) if colour else None


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


def groups_ignored(case: LayerCase) -> int | None:
    """Return the MACs of filters that read every channel."""
    return macs_of(case.recount(groups=1))


def stride_ignored(case: LayerCase) -> int | None:
    """Return the MACs at stride 1."""
    strides = setting(case.layer, "strides", ())
    return macs_of(case.recount(strides=(1,) * len(strides))) if strides else None


def padding_ignored(case: LayerCase) -> int | None:
    """Return the MACs with valid padding where the layer pads."""
    return macs_of(case.recount(padding="valid")) if is_padded(case) else None


def padding_assumed(case: LayerCase) -> int | None:
    """Return the MACs with same padding where the layer does not pad."""
    return macs_of(case.recount(padding="same")) if is_convolution(case) else None


def dilation_ignored(case: LayerCase) -> int | None:
    """Return the MACs with dilation 1."""
    dilation = setting(case.layer, "dilation_rate", ())
    return macs_of(case.recount(dilation_rate=(1,) * len(dilation))) if dilation else None


def flatten_forgotten(case: LayerCase) -> int | None:
    """Return c·u: only the channels of the map that was flattened."""
    if case.map_shape is None or case.row.kind != "Dense":
        return None
    return macs_of(case.recount([case.map_shape[-1:]]))


def layer_before_skipped(case: LayerCase) -> int | None:
    """Return the count with what the layer before reads as the input."""
    return macs_of(case.recount([shape])) if (shape := case.shape_before_last) else None


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
