"""One step backward: the gradient through a pooling, of a small kernel, and a step of the delta rule."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from app.questions.arithmetic import (
    each,
    kernel_gradient,
    max_pool_back,
    mean_pool_back,
    meet,
    pool,
    turned,
    whole,
)
from app.questions.draws import Draws
from app.questions.grids import Grid, Number, size_of, write_number
from app.questions.kinds.convolution import in_brackets
from app.questions.question import Given, Mistake, Question, distinct

NOT_DIVIDED = "the gradient is not divided; a mean passes on g/k² to each of its k² cells"
TO_THE_FIRST = "the gradient goes to one cell; behind a mean every cell of the window gets the same share"
SPREAD = "this is the gradient of mean-pooling; behind a maximum only the largest cell of the window gets it"
SPREAD_WHOLE = "every cell gets the gradient; behind a maximum only the largest cell of the window gets it"
WRONG_CELL = "the gradient goes to the first cell of the window; it belongs where the largest value lies"
VALUES = "these are the largest values themselves; their cells get the gradients"
TURNED_GRADIENT = "the gradient is turned by 180°; here it lies on the input as it is"
TURNED_RESULT = "the result is turned by 180°; cell (i, j) of the kernel meets input cell (r + i, c + j)"
FIRST_PLACE = "only the first place of the kernel is counted; every place adds to its gradient"
NOT_WEIGHTED = "the input cells are added up without the gradients"
WRONG_SIGN = "the sign is wrong; the weights go along with target − output"
NO_RATE = "the learning rate is forgotten"
NO_INPUT = "the input is forgotten; each weight changes by η·(t − y)·x"
CHANGE_ALONE = "this is the change alone; it is added to the weights"
TARGET_ALONE = "the output is not subtracted; the error is t − y"
HINTS = {
    "mean": "The mean divides each cell by k², so each of the k² cells gets the gradient of its window through k².",
    "max": "Find the largest value of each window: its cell gets the window's gradient, all others get 0.",
    "kernel": "Cell (i, j) of the kernel: add up g[r, c]·x[r + i, c + j] over all cells of g.",
    "delta": "First the output y = Σ w·x, then the error t − y, then w + η·(t − y)·x for each weight.",
}


def through_a_mean(draws: Draws) -> Question:
    """Return the gradient behind mean-pooling."""
    gradient = _gradient(draws, *draws.pick(((2, 2), (1, 2), (2, 1))), (-8, -6, -4, -2, 2, 4, 6, 8, 10, 12))
    rows, columns = size_of(gradient)
    answer = mean_pool_back(gradient, 2)
    whole_shares = each(answer, lambda cell: cell * 4)
    steps = tuple(
        f"window {r + 1}, {c + 1}: each of its 4 cells gets {in_brackets(g)}/4 = {write_number(whole(Fraction(g) / 4))}"
        for r, row in enumerate(gradient)
        for c, g in enumerate(row)
    )
    return Question(
        "backward",
        "gradient through mean-pooling 2×2",
        f"A map of {2 * rows}×{2 * columns} went through mean-pooling with windows of 2×2 side by side. "
        "g is the gradient of the loss by the pooled map. Work out the gradient by the map.",
        answer,
        steps,
        HINTS["mean"],
        points=2,
        givens=(Given("gradient g", gradient),),
        mistakes=distinct(
            answer,
            [
                Mistake("gradient not divided", NOT_DIVIDED, whole_shares),
                Mistake("max and mean mixed up", TO_THE_FIRST, _first_cells(gradient)),
            ],
        ),
    )


def through_a_maximum(draws: Draws) -> Question:
    """Return the gradient behind max-pooling."""
    rows, columns = draws.pick(((2, 2), (1, 2)))
    gradient = _gradient(draws, rows, columns, (-4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
    grid = draws.different(2 * rows, 2 * columns, 17)
    while max_pool_back(grid, gradient, 2) == _first_cells(gradient):
        grid = draws.different(2 * rows, 2 * columns, 17)
    answer, tops = max_pool_back(grid, gradient, 2), pool(grid, max, 2, 2)
    steps = tuple(
        f"window {r + 1}, {c + 1}: the largest value is {tops[r][c]}; its cell gets {write_number(g)}, the others 0"
        for r, row in enumerate(gradient)
        for c, g in enumerate(row)
    )
    everywhere = each(mean_pool_back(gradient, 2), lambda cell: cell * 4)
    return Question(
        "backward",
        "gradient through max-pooling 2×2",
        "The map x went through max-pooling with windows of 2×2 side by side. g is the gradient of the loss by the "
        "pooled map. Work out the gradient by x.",
        answer,
        steps,
        HINTS["max"],
        points=2,
        givens=(Given("map x", grid), Given("gradient g", gradient)),
        mistakes=distinct(
            answer,
            [
                Mistake("max and mean mixed up", SPREAD, mean_pool_back(gradient, 2)),
                Mistake("gradient to every cell", SPREAD_WHOLE, everywhere),
                Mistake("gradient to the first cell", WRONG_CELL, _first_cells(gradient)),
                Mistake("values for gradients", VALUES, max_pool_back(grid, tops, 2)),
            ],
        ),
    )


def of_a_kernel(draws: Draws) -> Question:
    """Return the gradient of a 2×2 kernel."""
    side = draws.pick((2, 2, 3))
    grid, gradient = draws.grid(side + 1, side + 1, 0, 4), draws.grid(side, side, -1, 2)
    while kernel_gradient(grid, gradient) in (
        kernel_gradient(grid, turned(gradient)),
        turned(kernel_gradient(grid, gradient)),
    ):
        grid, gradient = draws.grid(side + 1, side + 1, 0, 4), draws.grid(side, side, -1, 2)
    answer = kernel_gradient(grid, gradient)
    corner = tuple(row[:2] for row in grid[:2])
    return Question(
        "backward",
        f"gradient of a 2×2 kernel on {side + 1}×{side + 1}",
        f"The input x was convolved with a kernel of 2×2, stride 1, without padding and without flipping; a map of "
        f"{side}×{side} came out. g is the gradient of the loss by that map. Work out the gradient by the kernel.",
        answer,
        _kernel_steps(grid, gradient),
        HINTS["kernel"],
        points=3,
        givens=(Given("input x", grid), Given("gradient g", gradient)),
        mistakes=distinct(
            answer,
            [
                Mistake("gradient flipped", TURNED_GRADIENT, kernel_gradient(grid, turned(gradient))),
                Mistake("result flipped", TURNED_RESULT, turned(answer)),
                Mistake("first place only", FIRST_PLACE, each(corner, lambda x: x * gradient[0][0])),
                Mistake(
                    "gradients left out", NOT_WEIGHTED, kernel_gradient(grid, each(gradient, lambda _: 1))
                ),
            ],
        ),
    )


def _kernel_steps(grid: Grid, gradient: Grid) -> tuple[str, ...]:
    """Return the sum of each cell of the kernel's gradient."""
    answer = kernel_gradient(grid, gradient)
    steps = []
    for i, row in enumerate(answer):
        for j, total in enumerate(row):
            pairs = meet(grid, gradient, (i, j))
            terms = " + ".join(f"{in_brackets(g)}·{write_number(x)}" for x, g in pairs)
            steps.append(f"row {i + 1}, column {j + 1}: {terms} = {write_number(total)}")
    return tuple(steps)


