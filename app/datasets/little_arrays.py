"""The small pictures and filters that the articles work with: the givens, never the answers."""

from collections.abc import Sequence

Map = Sequence[Sequence[float]]
"""Rows of numbers: one channel."""
Channels = Sequence[Sequence[Sequence[float]]]
"""Several channels, (height, width, channels) as Keras has them."""
Kernels = Sequence[Sequence[Sequence[Sequence[float]]]]
"""Several filters, (height, width, input channels, filters) as Keras has them."""

X = [
    [1, 0, 0, 0, 1],
    [0, 1, 0, 1, 0],
    [0, 0, 1, 0, 0],
    [0, 1, 0, 1, 0],
    [1, 0, 0, 0, 1],
]  # fmt: skip
"""The 5×5 picture of article 000: ink is 1."""
X_TURNED = [
    [0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0],
    [1, 1, 1, 1, 1],
    [0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0],
]  # fmt: skip
"""The same cross turned by 45°."""
X_FILTER = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
"""The filter that fits the crossing of an X; also the kernel of article 001's convolution figure."""
ONES = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
PATCH = [[1, 5], [2, 3]]
"""Four values, the largest in the upper right corner: any would do."""
NEGATIVE = [[-1, -1], [-1, -1]]
COUNTING = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
"""The example of Zhang, Lipton, Li and Smola, Dive into Deep Learning, from which article 001 draws."""

SOBEL_VERTICAL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
SOBEL_HORIZONTAL = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
VERTICAL_EDGE = [[0, 1, 1], [0, 1, 1], [0, 1, 1]]
HORIZONTAL_EDGE = [[0, 0, 0], [1, 1, 1], [1, 1, 1]]

CURVE_FILTER: Map = [
    [0, 0, 0, 0, 0, 30, 0],
    [0, 0, 0, 0, 30, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
]  # fmt: skip
"""The curve detector of the English post that article 001 translates (A. Deshpande 2016)."""
CURVE: Map = [
    [0, 0, 0, 0, 0, 0, 30],
    [0, 0, 0, 0, 50, 50, 50],
    [0, 0, 0, 20, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
    [0, 0, 0, 50, 50, 0, 0],
]  # fmt: skip
"""The piece of the picture where the curve is."""
NO_CURVE: Map = [
    [0, 0, 0, 0, 0, 0, 0],
    [0, 40, 0, 0, 0, 0, 0],
    [40, 0, 40, 0, 0, 0, 0],
    [40, 20, 0, 0, 0, 0, 0],
    [0, 50, 0, 0, 0, 0, 0],
    [0, 0, 50, 0, 0, 0, 0],
    [25, 25, 0, 50, 0, 0, 0],
]  # fmt: skip
"""The piece where it is not."""

LENET_C3_READS = (3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6)
"""How many maps of S2 each map of C3 reads. Source: LeCun et al. 1998, table I."""
DIGIT_SCORES = (0, 0.1, 0.1, 0.75, 0, 0, 0, 0, 0, 0.05)
"""The output vector that article 001 reads aloud."""


def stack_channels(*maps: Map) -> Channels:
    """Return maps of one size as one array, (height, width, channels).

    >>> stack_channels([[1, 2]], [[3, 4]])
    [[[1, 3], [2, 4]]]
    """
    return [[list(cell) for cell in zip(*rows, strict=True)] for rows in zip(*maps, strict=True)]


X_DISTORTED = [
    [1, 0, 0, 1, 0],
    [0, 1, 0, 1, 0],
    [0, 0, 1, 0, 0],
    [0, 1, 0, 1, 1],
    [1, 0, 0, 0, 0],
]  # fmt: skip
"""An X with two bent arms, for article 000, whose picture is lost; the crossing is that of the upright X."""
X_OFF_CENTRE = [
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 1],
    [0, 0, 0, 1, 0],
    [0, 0, 1, 0, 1],
    [0, 1, 0, 0, 0],
]  # fmt: skip
"""The X one column to the right, so that two arms are cut off, for article 000, whose picture is lost."""
DIAGONAL_FILTER = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
"""A second filter for article 000, whose own is lost: it fits one stroke of the X."""

FIGURE1_KERNEL = [[0, 1], [2, 3]]
"""On `COUNTING` it gives 19 25 37 43, as in figure 1 of article 001. Source: Dive into Deep Learning."""
COUNTING_FROM_1 = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
FIGURE4 = stack_channels(COUNTING, COUNTING_FROM_1)
"""Two channels, figure 4 of article 001. Source: Dive into Deep Learning."""
FIGURE4_KERNEL = stack_channels(FIGURE1_KERNEL, [[1, 2], [3, 4]])
"""On `FIGURE4` it gives 56 72 104 120."""
FIGURE5 = stack_channels(COUNTING, COUNTING_FROM_1, [[2, 3, 4], [5, 6, 7], [8, 9, 10]])
"""Three channels for figure 5 of article 001, a 1×1 convolution; the figure has no numbers, these are ours."""
FIGURE5_KERNEL: Kernels = [[[[1, 0], [1, 1], [1, -1]]]]
"""Two 1×1 filters for `FIGURE5`: the sum of the channels, and the second less the third."""
CROSS5 = [
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
]  # fmt: skip
"""The 5×5 picture below `X_FILTER` in articles 001 and 003. Source: UFLDL tutorial, Stanford, 2013."""
LISTING4 = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]
"""What article 001's listing gives `MaxPool2d(3, padding=1, stride=(2, 1))`: the first of its two channels."""
LISTING4_SECOND = [[16, 17, 18, 19], [20, 21, 22, 23], [24, 25, 26, 27], [28, 29, 30, 31]]
IMAGE4 = [
    [0, 50, 0, 29],
    [0, 80, 31, 2],
    [33, 90, 0, 75],
    [0, 9, 0, 95],
]  # fmt: skip
"""The 4×4 picture of the English post that article 002 follows (V. Zhou 2019): its own picture is lost."""

