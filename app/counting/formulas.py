"""The formulas: output sizes, parameters and multiply-accumulates of the basic layers.

Conventions. A multiply-accumulate (MAC), one product added to one sum, counts once. Adding a bias
and evaluating an activation are not multiply-accumulates and are not counted. Sizes are in cells, for one
image.
"""

import math
from collections.abc import Sequence

from app.counting.count import NONE, Count, product, product_count
from app.counting.windows import Window, span, span_text


def output_size(size: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1) -> Count:
    """Return the cells that a sliding window leaves along one axis.

    valid: floor((n − d·(k − 1) − 1) / s) + 1;  same: ceil(n / s).

    Raises:
        ValueError: the kernel does not fit, or `padding` is neither `valid` nor `same`.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, §2 and 5.

    >>> output_size(28, kernel=5).sum_line()
    '28 − 5 + 1 = 24'
    >>> output_size(28, kernel=3, stride=2).sum_line()
    '⌊(28 − 3)/2⌋ + 1 = 13'
    >>> output_size(3, kernel=2, stride=2, padding="same").sum_line()
    '⌈3/2⌉ = 2'
    """
    _check_padding(padding)
    return Window(kernel, stride, padding, dilation).output_size(size)


def _check_padding(padding: str) -> None:
    if padding not in ("valid", "same"):
        raise ValueError(f"padding must be 'valid' or 'same', not {padding!r}")


def transposed_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: str = "valid",
    dilation: int = 1,
    output_padding: int | None = None,
) -> Count:
    """Return the cells that a transposed convolution makes along one axis, as Keras cuts them.

    valid: n·s + max(d·(k − 1) + 1 − s, 0);  same: n·s;  with an output padding o:
    (n − 1)·s + d·(k − 1) + 1 − 2·p + o, where p = floor((d·(k − 1) + 1)/2) for same and 0 for valid.

    Raises:
        ValueError: `padding` is neither `valid` nor `same`, or the output padding is not below the
            stride.

    Source: Dumoulin and Visin, 2016, §4; keras.layers.Conv2DTranspose.

    >>> transposed_output_size(3, kernel=3).sum_line()
    '3·1 + (3 − 1) = 5'
    """
    _check_padding(padding)
    reach = span(kernel, dilation)
    if output_padding is None:
        more = max(reach - stride, 0) if padding == "valid" else 0
        extra = f" + ({span_text(kernel, dilation)} − {stride})" if more else ""
        return Count(size * stride + more, f"{size:,}·{stride}{extra}")
    if output_padding >= stride:
        raise ValueError(f"the output padding {output_padding} must be below the stride {stride}")
    cut = reach // 2 if padding == "same" else 0
    value = (size - 1) * stride + reach - 2 * cut + output_padding
    working = f"({size:,} − 1)·{stride} + {span_text(kernel, dilation)} − 2·{cut} + {output_padding}"
    return Count(value, working)


def padding_amounts(
    size: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> tuple[int, int]:
    """Return the cells of padding before and after along one axis.

    >>> padding_amounts(224, kernel=7, stride=2, padding="same")
    (2, 3)
    """
    return Window(kernel, stride, padding, dilation).sides(size)


def conv_parameters(
    kernel_size: Sequence[int], in_channels: int, filters: int, groups: int = 1, use_bias: bool = True
) -> Count:
    """Return the weights of a convolution: (k_h·k_w·c_in/g + 1)·f, without bias k_h·k_w·c_in/g·f.

    >>> conv_parameters((5, 5), in_channels=1, filters=10).sum_line()
    '(5·5·1 + 1)·10 = 260'
    """
    depth = in_channels // groups
    weights = product(*kernel_size, depth)
    value = (math.prod(kernel_size) * depth + use_bias) * filters
    return Count(value, f"({weights} + 1)·{filters:,}" if use_bias else f"{weights}·{filters:,}")


def conv_multiply_accumulates(
    kernel_size: Sequence[int], in_channels: int, output_shape: Sequence[int], groups: int = 1
) -> Count:
    """Return the MACs of a convolution: k_h·k_w·c_in/g for each of the h_out·w_out·f outputs.

    Taps that fall on padding count too.
    """
    depth = in_channels // groups
    value = math.prod(kernel_size) * depth * math.prod(output_shape)
    return Count(value, f"{product(*kernel_size, depth)}·{product(*output_shape)}")


def depthwise_parameters(
    kernel_size: Sequence[int], channels: int, multiplier: int = 1, use_bias: bool = True
) -> Count:
    """Return the weights of a depthwise convolution: (k·k + 1)·c·m, without bias k·k·c·m.

    Source: Howard et al., MobileNets, 2017, §3.1.

    >>> depthwise_parameters((3, 3), channels=32).sum_line()
    '(3·3 + 1)·32·1 = 320'
    """
    value = (math.prod(kernel_size) + use_bias) * channels * multiplier
    weights, maps = product(*kernel_size), product(channels, multiplier)
    return Count(value, f"({weights} + 1)·{maps}" if use_bias else f"{weights}·{maps}")


def depthwise_multiply_accumulates(kernel_size: Sequence[int], output_shape: Sequence[int]) -> Count:
    """Return the MACs of a depthwise convolution: k·k for each value that comes out."""
    return product_count(*kernel_size, *output_shape)


def dense_parameters(inputs: int, units: int, use_bias: bool = True) -> Count:
    """Return the weights of a fully connected layer: (n + 1)·u, without bias n·u.

    >>> dense_parameters(1690, 200).sum_line()
    '(1,690 + 1)·200 = 338,200'
    """
    value = (inputs + use_bias) * units
    return Count(value, f"({inputs:,} + 1)·{units:,}" if use_bias else product(inputs, units))


def dense_multiply_accumulates(inputs: int, units: int, positions: int = 1) -> Count:
    """Return the MACs of a fully connected layer, n·u, applied at each of `positions` places."""
    return product_count(inputs, units) if positions == 1 else product_count(positions, inputs, units)


def batch_normalization_parameters(
    channels: int, center: bool = True, scale: bool = True
) -> tuple[Count, Count]:
    """Return batch normalisation's trainable (γ, β) and non-trainable (mean, variance) numbers.

    Four numbers a channel, two of them not trained: (scale + center)·c and 2·c.
    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithm 1.
    """
    learned = int(center) + int(scale)
    trainable = Count(learned * channels, product(learned, channels)) if learned else NONE
    return trainable, Count(2 * channels, product(2, channels))
