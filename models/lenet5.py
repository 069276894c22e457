"""LeNet-5 exactly as published in 1998, and the simpler network that is called LeNet-5 today."""

from typing import Any

C3_READS = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
]  # fmt: skip
"""Which maps of S2 each map of C3 reads: table I of the paper, 60 of 96 pairs."""

DIGITS_7X12 = (
    ".......|..###..|.#...#.|#.....#|#.....#|#.....#|#.....#|#.....#|.#...#.|..###..|.......|.......",
    ".......|...#...|..##...|.#.#...|...#...|...#...|...#...|...#...|...#...|.#####.|.......|.......",
    ".......|..###..|.#...#.|#.....#|......#|.....#.|...##..|..#....|.#.....|#######|.......|.......",
    ".......|.#####.|#.....#|......#|......#|..####.|......#|......#|#.....#|.#####.|.......|.......",
    ".......|.....#.|....##.|...#.#.|..#..#.|.#...#.|#######|.....#.|.....#.|.....#.|.......|.......",
    ".......|#######|#......|#......|#.####.|##....#|......#|......#|#.....#|.#####.|.......|.......",
    ".......|..####.|.#.....|#......|#.####.|##....#|#.....#|#.....#|#.....#|.#####.|.......|.......",
    ".......|#######|......#|.....#.|....#..|....#..|...#...|...#...|..#....|..#....|.......|.......",
    ".......|.#####.|#.....#|#.....#|#.....#|.#####.|#.....#|#.....#|#.....#|.#####.|.......|.......",
    ".......|.#####.|#.....#|#.....#|#.....#|#....##|.####.#|......#|.....#.|.####..|.......|.......",
)
"""Each digit as a picture of 7×12, twelve lines. The paper shows its own in figure 3, as a drawing without
numbers; these are drawn after the same idea: digits that look alike have codes that are alike."""


CLOSENESS = 0.1
"""What a unit of squared distance is worth in the softmax, which is ours. With 1, as eq. 9 has it, two
codes 100 apart differ by a factor e^100: every probability is 0 or 1, and a step of training
learns from the mistakes alone."""


def digit_codes(classes: int) -> list[list[int]]:
    """Return the fixed weights of the output: +1 where a digit has ink, −1 elsewhere.

    Raises:
        ValueError: there are pictures for ten digits only.
    """
    if not 1 < classes <= len(DIGITS_7X12):
        raise ValueError(
            f"lenet5's output has fixed codes for the ten digits, so not for {classes} classes; "
            "take lenet5_modern"
        )
    pictures = [picture.replace("|", "") for picture in DIGITS_7X12[:classes]]
    return [[1 if cell == "#" else -1 for cell in picture] for picture in pictures]


def missing(size: int, wanted: int = 32) -> tuple[int, int]:
    """Return the cells of border before and after that bring `size` up to `wanted`."""
    lacking = max(wanted - size, 0)
    return lacking // 2, lacking - lacking // 2


def lenet5(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 1)) -> Any:
    """LeNet-5 of 1998: exactly 60,000 trainable parameters and 840 fixed ones, 340,908 connections.

    Sub-sampling has a coefficient and a bias for each map, C3 reads the maps of S2 that the paper's
    table lists, and the output is the squared distance to a fixed picture of each digit: lower is better.
    The last two layers are ours and count nothing: they turn the distances into probabilities as the
    paper's loss does (its eq. 9; the constant for rubbish is in the loss, `app.engine.training.losses`), so that
    the highest one wins. `CLOSENESS` shrinks the distances first.
    Background is −0.1, ink 1.175. An image smaller than 32×32 gets a border of background, as MNIST's
    28×28 do in the paper.

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition,
    1998, §II.B and table I.
    """
    border = [missing(size) for size in input_shape[:2]]
    is_small = any(any(pair) for pair in border)
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            *([nn.ConstantPadding2D(border, value=-0.1, name="border")] if is_small else []),
            nn.Conv2D(6, 5, name="c1"),
            nn.ScaledTanh(name="squash1"),
            nn.Subsampling2D(2, name="s2"),
            nn.ScaledTanh(name="squash2"),
            nn.PartialConv2D(C3_READS, 5, name="c3"),
            nn.ScaledTanh(name="squash3"),
            nn.Subsampling2D(2, name="s4"),
            nn.ScaledTanh(name="squash4"),
            nn.Conv2D(120, 5, name="c5"),
            nn.ScaledTanh(name="squash5"),
            nn.Flatten(name="flatten"),
            nn.Dense(84, name="f6"),
            nn.ScaledTanh(name="squash6"),
            nn.RadialBasis(digit_codes(classes), name="output"),
            nn.Rescaling(-CLOSENESS, name="closeness"),
            nn.Softmax(name="probabilities"),
        ],
        name="lenet5",
    )


def lenet5_modern(nn: Any, classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 1)) -> Any:
    """What is called LeNet-5 today: C3 reads all maps, plain means, a softmax layer; 61,706 parameters.

    An image smaller than 32×32 gets a border of zeros. Source: Zhang et al., Dive into Deep Learning,
    §7.6, with tanh for its sigmoid.
    """
    border = [missing(size) for size in input_shape[:2]]
    is_small = any(any(pair) for pair in border)
    return nn.Sequential(
        [
            nn.Input(input_shape, name="image"),
            *([nn.ZeroPadding2D(border, name="border")] if is_small else []),
            nn.Conv2D(6, 5, activation="tanh", name="c1"),
            nn.AveragePooling2D(2, name="s2"),
            nn.Conv2D(16, 5, activation="tanh", name="c3"),
            nn.AveragePooling2D(2, name="s4"),
            nn.Flatten(name="flatten"),
            nn.Dense(120, activation="tanh", name="c5"),
            nn.Dense(84, activation="tanh", name="f6"),
            nn.Dense(classes, activation="softmax", name="output"),
        ],
        name="lenet5_modern",
    )