def delta_rule(draws: Draws) -> Question:
    """Return one step of the delta rule for a linear unit."""
    rate = draws.pick((Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)))
    inputs = [draws.number(1, 4), draws.number(-2, 3), draws.pick((-1, 1, 2))]
    weights = [Fraction(draws.number(-6, 6), 2) for _ in inputs]
    output = sum((w * x for w, x in zip(weights, inputs, strict=True)), Fraction(0))
    error = draws.pick((-3, -2, -1, 2, 3, 4))
    target = output + error

    def moved(change: Callable[[int], Number]) -> Grid:
        return (tuple(whole(w + change(x)) for w, x in zip(weights, inputs, strict=True)),)

    answer = moved(lambda x: rate * error * x)
    given = [Given("weights w", (tuple(map(whole, weights)),)), Given("input x", (tuple(inputs),))]
    return Question(
        "backward",
        "a step of the delta rule",
        f"A linear unit without bias has the weights w and reads x; the target is t = {write_number(whole(target))}. "
        f"Make one step of the delta rule with the learning rate η = {write_number(rate)}. Which weights come out?",
        answer,
        _delta_steps(weights, inputs, rate, target),
        HINTS["delta"],
        points=2,
        givens=tuple(given),
        mistakes=distinct(
            answer,
            [
                Mistake("sign of the step", WRONG_SIGN, moved(lambda x: -rate * error * x)),
                Mistake("learning rate forgotten", NO_RATE, moved(lambda x: error * x)),
                Mistake("input forgotten", NO_INPUT, moved(lambda _: rate * error)),
                Mistake("change not added", CHANGE_ALONE, (tuple(whole(rate * error * x) for x in inputs),)),
                Mistake("output not subtracted", TARGET_ALONE, moved(lambda x: rate * target * x)),
            ],
        ),
    )


def _delta_steps(
    weights: Sequence[Fraction], inputs: Sequence[int], rate: Fraction, target: Fraction
) -> tuple[str, ...]:
    """Return the steps: the output, the error, each new weight."""
    pairs = list(zip(weights, inputs, strict=True))
    output = sum((w * x for w, x in pairs), Fraction(0))
    error, eta = target - output, write_number(rate)
    products = " + ".join(f"{in_brackets(w)}·{in_brackets(x)}" for w, x in pairs)
    return (
        f"output: y = {products} = {write_number(output)}",
        f"error: t − y = {write_number(target)} − {in_brackets(output)} = {write_number(error)}",
        *(
            f"weight {i}: {write_number(w)} + {eta}·{in_brackets(error)}·{in_brackets(x)} = "
            f"{write_number(w + rate * error * x)}"
            for i, (w, x) in enumerate(pairs, 1)
        ),
    )


MAKERS: tuple[Callable[[Draws], Question], ...] = (through_a_maximum, through_a_mean, of_a_kernel, delta_rule)


def _gradient(draws: Draws, rows: int, columns: int, choices: tuple[int, ...]) -> Grid:
    return tuple(tuple(draws.pick(choices) for _ in range(columns)) for _ in range(rows))


def _first_cells(gradient: Grid) -> Grid:
    """Return each gradient in the first cell of its window of 2×2."""

    def cell(r: int, c: int) -> Number:
        return gradient[r // 2][c // 2] if r % 2 == 0 == c % 2 else 0

    rows, columns = size_of(gradient)
    return tuple(tuple(cell(r, c) for c in range(2 * columns)) for r in range(2 * rows))
