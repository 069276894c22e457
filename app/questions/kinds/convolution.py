"""Convolutions of small grids, to be worked out cell by cell."""

from collections.abc import Callable

from app.questions.arithmetic import correlate, each, meet, pad, places, transposed, turned
from app.questions.draws import Draws
from app.questions.grids import Grid, Number, size_of, write_number
from app.questions.question import Given, Mistake, Question, distinct

FLIPPED = "the kernel is turned by 180°; a layer lays the kernel on the input as it is"
SWAPPED = "rows and columns of the kernel are swapped"
SIGNS = "the minus signs of the kernel are lost"
NO_BIAS = "the bias is forgotten; it is added to every cell"
MANY_BIASES = "the bias is added to every product; it is added once to each sum"
STRIDE = "the stride is ignored; the kernel moves on by {stride} cells"
NO_BORDER = "the padding is ignored; a border of zeros lies around the input"
BORDER = "a border is counted that is not there; the kernel stays inside the input"
HINT = (
    "Lay the kernel on the upper left corner, multiply the cells that lie on each other, add up the products. "
    "Then move the kernel on by the stride."
)


def plain(draws: Draws) -> Question:
    """Return a convolution with stride 1 and without padding."""
    rows, columns, height, width = draws.pick(
        ((3, 3, 2, 2), (3, 4, 2, 2), (4, 4, 3, 3), (3, 4, 2, 3), (4, 4, 2, 3))
    )
    return _question(draws, (rows, columns), (height, width))


def with_bias(draws: Draws) -> Question:
    """Return a convolution with a bias."""
    side = draws.pick((3, 4))
    return _question(draws, (side, side), (side - 1, side - 1), bias=draws.pick((-2, -1, 1, 2, 3)))


def with_stride(draws: Draws) -> Question:
    """Return a convolution with stride 2."""
    side, kernel = draws.pick(((4, 2), (5, 3), (6, 2)))
    return _question(draws, (side, side), (kernel, kernel), stride=2)


def with_padding(draws: Draws) -> Question:
    """Return a convolution with a border of zeros."""
    side, stride = draws.pick(((3, 1), (3, 2), (4, 2)))
    return _question(draws, (side, side), (3, 3), stride=stride, border=1)


MAKERS: tuple[Callable[[Draws], Question], ...] = (plain, with_stride, with_bias, with_padding)


def _question(
    draws: Draws,
    size: tuple[int, int],
    kernel_size: tuple[int, int],
    stride: int = 1,
    border: int = 0,
    bias: int = 0,
) -> Question:
    grid = draws.grid(*size, 0, 4)
    kernel = draws.grid(*kernel_size, -1, 2)
    while not _tells(grid, kernel, stride, border):
        grid, kernel = draws.grid(*size, 0, 4), draws.grid(*kernel_size, -1, 2)
    answer = correlate(grid, kernel, stride, border, bias)
    ways = [
        f"with stride {stride}",
        f"with a border of {border} zero on every side" if border else "without padding",
    ]
    after = f" Then add the bias {write_number(bias)} to every cell." if bias else ""
    return Question(
        "convolution",
        f"convolution of {size[0]}×{size[1]} with a kernel of {kernel_size[0]}×{kernel_size[1]}",
        f"Work out the convolution {' and '.join(ways)}; the kernel is not flipped.{after}",
        answer,
        working(grid, kernel, stride, border, bias),
        HINT,
        points=2 if len(answer) * len(answer[0]) <= 4 else 3,
        givens=(Given("input", grid), Given("kernel", kernel)),
        mistakes=find_mistakes(grid, kernel, stride, border, bias),
    )


def _tells(grid: Grid, kernel: Grid, stride: int, border: int) -> bool:
    """Return whether a flipped kernel, and one without its signs, gives something else."""
    right = correlate(grid, kernel, stride, border)
    others = (turned(kernel), without_signs(kernel))
    return all(correlate(grid, other, stride, border) != right for other in others)


def without_signs(grid: Grid) -> Grid:
    """Return the grid with |x| in every cell."""
    return each(grid, lambda cell: -cell if cell < 0 else cell)


def working(grid: Grid, kernel: Grid, stride: int, border: int, bias: Number) -> tuple[str, ...]:
    """Return the sum of each cell of the result: `row 1, column 1: 2·1 + 0·(−1) = 2`."""
    padded = pad(grid, border)
    rows, columns = places(padded, size_of(kernel), stride)
    lines = []
    for r in range(rows):
        for c in range(columns):
            pairs = meet(padded, kernel, (r * stride, c * stride))
            terms = [f"{write_number(x)}·{in_brackets(k)}" for x, k in pairs] + (
                [in_brackets(bias)] if bias else []
            )
            total = bias + sum(x * k for x, k in pairs)
            lines.append(f"row {r + 1}, column {c + 1}: {' + '.join(terms)} = {write_number(total)}")
    return tuple(lines)


def in_brackets(number: Number) -> str:
    """Return a number, a negative one in brackets."""
    return f"({write_number(number)})" if number < 0 else write_number(number)


def find_mistakes(grid: Grid, kernel: Grid, stride: int, border: int, bias: Number) -> tuple[Mistake, ...]:
    """Return what typical mistakes make of a convolution."""

    def with_kernel(other: Grid) -> Grid:
        return correlate(grid, other, stride, border, bias)

    answer = with_kernel(kernel)
    rows, columns = size_of(answer)
    products = len(kernel) * len(kernel[0])
    found = [
        Mistake("kernel flipped", FLIPPED, with_kernel(turned(kernel))),
        Mistake("minus signs lost", SIGNS, with_kernel(without_signs(kernel))),
    ]
    if len(kernel) == len(kernel[0]):
        found.append(Mistake("kernel transposed", SWAPPED, with_kernel(transposed(kernel))))
    if bias:
        found.append(Mistake("bias forgotten", NO_BIAS, correlate(grid, kernel, stride, border)))
        many = correlate(grid, kernel, stride, border, bias * products)
        found.append(Mistake("bias added to every product", MANY_BIASES, many))
    if stride > 1:
        words, whole = STRIDE.format(stride=stride), correlate(grid, kernel, 1, border, bias)
        found.append(Mistake("stride ignored", words, whole))
        found.append(Mistake("stride ignored", words, tuple(row[:columns] for row in whole[:rows])))
    if border and min(size_of(grid)) >= len(kernel):
        found.append(Mistake("padding ignored", NO_BORDER, correlate(grid, kernel, stride, 0, bias)))
    if not border:
        found.append(Mistake("border counted", BORDER, correlate(grid, kernel, stride, 1, bias)))
    return distinct(answer, found)
