"""Max-pooling and mean-pooling of small grids, with windows side by side, overlapping, and incomplete."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from app.questions.arithmetic import mean, pool, whole, windows
from app.questions.draws import Draws
from app.questions.grids import Grid, Number, write_number
from app.questions.kinds.convolution import in_brackets
from app.questions.question import Given, Mistake, Question, distinct

NAMES = {"max": "max-pooling", "mean": "mean-pooling"}
OTHER = {
    "max": "this is mean-pooling; max-pooling takes the largest value of each window",
    "mean": "this is max-pooling; mean-pooling takes the mean of each window",
}
SUMMED = "the sums are not divided by the number of cells"
SMALLEST = "these are the smallest values; max-pooling takes the largest"
STRIDE = "the stride is ignored; the window moves on by {stride} {cells}"
SIDE_BY_SIDE = "the windows are laid side by side; here they overlap, for the window moves on by 1 cell"
LEFT_OUT = "the incomplete windows at the edge are left out; here they count"
KEPT = "the incomplete windows at the edge are kept; here they are left out"
BORDER = "an incomplete window is divided by the cells of a whole one; only its own cells count"
HINTS = {
    "max": "Lay the window on the upper left corner, take the largest value under it, move it on by the stride.",
    "mean": "Add up the cells under the window and divide by their number. Then move the window on by the stride.",
}


def largest(draws: Draws) -> Question:
    """Return max-pooling of windows side by side."""
    rows, columns, size = draws.pick(((4, 4, 2), (4, 6, 2), (6, 6, 3)))
    return _question(draws, "max", rows, columns, size, size)


def means(draws: Draws) -> Question:
    """Return mean-pooling of windows side by side."""
    rows, columns = draws.pick(((4, 4), (4, 6), (2, 6)))
    return _question(draws, "mean", rows, columns, 2, 2)


def overlapping(draws: Draws) -> Question:
    """Return pooling of windows that overlap."""
    kind = draws.pick(("max", "mean"))
    side, size, stride = draws.pick(((3, 2, 1), (4, 2, 1), (5, 3, 2)) if kind == "max" else ((3, 2, 1),))
    return _question(draws, kind, side, side, size, stride)


def incomplete(draws: Draws) -> Question:
    """Return pooling where the last windows do not fit."""
    kind, keeps = draws.pick(("max", "mean")), draws.pick((False, True))
    rows, columns = draws.pick(((5, 5), (3, 5), (5, 4)))
    return _question(draws, kind, rows, columns, 2, 2, keeps=keeps, is_incomplete=True)


MAKERS: tuple[Callable[[Draws], Question], ...] = (largest, means, incomplete, overlapping)


def _question(
    draws: Draws,
    kind: str,
    rows: int,
    columns: int,
    size: int,
    stride: int,
    keeps: bool = False,
    is_incomplete: bool = False,
) -> Question:
    grid = draws.grid(rows, columns, 0, 9)
    while pool(grid, max, size, stride, keeps) == pool(grid, mean, size, stride, keeps):
        grid = draws.grid(rows, columns, 0, 9)
    answer = pool(grid, _taker(kind), size, stride, keeps)
    edge = ""
    if is_incomplete:
        edge = (
            " Incomplete windows at the right and lower edge count, with the cells that they have."
            if keeps
            else " Windows that do not fit into the input are left out."
        )
    return Question(
        "pooling",
        f"{NAMES[kind]} of {rows}×{columns}, window {size}×{size}, stride {stride}",
        f"Work out {NAMES[kind]} with a window of {size}×{size} and stride {stride}.{edge}",
        answer,
        _working(kind, windows(grid, size, stride, keeps)),
        HINTS[kind],
        points=2 if len(answer) * len(answer[0]) <= 6 else 3,
        givens=(Given("input", grid),),
        mistakes=_mistakes(grid, kind, size, stride, keeps, is_incomplete),
    )


def _taker(kind: str) -> Callable[[Sequence[Number]], Number]:
    return max if kind == "max" else mean


def _working(kind: str, found: list[list[list[Number]]]) -> tuple[str, ...]:
    lines = []
    for r, row in enumerate(found, 1):
        for c, cells in enumerate(row, 1):
            texts = [in_brackets(cell) for cell in cells]
            sums = f"({' + '.join(texts)})/{len(cells)} = {write_number(mean(cells))}"
            top = f"the largest of {', '.join(texts)} is {write_number(max(cells))}"
            lines.append(f"row {r}, column {c}: {top if kind == 'max' else sums}")
    return tuple(lines)


def _mistakes(
    grid: Grid, kind: str, size: int, stride: int, keeps: bool, is_incomplete: bool
) -> tuple[Mistake, ...]:
    take, other = _taker(kind), _taker("mean" if kind == "max" else "max")
    answer = pool(grid, take, size, stride, keeps)
    found = [Mistake("max and mean mixed up", OTHER[kind], pool(grid, other, size, stride, keeps))]
    if kind == "mean":
        found.append(Mistake("sum not divided", SUMMED, pool(grid, sum, size, stride, keeps)))
    else:
        found.append(Mistake("smallest taken", SMALLEST, pool(grid, min, size, stride, keeps)))
    if stride > 1:
        words = STRIDE.format(stride=stride, cells="cells")
        found.append(Mistake("stride ignored", words, pool(grid, take, size, 1)))
    else:
        found.append(Mistake("windows side by side", SIDE_BY_SIDE, pool(grid, take, size, size)))
        found.append(Mistake("windows side by side", SIDE_BY_SIDE, pool(grid, take, size, size, keeps=True)))
    if is_incomplete and keeps:
        found.append(Mistake("incomplete windows left out", LEFT_OUT, pool(grid, take, size, stride)))
        if kind == "mean":

            def by_whole_windows(cells: Sequence[Number]) -> Number:
                return whole(Fraction(sum(cells)) / size**2)

            counted = pool(grid, by_whole_windows, size, stride, keeps)
            found.append(Mistake("border counted", BORDER, counted))
    elif is_incomplete:
        found.append(Mistake("incomplete windows kept", KEPT, pool(grid, take, size, stride, keeps=True)))
    return distinct(answer, found)
