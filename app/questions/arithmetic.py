"""Convolution, pooling and their gradients on small grids of exact numbers, one map and one filter.

Written as the definitions, for whole numbers and fractions; `app/scratch/loops.py`, for arrays, is their witness.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from app.questions.grids import Grid, Number, size_of

Place = tuple[int, int]


def pad(grid: Grid, border: int) -> Grid:
    """Return the grid with a border of zeros on all sides.

    >>> pad(((5,),), 1)
    ((0, 0, 0), (0, 5, 0), (0, 0, 0))
    """
    width = len(grid[0]) + 2 * border
    empty = ((0,) * width,) * border
    return (*empty, *((*(0,) * border, *row, *(0,) * border) for row in grid), *empty)


def correlate(grid: Grid, kernel: Grid, stride: int = 1, border: int = 0, bias: Number = 0) -> Grid:
    """Return y[r, c] = Σ_i Σ_j x[r·s + i − p, c·s + j − p]·k[i, j] + b: what networks call a convolution.

    Raises:
        ValueError: the kernel does not fit.

    >>> correlate(((1, 2, 3), (4, 5, 6), (7, 8, 9)), ((1, 0), (0, 1)))
    ((6, 8), (12, 14))
    """
    padded = pad(grid, border)
    return tuple(
        tuple(
            bias + sum(x * k for x, k in meet(padded, kernel, (r * stride, c * stride)))
            for c in range(columns)
        )
        for rows, columns in [places(padded, size_of(kernel), stride)]
        for r in range(rows)
    )


def meet(grid: Grid, kernel: Grid, at: Place) -> list[tuple[Number, Number]]:
    """Return what meets where the kernel's first cell lies on the cell `at`: cells of the grid and the kernel."""
    return [
        (grid[at[0] + i][at[1] + j], weight) for i, row in enumerate(kernel) for j, weight in enumerate(row)
    ]


def places(grid: Grid, window: Place, stride: int) -> Place:
    """Return how many places a window has, down and across: ⌊(n − k)/s⌋ + 1.

    Raises:
        ValueError: it has none.
    """
    rows, columns = ((n - k) // stride + 1 for n, k in zip(size_of(grid), window, strict=True))
    if min(rows, columns) < 1:
        raise ValueError(f"a window of {window[0]}×{window[1]} does not fit into {len(grid)}×{len(grid[0])}")
    return rows, columns


def windows(grid: Grid, size: int, stride: int, keeps: bool = False) -> list[list[list[Number]]]:
    """Return the cells in each window, row by row; with `keeps` also of windows that hang over the end.

    >>> windows(((1, 2, 3),), 1, 2)
    [[[1], [3]]]
    """
    down, across = (_starts(n, size, stride, keeps) for n in size_of(grid))
    return [
        [[x for row in grid[top : top + size] for x in row[left : left + size]] for left in across]
        for top in down
    ]


def _starts(cells: int, size: int, stride: int, keeps: bool) -> list[int]:
    """Return where windows begin; with `keeps` one more where the last complete one does not reach the end."""
    found = list(range(0, cells - size + 1, stride))
    following = len(found) * stride
    is_left = not found or found[-1] + size < cells
    return [*found, following] if keeps and is_left and following < cells else found


def mean(cells: Sequence[Number]) -> Number:
    """Return the sum of the cells through their number, exactly.

    >>> mean([1, 2])
    Fraction(3, 2)
    """
    return whole(Fraction(sum(cells)) / len(cells))


def pool(
    grid: Grid, take: Callable[[Sequence[Number]], Number], size: int, stride: int, keeps: bool = False
) -> Grid:
    """Return what `take` (max, `mean`, …) makes of each window.

    >>> pool(((1, 2, 3), (4, 5, 6), (7, 8, 9)), max, 2, 2, keeps=True)
    ((5, 6), (8, 9))
    """
    return tuple(tuple(take(cells) for cells in row) for row in windows(grid, size, stride, keeps))


def mean_pool_back(gradient: Grid, size: int) -> Grid:
    """Return ∂L/∂x of a mean over windows side by side: each cell gets g/k².

    >>> mean_pool_back(((4,),), 2)
    ((1, 1), (1, 1))
    """
    rows, columns = size_of(gradient)
    return tuple(
        tuple(whole(Fraction(gradient[r // size][c // size]) / size**2) for c in range(columns * size))
        for r in range(rows * size)
    )


def max_pool_back(grid: Grid, gradient: Grid, size: int) -> Grid:
    """Return ∂L/∂x of the largest value of windows side by side: that cell alone gets g, the first of several.

    >>> max_pool_back(((1, 3), (2, 0)), ((7,),), 2)
    ((0, 7), (0, 0))
    """
    found: dict[Place, Number] = {}
    for r, row in enumerate(gradient):
        for c, g in enumerate(row):
            cells = [(r * size + i, c * size + j) for i in range(size) for j in range(size)]
            found[max(cells, key=lambda at: grid[at[0]][at[1]])] = g
    rows, columns = size_of(grid)
    return tuple(tuple(found.get((r, c), 0) for c in range(columns)) for r in range(rows))


def kernel_gradient(grid: Grid, gradient: Grid) -> Grid:
    """Return ∂L/∂k[i, j] = Σ_r Σ_c g[r, c]·x[r + i, c + j] of a convolution with stride 1 and without padding.

    >>> kernel_gradient(((1, 2), (3, 4)), ((10,),))
    ((10, 20), (30, 40))
    """
    return correlate(grid, gradient)


def turned(grid: Grid) -> Grid:
    """Return the grid turned by 180°.

    >>> turned(((1, 2), (3, 4)))
    ((4, 3), (2, 1))
    """
    return tuple(row[::-1] for row in grid[::-1])


def transposed(grid: Grid) -> Grid:
    """Return the grid with rows and columns swapped."""
    return tuple(zip(*grid, strict=True))


def each(grid: Grid, change: Callable[[Number], Number]) -> Grid:
    """Return the grid with every cell changed."""
    return tuple(tuple(whole(change(cell)) for cell in row) for row in grid)


def whole(number: Number) -> Number:
    """Return a fraction that is a whole number as an int.

    >>> whole(Fraction(4, 2)), whole(Fraction(1, 2))
    (2, Fraction(1, 2))
    """
    return int(number) if Fraction(number).denominator == 1 else number
