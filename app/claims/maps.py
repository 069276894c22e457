"""Arithmetic on small maps: cross-correlation, pooling and its gradients, in plain lists.

A map is a list of rows. One channel, no padding: what an article works through by hand.
"""

from app.counting import formulas
from app.datasets.little_arrays import Map


def dot(patch: Map, kernel: Map) -> float:
    """Return Σ w·x over two maps of one size."""
    return sum(x * w for xs, ws in zip(patch, kernel, strict=True) for x, w in zip(xs, ws, strict=True))


def starts(size: int, kernel: int, stride: int = 1) -> list[int]:
    """Return the first cell of each position of a window along an axis: 0, s, 2·s …"""
    return [o * stride for o in range(formulas.output_size(size, kernel, stride))]


def cross_correlate(image: Map, kernel: Map, stride: int = 1) -> Map:
    """Return the dot product of `kernel` with the patch below it, at every position.

    y[i][j] = Σ_a Σ_b w[a][b]·x[i·s + a][j·s + b]
    """
    height, width = len(kernel), len(kernel[0])
    return [
        [
            dot([row[left : left + width] for row in image[top : top + height]], kernel)
            for left in starts(len(image[0]), width, stride)
        ]
        for top in starts(len(image), height, stride)
    ]


def two_layers(image: Map, kernel: Map) -> Map:
    """Return F(x) = w ⋆ max(0, w ⋆ x), a convolutional layer twice, with zeros around both maps."""
    first = [[max(0, x) for x in row] for row in _keeping_size(image, kernel)]
    return _keeping_size(first, kernel)


def residual_block(image: Map, kernel: Map) -> Map:
    """Return y = F(x) + x, cell by cell, where F is `two_layers`."""
    change = two_layers(image, kernel)
    return [[f + x for f, x in zip(*rows, strict=True)] for rows in zip(change, image, strict=True)]


def _keeping_size(image: Map, kernel: Map) -> Map:
    """Return the cross-correlation with an odd, square kernel on the map with zeros around it."""
    border = len(kernel) // 2
    empty = [[0] * (len(image[0]) + 2 * border)] * border
    sides = [0] * border
    return cross_correlate([*empty, *([*sides, *row, *sides] for row in image), *empty], kernel)


def convolve(image: Map, kernel: Map) -> Map:
    """Return the convolution of mathematics where kernel and image overlap fully.

    y[i][j] = Σ_a Σ_b w[a][b]·x[i + k − 1 − a][j + k − 1 − b]
    """
    height, width = len(kernel), len(kernel[0])
    return [
        [
            sum(
                kernel[a][b] * image[i + height - 1 - a][j + width - 1 - b]
                for a in range(height)
                for b in range(width)
            )
            for j in range(len(image[0]) - width + 1)
        ]
        for i in range(len(image) - height + 1)
    ]


def flip(kernel: Map) -> Map:
    """Return the kernel turned upside down and left to right."""
    return [row[::-1] for row in kernel[::-1]]


def shift_right(image: Map) -> Map:
    """Return the image moved by one column; what enters on the left is 0."""
    return [[0, *row[:-1]] for row in image]


def largest_at(image: Map) -> list[int]:
    """Return row and column of the largest value, the first of equals."""
    top = max(map(max, image))
    return next([i, row.index(top)] for i, row in enumerate(image) if top in row)


def peak_move(image: Map, moved: Map, kernel: Map) -> list[int]:
    """Return by how many rows and columns the largest response to `moved` lies from `image`'s."""
    before = largest_at(cross_correlate(image, kernel))
    after = largest_at(cross_correlate(moved, kernel))
    return [after[0] - before[0], after[1] - before[1]]


def peak(image: Map) -> float:
    """Return the largest value."""
    return max(map(max, image))


def count_positive(image: Map, bias: float) -> int:
    """Return how many cells are left after `bias` is added and ReLU has cut at 0."""
    return sum(x + bias > 0 for row in image for x in row)


def windows(size: int, window: int) -> list[tuple[int, int]]:
    """Return the real cells, as (height, width), of the pooling windows over a square map.

    The windows do not overlap; incomplete ones at the end are kept.
    """
    count = formulas.output_size(size, window, window, padding="same")
    sides = [min(window, size - i * window) for i in range(count)]
    return [(height, width) for height in sides for width in sides]


def max_pool(image: Map, window: int, stride: int) -> Map:
    """Return the largest value of each window."""
    return [[max(cells) for cells in row] for row in _patches(image, window, stride)]


def mean_pool(image: Map, window: int, stride: int) -> Map:
    """Return the mean of each window."""
    return [[sum(cells) / len(cells) for cells in row] for row in _patches(image, window, stride)]


def _patches(image: Map, window: int, stride: int) -> list[list[list[float]]]:
    return [
        [
            [x for row in image[top : top + window] for x in row[left : left + window]]
            for left in starts(len(image[0]), window, stride)
        ]
        for top in starts(len(image), window, stride)
    ]


def mean_pool_gradient(gradient: Map, window: int) -> Map:
    """Return the gradient below a mean pooling: an equal share, 1/k², to each cell of a window."""
    share = 1 / window**2
    return [[g * share for g in row for _ in range(window)] for row in gradient for _ in range(window)]


def max_pool_gradient(image: Map, window: int, gradient: Map) -> Map:
    """Return the gradient below a max pooling: all of it to the first largest cell of a window."""
    below = [[0.0] * len(image[0]) for _ in image]
    for i, row in enumerate(gradient):
        for j, g in enumerate(row):
            rows = image[i * window : (i + 1) * window]
            patch = [cells[j * window : (j + 1) * window] for cells in rows]
            down, right = largest_at(patch)
            below[i * window + down][j * window + right] += g
    return below


def total(image: Map) -> float:
    """Return the sum of all values."""
    return sum(map(sum, image))


def rebuilding_error(image: Map, pooled: Map, window: int) -> float:
    """Return Σ (x − y)² when each pooled value y stands for all cells of its window."""
    return sum(
        (x - pooled[i // window][j // window]) ** 2 for i, row in enumerate(image) for j, x in enumerate(row)
    )