SCHARR_VERTICAL = [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]
SCHARR_HORIZONTAL = [[-3, -10, -3], [0, 0, 0], [3, 10, 3]]
LAPLACE = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
"""The picture less its Laplace: flat parts stay, edges grow."""
BLUR = [[1 / 9] * 3] * 3
"""The mean of nine cells."""
GAUSSIAN = [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]]
"""A mean in which near cells count more: 1 2 1 down times 1 2 1 across, divided by 16."""


def named_arrays() -> dict[str, Map | Channels]:
    """Return the articles' little pictures by short names: (height, width), or (height, width, channels).

    >>> named_arrays()["figure1"]
    [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    """
    return {
        "x": X,
        "x_distorted": X_DISTORTED,
        "x_off_centre": X_OFF_CENTRE,
        "x_turned": X_TURNED,
        "cross5": CROSS5,
        "curve": CURVE,
        "no_curve": NO_CURVE,
        "figure1": COUNTING,
        "figure4": FIGURE4,
        "figure5": FIGURE5,
        "figure6": COUNTING,
        "listing4": LISTING4,
        "listing4_both": stack_channels(LISTING4, LISTING4_SECOND),
        "patch": PATCH,
        "image4": IMAGE4,
        "vertical_edge": VERTICAL_EDGE,
        "horizontal_edge": HORIZONTAL_EDGE,
    }


def named_kernels() -> dict[str, Map | Channels | Kernels]:
    """Return filters by short names: (height, width), with channels, or with channels and filters behind.

    >>> named_kernels()["figure1"]
    [[0, 1], [2, 3]]
    """
    return {
        "x_filter": X_FILTER,
        "diagonal": DIAGONAL_FILTER,
        "sobel_vertical": SOBEL_VERTICAL,
        "sobel_horizontal": SOBEL_HORIZONTAL,
        "scharr_vertical": SCHARR_VERTICAL,
        "scharr_horizontal": SCHARR_HORIZONTAL,
        "laplace": LAPLACE,
        "sharpen": SHARPEN,
        "blur": BLUR,
        "gaussian": GAUSSIAN,
        "ones": ONES,
        "curve": CURVE_FILTER,
        "figure1": FIGURE1_KERNEL,
        "figure4": FIGURE4_KERNEL,
        "figure5": FIGURE5_KERNEL,
    }
