"""The formulas: output sizes, parameters and multiply-accumulates of the basic layers.

Conventions. A multiply-accumulate (MAC), one product added to one sum, counts once. Adding a bias
and evaluating an activation are not multiply-accumulates and are not counted. Sizes are in cells, for one
image.
"""

import math
from collections.abc import Sequence

from app.counting.count import NONE, Count, product


def span(kernel: int, dilation: int = 1) -> int:
    """Return the cells from the first to the last tap of a kernel: d·(k − 1) + 1."""
    return dilation * (kernel - 1) + 1


def output_size(
    size: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> int:
    """Return the cells that a sliding window leaves along one axis.

    valid: floor((n − d·(k − 1) − 1) / s) + 1;  same: ceil(n / s).

    Raises:
        ValueError: the kernel does not fit, or `padding` is neither `valid` nor `same`.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, §2 and 5.

    >>> output_size(28, kernel=5), output_size(28, kernel=2, stride=2), output_size(3, 2, 2, "same")
    (24, 14, 2)
    """
    if padding == "same":
        return math.ceil(size / stride)
    if padding != "valid":
        raise ValueError(f"padding must be 'valid' or 'same', not {padding!r}")
    if span(kernel, dilation) > size:
        dilated = f" (dilated by {dilation}: {span(kernel, dilation)})" if dilation > 1 else ""
        raise ValueError(f"a kernel of {kernel}{dilated} does not fit into {size} cells")
    return (size - span(kernel, dilation)) // stride + 1


def padding_amounts(
    size: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> tuple[int, int]:
    """Return the cells of padding before and after along one axis.

    same: P = max((ceil(n / s) − 1)·s + d·(k − 1) + 1 − n, 0), of which floor(P / 2) come before
    and the rest after: with stride 2 the two sides can differ, and depend on the size.

    >>> padding_amounts(224, kernel=7, stride=2, padding="same")
    (2, 3)
    """
    if padding != "same":
        return 0, 0
    covered = (output_size(size, kernel, stride, padding, dilation) - 1) * stride
    total = max(covered + span(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def conv_parameters(
    kernel_size: Sequence[int],
    in_channels: int,
    filters: int,
    groups: int = 1,
    use_bias: bool = True,
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
    kernel_size: Sequence[int],
    in_channels: int,
    output_shape: Sequence[int],
    groups: int = 1,
) -> Count:
    """Return the MACs of a convolution: k_h·k_w·c_in/g for each of the h_out·w_out·f outputs.

    Taps that fall on padding count too.
    """
    depth = in_channels // groups
    value = math.prod(kernel_size) * depth * math.prod(output_shape)
    return Count(value, f"{product(*kernel_size, depth)}·{product(*output_shape)}")


def dense_parameters(inputs: int, units: int, use_bias: bool = True) -> Count:
    """Return the weights of a fully connected layer: (n + 1)·u, without bias n·u.

    >>> dense_parameters(1690, 200).sum_line()
    '(1,690 + 1)·200 = 338,200'
    """
    value = (inputs + use_bias) * units
    return Count(value, f"({inputs:,} + 1)·{units:,}" if use_bias else product(inputs, units))


def dense_multiply_accumulates(inputs: int, units: int, positions: int = 1) -> Count:
    """Return the MACs of a fully connected layer, n·u, applied at each of `positions` places."""
    factors = (inputs, units) if positions == 1 else (positions, inputs, units)
    return Count(math.prod(factors), product(*factors))


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
