"""Walks made by hand: a window over a padded map, one over a digit, a softmax, a pooling."""

import math

from app.show.frames.frame import Frame, Grid, Mark, Walk, number_text, rectangle

X = ((1, 1, 1, 0, 0), (0, 1, 1, 1, 0), (0, 0, 1, 1, 1), (0, 0, 1, 1, 0), (0, 1, 1, 0, 0))
KERNEL = ((1, 0, 1), (0, 1, 0), (1, 0, -1))


def padded(values, border):
    width = len(values[0]) + 2 * border
    rows = [[0] * border + list(row) + [0] * border for row in values]
    return [[0] * width for _ in range(border)] + rows + [[0] * width for _ in range(border)]


def cross_correlate(values, kernel):
    size = len(kernel)
    return [
        [
            sum(values[r + i][c + j] * kernel[i][j] for i in range(size) for j in range(size))
            for c in range(len(values[0]) - size + 1)
        ]
        for r in range(len(values) - size + 1)
    ]


def sliding(values, kernel=KERNEL, border=0, tone="signed", title="A 3×3 kernel slides over X"):
    """A kernel over a map, a step for each cell of the result."""
    inside = padded(values, border)
    made = cross_correlate(inside, kernel)
    frames = []
    for row in range(len(made)):
        for column in range(len(made[0])):
            window = Mark("window", rectangle(row, column, 3, 3))
            terms = [
                f"{number_text(inside[row + i][column + j])}·{number_text(kernel[i][j])}"
                for i in range(3)
                for j in range(3)
            ]
            frames.append(
                Frame(
                    f"row {row}, column {column}",
                    (
                        Grid("X", inside, (window,), tone, border=(border,) * 4),
                        "×",
                        Grid("kernel K", kernel),
                        "=",
                        Grid(
                            "Y = X ∗ K",
                            made,
                            (Mark("result", ((row, column),)),),
                            shown=row * len(made[0]) + column + 1,
                        ),
                    ),
                    (f"{' + '.join(terms)} = {number_text(made[row][column])}",),
                )
            )
    return Walk(
        title,
        tuple(frames),
        ("Each cell of Y is the sum of 9 products: the cells of a window of X times the cells of K.",),
        (f"Y has {len(made)} rows and {len(made[0])} columns.",),
        {"output": made},
        {"input": values, "kernel": kernel, "output": made},
    )


def digit(size=28):
    """Something round, as bytes divided by 255."""
    middle = (size - 1) / 2
    return [
        [
            round(max(0.0, 1 - abs(math.hypot(r - middle, c - middle) - size / 3.5) / 2.5) * 255) / 255
            for c in range(size)
        ]
        for r in range(size)
    ]


def softmax(logits=(1.2, -0.7, 3.4, 8.1, 0.05, 2.2, -3.1, 0.4, 1.9, 0.6)):
    """Three steps in two sections: exponentials, their sum, and the shares."""
    powers = [math.exp(value) for value in logits]
    total = sum(powers)
    shares = [power / total for power in powers]
    best = shares.index(max(shares))
    z, e = Grid("logits z", [logits]), Grid("exp(z)", [powers])
    window = Mark("window", rectangle(0, 0, 1, len(logits)))
    return Walk(
        "Softmax of 10 logits",
        (
            Frame(
                "powers of e",
                (z, "→", e),
                (f"exp({number_text(logits[0])}) = {number_text(powers[0])}",),
                "exponentials",
            ),
            Frame(
                "their sum",
                (
                    Grid("exp(z)", [powers], (window,)),
                    "→",
                    Grid("sum", [[total]], (Mark("result", ((0, 0),)),)),
                ),
                (" + ".join(map(number_text, powers)) + f" = {number_text(total)}",),
                "exponentials",
            ),
            Frame(
                "shares of the sum",
                (e, "→", Grid("softmax(z)", [shares], (Mark("chosen", ((0, best),)),), largest=1)),
                (f"{number_text(powers[best])} / {number_text(total)} = {number_text(shares[best])}",),
                "probabilities",
            ),
        ),
    )


def pooling():
    """Max-pooling 2×2 of a map of 4×4: the largest of each window is chosen."""
    values = ((1, 3, 2, 0), (4, 2, 1, 1), (0, -1, 7, 5), (2, 2, 6, 8))
    frames, made = [], []
    for row in (0, 2):
        for column in (0, 2):
            window = rectangle(row, column, 2, 2)
            best = max(window, key=lambda place: values[place[0]][place[1]])
            made.append(values[best[0]][best[1]])
            known = [*made, None, None, None][:4]
            marks = (Mark("window", window), Mark("chosen", (best,)))
            result = Mark("result", ((row // 2, column // 2),))
            grids = (Grid("X", values, marks), "→", Grid("largest", (known[:2], known[2:]), (result,)))
            numbers = ", ".join(number_text(values[r][c]) for r, c in window)
            frames.append(
                Frame(
                    f"row {row // 2}, column {column // 2}",
                    grids,
                    (f"max({numbers}) = {made[-1]}",),
                    "pool: 2×2",
                )
            )
    return Walk("Max-pooling", tuple(frames))
