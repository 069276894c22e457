"""Parameters: how many numbers a convolution, or a fully connected layer, stores."""

from collections.abc import Callable

from app.counting.formulas import conv_parameters, dense_parameters
from app.questions.draws import Draws
from app.questions.question import Mistake, Question, distinct

NO_BIAS = "the bias is forgotten; every filter or unit has one"
ONE_BIAS = "one bias is counted for the whole layer; every filter or unit has one"
A_BIAS = "a bias is counted that the layer does not have"
ONE_CHANNEL = "the input's channels are forgotten; a filter reads all of them"
ONE_FILTER = "these are the parameters of one filter"
MAP_SIZE = "the size of the map is counted; the filters are the same at every place"
OUTPUT_MAP = "these are multiply-accumulates; a filter is stored once, not once for each place"
CHANNELS_LEFT_OUT = "the channels are forgotten; a flattened picture has h·w·c values"
HINT = "A filter has k·k·c weights and one bias, c the channels of the input: (k·k·c + 1)·filters."
HINT_DENSE = "Each unit has a weight for every input value, and one bias: (n + 1)·units."


def of_a_convolution(draws: Draws) -> Question:
    """Return a question about a convolution."""
    side = draws.pick((16, 28, 32, 64))
    shape = draws.pick(((1, 8), (3, 10), (3, 16), (6, 16), (16, 32)))
    return conv_question(side, shape[0], shape[1], draws.pick((3, 5)), draws.pick((True, True, False)))


def of_a_dense_layer(draws: Draws) -> Question:
    """Return a question about a fully connected layer on a picture."""
    return dense_question(draws.pick((8, 14, 16, 28, 32)), draws.pick((1, 3)), draws.pick((10, 64, 100, 120)))


MAKERS: tuple[Callable[[Draws], Question], ...] = (of_a_convolution, of_a_dense_layer)


def conv_question(side: int, channels: int, filters: int, kernel: int, use_bias: bool = True) -> Question:
    """Return the question for the parameters of a convolution on a picture."""
    count = conv_parameters((kernel, kernel), channels, filters, use_bias=use_bias)
    weights, biases = kernel**2 * channels * filters, filters if use_bias else 0
    mistakes = [
        Mistake("bias forgotten", NO_BIAS, weights)
        if use_bias
        else Mistake("bias counted", A_BIAS, weights + filters),
        Mistake("one bias for all", ONE_BIAS, weights + 1) if use_bias else None,
        Mistake("channels forgotten", ONE_CHANNEL, kernel**2 * filters + biases),
        Mistake("one filter only", ONE_FILTER, kernel**2 * channels + use_bias),
        Mistake("map counted", MAP_SIZE, side**2 * channels * filters + biases),
        Mistake("MACs for parameters", OUTPUT_MAP, weights * (side - kernel + 1) ** 2),
    ]
    text = (
        f"A convolution with {filters} filters of {kernel}×{kernel}, {'with' if use_bias else 'without'} bias, reads a "
        f"picture of {side}×{side} with {_channels(channels)}. How many parameters has it?"
    )
    label = f"parameters of {filters} filters {kernel}×{kernel} on {_channels(channels)}"
    steps = (
        f"one filter: {kernel}·{kernel}·{channels} = {kernel**2 * channels} weights{' and 1 bias' if use_bias else ''}",
        f"all {filters}: {count.sum_line()}",
    )
    return Question(
        "parameters", label, text, int(count), steps, HINT, mistakes=distinct(int(count), mistakes)
    )


def dense_question(side: int, channels: int, units: int) -> Question:
    """Return the question for the parameters of a fully connected layer on a picture."""
    values = side**2 * channels
    count = dense_parameters(values, units)
    mistakes = [
        Mistake("bias forgotten", NO_BIAS, values * units),
        Mistake("one bias for all", ONE_BIAS, values * units + 1),
        Mistake("channels forgotten", CHANNELS_LEFT_OUT, (side**2 + 1) * units),
    ]
    text = (
        f"A fully connected layer with {units:,} units and bias reads a picture of {side}×{side} with "
        f"{_channels(channels)}. How many parameters has it?"
    )
    label = f"parameters of {units:,} units on {side}×{side}×{channels}"
    steps = (f"the picture has {side}·{side}·{channels} = {values:,} values", count.sum_line())
    return Question(
        "parameters", label, text, int(count), steps, HINT_DENSE, mistakes=distinct(int(count), mistakes)
    )


def _channels(number: int) -> str:
    return f"{number} channel{'s' if number > 1 else ''}"
