"""The small pictures and filters that the articles work with: the givens, never the answers."""

from collections.abc import Sequence

Map = Sequence[Sequence[float]]
"""Rows of numbers: one channel."""

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
